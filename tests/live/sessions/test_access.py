"""Decorators, mixins, permissions, users and logs, for identities of a real Kratos."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.signals import user_logged_in

from django_ory.adapter import OryAdapter
from django_ory.signals import identity_linked, ory_unavailable
from tests.live.proxy import FAULTS

from .conftest import WHOAMI, change

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.dispatch import Signal
    from django.http import HttpRequest
    from django.test import Client

    from django_ory.client.models import Identity
    from tests.live.client.world import World
    from tests.live.proxy import Proxy

pytestmark = [pytest.mark.live, pytest.mark.django_db]

SIGN_IN, SECOND_FACTOR = "/auth/login/", "/auth/login/ with aal2"
#: path of ``tests.authentication.urls`` -> the status or redirect (with one factor, anonymous)
REQUIREMENTS: dict[str, tuple[int | str, int | str]] = {
    "/session/": (200, SIGN_IN),
    "/session-empty/": (200, SIGN_IN),
    "/session-async/": (200, SIGN_IN),
    "/api/": (200, 401),
    "/pages/": (200, SIGN_IN),
    "/user/": (200, SIGN_IN),
    "/user-async/": (200, SIGN_IN),
    "/aal2/": (SECOND_FACTOR, SIGN_IN),
    "/aal2-async/": (SECOND_FACTOR, SIGN_IN),
    "/mixin/": (SECOND_FACTOR, SIGN_IN),
    "/mixin-async/": (200, SIGN_IN),
    "/fresh/": (200, SIGN_IN),
    "/verified/": (200, SIGN_IN),
    "/django-login/": (200, SIGN_IN),
    "/django-mixin/": (200, SIGN_IN),
    "/django-test/": (403, SIGN_IN),
}


def verified(world: World) -> dict[str, Any]:
    """Return fields of an identity with a verified address."""
    address = {"value": world.email(), "verified": True, "via": "email", "status": "completed"}
    return {"verifiable_addresses": [address]}


def record_signal(signal: Signal) -> tuple[list[dict[str, Any]], Callable[..., None]]:
    """Record the arguments of a signal from now on."""
    received: list[dict[str, Any]] = []

    def listen(**values: Any) -> None:
        received.append(values)

    signal.connect(listen)
    return received, listen


@pytest.mark.parametrize("cached", [0, 60])
@pytest.mark.parametrize("path", REQUIREMENTS)
def test_requirement_is_enforced(client: Client, world: World, settings: Any, path: str, cached: int) -> None:
    change(settings, SESSION_CACHE_SECONDS=cached)
    world.person(**verified(world))
    cookie = world.browser().cookie
    for headers, expected in (({"cookie": cookie}, REQUIREMENTS[path][0]), ({}, REQUIREMENTS[path][1])):
        answer = client.get(path, headers=headers)
        if isinstance(expected, int):
            assert answer.status_code == expected
            assert answer.status_code != 200 or answer.content == b"in"
        else:
            start = urlsplit(answer["Location"])
            query = parse_qs(start.query)
            assert (answer.status_code, start.path) == (302, SIGN_IN)
            assert ("aal" in query) is (expected == SECOND_FACTOR)
            (back,) = query.get("next") or query["return_to"]
            assert urlsplit(back).path == path


def test_denied_api_request_gets_json_with_a_url(client: Client, world: World) -> None:
    world.person()
    cookie = world.browser().cookie
    json = {"accept": "application/json"}
    anonymous = client.get("/session/", headers=json)
    first_factor = client.get("/aal2/", headers={**json, "cookie": cookie})
    assert (anonymous.status_code, first_factor.status_code) == (401, 403)
    for answer in (anonymous, first_factor):
        assert urlsplit(answer.json()["redirect_browser_to"]).path == SIGN_IN
    assert "aal=aal2" in first_factor.json()["redirect_browser_to"]


def test_denied_post_is_not_repeated_after_sign_in(client: Client, world: World) -> None:
    world.person()
    answer = client.post("/aal2/", {"amount": "100"}, headers={"cookie": world.browser().cookie})
    assert answer.status_code in {302, 303}
    assert "amount" not in answer["Location"]
    assert "100" not in answer["Location"]


def test_permissions_are_those_of_django(client: Client, world: World) -> None:
    world.person()
    cookie = world.browser().cookie
    assert client.get("/django-permission/", headers={"cookie": cookie}).status_code == 302
    user: Any = get_user_model()._default_manager.get()
    assert not user.is_staff
    assert not user.is_superuser
    assert not user.groups.exists()
    assert not user.has_usable_password()
    group = Group.objects.create(name="wardens")
    group.permissions.add(Permission.objects.get(codename="add_group"))
    user.groups.add(group)
    assert client.get("/django-permission/", headers={"cookie": cookie}).content == b"in"


@pytest.mark.parametrize("cached", [0, 60])
def test_inactive_django_user_is_denied(client: Client, world: World, settings: Any, cached: int) -> None:
    change(settings, SESSION_CACHE_SECONDS=cached)
    world.person()
    cookie = world.browser().cookie
    assert client.get("/user/", headers={"cookie": cookie}).content == b"in"
    get_user_model()._default_manager.update(is_active=False)
    for path in ("/user/", "/django-login/"):
        assert client.get(path, headers={"cookie": cookie}).content != b"in"
    assert client.get("/report/", headers={"cookie": cookie}).json()["user"] is None


@pytest.mark.parametrize(("enabled", "is_verified"), [(True, True), (True, False), (False, True)])
def test_verified_email_links_an_existing_user(
    client: Client, world: World, settings: Any, enabled: bool, is_verified: bool
) -> None:
    change(settings, LINK_BY_VERIFIED_EMAIL=enabled)
    existing = get_user_model().objects.create_user("here-before", world.email())
    world.person(**(verified(world) if is_verified else {}))
    received, _keep = record_signal(identity_linked)
    entered = client.get("/report/", headers={"cookie": world.browser().cookie}).json()["user"]
    assert (entered == str(existing.pk)) is (enabled and is_verified)
    waits = enabled and not is_verified  # linked after the verification of the address
    assert (entered is None) is waits
    assert [each["created"] for each in received] == ([] if waits else [not enabled])


class StaffAdapter(OryAdapter):
    """A project that makes its users staff."""

    def new_user(self, identity: Identity) -> AbstractBaseUser:
        user: Any = super().new_user(identity)
        user.is_staff = True
        return user  # type: ignore[no-any-return]


def test_permissions_set_by_the_adapter_are_used(client: Client, world: World, settings: Any) -> None:
    change(settings, ADAPTER=f"{__name__}.StaffAdapter")
    world.person()
    assert client.get("/django-test/", headers={"cookie": world.browser().cookie}).content == b"in"


class HeaderAdapter(OryAdapter):
    """A project that selects the alias by a header."""

    def resolve_alias(self, request: HttpRequest) -> str:
        return request.headers.get("X-Tenant", "default")


def test_alias_is_chosen_by_the_adapter(client: Client, world: World, settings: Any) -> None:
    unconfigured = {**settings.ORY["default"], "KRATOS_PUBLIC_URL": ""}
    settings.ORY = {**settings.ORY, "nowhere": unconfigured}
    change(settings, ADAPTER=f"{__name__}.HeaderAdapter")
    identity = world.person()
    cookie = world.browser().cookie
    assert client.get("/report/", headers={"cookie": cookie}).json()["identity"] == identity.id
    other = client.get("/report/", headers={"cookie": cookie, "x-tenant": "nowhere"}).json()
    assert (other["alias"], other["identity"]) == ("nowhere", None)


def test_login_signal_is_sent_once(client: Client, world: World) -> None:
    world.person()
    cookie = world.browser().cookie
    received, _keep = record_signal(user_logged_in)
    for _ in range(3):
        assert client.get("/user/", headers={"cookie": cookie}).content == b"in"
    assert len(received) == 1


def test_cookie_of_another_name_is_not_sent(
    client: Client, world: World, proxy: Proxy, settings: Any
) -> None:
    world.person()
    cookie = world.browser().cookie
    change(settings, KRATOS_PUBLIC_URL=proxy.url, SESSION_COOKIE_NAME="ory_kratos_session")
    assert client.get("/report/", headers={"cookie": cookie}).json()["is_authenticated"]
    other = cookie.replace("ory_kratos_session", "ory_session_other")
    assert not client.get("/report/", headers={"cookie": other}).json()["is_authenticated"]
    assert proxy.count(WHOAMI) == 1


def test_anonymous_result_is_cached_for_a_moment(
    client: Client, world: World, proxy: Proxy, settings: Any
) -> None:
    change(settings, SESSION_CACHE_SECONDS=60)
    for _ in range(3):
        answer = client.get("/report/", headers={"x-session-token": f"ory_st_{world.mark}"})
        assert not answer.json()["is_authenticated"]
    assert proxy.count(WHOAMI) == 1


def test_calls_and_outages_are_reported(
    client: Client, world: World, proxy: Proxy, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "django_ory")
    world.person()
    cookie = world.browser().cookie
    caplog.clear()
    client.get("/report/", headers={"cookie": cookie})
    lines = [each.getMessage() for each in caplog.records if each.levelno == logging.DEBUG]
    assert len([line for line in lines if WHOAMI in line]) == 1
    assert cookie.partition("=")[2] not in caplog.text

    received, _keep = record_signal(ory_unavailable)
    change(settings, BREAKER_SECONDS=0)
    proxy.fault = FAULTS["closed"]
    for _ in range(3):
        assert client.get("/report/", headers={"cookie": cookie}).json()["unavailable"]
    warnings = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert [each["alias"] for each in received] == ["default"] * 3
