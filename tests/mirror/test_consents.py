"""Revocation of the consents of all users for a client."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from django_ory.mirror import client_consents
from django_ory.mirror.clients import revoke_client_consents, sync_clients, update_client
from tests.support.resources import (
    add_clients,
    add_identities,
    fail_hydra_sessions,
    list_calls,
    make_client,
    make_identity,
)

if TYPE_CHECKING:
    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db


def build_revocation_paths(*numbers: int) -> list[str]:
    return [
        f"DELETE /admin/oauth2/auth/sessions/consent?subject={UUID(int=number)}&client=a"
        for number in numbers
    ]


@pytest.fixture
def users(ory: FakeOry) -> None:
    add_identities(ory, *(make_identity(number) for number in (1, 2, 3)))
    add_clients(ory, make_client("a", skip_consent=True))
    sync_clients("default")


@pytest.mark.usefixtures("users")
class TestRevoke:
    def test_every_identity_is_visited(self, ory: FakeOry) -> None:
        report = revoke_client_consents("default", "a", page_size=2)
        assert list_calls(ory, "/oauth2/auth/sessions/") == build_revocation_paths(1, 2, 3)
        assert (report.users, report.complete) == (3, True)

    def test_time_limit_stops_the_revocation(self, ory: FakeOry) -> None:
        report = revoke_client_consents("default", "a", stop_after=-1)
        assert list_calls(ory, "/oauth2/auth/sessions/") == []
        assert (report.users, report.complete) == (0, False)

    def test_user_without_a_consent_is_no_error(self, ory: FakeOry) -> None:
        fail_hydra_sessions(ory, 404)
        assert revoke_client_consents("default", "a").complete


@pytest.mark.usefixtures("users")
class TestLostTrust:
    def test_lost_skip_consent_revokes_all_consents(self, ory: FakeOry) -> None:
        assert update_client("default", "a", {"skip_consent": False}).problems == ()
        assert list_calls(ory, "/oauth2/auth/sessions/") == build_revocation_paths(1, 2, 3)

    @pytest.mark.parametrize("changes", [{"client_name": "New"}, {"skip_consent": True}])
    def test_other_changes_revoke_nothing(self, changes: dict[str, Any], ory: FakeOry) -> None:
        update_client("default", "a", changes)
        assert list_calls(ory, "/oauth2/auth/sessions/") == []

    def test_client_that_was_not_trusted_keeps_its_consents(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a", skip_consent=False))
        update_client("default", "a", {"skip_consent": False})
        assert list_calls(ory, "/oauth2/auth/sessions/") == []

    def test_failure_is_reported_and_the_change_stays(self, ory: FakeOry) -> None:
        fail_hydra_sessions(ory, 500)
        [problem] = update_client("default", "a", {"skip_consent": False}).problems
        assert "Not all consents for this client were revoked. Hydra is busy" in problem
        assert "ory_revoke_consents a --alias default" in problem
        assert ory.hydra.clients.clients["a"]["skip_consent"] is False

    def test_time_limit_is_reported(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(client_consents, "MAX_REVOCATION_SECONDS", -1.0)
        [problem] = update_client("default", "a", {"skip_consent": False}).problems
        assert "The time ran out." in problem


@pytest.mark.usefixtures("users")
class TestCommand:
    def test_users_are_counted(self, ory: FakeOry) -> None:
        out = StringIO()
        call_command("ory_revoke_consents", "a", stdout=out, no_color=True)
        assert out.getvalue() == "default: consents for a revoked; 3 users checked.\n"
        assert list_calls(ory, "/oauth2/auth/sessions/") == build_revocation_paths(1, 2, 3)

    def test_failure_exits_with_the_reason(self, ory: FakeOry) -> None:
        fail_hydra_sessions(ory, 500)
        with pytest.raises(CommandError, match=r"default: not all consents were revoked\. Hydra is busy"):
            call_command("ory_revoke_consents", "a")
