"""A user with an identity and a session cookie."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import requests

from django_ory.client import OryClient

if TYPE_CHECKING:
    from django_ory.devstack import StackAddresses

__all__ = ["Person", "enroll"]

PASSWORD = "a quiet harbor at 5 am"


@dataclass(frozen=True)
class Person:
    """``cookie`` is a Cookie header. The user name at the site is ``id``."""

    id: str
    email: str
    cookie: str = field(repr=False)
    session_id: str


def enroll(stack: StackAddresses) -> Person:
    """Create an identity, and sign in like a browser."""
    email = f"d{secrets.token_hex(8)}@example.org"
    body = {
        "schema_id": "person",
        "traits": {"email": email, "name": {"first": "Dora"}},
        "credentials": {"password": {"config": {"password": PASSWORD}}},
    }
    with OryClient(kratos_admin_url=stack.kratos_admin_url) as client:
        identity = client.admin_create_identity(body=body)
    with requests.Session() as browser:
        browser.trust_env = False
        browser.headers["Accept"] = "application/json"
        flow = browser.get(f"{stack.kratos_public_url}/self-service/login/browser", timeout=10).json()
        fields = {node["attributes"]["name"]: node["attributes"].get("value") for node in flow["ui"]["nodes"]}
        answer = browser.post(
            flow["ui"]["action"],
            json={
                "method": "password",
                "identifier": email,
                "password": PASSWORD,
                "csrf_token": fields["csrf_token"],
            },
            timeout=10,
        )
        assert answer.status_code == 200, answer.text
        cookie = f"ory_kratos_session={browser.cookies['ory_kratos_session']}"
        return Person(identity.id, email, cookie, answer.json()["session"]["id"])
