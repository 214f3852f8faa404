"""``ory_sync_identities`` and ``ory_sync_clients``: counts on stdout, an exit code for cron."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from django_ory.mirror.identities import sync_identities
from django_ory.models import Identity, OAuth2Client
from tests.admin.conftest import admin, staff
from tests.support.resources import add_clients, add_identities, make_client, make_identity

if TYPE_CHECKING:
    from django.test import Client

    from django_ory.testing import FakeOry

__all__ = ["admin", "staff"]

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*arguments, stdout=out, stderr=err, no_color=True)
    return out.getvalue(), err.getvalue()


def test_identities_are_synced_and_counted(ory: FakeOry) -> None:
    add_identities(ory, make_identity(1), make_identity(2))
    out, _ = run("ory_sync_identities", "--page-size", "1")
    counts, duration = out.splitlines()
    assert counts == "default: 2 seen, 2 created, 0 updated, 0 unchanged, 0 marked missing."
    assert re.fullmatch(r"default: \d+\.\d seconds, [\d,]+ per second\.", duration)
    assert Identity.objects.count() == 2


def test_clients_are_synced_and_counted(ory: FakeOry) -> None:
    add_clients(ory, make_client("a"))
    assert "1 created" in run("ory_sync_clients", "--alias", "default")[0]
    assert OAuth2Client.objects.count() == 1


def test_dry_run_writes_nothing(ory: FakeOry) -> None:
    add_identities(ory, make_identity(1))
    assert run("ory_sync_identities", "--dry-run")[0].startswith("default (dry run): ")
    assert not Identity.objects.exists()


def test_failure_prints_the_remedy_and_exits_with_1(ory: FakeOry) -> None:
    ory.set_fault("kratos", "down")
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError, match=r"Identities not synced: default\."):
        call_command("ory_sync_identities", stdout=out, stderr=err, no_color=True)
    assert "could not be reached" in err.getvalue()
    assert 'Check KRATOS_ADMIN_URL in settings.ORY["default"]' in err.getvalue()
    assert not out.getvalue()


def test_all_continues_after_a_failure(ory: FakeOry, settings: Any) -> None:
    ory.respond("GET http://closed.test:4434/admin/identities", fault="down")
    broken = {**settings.ORY["default"], "KRATOS_ADMIN_URL": "http://closed.test:4434"}
    settings.ORY = {"default": broken, "typo": {"KRATOS_ADMIN": "x"}, "acme": settings.ORY["default"]}
    add_identities(ory, make_identity(1))
    out, err = run("ory_sync_identities", "--all", "--no-fail-on-error")
    assert [line.split(":")[0] for line in err.splitlines()] == ["default", "typo"]
    assert out.startswith("acme: 1 seen")
    assert Identity.objects.get().alias == "acme"
    with pytest.raises(CommandError, match=r"not synced: default, typo\."):
        run("ory_sync_identities", "--all")


def test_all_skips_projects_without_the_service(ory: FakeOry, settings: Any) -> None:
    people_only = {"KRATOS_ADMIN_URL": "http://kratos.test:4434"}
    settings.ORY = {"default": settings.ORY["default"], "people": people_only}
    add_clients(ory, make_client("a"))
    out, err = run("ory_sync_clients", "--all")
    assert out.splitlines()[-1] == "people: skipped, HYDRA_ADMIN_URL is not set."
    assert not err
    with pytest.raises(CommandError, match=r"not synced: people\."):
        run("ory_sync_clients", "--alias", "people")


def test_unknown_alias_raises_command_error() -> None:
    with pytest.raises(CommandError):
        run("ory_sync_identities", "--alias", "typo")


@pytest.mark.parametrize("size", ["0", "-1", "501", "many"])
def test_page_size_out_of_range_raises_command_error(size: str) -> None:
    with pytest.raises(CommandError, match="1 to 500"):
        run("ory_sync_identities", "--page-size", size)


def test_missing_rows_are_counted(ory: FakeOry) -> None:
    Identity.objects.create(identity_id=UUID(int=9))
    assert "1 marked missing" in run("ory_sync_identities")[0]


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_a_terminal_only(ory: FakeOry) -> None:
    add_identities(ory, *(make_identity(number) for number in range(1, 5)))
    call_command("ory_sync_identities", stdout=StringIO())
    terminal = Terminal()
    call_command("ory_sync_identities", page_size=2, stdout=terminal, no_color=True)
    lines = re.split("[\r\n]+", terminal.getvalue())
    assert lines[1].startswith("[############------------]  50%  default: 2 read, ")
    assert lines[2].startswith("[########################] 100%  default: 4 read, ")
    assert lines[3].strip() == ""
    assert lines[4].startswith("default: 4 seen")
    assert "\r" not in run("ory_sync_identities")[0]


def test_continued_sync_shows_the_start_and_no_share(ory: FakeOry) -> None:
    add_identities(ory, *(make_identity(number) for number in range(1, 5)))
    sync_identities("default", page_size=2, stop_after=0)
    terminal = Terminal()
    call_command("ory_sync_identities", stdout=terminal, no_color=True)
    assert "%" not in terminal.getvalue()
    assert "default: continued the sync of " in terminal.getvalue()
    assert "2 seen, 2 created" in terminal.getvalue()


def test_row_that_cannot_be_written_exits_with_1(ory: FakeOry, settings: Any) -> None:
    adapter = "tests.mirror.test_sync.FailsForTwo"
    settings.ORY = {"default": {**settings.ORY["default"], "ADAPTER": adapter}}
    add_identities(ory, make_identity(1), make_identity(2))
    with pytest.raises(CommandError, match=r"not synced: default\."):
        run("ory_sync_identities")
    out, err = run("ory_sync_identities", "--no-fail-on-error")
    assert err == f"default: 1 could not be written: {UUID(int=2)}. The log has the reasons.\n"
    assert out.startswith("default: 2 seen, 0 created")


def test_outage_says_that_the_next_run_continues(ory: FakeOry) -> None:
    ory.set_fault("kratos", "down")
    _, err = run("ory_sync_identities", "--no-fail-on-error")
    assert "it continues after the last page" in err


def test_admin_continues_a_sync_over_the_time_limit(
    ory: FakeOry, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_identities(ory, *(make_identity(number) for number in range(1, 600)))
    monkeypatch.setattr("django_ory.admin.mirrored.ACTION_SECONDS", 0)
    url = reverse("admin:django_ory_identity_sync")
    texts = [" ".join(map(str, admin.post(url, follow=True).context["messages"])) for _ in range(2)]
    assert "250 seen" in texts[0]
    assert "Sync again to continue" in texts[0]
    assert "continued the sync of" in texts[1]
    assert Identity.objects.count() == 500
