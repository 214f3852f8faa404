from __future__ import annotations

import io
import os
import re
import signal
import socket
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.db.models.signals import post_migrate

from django_ory.devstack.ports import HOST, find_free_ports, is_free
from django_ory.devstack.servers.process import ChildProcess
from django_ory.devstack.servers.server import OryServer
from django_ory.devstack.stack import project, site_server
from django_ory.management.commands import ory_dev

from .fakes import SITE, write_program
from .processes import is_alive, until
from .test_mails import put

if TYPE_CHECKING:
    from collections.abc import Callable

OPTIONS = (
    "port",
    "kratos-public-port",
    "kratos-admin-port",
    "hydra-public-port",
    "hydra-admin-port",
    "smtp-port",
    "mailbox-port",
)


@pytest.fixture(autouse=True)
def _settings_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the settings of the tests had been made by ``ory_settings``."""
    monkeypatch.setattr(project, "_ory_settings_calls", [None])


class Terminal(io.StringIO):
    """The output of the command. Calls a function when a certain text is written."""

    def __init__(self, **reactions: Callable[[], None]) -> None:
        super().__init__()
        self.reactions = {text.replace("_", " "): reaction for text, reaction in reactions.items()}

    def write(self, text: str) -> int:
        count = super().write(text)
        for expected in [expected for expected in self.reactions if expected in text]:
            self.reactions.pop(expected)()
        return count


def interrupt(number: int) -> Callable[[], None]:
    """Send this process a signal; its handler runs before the next line of Python."""
    return lambda: os.kill(os.getpid(), number)


def run(terminal: Terminal, *options: str) -> dict[str, int]:
    ports = dict(zip(OPTIONS, find_free_ports(len(OPTIONS)), strict=True))
    arguments = [f"--{name}={port}" for name, port in ports.items()]
    call_command("ory_dev", *arguments, *options, stdout=terminal)
    return ports


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The process ids of all children that were started."""
    pids: list[int] = []
    init = ChildProcess.__init__

    def note(self: ChildProcess, *arguments: object, **options: object) -> None:
        init(self, *arguments, **options)  # type: ignore[arg-type]
        pids.append(self.pid)

    monkeypatch.setattr(ChildProcess, "__init__", note)
    return pids


