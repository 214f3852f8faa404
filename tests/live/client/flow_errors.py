"""Attempts that a real Kratos rejects within a flow: forms, browsers, second factors."""

from __future__ import annotations

import re
import time

from django_ory.client import (
    AAL2Required,
    BrowserLocationChangeRequired,
    CSRFViolation,
    OryAPIError,
    OryBadRequest,
    OryUnauthorized,
)

from .attempts import fails
from .world import PASSWORD, Browser, World, get_csrf_token


def check_wrong_password(error: OryAPIError) -> None:
    assert isinstance(error, OryBadRequest)
    assert error.flow is not None
    assert [message.id for message in error.flow.ui.messages] == [4000006]
    assert "example.com" not in str(error)


@fails("submit_self_service_login_flow", OryBadRequest, 400, check=check_wrong_password)
def wrong_password(world: World) -> None:
    world.person()
    flow = world.client.create_native_login_flow()
    body = {"method": "password", "identifier": world.email(), "password": "wrong"}
    world.client.submit_self_service_login_flow(flow=flow.id, body=body)


@fails("submit_self_service_registration_flow", OryBadRequest, 400)
def registration_with_a_short_password(world: World) -> None:
    flow = world.client.create_native_registration_flow()
    body = {"method": "password", "traits": {"email": world.email()}, "password": "x"}
    world.client.submit_self_service_registration_flow(flow=flow.id, body=body)


@fails("submit_self_service_settings_flow", OryBadRequest, 400)
def settings_with_an_invalid_address(world: World) -> None:
    world.person()
    token = world.token()
    flow = world.client.create_native_settings_flow(x_session_token=token)
    body = {"method": "profile", "traits": {"email": "none"}}
    world.client.submit_self_service_settings_flow(flow=flow.id, x_session_token=token, body=body)


@fails("submit_self_service_settings_flow", OryUnauthorized, 401)
def settings_without_a_session(world: World) -> None:
    world.person()
    flow = world.client.create_native_settings_flow(x_session_token=world.token())
    body = {"method": "profile", "traits": {"email": world.email()}}
    world.client.submit_self_service_settings_flow(flow=flow.id, body=body)


@fails("submit_self_service_recovery_flow", OryBadRequest, 400)
def recovery_without_an_address(world: World) -> None:
    flow = world.client.create_native_recovery_flow()
    world.client.submit_self_service_recovery_flow(flow=flow.id, body={"method": "code"})


@fails("submit_self_service_verification_flow", OryBadRequest, 400)
def verification_without_an_address(world: World) -> None:
    flow = world.client.create_native_verification_flow()
    world.client.submit_self_service_verification_flow(flow=flow.id, body={"method": "code"})


def fetch_from_another_browser(world: World, start: str, fetch: str) -> None:
    flow = getattr(world.client, start)()
    getattr(world.client, fetch)(id=flow.id)


for kind in ("login", "registration", "recovery", "verification"):
    fails(f"get_self_service_{kind}_flow", CSRFViolation, 403)(
        lambda world, kind=kind: fetch_from_another_browser(  # type: ignore[misc]
            world, f"create_browser_{kind}_flow", f"get_self_service_{kind}_flow"
        )
    )


@fails("submit_self_service_login_flow", CSRFViolation, 403)
def login_without_the_csrf_token(world: World) -> None:
    browser = Browser()
    flow = browser.take(world.client.with_http_info.create_browser_login_flow())
    body = {"method": "password", "identifier": world.email(), "password": PASSWORD}
    world.client.submit_self_service_login_flow(flow=flow.id, cookie=browser.cookie, body=body)


def create_person_with_backup_codes(world: World) -> None:
    """Create a person with confirmed backup codes."""
    world.person()
    give_second_factor(world)


def give_second_factor(world: World) -> None:
    token = world.token()
    flow = world.client.create_native_settings_flow(x_session_token=token)
    for body in ({"lookup_secret_regenerate": True}, {"lookup_secret_confirm": True}):
        world.client.update_settings_flow(
            flow=flow.id, x_session_token=token, body={"method": "lookup_secret", **body}
        )


def check_second_factor_url(error: OryAPIError) -> None:
    assert isinstance(error, (AAL2Required, BrowserLocationChangeRequired))
    assert "aal=aal2" in error.redirect_browser_to


@fails("to_session", AAL2Required, 403, check=check_second_factor_url)
def session_without_the_second_factor(world: World) -> None:
    create_person_with_backup_codes(world)
    world.client.to_session(x_session_token=world.token())


@fails("submit_self_service_login_flow", BrowserLocationChangeRequired, 422, check=check_second_factor_url)
def browser_session_without_the_second_factor(world: World) -> None:
    create_person_with_backup_codes(world)
    world.browser()


@fails("initialize_self_service_settings_flow_for_browsers", OryBadRequest, 400)
def settings_that_require_a_redirect(world: World) -> None:
    world.person()
    world.client.initialize_self_service_settings_flow_for_browsers(
        cookie=world.browser().cookie, return_to="https://evil.example.com/"
    )


@fails(
    "initialize_self_service_settings_flow_for_browsers",
    AAL2Required,
    403,
    check=check_second_factor_url,
)
def settings_without_the_second_factor(world: World) -> None:
    world.person()
    browser = world.browser()
    give_second_factor(world)
    world.client.initialize_self_service_settings_flow_for_browsers(cookie=browser.cookie)


def check_settings_url(error: OryAPIError) -> None:
    assert isinstance(error, BrowserLocationChangeRequired)
    assert "/settings/" in error.redirect_browser_to


@fails("submit_self_service_recovery_flow", BrowserLocationChangeRequired, 422, check=check_settings_url)
def recovery_that_continues_in_the_settings(world: World) -> None:
    world.person()
    browser = Browser()
    flow = browser.take(world.client.with_http_info.create_browser_recovery_flow())
    body = {"method": "code", "csrf_token": get_csrf_token(flow)}
    submit = world.client.with_http_info.submit_self_service_recovery_flow
    browser.take(submit(flow=flow.id, cookie=browser.cookie, body={**body, "email": world.email()}))
    submit(flow=flow.id, cookie=browser.cookie, body={**body, "code": get_mailed_code(world)})


def get_mailed_code(world: World) -> str:
    """Return the code of six digits in the mail to the person of the world."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for mail in world.stack.mails:
            if world.email() in str(mail.to) and (code := re.search(r"\b\d{6}\b", mail.text)):
                return code[0]
        time.sleep(0.2)
    raise AssertionError("no mail came")


def check_already_signed_in(error: OryAPIError) -> None:
    assert error.id == "session_already_available"


@fails("initialize_self_service_login_flow_for_browsers", OryBadRequest, 400, check=check_already_signed_in)
def login_while_signed_in(world: World) -> None:
    world.person()
    world.client.initialize_self_service_login_flow_for_browsers(cookie=world.browser().cookie)


@fails("submit_self_service_registration_flow", CSRFViolation, 403)
def registration_with_the_token_of_another_flow(world: World) -> None:
    token = get_csrf_token(world.client.create_browser_login_flow())
    browser = Browser()
    flow = browser.take(world.client.with_http_info.create_browser_registration_flow())
    body = {
        "method": "password",
        "traits": {"email": world.email()},
        "password": PASSWORD,
        "csrf_token": token,
    }
    world.client.submit_self_service_registration_flow(flow=flow.id, cookie=browser.cookie, body=body)
