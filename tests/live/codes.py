"""Valid and invalid codes of an authenticator app."""

from __future__ import annotations

import base64
import hmac
import struct
import time

from django_ory.client import OryClient

__all__ = ["enroll_authenticator_app", "totp", "wrong_code", "wrong_totp"]

#: Longest time between a code and the answer of Kratos.
MARGIN_SECONDS = 10


def totp(secret: str, *, steps_ahead: int = 0) -> str:
    """Return a code by RFC 6238. Kratos also accepts the codes of the steps before and after.

    A code of an earlier step is that of the step a few seconds from now, so that it is still valid on a slow
    machine.
    """
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    moment = time.time() + (MARGIN_SECONDS if steps_ahead < 0 else 0)
    counter = int(moment) // 30 + steps_ahead
    digest = hmac.digest(key, struct.pack(">Q", counter), "sha1")
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def wrong_code(*right: str) -> str:
    """Return six digits that differ from these codes."""
    return next(code for code in (f"{digit}" * 6 for digit in range(10)) if code not in right)


def wrong_totp(secret: str) -> str:
    """Return a code that Kratos does not accept within a minute."""
    return wrong_code(*(totp(secret, steps_ahead=steps) for steps in range(-2, 4)))


def enroll_authenticator_app(client: OryClient, identifier: str, password: str) -> str:
    """Add an authenticator app to an account, as an app of the site would. Returns its secret."""
    login = client.initialize_self_service_login_flow_without_browser()
    body = {"method": "password", "identifier": identifier, "password": password}
    token = client.submit_self_service_login_flow(flow=login.id, body=body).session_token
    flow = client.initialize_self_service_settings_flow_without_browser(x_session_token=token)
    key = next(
        node["attributes"]["text"]["text"]
        for node in flow.model_dump()["ui"]["nodes"]
        if node["attributes"].get("id") == "totp_secret_key"
    )
    body = {"method": "totp", "totp_code": totp(key, steps_ahead=-1)}
    client.submit_self_service_settings_flow(flow=flow.id, x_session_token=token, body=body)
    return str(key)
