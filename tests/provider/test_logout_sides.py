"""A logout ends Hydra's sessions by their sid, whichever side it starts from."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model, logout
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.management import CommandError, call_command
from django.test import TestCase
from django.utils import timezone

from django_ory.authentication.hydra_sessions import end_recorded_sessions, record_hydra_session
from django_ory.authentication.logout import end_sessions
from django_ory.mirror.sessions import revoke_session
from django_ory.models import HydraSession, Identity
from django_ory.testing import build_error_json, build_session_json

from .django_site import PASSWORD, DjangoSite
from .provider_site import ALICE, BOB, SESSION, ProviderSite
from .test_single_logout import login_at_hydra

if TYPE_CHECKING:
    from pytest_django import Settings

OTHER_SESSION = "0c1f3c5e-58f2-4a39-90f6-6a7b8c9d0e1f"
pytestmark = pytest.mark.django_db


def list_ended(site: ProviderSite) -> list[str]:
    """Return the sids that Hydra was told to end, in order."""
    targets = site.list_targets("DELETE")
    return [target.partition("?sid=")[2] for target in targets if "?sid=" in target]


def set_session(site: ProviderSite, session_id: str = SESSION, *, status: int = 200, **values: Any) -> None:
    """Let Kratos' admin API return a session."""
    body = build_session_json({"id": ALICE}, id=session_id, **values) if status == 200 else {}
    if status != 200:
        body = build_error_json(status, message="Unable to locate the resource")
    site.ory.respond(f"GET /admin/sessions/{session_id}", json=body, status=status)


def test_login_is_recorded_with_the_kratos_session(site: ProviderSite) -> None:
    login_at_hydra(site)
    row = HydraSession.objects.get()
    assert (row.alias, row.sid, row.subject, str(row.session_id)) == ("default", "s1", ALICE, SESSION)
    assert row.expires_at is not None


def test_logout_ends_all_sessions_of_the_browser(site: ProviderSite) -> None:
    """Hydra begins a new session for each login that a client requires."""
    login_at_hydra(site)
    request = login_at_hydra(site, session_id="s2")
    logout(request)
    assert list_ended(site) == ["s1", "s2"]
    assert not HydraSession.objects.exists()


def test_logout_without_the_django_session_ends_the_session_of_hydra(site: ProviderSite) -> None:
    login_at_hydra(site)
    site.browser.session.flush()
    del site.browser.cookies["sessionid"]
    site.allow_logout()
    assert site.browser.post("/auth/logout/").status_code == 303
    assert list_ended(site) == ["s1"]


def test_logout_keeps_the_sessions_of_another_browser(site: ProviderSite) -> None:
    record_hydra_session("elsewhere", subject=ALICE, alias="default", session_id=OTHER_SESSION)
    logout(login_at_hydra(site))
    assert list_ended(site) == ["s1"]
    assert HydraSession.objects.get().sid == "elsewhere"


class TestLogoutOfAClient:
    def accept(self, site: ProviderSite, **values: Any) -> None:
        site.set_request("logout", **{"subject": ALICE, "sid": "s1", **values})
        site.set_result("logout", "accept")
        site.allow_logout()
        assert site.post("logout", accept="1").status_code == 302

    def test_other_sessions_of_the_browser_end_too(self, site: ProviderSite) -> None:
        login_at_hydra(site)
        login_at_hydra(site, session_id="s2")
        self.accept(site)
        assert list_ended(site) == ["s2"]

    def test_kratos_session_of_the_login_ends_without_its_cookie(self, site: ProviderSite) -> None:
        record_hydra_session("s1", subject=ALICE, alias="default", session_id=OTHER_SESSION)
        set_session(site, OTHER_SESSION)
        site.ory.respond(f"DELETE /admin/sessions/{OTHER_SESSION}", status=204)
        self.accept(site)
        assert f"admin/sessions/{OTHER_SESSION}" in site.list_targets("DELETE")

    def test_failure_of_kratos_is_logged(self, site: ProviderSite, caplog: pytest.LogCaptureFixture) -> None:
        record_hydra_session("s1", subject=ALICE, alias="default", session_id=OTHER_SESSION)
        site.ory.respond(f"GET /admin/sessions/{OTHER_SESSION}", status=500, json=build_error_json(500))
        self.accept(site)
        assert "Could not end a Kratos session" in caplog.text

    def test_session_of_another_user_is_kept(self, site: ProviderSite) -> None:
        record_hydra_session("s1", subject=ALICE, alias="default")
        record_hydra_session("bob", subject=BOB, alias="default", session_id=SESSION)
        site.sign_in(BOB)
        self.accept(site)
        assert list_ended(site) == []
        assert HydraSession.objects.get(sid="bob").ended_at is None


