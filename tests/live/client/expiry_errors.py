"""Attempts that come too late, at servers where everything is over after two seconds."""

from __future__ import annotations

import time

from django_ory.client import FlowGone, OryAPIError, OryUnauthorized, SessionRefreshRequired

from .attempts import fails
from .conftest import HASTE
from .oauth2_walk import REDIRECT, new_walk
from .world import PASSWORD, World


def late_flow(world: World, what: str) -> tuple[str, dict[str, str]]:
    """The id of a native flow that is over, and the credentials for it."""
    session = {}
    if what == "settings":
        world.person()
        session = {"x_session_token": world.token()}
    flow = getattr(world.client, f"create_native_{what}_flow")(**session)
    time.sleep(HASTE)
    return str(flow.id), session


def fetch_late(world: World, what: str) -> None:
    """Fetch a flow that is over."""
    flow, session = late_flow(world, what)
    getattr(world.client, f"get_self_service_{what}_flow")(id=flow, **session)


for what in ("login", "registration", "recovery", "verification", "settings"):
    fails(f"get_self_service_{what}_flow", FlowGone, 410, hasty=True)(
        lambda world, what=what: fetch_late(world, what)  # type: ignore[misc]
    )


def names_the_new_flow(error: OryAPIError) -> None:
    assert isinstance(error, FlowGone)
    assert error.use_flow_id


@fails("submit_self_service_login_flow", FlowGone, 410, check=names_the_new_flow, hasty=True)
def login_too_late(world: World) -> None:
    flow, _ = late_flow(world, "login")
    body = {"method": "password", "identifier": world.email(), "password": PASSWORD}
    world.client.submit_self_service_login_flow(flow=flow, body=body)


@fails("submit_self_service_registration_flow", FlowGone, 410, check=names_the_new_flow, hasty=True)
def registration_too_late(world: World) -> None:
    flow, _ = late_flow(world, "registration")
    body = {"method": "password", "traits": {"email": world.email()}, "password": PASSWORD}
    world.client.submit_self_service_registration_flow(flow=flow, body=body)


@fails("submit_self_service_settings_flow", FlowGone, 410, check=names_the_new_flow, hasty=True)
def settings_too_late(world: World) -> None:
    flow, session = late_flow(world, "settings")
    body = {"method": "profile", "traits": {"email": world.email()}}
    world.client.submit_self_service_settings_flow(flow=flow, body=body, **session)


@fails("submit_self_service_settings_flow", SessionRefreshRequired, 403, hasty=True)
def new_password_long_after_the_login(world: World) -> None:
    world.person()
    token = world.token()
    time.sleep(1.2)
    flow = world.client.create_native_settings_flow(x_session_token=token)
    body = {"method": "password", "password": f"{PASSWORD} and more"}
    world.client.submit_self_service_settings_flow(flow=flow.id, x_session_token=token, body=body)


def says_unauthorized(error: OryAPIError) -> None:
    assert error.id == "request_unauthorized"


@fails("admin_get_o_auth2_login_request", OryUnauthorized, 401, check=says_unauthorized, hasty=True)
def challenge_that_has_expired(world: World) -> None:
    challenge = new_walk(world).to_login()
    time.sleep(HASTE)
    world.client.admin_get_o_auth2_login_request(login_challenge=challenge)


def without_its_token(world: World, name: str) -> None:
    """Touch a registered client without the token that came with it."""
    made = world.client.create_oidc_dynamic_client(body={"redirect_uris": [REDIRECT]})
    operation = getattr(world.client, f"dynamic_client_registration_{name}_o_auth2_client")
    operation(made.client_id, **({"body": {"redirect_uris": [REDIRECT]}} if name == "update" else {}))


# Only the hasty Hydra lets anybody register a client.
for name in ("get", "update", "delete"):
    fails(f"dynamic_client_registration_{name}_o_auth2_client", OryUnauthorized, 401, hasty=True)(
        lambda world, name=name: without_its_token(world, name)  # type: ignore[misc]
    )
