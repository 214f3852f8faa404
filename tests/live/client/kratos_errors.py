"""Attempts that a real Kratos rejects outside of flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_ory.client import OryBadRequest, OryConflict, OryForbidden, OryNotFound, OryUnauthorized

from .attempts import UNKNOWN_ID, fails, table

if TYPE_CHECKING:
    from .world import World

table(
    OryNotFound,
    404,
    {
        "admin_get_identity": lambda w: w.client.admin_get_identity(UNKNOWN_ID),
        "admin_update_identity": lambda w: w.client.admin_update_identity(
            UNKNOWN_ID, body={"schema_id": "person", "state": "active", "traits": {"email": w.email()}}
        ),
        "admin_patch_identity": lambda w: w.client.admin_patch_identity(
            UNKNOWN_ID, body=[{"op": "replace", "path": "/state", "value": "inactive"}]
        ),
        "admin_delete_identity": lambda w: w.client.admin_delete_identity(UNKNOWN_ID),
        "admin_delete_identity_sessions": lambda w: w.client.admin_delete_identity_sessions(UNKNOWN_ID),
        "admin_extend_session": lambda w: w.client.admin_extend_session(UNKNOWN_ID),
        "admin_create_self_service_recovery_code": lambda w: w.client.admin_create_self_service_recovery_code(
            body={"identity_id": UNKNOWN_ID}
        ),
        "get_identity_schema": lambda w: w.client.get_identity_schema("unknown"),
        "get_self_service_error": lambda w: w.client.get_self_service_error(id=UNKNOWN_ID),
        "get_self_service_login_flow": lambda w: w.client.get_self_service_login_flow(id=UNKNOWN_ID),
        "get_self_service_registration_flow": lambda w: w.client.get_self_service_registration_flow(
            id=UNKNOWN_ID
        ),
        "get_self_service_recovery_flow": lambda w: w.client.get_self_service_recovery_flow(id=UNKNOWN_ID),
        "get_self_service_verification_flow": lambda w: w.client.get_self_service_verification_flow(
            id=UNKNOWN_ID
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
        "admin_delete_identity_sessions": lambda w: w.client.admin_delete_identity_sessions("no uuid"),
        "admin_extend_session": lambda w: w.client.admin_extend_session("no uuid"),
        "admin_list_identity_sessions": lambda w: w.client.admin_list_identity_sessions("no uuid"),
        "initialize_self_service_registration_flow_without_browser": lambda w: (
            w.client.initialize_self_service_registration_flow_without_browser(
                return_to="https://evil.example.com/"
            )
        ),
        "initialize_self_service_verification_flow_without_browser": lambda w: (
            w.client.initialize_self_service_verification_flow_without_browser(
                return_to="https://evil.example.com/"
            )
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
        "revoke_session": lambda w: w.client.revoke_session(UNKNOWN_ID, x_session_token="ory_st_nothing"),
        "create_self_service_logout_flow_url_for_browsers": lambda w: (
            w.client.create_self_service_logout_flow_url_for_browsers(cookie="ory_kratos_session=nothing")
        ),
        "submit_self_service_logout_flow": lambda w: w.client.submit_self_service_logout_flow(token="x"),
        "get_self_service_settings_flow": lambda w: w.client.get_self_service_settings_flow(id=UNKNOWN_ID),
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
def address_of_another_identity(world: World) -> None:
    world.person("tom")
    world.client.admin_update_identity(
        world.person().id,
        body={"schema_id": "person", "state": "active", "traits": {"email": world.email("tom")}},
    )


@fails("admin_patch_identity", OryConflict, 409)
def patch_to_the_address_of_another_identity(world: World) -> None:
    world.person("tom")
    patch = [{"op": "replace", "path": "/traits/email", "value": world.email("tom")}]
    world.client.admin_patch_identity(world.person().id, body=patch)


@fails("admin_update_identity", OryBadRequest, 400)
def traits_rejected_by_the_schema(world: World) -> None:
    body = {"schema_id": "person", "state": "active", "traits": {"email": "no address"}}
    world.client.admin_update_identity(world.person().id, body=body)


@fails("admin_patch_identity", OryBadRequest, 400)
def patch_of_the_id(world: World) -> None:
    world.client.admin_patch_identity(
        world.person().id, body=[{"op": "replace", "path": "/id", "value": UNKNOWN_ID}]
    )


@fails("revoke_session", OryBadRequest, 400)
def revoking_the_own_session(world: World) -> None:
    world.person()
    login = world.sign_in()
    world.client.revoke_session(login.session.id, x_session_token=login.session_token)


@fails("get_self_service_settings_flow", OryNotFound, 404)
def settings_that_do_not_exist(world: World) -> None:
    world.person()
    world.client.get_self_service_settings_flow(id=UNKNOWN_ID, x_session_token=world.token())


@fails("get_self_service_settings_flow", OryForbidden, 403)
def settings_of_another_identity(world: World) -> None:
    world.person()
    world.person("tom")
    flow = world.client.create_native_settings_flow(x_session_token=world.token())
    world.client.get_self_service_settings_flow(id=flow.id, x_session_token=world.token("tom"))


@fails("submit_self_service_logout_flow_without_browser", OryForbidden, 403)
def logout_with_an_unknown_token(world: World) -> None:
    world.client.submit_self_service_logout_flow_without_browser(body={"session_token": "ory_st_unknown"})
