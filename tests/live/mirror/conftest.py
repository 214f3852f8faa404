"""Real servers, users with a session cookie, and staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import requests

from django_ory.client import OryNotFound
from django_ory.clients import get_client
from tests.admin.conftest import admin, staff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django_ory.devstack import StackAddresses

__all__ = ["Person", "admin", "staff"]

PASSWORD = "a quiet harbor at 5 am"


@dataclass(frozen=True)
class Person:
    """A user with an account."""

    id: str
    email: str
    kratos: str

    def sign_in(self) -> str:
        """Sign in and return the Cookie header with the session."""
        browser = requests.Session()
        flow = browser.get(
            f"{self.kratos}/self-service/login/browser", headers={"Accept": "application/json"}, timeout=10
        ).json()
        token = next(
            n["attributes"]["value"] for n in flow["ui"]["nodes"] if n["attributes"]["name"] == "csrf_token"
        )
        body = {"method": "password", "identifier": self.email, "password": PASSWORD, "csrf_token": token}
        answer = browser.post(
            flow["ui"]["action"], json=body, headers={"Accept": "application/json"}, timeout=10
        )
        assert answer.status_code == 200, answer.text
        return f"ory_kratos_session={browser.cookies['ory_kratos_session']}"


@pytest.fixture(autouse=True)
def servers(ory_stack: StackAddresses, settings: Any) -> StackAddresses:
    settings.ORY = ory_stack.ory_setting
    return ory_stack


@pytest.fixture
def make_person(servers: StackAddresses) -> Iterator[Callable[..., Person]]:
    client, made = get_client(), []

    def make(**traits: Any) -> Person:
        email = f"{uuid4().hex}@example.com"
        body = {
            "schema_id": "default",
            "traits": {"email": email, **traits},
            "credentials": {"password": {"config": {"password": PASSWORD}}},
        }
        schemas = client.list_identity_schemas()
        body["schema_id"] = schemas[0].id
        identity = client.admin_create_identity(body=body)
        made.append(identity.id)
        return Person(identity.id, email, servers.kratos_public_url)

    yield make
    for identity_id in made:
        try:
            client.admin_delete_identity(identity_id)
        except OryNotFound:
            pass
