"""The errors of real servers: each status that an operation documents and that can be provoked."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from django_ory.client import ChallengeGone, FlowGone, OryAPIError, OryUnauthorized

from . import hydra_errors, kratos_errors  # noqa: F401 (they register)
from .attempts import ATTEMPTS, Attempt
from .conftest import HASTE
from .oauth2_scenarios import to_logout
from .oauth2_walk import REDIRECT, new_walk, parameter
from .world import PASSWORD

if TYPE_CHECKING:
    from .world import World

pytestmark = pytest.mark.live


@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param(row, id=f"{row.operation}-{row.status}-{row.act.__name__.strip('<>')}")
        for row in ATTEMPTS
    ],
)
def test_the_error_is_the_documented_one(attempt: Attempt, world: World) -> None:
    with pytest.raises(OryAPIError) as caught:
        attempt.act(world)
    assert (type(caught.value), caught.value.status) == (attempt.kind, attempt.status)
    if attempt.check is not None:
        attempt.check(caught.value)


@pytest.mark.parametrize("name", ["get", "update", "delete"])
def test_a_registered_client_needs_its_token(name: str, hasty_world: World) -> None:
    made = hasty_world.client.create_oidc_dynamic_client(body={"redirect_uris": [REDIRECT]})
    operation = getattr(hasty_world.client, f"dynamic_client_registration_{name}_o_auth2_client")
    body = {"body": {"redirect_uris": [REDIRECT]}} if name == "update" else {}
    with pytest.raises(OryUnauthorized):
        operation(made.client_id, **body)


def test_a_logout_challenge_is_gone_when_the_browser_has_used_it(world: World) -> None:
    walk, challenge = to_logout(world)
    accepted = world.client.admin_accept_o_auth2_logout_request(logout_challenge=challenge)
    world.client.perform_oidc_front_or_back_channel_logout(
        logout_verifier=parameter(accepted.redirect_to, "logout_verifier"), cookie=walk.browser.cookie
    )
    with pytest.raises(ChallengeGone) as caught:
        world.client.admin_get_o_auth2_logout_request(logout_challenge=challenge)
    assert caught.value.redirect_to.startswith("/oauth2/sessions/logout")


@pytest.mark.parametrize("what", ["login", "registration", "recovery", "verification", "settings"])
def test_a_flow_is_gone_when_its_time_is_over(what: str, hasty_world: World) -> None:
    session = {}
    if what == "settings":
        hasty_world.person()
        session = {"x_session_token": hasty_world.token()}
    flow = getattr(hasty_world.client, f"create_native_{what}_flow")(**session)
    time.sleep(HASTE)
    with pytest.raises(FlowGone):
        getattr(hasty_world.client, f"get_{what}_flow")(id=flow.id, **session)


def test_submitting_a_flow_that_is_gone_names_the_new_one(hasty_world: World) -> None:
    flow = hasty_world.client.create_native_login_flow()
    time.sleep(HASTE)
    body = {"method": "password", "identifier": hasty_world.email(), "password": PASSWORD}
    with pytest.raises(FlowGone) as caught:
        hasty_world.client.submit_self_service_login_flow(flow=flow.id, body=body)
    assert hasty_world.client.get_login_flow(id=caught.value.use_flow_id).id != flow.id


def test_a_challenge_expires(hasty_world: World) -> None:
    challenge = new_walk(hasty_world).to_login()
    time.sleep(HASTE)
    with pytest.raises(OryUnauthorized) as caught:
        hasty_world.client.admin_get_o_auth2_login_request(login_challenge=challenge)
    assert caught.value.id == "request_unauthorized"
