"""Attempts with expired flows and challenges, on servers where both expire after two seconds."""

from __future__ import annotations

from django_ory.client import FlowGone, OryAPIError, OryUnauthorized, SessionRefreshRequired

from .attempts import fails
from .expired import EXPIRING_FLOWS
from .oauth2_authorization import REDIRECT
from .world import PASSWORD, World


def get_expired_flow(world: World, kind: str) -> tuple[str, dict[str, str]]:
    """Return the id of an expired native flow and the credentials for the flow."""
    assert world.expired is not None
    session = {"x_session_token": world.expired.session_token} if kind == "settings" else {}
    return world.expired.flows[kind], session


def fetch_expired_flow(world: World, kind: str) -> None:
    """Fetch an expired flow."""
    flow, session = get_expired_flow(world, kind)
    getattr(world.client, f"get_self_service_{kind}_flow")(id=flow, **session)


for kind in EXPIRING_FLOWS:
    fails(f"get_self_service_{kind}_flow", FlowGone, 410, short_lived=True)(
        lambda world, kind=kind: fetch_expired_flow(world, kind)  # type: ignore[misc]
    )


def check_new_flow_id(error: OryAPIError) -> None:
    assert isinstance(error, FlowGone)
    assert error.use_flow_id


@fails("submit_self_service_login_flow", FlowGone, 410, check=check_new_flow_id, short_lived=True)
def login_with_an_expired_flow(world: World) -> None:
    flow, _ = get_expired_flow(world, "login")
    body = {"method": "password", "identifier": world.email(), "password": PASSWORD}
    world.client.submit_self_service_login_flow(flow=flow, body=body)


@fails("submit_self_service_registration_flow", FlowGone, 410, check=check_new_flow_id, short_lived=True)
def registration_with_an_expired_flow(world: World) -> None:
    flow, _ = get_expired_flow(world, "registration")
    body = {"method": "password", "traits": {"email": world.email()}, "password": PASSWORD}
    world.client.submit_self_service_registration_flow(flow=flow, body=body)


@fails("submit_self_service_settings_flow", FlowGone, 410, check=check_new_flow_id, short_lived=True)
def settings_with_an_expired_flow(world: World) -> None:
    flow, session = get_expired_flow(world, "settings")
    body = {"method": "profile", "traits": {"email": world.email()}}
    world.client.submit_self_service_settings_flow(flow=flow, body=body, **session)


@fails("submit_self_service_settings_flow", SessionRefreshRequired, 403, short_lived=True)
def new_password_after_the_privileged_age(world: World) -> None:
    assert world.expired is not None
    token = world.expired.session_token
    flow = world.client.create_native_settings_flow(x_session_token=token)
    body = {"method": "password", "password": f"{PASSWORD} and more"}
    world.client.submit_self_service_settings_flow(flow=flow.id, x_session_token=token, body=body)


def check_unauthorized_id(error: OryAPIError) -> None:
    assert error.id == "request_unauthorized"


@fails("admin_get_o_auth2_login_request", OryUnauthorized, 401, check=check_unauthorized_id, short_lived=True)
def expired_login_challenge(world: World) -> None:
    assert world.expired is not None
    world.client.admin_get_o_auth2_login_request(login_challenge=world.expired.login_challenge)


def access_client_without_token(world: World, name: str) -> None:
    """Call an operation on a registered client without its access token."""
    made = world.client.create_oidc_dynamic_client(body={"redirect_uris": [REDIRECT]})
    operation = getattr(world.client, f"dynamic_client_registration_{name}_o_auth2_client")
    operation(made.client_id, **({"body": {"redirect_uris": [REDIRECT]}} if name == "update" else {}))


# Only the short-lived Hydra allows dynamic client registration.
for name in ("get", "update", "delete"):
    fails(f"dynamic_client_registration_{name}_o_auth2_client", OryUnauthorized, 401, short_lived=True)(
        lambda world, name=name: access_client_without_token(world, name)  # type: ignore[misc]
    )
