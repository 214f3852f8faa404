"""Expired flows, an expired challenge and an old session, created once: no request changes them."""

from __future__ import annotations

import time
from dataclasses import dataclass

from .oauth2_authorization import new_authorization
from .world import World

EXPIRING_FLOWS = ("login", "registration", "recovery", "verification", "settings")
SHORT_LIFESPAN_SECONDS = 2.2  # after this time flows and challenges of the short-lived servers have expired


@dataclass(frozen=True)
class Expired:
    """Flows and a challenge of the short-lived servers."""

    flows: dict[str, str]
    """The ids of native flows by kind."""
    login_challenge: str
    session_token: str
    """Of the person of the settings flow. The session is valid, but its sign-in is not recent."""


def create_expired(world: World) -> Expired:
    """Create one of each on the short-lived servers, and wait until all have expired."""
    world.person()
    token = world.token()
    sessions = {"settings": {"x_session_token": token}}
    flows = {
        kind: str(getattr(world.client, f"create_native_{kind}_flow")(**sessions.get(kind, {})).id)
        for kind in EXPIRING_FLOWS
    }
    challenge = new_authorization(world).get_login_challenge()
    time.sleep(SHORT_LIFESPAN_SECONDS)
    return Expired(flows=flows, login_challenge=challenge, session_token=token)
