"""The page of connected apps: its content, its buttons, and bad days."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from django_ory.accounts.connected_apps import group_consents
from django_ory.adapter import OryAdapter, get_adapter
from django_ory.client import models
from django_ory.clients import get_client
from django_ory.conf import OryConfigurationError
from django_ory.models import JobGrant
from django_ory.testing import FakeOry
from django_ory.tokens.access_token import InvalidToken
from django_ory.tokens.verification import verify_access_token
from tests.support.consents import grant_access
from tests.support.fixtures import events
from tests.support.resources import list_calls

__all__ = ["events"]

pytestmark = pytest.mark.django_db

APPS = reverse("ory:connected_apps")
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
API = "https://api.example"


class WithoutSubjects(OryAdapter):
    """An adapter that needs a setting for subjects."""

    def get_user_subject(self, user: Any) -> str:
        raise OryConfigurationError("a key is missing")


class Reader:
    """A user, signed in with Kratos, and the consents of the user."""

    def __init__(self, ory: FakeOry, browser: Client) -> None:
        self.ory, self.browser = ory, browser
        self.identity = ory.create_identity({"email": "ann@example.org"})
        ory.login(browser, self.identity)

    @property
    def subject(self) -> str:
        return self.identity.id

    def allow(self, client_id: str, *, scope: str = "openid offline_access", **fields: Any) -> dict[str, Any]:
        """Grant access, and return the tokens."""
        return grant_access(self.ory, self.subject, client_id, scope=scope, **fields)

    def get(self, **query: str) -> str:
        response = self.browser.get(APPS, query)
        assert response.status_code == 200
        return response.content.decode()

    def post(self, **fields: str) -> str:
        """Press a button, and return the page that follows."""
        response = self.browser.post(APPS, fields)
        assert response.status_code == 303
        return self.browser.get(response["Location"]).content.decode()


@pytest.fixture
def ann(ory: FakeOry, client: Client) -> Reader:
    return Reader(ory, client)


def add_job(subject: str, **values: Any) -> JobGrant:
    defaults = {"client_id": "exporter", "job": "export", "title": "Nightly <export>", "scope": ["photos"]}
    return JobGrant.objects.create(subject=subject, **{**defaults, **values})


def is_active(tokens: dict[str, Any], name: str = "access_token") -> bool:
    return bool(get_client().admin_introspect_o_auth2_token(token=tokens[name]).active)


# The page.


def test_page_lists_each_app_once_with_its_access(ann: Reader) -> None:
    ann.allow("photos", client_name="Photo <Lab>", scope="openid email offline_access", audience=(API,))
    ann.allow("photos", scope="openid email")
    ann.allow("shop", client_name="Shop", skip_consent=True, scope="openid")
    text = ann.get()
    assert text.count("Photo &lt;Lab&gt;</bdi>") == 1
    assert "Photo <Lab>" not in text
    assert "See your email address" in text
    assert text.count("while you are away") == 1
    assert text.count("part of this site") == 1
    assert len(re.findall(r'name="remove_app" value="(?:photos|shop)"', text)) == 2
    assert 'name="remove_all"' in text


def test_page_without_apps_says_so(ann: Reader) -> None:
    text = ann.get()
    assert "No app has access to your account." in text
    assert "remove_all" not in text


def test_account_area_links_to_the_page_only_with_a_hydra(ann: Reader, settings: Any) -> None:
    sessions = reverse("ory:sessions")
    assert f'href="{APPS}"' in ann.browser.get(sessions).content.decode()
    settings.ORY = {"default": {**settings.ORY["default"], "HYDRA_ADMIN_URL": "", "HYDRA_PUBLIC_URL": ""}}
    assert APPS not in ann.browser.get(sessions).content.decode()
    assert ann.browser.get(APPS).status_code == 404
    assert ann.browser.post(APPS, {"remove_all": "true"}).status_code == 404


def test_anonymous_user_is_sent_to_the_login_page(ory: FakeOry, client: Client) -> None:
    for response in (client.get(APPS), client.post(APPS, {"remove_all": "true"})):
        assert response["Location"].startswith(reverse("ory:login"))
    assert not list_calls(ory, "/sessions/consent")


def test_page_is_private_and_get_changes_nothing(ann: Reader, ory: FakeOry) -> None:
    ann.allow("photos")
    ory.requests.clear()
    response = ann.browser.get(APPS, {"remove_app": "photos", "remove_all": "true"})
    assert "no-store" in response["Cache-Control"]
    assert {request.method for request in ory.requests} == {"GET"}


def test_consents_of_other_users_are_not_listed(ann: Reader, ory: FakeOry) -> None:
    grant_access(ory, ory.create_identity().id, "photos", scope="openid", client_name="Photo Lab")
    add_job("another")
    assert "No app has access" in ann.get()


def test_twenty_apps_are_on_one_page(ann: Reader) -> None:
    for number in range(21):
        ann.allow(f"app-{number}", client_name=f"App {number:02}", scope="openid")
    first, second = ann.get(), ann.get(page="2")
    assert (first.count('name="remove_app"'), second.count('name="remove_app"')) == (20, 1)
    assert "Next page" in first
    assert "Previous page" in second
    for page in ("0", "-1", "99", "x", "9" * 5000):
        assert 'name="remove_app"' in ann.get(page=page)


def test_full_list_of_hydra_is_marked_as_incomplete(ann: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_ory.accounts.connected_apps.MAX_CONSENTS", 2)
    ann.allow("photos")
    assert "not all apps are shown" not in ann.get()
    ann.allow("shop")
    assert "not all apps are shown" in ann.get()


def test_jobs_are_listed_without_a_call_for_them(ann: Reader) -> None:
    row = add_job(ann.subject, audience=[API])
    add_job(ann.subject, job="revoked", revoked_at=NOW)
    text = ann.get()
    assert "Nightly &lt;export&gt;" in text
    assert f'name="remove_job" value="{row.issuer_id}"' in text
    assert text.count('name="remove_job"') == 1
    assert API in text


# Removing access.


def test_removed_app_loses_its_tokens_and_the_others_stay(ann: Reader, events: list[Any]) -> None:
    photos, shop = ann.allow("photos"), ann.allow("shop")
    assert "The app no longer has access." in ann.post(remove_app="photos")
    assert not is_active(photos)
    assert not is_active(photos, "refresh_token")
    assert is_active(shop)
    [event] = events
    assert (event.event, event.client_id, event.subject) == ("grant.revoked", "photos", ann.subject)


def test_removed_app_loses_cached_introspections(ann: Reader, settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.ORY = {"default": {**settings.ORY["default"], "INTROSPECTION_CACHE_SECONDS": 600}}
    token = ann.allow("photos")["access_token"]
    verify_access_token(token, audience=[])
    ann.post(remove_app="photos")
    with pytest.raises(InvalidToken):
        verify_access_token(token, audience=[])


def test_remove_all_ends_apps_and_jobs(ann: Reader, events: list[Any]) -> None:
    tokens, row = [ann.allow("photos"), ann.allow("shop")], add_job(ann.subject)
    assert "No app or job has access any more." in ann.post(remove_all="true")
    assert not any(map(is_active, tokens))
    row.refresh_from_db()
    assert row.revoked_at is not None
    assert [event.event for event in events] == ["grant.revoked", "grant.revoked"]


def test_job_of_another_user_is_not_revoked(ann: Reader) -> None:
    own, other = add_job(ann.subject), add_job("another")
    ann.post(remove_job=str(other.issuer_id))
    assert "The job no longer has access." in ann.post(remove_job=str(own.issuer_id))
    own.refresh_from_db()
    other.refresh_from_db()
    assert own.revoked_at is not None
    assert other.revoked_at is None


def test_app_of_another_user_stays(ann: Reader, ory: FakeOry) -> None:
    tokens = grant_access(ory, ory.create_identity().id, "photos", scope="openid")
    ann.post(remove_app="photos")
    assert is_active(tokens)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"remove_app": ""},
        {"remove_app": "a\nb"},
        {"remove_app": "x" * 3_000},
        {"remove_job": "1"},
        {"remove_job": "x" * 100_000},
        {"other": "true"},
    ],
)
def test_other_post_changes_nothing(ann: Reader, ory: FakeOry, fields: dict[str, str]) -> None:
    ann.allow("photos")
    ory.requests.clear()
    assert "no longer has access" not in ann.post(**fields)
    assert not list_calls(ory, method="DELETE")


def test_repeated_removal_is_no_error(ann: Reader) -> None:
    ann.allow("photos")
    for _ in range(2):
        assert "The app no longer has access." in ann.post(remove_app="photos")


def test_post_without_the_csrf_token_is_rejected(ann: Reader, ory: FakeOry) -> None:
    tokens = ann.allow("photos")
    browser = Client(enforce_csrf_checks=True)
    ory.login(browser, ann.identity)
    assert browser.post(APPS, {"remove_all": "true"}).status_code == 403
    assert is_active(tokens)


def test_forged_result_is_not_shown(ann: Reader, ory: FakeOry) -> None:
    assert "no longer has access" not in ann.get(removed="remove_app")
    location = ann.browser.post(APPS, {"remove_app": "photos"})["Location"]
    other = Client()
    ory.login(other, ory.create_identity())
    assert "no longer has access" not in other.get(location).content.decode()


# Bad days.


@pytest.mark.parametrize("kind", ["down", "slow", "error", "html"])
def test_outage_of_hydra_is_a_page_and_a_job_is_revoked(ann: Reader, ory: FakeOry, kind: str) -> None:
    tokens, row = ann.allow("photos"), add_job(ann.subject, trust_id="7")
    with ory.fault("hydra", kind):
        for response in (ann.browser.get(APPS), ann.browser.post(APPS, {"remove_all": "true"})):
            assert response.status_code == 503
            assert "Retry-After" in response
    assert is_active(tokens)
    row.refresh_from_db()
    assert row.revoked_at is not None


def test_consents_without_their_parts_are_shown_or_left_out(ann: Reader, ory: FakeOry) -> None:
    rows = [
        {},
        {"consent_request": None},
        {"consent_request": {"challenge": "c", "client": {}}},
        {"consent_request": {"challenge": "c", "client": {"client_id": "bare"}}, "grant_scope": None},
    ]
    ory.respond("GET /admin/oauth2/auth/sessions/consent", json=rows)
    assert re.findall(r'name="remove_app" value="(\w*)"', ann.get()) == ["bare"]


# Accounts without Kratos.


def test_user_of_django_has_the_page_without_a_kratos(ory: FakeOry, settings: Any, client: Client) -> None:
    hydra = {name: url for name, url in settings.ORY["default"].items() if name.startswith("HYDRA")}
    settings.ORY = {"default": {**hydra, "OAUTH2_ACCOUNTS": "django", "OAUTH2_SUBJECT_KEY": "s" * 32}}
    assert client.get(APPS).status_code == 302
    field = get_user_model().USERNAME_FIELD
    user = get_user_model()._default_manager.create(**{field: "ann@example.org"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    subject = get_adapter("default").get_user_subject(user)
    tokens = grant_access(ory, subject, "photos", scope="openid", client_name="Photo Lab")
    response = client.get(APPS)
    text = response.content.decode()
    assert (response.status_code, "Photo Lab" in text) == (200, True)
    assert re.findall(r'class="ory-navigation__link" href="([^"]*)"', text) == [APPS]
    assert client.post(APPS, {"remove_app": "photos"}).status_code == 303
    assert not is_active(tokens)
    assert not list_calls(ory, "whoami")


def test_missing_setting_is_a_page_and_a_line_in_the_log(
    ory: FakeOry, settings: Any, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    hydra = {name: url for name, url in settings.ORY["default"].items() if name.startswith("HYDRA")}
    adapter = f"{__name__}.WithoutSubjects"
    settings.ORY = {"default": {**hydra, "OAUTH2_ACCOUNTS": "django", "ADAPTER": adapter}}
    user = get_user_model()._default_manager.create(**{get_user_model().USERNAME_FIELD: "ann@example.org"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(APPS).status_code == 503
    assert "The page of connected apps needs a setting" in caplog.text


# Grouping.


def build_consent(client_id: str, scope: str, *, days: int, **client: Any) -> models.OAuth2ConsentSession:
    return models.OAuth2ConsentSession.model_validate(
        {
            "consent_request": {"challenge": "c", "client": {"client_id": client_id, **client}},
            "grant_scope": scope.split(),
            "handled_at": (NOW + timedelta(days=days)).isoformat(),
        }
    )


def test_latest_grant_counts_and_earlier_scopes_are_listed_apart() -> None:
    consents = [
        build_consent("photos", "openid photos", days=3),
        build_consent("shop", "openid", days=5),
        build_consent("photos", "openid email offline", days=1),
        build_consent("photos", "openid phone", days=2),
    ]
    shop, photos = group_consents(consents, adapter=get_adapter("default"))
    assert (shop.client.client_id, photos.client.client_id) == ("shop", "photos")
    assert [scope.name for scope in photos.scopes] == ["openid", "photos"]
    assert [scope.name for scope in photos.earlier_scopes] == ["email", "phone"]
    assert photos.first_granted_at == NOW + timedelta(days=1)
    assert photos.last_granted_at == NOW + timedelta(days=3)
    assert photos.is_offline
    assert not shop.is_offline


def test_client_that_registered_itself_is_never_first_party() -> None:
    metadata = {"django_ory": {"origin": "registration"}}
    consent = build_consent("photos", "openid", days=0, skip_consent=True, metadata=metadata)
    [app] = group_consents([consent], adapter=get_adapter("default"))
    assert not app.is_first_party
    assert not app.client.is_verified
