"""The clients of the example as processes, against the real servers: the command line and the machine."""

from __future__ import annotations

import stat
import subprocess
import sys

import pytest

from django_ory.client import OryClient
from django_ory.devstack import OryStack
from tests.e2e.servers import EXAMPLE, ServedSite
from tests.live.codes import enroll_authenticator_app
from tests.live.provider.conftest import PASSWORD

from .command_line import CommandLine

pytestmark = pytest.mark.live


def test_command_line_signs_in_once_and_again_for_a_second_factor(
    command_line: CommandLine, stack: OryStack
) -> None:
    code, printed = command_line.run("tools")
    assert (code, command_line.sign_ins) == (0, 0)
    assert "hedge-trimmer" in printed
    code, printed = command_line.run("borrow", "hedge-trimmer")
    assert (code, command_line.sign_ins) == (0, 1), printed
    loan, rest = printed.split(maxsplit=1)
    assert rest.startswith("Hedge trimmer")
    assert stat.S_IMODE(command_line.token_file.stat().st_mode) == 0o600
    code, printed = command_line.run("borrow", "hedge-trimmer")
    assert (code, printed) == (1, "Another member has borrowed this tool.\n")
    assert "returned" in command_line.run("return", loan)[1]
    assert "Hedge trimmer" in command_line.run("loans")[1]
    assert command_line.run("code")[1].strip().isdecimal()
    assert command_line.sign_ins == 1

    # Without a second factor the API asks for one, and a new sign-in cannot give it.
    code, printed = command_line.run("erase")
    assert (code, command_line.sign_ins) == (1, 2)
    assert "Set one up on the site" in printed
    with OryClient(kratos_public_url=stack.kratos_public_url, timeout=10.0) as client:
        command_line.secret = enroll_authenticator_app(client, command_line.member.email, PASSWORD)
    assert command_line.run("erase") == (0, "1 erased.\n")
    assert command_line.sign_ins == 3

    # After the sign-out the token is gone, and no copy of it is accepted.
    token = command_line.token_file.read_text()
    assert command_line.run("sign-out") == (0, "You are signed out.\n")
    assert not command_line.token_file.exists()
    command_line.token_file.write_text(token)
    assert command_line.run("loans")[0] == 0
    assert command_line.sign_ins == 4


def test_command_line_says_that_access_was_denied(command_line: CommandLine) -> None:
    code, printed = command_line.run("loans", button="reject")
    assert code == 1
    assert printed.startswith("You are not signed in: ")
    assert "Traceback" not in printed
    assert not command_line.token_file.exists()


def test_command_line_names_a_server_that_cannot_be_reached(command_line: CommandLine) -> None:
    command_line.environment = {**command_line.environment, "TOOLSHELF_API": "http://127.0.0.1:9/api"}
    assert command_line.run("tools") == (1, "No connection: http://127.0.0.1:9/api/tools/\n")


def run_reminders(environment: dict[str, str]) -> tuple[int, str]:
    finished = subprocess.run(
        [sys.executable, str(EXAMPLE / "clients" / "reminders.py")],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    return finished.returncode, finished.stdout


MAKE_OVERDUE = """
from datetime import date
from lending.models import Loan
Loan.objects.filter(returned_on=None).update(due_on=date(2024, 2, 29))
"""


def test_machine_lists_overdue_loans(
    environment: dict[str, str], toolshelf: ServedSite, command_line: CommandLine
) -> None:
    assert command_line.run("borrow", "pruning-saw")[0] == 0
    toolshelf.manage("shell", "--command", MAKE_OVERDUE)
    code, printed = run_reminders(environment)
    assert code == 0, printed
    assert f"{command_line.member.email}: Pruning saw was due on 2024-02-29.\n" in printed


def test_machine_with_a_wrong_secret_says_why(environment: dict[str, str]) -> None:
    code, printed = run_reminders({**environment, "REMINDERS_CLIENT_SECRET": "wrong"})
    assert code == 1
    assert printed.startswith("No token: ")
    assert run_reminders({**environment, "REMINDERS_CLIENT_SECRET": ""}) == (
        1,
        "Set REMINDERS_CLIENT_SECRET.\n",
    )