class TestStaff:
    def test_revoked_session_ends_its_logins(self, site: ProviderSite) -> None:
        record_hydra_session("s1", subject=ALICE, alias="default", session_id=SESSION)
        record_hydra_session("s2", subject=ALICE, alias="default", session_id=OTHER_SESSION)
        set_session(site)
        site.ory.respond(f"DELETE /admin/sessions/{SESSION}", status=204)
        assert revoke_session("default", SESSION).problems == ()
        assert list_ended(site) == ["s1"]

    def test_failure_of_hydra_is_a_problem(self, site: ProviderSite) -> None:
        record_hydra_session("s1", subject=ALICE, alias="default", session_id=SESSION)
        set_session(site)
        site.ory.respond(f"DELETE /admin/sessions/{SESSION}", status=204)
        site.ory.respond("DELETE /admin/oauth2/auth/sessions/login", status=500, json={"error": "error"})
        (problem,) = revoke_session("default", SESSION).problems
        assert problem.startswith("Hydra's login sessions were not ended.")
        assert HydraSession.objects.get().ended_at

    def test_all_sessions_of_an_identity_end_before_their_consents(self, site: ProviderSite) -> None:
        """Hydra finds the clients to notify by the consents."""
        record_hydra_session("s1", subject=ALICE, alias="default", session_id=SESSION)
        record_hydra_session("bob", subject=BOB, alias="default")
        site.ory.respond(f"DELETE /admin/identities/{ALICE}/sessions", status=204)
        assert end_sessions(ALICE) == {}
        hydra = [path.partition("/sessions/")[2] for path in site.list_targets("DELETE") if "oauth2" in path]
        assert hydra[0] == "login?sid=s1"
        assert [path.partition("?")[0] for path in hydra] == ["login", "login", "consent"]
        assert list_ended(site) == ["s1"]


