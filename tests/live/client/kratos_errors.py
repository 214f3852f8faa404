"""Attempts that a real Kratos refuses."""

from __future__ import annotations

from django_ory.client import (
    AAL2Required,
    BrowserLocationChangeRequired,
    CSRFViolation,
    OryAPIError,
    OryBadRequest,
    OryConflict,
    OryForbidden,
    OryNotFound,
    OryUnauthorized,
)

from .attempts import NOBODY, fails, table
from .world import PASSWORD, Browser, World, csrf_token

table(
    OryNotFound,
    404,
    {
        "admin_get_identity": lambda w: w.client.admin_get_identity(NOBODY),
        "admin_update_identity": lambda w: w.client.admin_update_identity(
            NOBODY, body={"schema_id": "person", "state": "active", "traits": {"email": w.email()}}
        ),
        "admin_patch_identity": lambda w: w.client.admin_patch_identity(
            NOBODY, body=[{"op": "replace", "path": "/state", "value": "inactive"}]
        ),
        "admin_delete_identity": lambda w: w.client.admin_delete_identity(NOBODY),
        "admin_delete_identity_sessions": lambda w: w.client.admin_delete_identity_sessions(NOBODY),
        "admin_extend_session": lambda w: w.client.admin_extend_session(NOBODY),
        "admin_create_self_service_recovery_code": lambda w: w.client.admin_create_self_service_recovery_code(
            body={"identity_id": NOBODY}
        ),
        "get_identity_schema": lambda w: w.client.get_identity_schema("unknown"),
        "get_self_service_error": lambda w: w.client.get_self_service_error(id=NOBODY),
        "get_self_service_login_flow": lambda w: w.client.get_self_service_login_flow(id=NOBODY),
        "get_self_service_registration_flow": lambda w: w.client.get_self_service_registration_flow(
            id=NOBODY
        ),
        "get_self_service_recovery_flow": lambda w: w.client.get_self_service_recovery_flow(id=NOBODY),
        "get_self_service_verification_flow": lambda w: w.client.get_self_service_verification_flow(
            id=NOBODY
        ),
    },
)
table(
    OryBadRequest,
    400,
    {
        "admin_create_identity": lambda w: w.client.admin_create_identity(
            body={"schema_id": "person", "traits": {}}
        ),
        "admin_list_identities": lambda w: w.client.admin_list_identities(page_token="no token"),
        "admin_create_self_service_recovery_code": lambda w: w.client.admin_create_self_service_recovery_code(
            body={"identity_id": w.person().id, "expires_in": "-1h"}
        ),
        "admin_create_self_service_recovery_link": lambda w: w.client.admin_create_self_service_recovery_link(
            body={"identity_id": w.person().id, "expires_in": "-1h"}
        ),
        "admin_list_courier_messages": lambda w: w.client.admin_list_courier_messages(status="unheard-of"),
        "initialize_self_service_login_flow_for_browsers": lambda w: (
            w.client.initialize_self_service_login_flow_for_browsers(return_to="https://evil.example.com/")
        ),
        "initialize_self_service_registration_flow_for_browsers": lambda w: (
            w.client.initialize_self_service_registration_flow_for_browsers(
                return_to="https://evil.example.com/"
            )
        ),
        "initialize_self_service_recovery_flow_for_browsers": lambda w: (
            w.client.initialize_self_service_recovery_flow_for_browsers(return_to="https://evil.example.com/")
        ),
        "initialize_self_service_verification_flow_for_browsers": lambda w: (
            w.client.initialize_self_service_verification_flow_for_browsers(
                return_to="https://evil.example.com/"
            )
        ),
        "initialize_self_service_login_flow_without_browser": lambda w: (
            w.client.initialize_self_service_login_flow_without_browser(aal="aal9")
        ),
        "submit_self_service_logout_flow_without_browser": lambda w: (
            w.client.submit_self_service_logout_flow_without_browser(body={"session_token": 7})
        ),
    },
)
table(
    OryUnauthorized,
    401,
    {
        "to_session": lambda w: w.client.to_session(x_session_token="ory_st_nothing"),
        "list_sessions": lambda w: w.client.list_sessions(x_session_token="ory_st_nothing"),
        "revoke_sessions": lambda w: w.client.revoke_sessions(x_session_token="ory_st_nothing"),
        "revoke_session": lambda w: w.client.revoke_session(NOBODY, x_session_token="ory_st_nothing"),
        "create_self_service_logout_flow_url_for_browsers": lambda w: (
            w.client.create_self_service_logout_flow_url_for_browsers(cookie="ory_kratos_session=nothing")
        ),
        "initialize_self_service_settings_flow_for_browsers": lambda w: (
            w.client.initialize_self_service_settings_flow_for_browsers()
        ),
        "initialize_self_service_settings_flow_without_browser": lambda w: (
            w.client.initialize_self_service_settings_flow_without_browser()
        ),
        "initialize_self_service_login_flow_without_browser": lambda w: (
            w.client.initialize_self_service_login_flow_without_browser(aal="aal2")
        ),
    },
)


@fails("admin_create_identity", OryConflict, 409)
def same_address_twice(world: World) -> None:
    world.person()
    world.person()


@fails("admin_update_identity", OryConflict, 409)
def address_of_somebody_else(world: World) -> None:
    world.person("tom")
    world.client.admin_update_identity(
        world.person().id,
        body={"schema_id": "person", "state": "active", "traits": {"email": world.email("tom")}},
    )


