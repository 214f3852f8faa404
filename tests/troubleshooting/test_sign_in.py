"""Symptoms at signing in and out: cookies, hosts, flows, users."""

from __future__ import annotations

import copy
import logging
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from django_ory.selfservice.decisions.redirect_loop import MAX_REPEATS
from django_ory.user_fields import set_user_fields
from tests.management.test_ory_check import SITE, Servers, check, servers
from tests.selfservice import shapes
from tests.user_field_cases import Member

from .page import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from pytest_django import Settings

    from django_ory.testing import FakeOry
    from tests.support.fixtures import ChangeOry

__all__ = ["servers"]

LOGIN_PAGE = "/auth/login/"
User: Any = get_user_model()


def store_error(ory: FakeOry, **error: Any) -> str:
    """Let Kratos have an error; return the path of its page."""
    stored = {"id": shapes.FLOW, "error": {"code": 400, "status": "x", "message": "no", **error}}
    ory.respond("GET /self-service/errors", json=stored)
    return f"{reverse('ory:error')}?id={shapes.FLOW}"


def test_other_name_of_this_machine_is_explained(
    show: Callable[..., str], settings: Settings, change_ory: ChangeOry
) -> None:
    settings.DEBUG = True
    change_ory(KRATOS_BROWSER_URL="http://localhost:4433")
    expect("host-names", show(LOGIN_PAGE, headers={"host": "127.0.0.1:8000"}))


def test_cookie_of_another_host_is_found_by_ory_check(servers: Servers, settings: Settings) -> None:
    move_site(servers, settings, "http://www.example.org")
    servers.cookie = "csrf_token_x=1; Path=/; Domain=auth.example.org"
    expect("cookie-domain", check()["cookies"]["detail"])


def test_secure_cookie_of_a_site_with_http_is_found_by_ory_check(
    servers: Servers, settings: Settings
) -> None:
    move_site(servers, settings, "http://www.example.org")
    servers.cookie = "csrf_token_x=1; Path=/; Domain=example.org; Secure"
    expect("secure-cookie", check()["secure cookies"]["detail"])


def test_page_at_another_path_is_found_by_ory_check(servers: Servers, settings: Settings) -> None:
    move_site(servers, settings, "http://www.example.org")
    servers.pages["login"] = "http://www.example.org/login/"
    expect("ui-url", check()["login page"]["detail"])


def test_form_for_another_origin_is_explained(
    show: Callable[..., str], ory: FakeOry, caplog: pytest.LogCaptureFixture
) -> None:
    flow = shapes.login()
    flow["ui"]["action"] = "http://kratos:4433/self-service/login?flow=1"
    ory.respond("GET /self-service/login/flows", json=flow)
    expect("form-action", show(LOGIN_PAGE, data={"flow": shapes.FLOW}) + caplog.text)


def move_site(servers: Servers, settings: Settings, url: str) -> None:
    """Let Kratos redirect to the pages of another site, which is this one."""
    settings.ALLOWED_HOSTS = ["www.example.org"]
    servers.pages = {name: page.replace(SITE, url) for name, page in servers.pages.items()}
    servers.allowed = (f"{SITE}/", f"{url}/")