class TestUsers:
    @pytest.fixture
    def user(self, site: ProviderSite) -> Any:
        user = get_user_model().objects.create(email="alice@example.org")
        Identity.objects.create(alias="default", identity_id=ALICE, user=user)
        record_hydra_session("s1", subject=ALICE, alias="default", session_id=SESSION)
        return user

    def test_disabled_user_is_signed_out_of_the_clients(self, site: ProviderSite, user: Any) -> None:
        user.is_active = False
        with TestCase.captureOnCommitCallbacks(execute=True):
            user.save()
        assert list_ended(site) == ["s1"]

    def test_deleted_user_is_signed_out_of_the_clients(self, site: ProviderSite, user: Any) -> None:
        with TestCase.captureOnCommitCallbacks(execute=True):
            user.delete()
        assert list_ended(site) == ["s1"]

    def test_active_user_stays_signed_in(self, site: ProviderSite, user: Any) -> None:
        with TestCase.captureOnCommitCallbacks(execute=True):
            user.save()
        assert list_ended(site) == []

    def test_failure_is_logged_and_left_to_the_command(
        self, site: ProviderSite, user: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        site.ory.respond("DELETE /admin/oauth2/auth/sessions/login", status=500, json={"error": "error"})
        user.is_active = False
        with TestCase.captureOnCommitCallbacks(execute=True):
            user.save()
        assert "Could not end the sessions of a user at Hydra" in caplog.text
        assert HydraSession.objects.get().ended_at


class TestNewPassword:
    """Django ends the other sessions of the user, so Hydra must not remember them."""

    @pytest.fixture
    def user(self, django_site: DjangoSite) -> Any:
        user = django_site.create_user()
        record_hydra_session("s1", subject=django_site.get_subject(user), alias="default")
        return user

    def list_deleted(self, site: DjangoSite) -> list[str]:
        return [path.partition("/sessions/")[2] for path in site.list_targets("DELETE")]

    def test_logins_at_hydra_end_and_consents_stay(self, django_site: DjangoSite, user: Any) -> None:
        user.set_password("another quiet harbor")
        with TestCase.captureOnCommitCallbacks(execute=True):
            user.save()
        subject = django_site.get_subject(user)
        assert self.list_deleted(django_site) == ["login?sid=s1", f"login?subject={subject}"]
        assert not HydraSession.objects.exists()

    def test_new_hash_of_the_same_password_ends_nothing(
        self, django_site: DjangoSite, user: Any, settings: Settings
    ) -> None:
        settings.PASSWORD_HASHERS = [
            "django.contrib.auth.hashers.MD5PasswordHasher",
            "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        ]
        user.password = former = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1000)
        user.save()
        with TestCase.captureOnCommitCallbacks(execute=True):
            assert user.check_password(PASSWORD)
        assert user.password != former
        assert self.list_deleted(django_site) == []

    def test_password_beside_a_kratos_ends_nothing(self, site: ProviderSite) -> None:
        user: Any = get_user_model().objects.create(email="alice@example.org")
        Identity.objects.create(alias="default", identity_id=ALICE, user=user)
        record_hydra_session("s1", subject=ALICE, alias="default", session_id=SESSION)
        user.set_password(PASSWORD)
        with TestCase.captureOnCommitCallbacks(execute=True):
            user.save()
        assert site.list_targets("DELETE") == []


class TestCommand:
    @pytest.fixture(autouse=True)
    def row(self, site: ProviderSite) -> HydraSession:
        expires_at = timezone.now() + timedelta(hours=1)
        record_hydra_session("s1", subject=ALICE, alias="default", session_id=SESSION, expires_at=expires_at)
        return HydraSession.objects.get()

    def run(self) -> str:
        out = StringIO()
        call_command("ory_end_hydra_sessions", stdout=out, stderr=out)
        return out.getvalue()

    def test_revoked_kratos_session_ends_the_login(self, site: ProviderSite) -> None:
        set_session(site, active=False, expires_at=(timezone.now() + timedelta(hours=1)).isoformat())
        assert self.run() == "default: 1 checked, 1 ended.\n"
        assert list_ended(site) == ["s1"]
        assert not HydraSession.objects.exists()

    def test_deleted_kratos_session_ends_the_login(self, site: ProviderSite) -> None:
        set_session(site, status=404)
        self.run()
        assert list_ended(site) == ["s1"]

    def test_expired_kratos_session_signs_no_user_out(self, site: ProviderSite) -> None:
        set_session(site, active=False, expires_at=(timezone.now() - timedelta(hours=1)).isoformat())
        self.run()
        assert list_ended(site) == []
        assert not HydraSession.objects.exists()

    def test_active_session_is_kept(self, site: ProviderSite, row: HydraSession) -> None:
        set_session(site, active=True)
        assert self.run() == "default: 1 checked, 0 ended.\n"
        assert HydraSession.objects.get().checked_at > row.checked_at

    @pytest.mark.parametrize(
        ("status", "body"),
        [(500, {}), (404, {"message": "404 page not found"}), (404, {}), (200, {"id": "x"})],
    )
    def test_session_is_kept_while_kratos_gives_no_usable_answer(
        self, site: ProviderSite, status: int, body: dict[str, Any]
    ) -> None:
        site.ory.respond(f"GET /admin/sessions/{SESSION}", status=status, json=body)
        with pytest.raises(CommandError):
            self.run()
        assert list_ended(site) == []
        assert HydraSession.objects.get().ended_at is None

    def test_failed_logout_is_finished(self, site: ProviderSite) -> None:
        site.ory.respond("DELETE /admin/oauth2/auth/sessions/login", status=500, json={"error": "error"})
        assert end_recorded_sessions(alias="default", session_ids=[SESSION]) is not None
        HydraSession.objects.update(ended_at=timezone.now() - timedelta(minutes=5))
        with pytest.raises(CommandError):
            self.run()
        site.ory.respond("DELETE /admin/oauth2/auth/sessions/login", status=204)
        assert self.run() == "default: 0 checked, 1 ended.\n"

    def test_browser_on_its_way_to_hydra_is_waited_for(self, site: ProviderSite) -> None:
        HydraSession.objects.update(ended_at=timezone.now())
        self.run()
        assert list_ended(site) == []
        assert HydraSession.objects.exists()

    def test_limit_bounds_the_calls(self, site: ProviderSite) -> None:
        set_session(site, active=True)
        for number in range(3):
            record_hydra_session(f"n{number}", subject=ALICE, alias="default", session_id=SESSION)
        out = StringIO()
        call_command("ory_end_hydra_sessions", "--limit", "2", stdout=out)
        assert out.getvalue() == "default: 2 checked, 0 ended.\n"

    def test_expired_rows_without_a_kratos_session_are_deleted(self, site: ProviderSite) -> None:
        HydraSession.objects.update(session_id=None, expires_at=timezone.now() - timedelta(hours=1))
        assert self.run() == "default: 0 checked, 0 ended.\n"
        assert not HydraSession.objects.exists()


def test_many_sessions_are_ended_within_bounds(site: ProviderSite) -> None:
    for number in range(25):
        record_hydra_session(f"n{number}", subject=ALICE, alias="default")
    assert end_recorded_sessions(alias="default", subject=ALICE) is None
    assert len(list_ended(site)) == 20
    assert HydraSession.objects.filter(ended_at__isnull=False).count() == 5


@pytest.mark.parametrize(("sid", "subject"), [("", ALICE), ("x" * 200, ALICE), ("s1", "x" * 300)])
def test_unusual_ids_are_not_recorded(sid: str, subject: str) -> None:
    record_hydra_session(sid, subject=subject, alias="default")
    assert not HydraSession.objects.exists()
