"""``ory_sync_identities`` and ``ory_sync_clients``: counts on stdout, an exit code for cron."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from django_ory.models import Identity, OAuth2Client
from tests.support.resources import add_clients, add_identities, make_client, make_identity

if TYPE_CHECKING:
    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*arguments, stdout=out, stderr=err, no_color=True)
    return out.getvalue(), err.getvalue()


def test_identities_are_synced_and_counted(ory: FakeOry) -> None:
    add_identities(ory, make_identity(1), make_identity(2))
    out, _ = run("ory_sync_identities", "--page-size", "1")
    assert out == "default: 2 seen, 2 created, 0 updated, 0 unchanged, 0 marked missing.\n"
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
    assert out.splitlines()[1] == "people: skipped, HYDRA_ADMIN_URL is not set."
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