@fails("admin_patch_identity", OryConflict, 409)
def patched_to_the_address_of_somebody_else(world: World) -> None:
    world.person("tom")
    patch = [{"op": "replace", "path": "/traits/email", "value": world.email("tom")}]
    world.client.admin_patch_identity(world.person().id, body=patch)


@fails("admin_update_identity", OryBadRequest, 400)
def traits_that_the_schema_refuses(world: World) -> None:
    body = {"schema_id": "person", "state": "active", "traits": {"email": "no address"}}
    world.client.admin_update_identity(world.person().id, body=body)


@fails("admin_patch_identity", OryBadRequest, 400)
def patch_of_the_id(world: World) -> None:
    world.client.admin_patch_identity(
        world.person().id, body=[{"op": "replace", "path": "/id", "value": NOBODY}]
    )


@fails("revoke_session", OryBadRequest, 400)
def ending_the_session_that_asks(world: World) -> None:
    world.person()
    login = world.sign_in()
    world.client.revoke_session(login.session.id, x_session_token=login.session_token)


@fails("get_self_service_settings_flow", OryNotFound, 404)
def settings_that_do_not_exist(world: World) -> None:
    world.person()
    world.client.get_self_service_settings_flow(id=NOBODY, x_session_token=world.token())


@fails("get_self_service_settings_flow", OryForbidden, 403)
def settings_of_somebody_else(world: World) -> None:
    world.person()
    world.person("tom")
    flow = world.client.create_native_settings_flow(x_session_token=world.token())
    world.client.get_self_service_settings_flow(id=flow.id, x_session_token=world.token("tom"))


@fails("submit_self_service_logout_flow_without_browser", OryForbidden, 403)
def logout_with_an_unknown_token(world: World) -> None:
    world.client.submit_self_service_logout_flow_without_browser(body={"session_token": "ory_st_unknown"})


def says_wrong_password(error: OryAPIError) -> None:
    assert isinstance(error, OryBadRequest)
    assert error.flow is not None
    assert [message.id for message in error.flow.ui.messages] == [4000006]
    assert "example.com" not in str(error)


@fails("submit_self_service_login_flow", OryBadRequest, 400, check=says_wrong_password)
def wrong_password(world: World) -> None:
    world.person()
    flow = world.client.create_native_login_flow()
    body = {"method": "password", "identifier": world.email(), "password": "wrong"}
    world.client.submit_self_service_login_flow(flow=flow.id, body=body)


@fails("submit_self_service_registration_flow", OryBadRequest, 400)
def password_that_is_too_short(world: World) -> None:
    flow = world.client.create_native_registration_flow()
    body = {"method": "password", "traits": {"email": world.email()}, "password": "x"}
    world.client.submit_self_service_registration_flow(flow=flow.id, body=body)


@fails("submit_self_service_settings_flow", OryBadRequest, 400)
def new_address_that_is_none(world: World) -> None:
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


def other_browser(world: World, start: str, fetch: str) -> None:
    flow = getattr(world.client, start)()
    getattr(world.client, fetch)(id=flow.id)


for what in ("login", "registration", "recovery", "verification"):
    fails(f"get_self_service_{what}_flow", CSRFViolation, 403)(
        lambda world, what=what: other_browser(  # type: ignore[misc]
            world, f"create_browser_{what}_flow", f"get_self_service_{what}_flow"
        )
    )


@fails("submit_self_service_login_flow", CSRFViolation, 403)
def login_without_the_csrf_token(world: World) -> None:
    browser = Browser()
    flow = browser.take(world.client.with_http_info.create_browser_login_flow())
    body = {"method": "password", "identifier": world.email(), "password": PASSWORD}
    world.client.submit_self_service_login_flow(flow=flow.id, cookie=browser.cookie, body=body)


def with_second_factor(world: World) -> None:
    """A person who has recovery codes on paper."""
    world.person()
    token = world.token()
    flow = world.client.create_native_settings_flow(x_session_token=token)
    for body in ({"lookup_secret_regenerate": True}, {"lookup_secret_confirm": True}):
        world.client.update_settings_flow(
            flow=flow.id, x_session_token=token, body={"method": "lookup_secret", **body}
        )


def leads_to_the_second_factor(error: OryAPIError) -> None:
    assert isinstance(error, (AAL2Required, BrowserLocationChangeRequired))
    assert "aal=aal2" in error.redirect_browser_to


@fails("to_session", AAL2Required, 403, check=leads_to_the_second_factor)
def second_factor_that_was_not_used(world: World) -> None:
    with_second_factor(world)
    world.client.to_session(x_session_token=world.token())


@fails("submit_self_service_login_flow", BrowserLocationChangeRequired, 422, check=leads_to_the_second_factor)
def second_factor_that_the_browser_must_use(world: World) -> None:
    with_second_factor(world)
    world.browser()


def says_signed_in_already(error: OryAPIError) -> None:
    assert error.id == "session_already_available"


@fails("initialize_self_service_login_flow_for_browsers", OryBadRequest, 400, check=says_signed_in_already)
def login_of_somebody_who_is_signed_in(world: World) -> None:
    world.person()
    world.client.initialize_self_service_login_flow_for_browsers(cookie=world.browser().cookie)


@fails("submit_self_service_registration_flow", CSRFViolation, 403)
def registration_with_the_token_of_another_flow(world: World) -> None:
    token = csrf_token(world.client.create_browser_login_flow())
    browser = Browser()
    flow = browser.take(world.client.with_http_info.create_browser_registration_flow())
    body = {
        "method": "password",
        "traits": {"email": world.email()},
        "password": PASSWORD,
        "csrf_token": token,
    }
    world.client.submit_self_service_registration_flow(flow=flow.id, cookie=browser.cookie, body=body)