@pytest.fixture
def fake_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for runserver."""
    program = write_program(tmp_path / "bin" / "runserver", SITE)
    monkeypatch.setattr(site_server, "build_command", lambda port: [str(program), str(port)])
    return program


@pytest.mark.usefixtures("fake_servers")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_start_prints_all_urls_and_signal_stops_all_processes(
    fake_site: Path, children: list[int], tmp_path: Path, number: int
) -> None:
    handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    terminal = Terminal(Ready=interrupt(number))
    ports = run(terminal, "--no-migrate")
    said = terminal.getvalue()
    for port in ports.values():
        assert f"localhost:{port}" in said
        assert is_free(port)
    assert len(children) == 3
    assert not any(map(is_alive, children))
    assert said.rstrip().endswith("Stopping.")
    assert (tmp_path / ".ory" / "setting.json").exists()
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == handlers


@pytest.mark.usefixtures("fake_servers")
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_second_signal_does_not_interrupt_the_cleanup(
    fake_site: Path, children: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: int
) -> None:
    (tmp_path / ".ory").mkdir()
    (tmp_path / ".ory" / "kratos.mode").write_text("stubborn")
    stop = ChildProcess.stop

    def stop_impatiently(child: ChildProcess) -> None:
        os.kill(os.getpid(), second)
        stop(child, timeout=0.5)

    monkeypatch.setattr(ChildProcess, "stop", stop_impatiently)
    handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    run(Terminal(Ready=interrupt(signal.SIGINT), Stopping=interrupt(second)), "--no-migrate")
    assert len(children) == 3
    assert not any(map(is_alive, children))
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == handlers


@pytest.mark.usefixtures("fake_servers")
def test_exit_of_the_site_stops_all_processes(
    children: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = write_program(tmp_path / "bin" / "runserver", "raise SystemExit('settings are broken')")
    monkeypatch.setattr(site_server, "build_command", lambda port: [str(site), str(port)])
    terminal = Terminal()
    with pytest.raises(
        CommandError, match=r"The site ended with exit code 1\. Its output is above\.\nAll proc"
    ):
        run(terminal, "--no-migrate")
    assert "Ready." not in terminal.getvalue()
    assert len(children) == 3
    assert not any(map(is_alive, children))


@pytest.mark.usefixtures("fake_servers")
def test_crashed_server_is_reported_with_its_log_and_stops_all_processes(
    fake_site: Path, children: list[int], tmp_path: Path
) -> None:
    def crash() -> None:
        (tmp_path / ".ory" / "kratos.log").write_text("panic: disk full")
        os.kill(children[0], signal.SIGKILL)

    with pytest.raises(CommandError) as caught:
        run(Terminal(Ready=crash), "--no-migrate")
    assert str(caught.value) == (
        f"Kratos was ended by SIGKILL. The end of {tmp_path}/.ory/kratos.log:\npanic: disk full\n"
        "All processes were stopped; the data are kept. Fix the cause, then run ory_dev again."
    )
    assert len(children) == 3
    assert not any(map(is_alive, children))


@pytest.mark.django_db
@pytest.mark.usefixtures("fake_servers")
def test_no_runserver_migrates_and_prints_the_command_for_the_site(children: list[int]) -> None:
    migrated: list[object] = []

    def note(**signal_arguments: object) -> None:
        migrated.append(signal_arguments["sender"])

    post_migrate.connect(note)
    terminal = Terminal(Ready=interrupt(signal.SIGINT))
    try:
        ports = run(terminal, "--no-runserver")
    finally:
        post_migrate.disconnect(note)
    assert migrated
    assert len(children) == 2
    command = f"manage.py runserver localhost:{ports['port']}"
    assert f"This site  not started; start it with: {command}" in terminal.getvalue()


@pytest.mark.usefixtures("fake_servers")
def test_reset_deletes_the_data(tmp_path: Path) -> None:
    old = tmp_path / ".ory" / "mails" / "old.eml"
    old.parent.mkdir(parents=True)
    old.touch()
    run(Terminal(Ready=interrupt(signal.SIGINT)), "--no-runserver", "--no-migrate")
    assert old.exists()
    run(Terminal(Ready=interrupt(signal.SIGINT)), "--no-runserver", "--no-migrate", "--reset")
    assert not old.exists()


@pytest.mark.usefixtures("fake_servers")
def test_second_ory_dev_is_rejected_and_deletes_nothing(tmp_path: Path) -> None:
    mail = tmp_path / ".ory" / "mails" / "mail.eml"
    refused: list[str] = []

    def start_another() -> None:
        mail.touch()
        with pytest.raises(CommandError, match=r"Another ory_dev uses the data in .*\.ory") as caught:
            run(Terminal(), "--no-runserver", "--no-migrate", "--reset")
        refused.append(str(caught.value))
        os.kill(os.getpid(), signal.SIGTERM)

    run(Terminal(Ready=start_another), "--no-runserver", "--no-migrate")
    assert refused
    assert mail.exists()


def test_reset_deletes_nothing_if_the_build_fails(
    tmp_path: Path, fake_go: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_GO_FAILS", "1")
    mail = tmp_path / ".ory" / "mails" / "mail.eml"
    mail.parent.mkdir(parents=True)
    mail.touch()
    with pytest.raises(CommandError, match=r"Kratos .* could not be built"):
        run(Terminal(), "--reset")
    assert mail.exists()


def test_ports_are_checked_after_the_build(fake_go: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ports = find_free_ports(len(OPTIONS))
    with ExitStack() as late:
        # As servers do: a plain bind is refused while old connections of the port are closing down.
        def take() -> None:
            late.enter_context(socket.create_server((HOST, ports[-1])))

        building = Terminal(**{"Kratos_v1.3.1:_built": take})
        options = [f"--{name}={port}" for name, port in zip(OPTIONS, ports, strict=True)]
        with pytest.raises(CommandError, match=f"Port {ports[-1]}, needed by the mailbox.*--mailbox-port"):
            call_command("ory_dev", *options, stdout=building)


@pytest.mark.parametrize("port", ["0", "-1", "65536", "99999", "http"])
def test_invalid_port_is_a_usage_error(port: str) -> None:
    with pytest.raises(CommandError, match=f"argument --smtp-port: {port} is not a port"):
        call_command("ory_dev", f"--smtp-port={port}")


@pytest.mark.usefixtures("fake_servers")
def test_port_in_use_is_an_error_that_names_the_option() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port}, needed by this site.* with --port"):
            call_command("ory_dev", f"--port={port}", stdout=io.StringIO())
        with pytest.raises(CommandError, match="choose another port with --hydra-admin-port"):
            call_command("ory_dev", f"--hydra-admin-port={port}", "--no-runserver", stdout=io.StringIO())


@pytest.mark.usefixtures("fake_servers")
def test_failed_start_is_reported_and_leaves_no_process(children: list[int], tmp_path: Path) -> None:
    (tmp_path / ".ory").mkdir()
    (tmp_path / ".ory" / "hydra.mode").write_text("crash")
    with pytest.raises(CommandError, match="Hydra ended with exit code 3"):
        run(Terminal(), "--no-migrate")
    until(lambda: not any(map(is_alive, children)))


@pytest.mark.usefixtures("fake_servers")
def test_signal_during_start_stops_all_processes(
    children: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OryServer, "wait_ready", lambda _self: os.kill(os.getpid(), signal.SIGTERM))
    terminal = Terminal()
    run(terminal, "--no-migrate", "--no-runserver")
    assert terminal.getvalue().rstrip() == "Stopping."
    assert len(children) == 2
    assert not any(map(is_alive, children))


def test_paths_below_the_current_directory_are_relative(tmp_path: Path) -> None:
    assert ory_dev._shorten(tmp_path / ".ory") == ".ory"
    assert ory_dev._shorten(tmp_path.parent / "x") == str(tmp_path.parent / "x")


@pytest.mark.usefixtures("fake_servers", "fake_site")
def test_mail_is_printed_with_its_code_and_shown_on_the_mailbox_page(
    children: list[int], tmp_path: Path
) -> None:
    mails = tmp_path / ".ory" / "mails"
    page: list[str] = []

    def send() -> None:
        put(mails, 2, subject="Please verify")
        code = "Hi,\r\n\r\n123456\r\n"
        head = "X-RcptTo: eva@example.com\r\nSubject: Your\tcode\x1b[2J\r\n\r\n"
        (mails / f"{3:016d}-1.eml").write_text(head + code)

    def look() -> None:
        (url,) = re.findall(r"Mails +(http://localhost:\d+/)", terminal.getvalue())
        page.append(urllib.request.urlopen(url, timeout=5).read().decode())
        os.kill(os.getpid(), signal.SIGTERM)

    put(mails, 1, subject="Old")
    terminal = Terminal(Ready=send, code_123456=look)
    run(terminal, "--no-migrate")
    said = terminal.getvalue().splitlines()
    assert "Mail to eva@example.com: Please verify" in said
    assert [line for line in said if "123456" in line] == [
        "Mail to eva@example.com: Your code [2J: code 123456"
    ]
    assert not any("Old" in line for line in said)
    assert "123456" in page[0]


@pytest.mark.usefixtures("fake_servers")
def test_settings_with_other_urls_start_nothing(
    children: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project, "_ory_settings_calls", [])
    with pytest.raises(CommandError, match=r"ORY = ory_settings\(BASE_DIR\)"):
        run(Terminal())
    assert not children
    assert not (tmp_path / ".ory").exists()


@pytest.mark.usefixtures("fake_servers")
def test_config_files_are_passed_to_the_servers(children: list[int], tmp_path: Path) -> None:
    file = tmp_path / "more.yaml"
    file.write_text("{}")
    commands: list[str] = []

    def look() -> None:
        commands.extend(Path(f"/proc/{pid}/cmdline").read_text() for pid in children)
        os.kill(os.getpid(), signal.SIGTERM)

    options = ("--no-migrate", "--no-runserver", f"--kratos-config={file}", f"--hydra-config={file}")
    run(Terminal(Ready=look), *options)
    assert len(commands) == 2
    assert all(f"\0-c\0{file}\0" in command for command in commands)


@pytest.mark.usefixtures("fake_servers")
def test_missing_config_file_is_named_and_starts_nothing(children: list[int], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"missing\.yaml is not a file\."):
        run(Terminal(), "--no-migrate", f"--kratos-config={tmp_path}/missing.yaml")
    assert not children
