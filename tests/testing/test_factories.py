"""The factories return the resources of FakeOry; ``tests/contract`` compares both with the real servers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from django_ory import testing
from django_ory.client import models
from django_ory.clients import get_client
from django_ory.testing.flows import FLOW_TYPES

if TYPE_CHECKING:
    from django_ory.testing import FakeOry


def test_identity_has_the_fields_of_a_session_of_fake_ory(ory: FakeOry) -> None:
    session = ory.create_session(ory.create_identity())
    found = get_client().to_session(x_session_token=session.token).model_dump(mode="json")
    built = models.Session.model_validate(testing.build_session_json()).model_dump(mode="json")
    assert built.keys() == found.keys()
    assert built["identity"].keys() == found["identity"].keys()
    for name in ("verifiable_addresses", "recovery_addresses"):
        assert built["identity"][name][0].keys() == found["identity"][name][0].keys()


def test_identity_of_traits_is_verified_by_default() -> None:
    traits = {"email": "ann@example.com"}
    verified, pending = testing.build_identity(traits), testing.build_identity(traits, verified=False)
    assert verified.verifiable_addresses[0].verified_at
    assert not pending.verifiable_addresses[0].verified
    assert "verifiable_addresses" not in testing.build_identity_json({"name": "Ann"})


def test_fields_replace_those_of_the_factory() -> None:
    identity = testing.build_identity_json(id="i", state="inactive", newer=1)
    assert (identity["id"], identity["state"], identity["newer"]) == ("i", "inactive", 1)
    session = testing.build_session(identity, aal="aal2", authenticated_at=timedelta(hours=1), active=False)
    assert session.identity
    assert session.authenticated_at
    assert (session.identity.id, session.active) == ("i", False)
    assert [method.aal for method in session.authentication_methods] == ["aal1", "aal2"]
    assert session.authenticated_at < datetime.now(UTC) - timedelta(minutes=59)


@pytest.mark.parametrize("flow_type", FLOW_TYPES)
def test_flow_is_of_its_type(flow_type: str) -> None:
    message = testing.build_message_json(4000001, "No.", message_type="error")
    flow: Any = testing.build_flow(flow_type, messages=[message], ui={"method": "GET"}, id="f")
    assert type(flow).__name__ == f"{flow_type.title()}Flow"
    assert (flow.ui.method, flow.ui.messages[0].id) == ("GET", 4000001)
    assert flow.ui.action.endswith(f"/self-service/{flow_type}?flow=f")


def test_requests_of_hydra_share_the_client_and_the_session() -> None:
    client = testing.build_oauth2_client_json("photos", redirect_uris=["https://photos.example/"])
    login = testing.build_login_request_json(client, scope=["email"], parameters={"login_hint": "ann"})
    consent = testing.build_consent_request_json("ann", login, acr="aal1")
    logout = testing.build_logout_request_json("ann", client)
    assert login["oidc_context"] == {"login_hint": "ann"}
    assert consent["login_session_id"] == login["session_id"]
    assert models.OAuth2ConsentRequest.model_validate(consent).client.client_id == "photos"
    assert models.OAuth2LoginRequest.model_validate(login).requested_scope == ["email"]
    assert models.OAuth2LogoutRequest.model_validate(logout).rp_initiated is True
    assert testing.build_logout_request_json("ann")["rp_initiated"] is False


def test_built_resources_do_not_share_values() -> None:
    traits: dict[str, Any] = {"name": {"first": "Ann"}}
    testing.build_identity_json(traits)["traits"]["name"]["first"] = "Bob"
    assert traits == {"name": {"first": "Ann"}}
    testing.build_oauth2_client_json()["metadata"]["x"] = 1
    assert testing.build_oauth2_client_json()["metadata"] == {}