def test_redirect_loop_names_the_settings(
    show: Callable[..., str], ory: FakeOry, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(MAX_REPEATS):
        assert show(LOGIN_PAGE, data={"next": "/loans/"}) == ""
    expect("redirect-loop", show(LOGIN_PAGE, data={"next": "/loans/"}) + caplog.text)


def test_csrf_violation_is_explained(show: Callable[..., str], ory: FakeOry) -> None:
    expect("csrf", show(store_error(ory, id="security_csrf_violation", code=403)))


def test_rejected_return_to_is_explained(
    show: Callable[..., str], ory: FakeOry, caplog: pytest.LogCaptureFixture
) -> None:
    path = store_error(ory, id="self_service_flow_return_to_forbidden")
    expect("return-to", show(path) + caplog.text)


def test_expired_flow_is_explained_by_the_new_one(
    show: Callable[..., str], client: Client, ory: FakeOry
) -> None:
    body = shapes.error_body(410, "self_service_flow_expired")
    ory.respond("GET /self-service/login/flows", json=body, status=410)
    again = client.get(LOGIN_PAGE, {"flow": shapes.FLOW})
    client.get(again["Location"])
    ory.respond("GET /self-service/login/flows", json=shapes.login())
    expect("flow-expired", show(LOGIN_PAGE, data={"flow": shapes.FLOW}))


def test_disabled_flow_is_explained(show: Callable[..., str], ory: FakeOry) -> None:
    expect("disabled", show(store_error(ory, id="self_service_flow_disabled")))


def test_disabled_account_is_explained(show: Callable[..., str], ory: FakeOry) -> None:
    expect("account-disabled", show(store_error(ory, id="identity_disabled", code=401)))


def test_unverified_address_of_an_existing_user_is_explained(
    show: Callable[..., str],
    client: Client,
    ory: FakeOry,
    change_ory: ChangeOry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "django_ory")
    change_ory(LINK_BY_VERIFIED_EMAIL=True)
    create_user("ann@example.org")
    ory.login(client, traits={"email": "ann@example.org"}, verified=False)
    expect("unverified-email", show(LOGIN_PAGE) + caplog.text)


def test_taken_user_name_is_explained(
    show: Callable[..., str],
    client: Client,
    ory: FakeOry,
    change_ory: ChangeOry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    change_ory(USER_FIELDS={User.USERNAME_FIELD: "email"})
    create_user("ann@example.org")
    ory.login(client, traits={"email": "ann@example.org"})
    text = show(LOGIN_PAGE) + caplog.text
    expect("no-django-user", text.replace(f"the same {User.USERNAME_FIELD}", "the same username"))


def create_user(address: str) -> Any:
    fields = {User.USERNAME_FIELD: address, User.get_email_field_name(): address}
    return User._default_manager.create(**fields)


@pytest.mark.urls("tests.authentication.urls")
def test_user_of_another_account_is_explained(
    show: Callable[..., str], client: Client, ory: FakeOry, caplog: pytest.LogCaptureFixture
) -> None:
    client.force_login(create_user("root@example.org"), backend="django.contrib.auth.backends.ModelBackend")
    ory.login(client, traits={"email": "ann@example.org"})
    expect("two-accounts", show("/session/") + caplog.text)


@pytest.mark.urls("tests.authentication.urls")
def test_missing_second_factor_is_an_error_of_the_api(
    show: Callable[..., str], client: Client, ory: FakeOry
) -> None:
    ory.login(client, ory.create_identity(second_factor=True))
    expect("second-factor", show("/aal2/", headers={"accept": "application/json"}))


def test_invalid_value_of_a_trait_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    member: Any = Member()
    set_user_fields(member, {"born": "in May"}, {"day": "born"})
    expect("trait-ignored", caplog.text)


def test_session_of_more_than_a_mebibyte_is_not_read(
    show: Callable[..., str], client: Client, ory: FakeOry, caplog: pytest.LogCaptureFixture
) -> None:
    client.cookies["ory_kratos_session"] = "x"
    body = "{}".ljust(2**20 + 1)
    ory.respond("GET /sessions/whoami", body=body, headers={"Content-Type": "application/json"})
    show(LOGIN_PAGE)
    expect("too-large", caplog.text)


def test_base_template_without_the_blocks_is_explained(
    show: Callable[..., str], ory: FakeOry, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DEBUG = True
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0] |= {"APP_DIRS": False}
    templates[0]["OPTIONS"]["loaders"] = [
        ("django.template.loaders.locmem.Loader", {"ory/layouts/base.html": "<main></main>"}),
        "django.template.loaders.app_directories.Loader",
    ]
    settings.TEMPLATES = templates
    ory.respond("GET /self-service/login/flows", json=shapes.login())
    show(LOGIN_PAGE, data={"flow": shapes.FLOW})
    expect("blocks", caplog.text)
