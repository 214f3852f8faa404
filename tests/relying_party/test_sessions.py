"""Which Django sessions a logout token ends, with every session engine."""

from __future__ import annotations

import time
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model, login
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, RequestFactory
from django.utils import timezone

from django_ory.conf import OryConfigurationError
from django_ory.relying_party.libraries import SingleLogoutBackendMixin, remember_social_login
from django_ory.relying_party.models import EndedSession
from django_ory.relying_party.sessions import (
    MAX_SIGN_IN_AGE,
    PROVIDER_SESSION_KEY,
    has_ended,
    remember_provider_session,
)

from .conftest import SID, SUBJECT, build_id_token_claims, build_logout_claims, sign_logout

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


BACKEND = "django.contrib.auth.backends.ModelBackend"


def create_user(name: str) -> Any:
    """Return a user of the project's model."""
    model = get_user_model()
    return model.objects.create(**{model.USERNAME_FIELD: f"{name}@example.org"})


def build_request() -> HttpRequest:
    """Return a request with a Django session."""
    request = RequestFactory().get("/")
    request.session = SessionStore()
    return request


@pytest.mark.parametrize("engine", ["db", "cache", "cached_db", "signed_cookies", "file"])
def test_session_of_every_engine_ends(
    engine: str,
    settings: Any,
    tmp_path: Path,
    browser: Callable[..., Client],
    deliver: Callable[..., HttpResponse],
) -> None:
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    settings.SESSION_FILE_PATH = str(tmp_path)
    member, other = browser(), browser(sid="other")
    stolen = Client()
    stolen.cookies["sessionid"] = member.cookies["sessionid"].value
    assert deliver(sign_logout()).status_code == 200
    assert member.get("/cart/").content == b""
    assert stolen.get("/cart/").content == b""  # a signed cookie is not deleted on the server
    assert other.get("/cart/").content == b"full"


def test_session_of_a_sign_in_during_the_logout_ends(
    browser: Callable[..., Client], deliver: Callable[..., HttpResponse]
) -> None:
    assert deliver(sign_logout()).status_code == 200
    late = Client()
    late.get("/sign-in/")
    assert late.get("/cart/").content == b""


def test_token_with_subject_alone_ends_all_earlier_sessions_of_the_user(
    browser: Callable[..., Client], deliver: Callable[..., HttpResponse]
) -> None:
    first, second, other = browser(), browser(sid="second"), browser(sub="bob")
    assert deliver(sign_logout(build_logout_claims(sid=None, sub=SUBJECT))).status_code == 200
    assert first.get("/cart/").content == b""
    assert second.get("/cart/").content == b""
    assert other.get("/cart/").content == b"full"


def test_later_sign_in_of_the_user_continues(deliver: Callable[..., HttpResponse]) -> None:
    now = int(time.time())
    deliver(sign_logout(build_logout_claims(sid=None, sub=SUBJECT, iat=now - 60)))
    request = build_request()
    remember_provider_session(request, build_id_token_claims(iat=now - 30))
    assert not has_ended(request.session[PROVIDER_SESSION_KEY])


def test_token_with_sid_and_subject_ends_one_session(
    browser: Callable[..., Client], deliver: Callable[..., HttpResponse]
) -> None:
    first, second = browser(), browser(sid="second")
    deliver(sign_logout(build_logout_claims(sub=SUBJECT)))
    assert first.get("/cart/").content == b""
    assert second.get("/cart/").content == b"full"


def test_sid_equal_to_a_subject_ends_no_other_session(
    browser: Callable[..., Client], deliver: Callable[..., HttpResponse]
) -> None:
    member = browser(sid="a", sub="b")
    deliver(sign_logout(build_logout_claims(sid="b")))
    deliver(sign_logout(build_logout_claims(sid=None, sub="a")))
    assert member.get("/cart/").content == b"full"


@pytest.mark.parametrize(
    "entry", ["text", [], ["default", SID], ["default", SID, SUBJECT, None], ["default", SID, SUBJECT, 0]]
)
def test_invalid_or_old_entry_ends_the_session(entry: object) -> None:
    assert has_ended(entry)


@pytest.mark.django_db(transaction=True)
@pytest.mark.asyncio
async def test_session_ends_under_asgi(settings: Any, deliver: Callable[..., HttpResponse]) -> None:
    from asgiref.sync import sync_to_async

    member = AsyncClient()
    await member.get("/sign-in/")
    assert (await member.get("/cart/")).content == b"full"
    await sync_to_async(deliver)(sign_logout())
    assert (await member.get("/cart/")).content == b""


def fail_query(*_: object, **__: object) -> None:
    raise DatabaseError


def test_failed_database_is_a_503_and_no_signed_in_user(
    browser: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    member = browser()
    monkeypatch.setattr(EndedSession.objects, "filter", fail_query)
    response = member.get("/cart/")
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert b"full" not in response.content
    assert Client().get("/cart/").status_code == 200


def test_request_without_session_cookie_does_not_vary(settings: Any) -> None:
    response = Client().get("/oidc/backchannel-logout/")
    assert "Cookie" not in response.headers.get("Vary", "")


def test_user_of_django_is_signed_out(deliver: Callable[..., HttpResponse]) -> None:
    member = Client()
    member.force_login(create_user("alice"))
    session = member.session
    session[PROVIDER_SESSION_KEY] = ["default", SID, SUBJECT, time.time()]
    session.save()
    deliver(sign_logout())
    member.get("/cart/")
    assert member.cookies["sessionid"].value == ""


class TestRemember:
    @pytest.mark.parametrize("claims", [{"iss": "https://other.example"}, {"aud": "other"}, {"iss": None}])
    def test_unknown_issuer_or_client_is_an_error(self, claims: dict[str, Any]) -> None:
        request = build_request()
        with pytest.raises(OryConfigurationError, match="LOGOUT_CLIENT_IDS"):
            remember_provider_session(request, build_id_token_claims(**claims))
        assert not request.session.keys()

    def test_entry_survives_a_login_that_empties_the_session_of_another_user(self) -> None:
        request = build_request()
        login(request, create_user("bob"), backend=BACKEND)
        request.session["cart"] = "Bob's"
        remember_provider_session(request, build_id_token_claims())
        login(request, create_user("alice"), backend=BACKEND)
        assert "cart" not in request.session
        assert request.session[PROVIDER_SESSION_KEY][1] == SID

    def test_claims_without_sid_are_ended_by_subject(self, deliver: Callable[..., HttpResponse]) -> None:
        request = build_request()
        claims = build_id_token_claims()
        del claims["sid"], claims["iat"]
        remember_provider_session(request, claims)
        entry = request.session[PROVIDER_SESSION_KEY]
        assert not has_ended(entry)
        deliver(sign_logout(build_logout_claims(sid=None, sub=SUBJECT, iat=int(time.time()) + 5)))
        assert has_ended(entry)


class TestLibraries:
    def test_backend_of_mozilla_django_oidc_takes_effect_with_the_login(self) -> None:
        class Library:
            def get_or_create_user(self, access_token: str, id_token: str, payload: Any) -> Any:
                return f"{access_token} {id_token}"

        class Backend(SingleLogoutBackendMixin, Library):
            request = build_request()

        backend = Backend()
        assert backend.get_or_create_user("access", "id", build_id_token_claims()) == "access id"
        assert PROVIDER_SESSION_KEY not in backend.request.session  # the login may still fail
        login(backend.request, create_user("alice"), backend=BACKEND)
        assert backend.request.session[PROVIDER_SESSION_KEY][1] == SID

    @pytest.mark.parametrize(
        ("extra_data", "is_stored"),
        [
            ({"id_token": build_id_token_claims()}, True),
            ({"id_token": build_id_token_claims(iss="https://accounts.google.com")}, False),
            ({"userinfo": {}}, False),
            ([], False),
        ],
    )
    def test_sign_in_of_allauth_is_stored_for_hydra_only(self, extra_data: Any, is_stored: bool) -> None:
        request = build_request()
        social_login = SimpleNamespace(account=SimpleNamespace(extra_data=extra_data))
        remember_social_login(request=request, sociallogin=social_login, user=None)
        assert (PROVIDER_SESSION_KEY in request.session) is is_stored

    def test_sign_in_of_allauth_by_password_is_not_stored(self) -> None:
        request = build_request()
        remember_social_login(request=request, user=None)
        assert PROVIDER_SESSION_KEY not in request.session


def test_command_deletes_expired_rows_only(deliver: Callable[..., HttpResponse]) -> None:
    deliver(sign_logout())
    kept = EndedSession.objects.get()
    assert kept.expires_at > timezone.now() + MAX_SIGN_IN_AGE - timedelta(minutes=5)
    deliver(sign_logout())
    EndedSession.objects.exclude(pk=kept.pk).update(expires_at=timezone.now() - timedelta(days=1))
    out = StringIO()
    call_command("ory_delete_ended_sessions", stdout=out)
    assert out.getvalue() == "1 deleted.\n"
    assert list(EndedSession.objects.all()) == [kept]
