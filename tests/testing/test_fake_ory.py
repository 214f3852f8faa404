"""FakeOry as a project's tests use it; ``tests/contract`` holds its answers against the real servers'."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from django.test import AsyncClient, Client, TestCase, override_settings

from django_ory.client import (
    OryClient,
    OryConnectionError,
    OryDecodeError,
    OryNotFound,
    OryRateLimited,
    OryServerError,
    OryTimeout,
)
from django_ory.clients import get_client
from django_ory.provider.agents.server_metadata import get_discovery_store
from django_ory.testing import (
    FakeOry,
    FakeOryMixin,
    UnsupportedRequest,
    build_error_json,
    build_identity_json,
)
from django_ory.testing.fake.errors import FakeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import Settings

    from django_ory.testing.fake.sessions import StoredSession

pytestmark = pytest.mark.urls("tests.testing.guide_urls")


def test_signed_in_client_reaches_a_protected_view(
    db: None, client: Client, ory_login: Callable[..., StoredSession]
) -> None:
    ory_login(client)
    assert client.get("/profile/").status_code == 200
    assert Client().get("/profile/").status_code == 302


async def _get_status(client: AsyncClient, path: str) -> int:
    return (await client.get(path)).status_code


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_signed_in_async_client_reaches_a_protected_view(ory: FakeOry) -> None:
    client = AsyncClient()
    ory.login(client)
    assert await _get_status(client, "/profile/") == 200


def test_revoked_session_is_anonymous(db: None, client: Client, ory: FakeOry) -> None:
    session = ory.login(client)
    ory.revoke_session(session)
    assert client.get("/profile/").status_code == 302


def test_inactive_and_deleted_identities_are_anonymous(db: None, client: Client, ory: FakeOry) -> None:
    identity = ory.create_identity()
    ory.login(client, identity)
    ory.update_identity(identity.id, state="inactive")
    assert client.get("/profile/").status_code == 302
    ory.update_identity(identity.id, state="active")
    assert client.get("/profile/").status_code == 200
    ory.delete_identity(identity.id)
    assert client.get("/profile/").status_code == 302


def test_session_of_a_user_with_a_second_factor_asks_for_it(db: None, client: Client, ory: FakeOry) -> None:
    identity = ory.create_identity(second_factor=True)
    ory.login(client, identity)
    response = client.get("/profile/")
    assert response.status_code == 302
    assert "aal2" in response["Location"]


def test_authenticated_at_takes_a_time_or_an_age(ory: FakeOry) -> None:
    identity = ory.create_identity()
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    assert ory.create_session(identity, authenticated_at=moment).authenticated_at == moment
    hour_ago = ory.create_session(identity, authenticated_at=timedelta(hours=1)).authenticated_at
    assert timedelta(minutes=59) < datetime.now(UTC) - hour_ago < timedelta(minutes=61)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("down", OryConnectionError),
        ("slow", OryTimeout),
        ("error", OryServerError),
        ("html", OryServerError),
        ("truncated", OryDecodeError),
        ("rate_limited", OryRateLimited),
    ],
)
def test_fault_raises_the_clients_error_and_ends_with_the_block(
    ory: FakeOry, kind: str, error: type[Exception]
) -> None:
    identity = ory.create_identity()
    with ory.fault("kratos", kind), pytest.raises(error):
        get_client().get_identity(identity.id)
    assert get_client().get_identity(identity.id).id == identity.id


def test_fault_of_hydra_leaves_kratos_alone(ory: FakeOry) -> None:
    identity = ory.create_identity()
    with ory.fault("hydra", "down"):
        assert get_client().get_identity(identity.id).id == identity.id
        with pytest.raises(OryConnectionError):
            get_client().list_o_auth2_clients()


def test_unknown_fault_is_refused(ory: FakeOry) -> None:
    with pytest.raises(ValueError, match="rate_limited"), ory.fault("kratos", "sleepy"):
        pass


def test_unsupported_endpoint_fails_the_test(ory: FakeOry) -> None:
    with pytest.raises(UnsupportedRequest, match="/admin/keys/x"):
        get_client().set_json_web_key_set("x", body={"keys": []})


def test_requests_are_listed_without_secrets(ory: FakeOry) -> None:
    get_client().list_identities(credentials_identifier="ann@example.com")
    assert [(request.method, request.path) for request in ory.requests] == [("GET", "/admin/identities")]
    assert ory.requests[0].get_query("credentials_identifier") == "ann@example.com"
    assert "ann@example.com" not in repr(ory.requests)
    assert ory.create_session(ory.create_identity()).token not in repr(ory.kratos.sessions.sessions)


def test_base_path_of_a_proxy_is_ignored(ory: FakeOry) -> None:
    identity = ory.create_identity()
    client = OryClient(kratos_admin_url="https://gateway.example/ory/kratos")
    assert client.get_identity(identity.id).id == identity.id


def test_real_clients_are_back_after_the_block() -> None:
    with FakeOry() as ory:
        identity = ory.create_identity()
        client = OryClient(kratos_admin_url="http://127.0.0.1:1", timeout=1)
        assert client.get_identity(identity.id).id == identity.id
    with pytest.raises(OryConnectionError):
        client.get_identity(identity.id)


def test_rejected_consent_returns_to_the_client_with_an_error(ory: FakeOry) -> None:
    ory.create_oauth2_client("photos")
    challenge = ory.create_login_request("photos")
    answer = get_client().reject_o_auth2_login_request(
        login_challenge=challenge, body={"error": "access_denied", "error_description": "No."}
    )
    assert "error=access_denied" in ory.continue_authorization(answer.redirect_to)
    with pytest.raises(ValueError, match="verifier"):
        ory.continue_authorization("http://hydra.test:4444/oauth2/auth?login_verifier=unknown")


def test_token_of_a_user_and_of_a_client(ory: FakeOry) -> None:
    ory.create_oauth2_client("photos")
    token = ory.create_token("photos", subject="ann", scope=["email"], claims={"role": "buyer"})
    found = get_client().introspect_o_auth2_token(token=token.value)
    assert (found.active, found.sub, found.scope) == (True, "ann", "email")
    expired = ory.create_token("photos", expires_in=-1)
    assert get_client().introspect_o_auth2_token(token=expired.value).active is False
    assert get_client().introspect_o_auth2_token(token=ory.create_token("photos").value).sub == "photos"


def test_expired_flow_is_gone(client: Client, ory: FakeOry) -> None:
    flow = ory.create_flow("login", client=client)
    assert client.get("/auth/login/", {"flow": flow["id"]}).status_code == 200
    ory.kratos.flows.expire(flow["id"])
    assert client.get("/auth/login/", {"flow": flow["id"]}).status_code in (302, 303)


def test_flow_of_another_browser_is_not_shown(client: Client, ory: FakeOry) -> None:
    flow = ory.create_flow("login", client=Client())
    assert client.get("/auth/login/", {"flow": flow["id"]}).status_code in (302, 303)


@override_settings(ROOT_URLCONF="tests.testing.guide_urls")
class TestMixin(FakeOryMixin, TestCase):
    def test_both_clients_are_signed_in(self) -> None:
        self.ory_login(traits={"email": "ann@example.com"})
        assert self.client.get("/profile/").status_code == 200

    def test_identity_is_signed_in(self) -> None:
        identity = self.ory.create_identity()
        assert self.ory_login(identity).identity_id == identity.id
        assert self.ory_login(identity.id, aal="aal2").identity_id == identity.id

    async def test_async_client_is_signed_in(self) -> None:
        self.ory_login()
        assert await _get_status(self.async_client, "/profile/") == 200


def test_pages_show_flows_whatever_urls_the_settings_have(client: Client, settings: Settings) -> None:
    settings.ORY = {"default": {"KRATOS_PUBLIC_URL": "http://localhost:4433/"}}
    with FakeOry() as ory:
        flow = ory.create_flow("login", client=client)
        response = client.get("/auth/login/", {"flow": flow["id"]})
    assert response.status_code == 200
    assert 'action="http://localhost:4433/self-service/login?' in response.content.decode()


def test_project_without_settings_has_a_fake(settings: Settings) -> None:
    del settings.ORY
    with FakeOry() as ory:
        assert ory.create_flow("login")["ui"]["action"].startswith("http://kratos.test:4433/")


def test_rejected_identity_names_the_reason(ory: FakeOry) -> None:
    with pytest.raises(FakeError, match=r'400 (?s:.*)missing properties: "email"'):
        ory.create_identity({"mail": "ann@example.com"})


def test_rejected_traits_say_how_to_use_another_schema(ory: FakeOry) -> None:
    with pytest.raises(FakeError) as raised:
        ory.create_identity({"nickname": "ann"})
    assert "FakeOry(schemas=" in raised.value.__notes__[0]


def test_django_user_in_place_of_an_identity_is_refused(client: Client, ory: FakeOry) -> None:
    with pytest.raises(TypeError, match="User is not an identity of Kratos"):
        ory.login(client, User(username="ann"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="dict is not an identity of Kratos"):
        ory.login(client, {"email": "ann@example.com"})  # type: ignore[arg-type]
    assert not client.cookies


def test_options_of_a_new_identity_beside_an_identity_are_refused(client: Client, ory: FakeOry) -> None:
    identity = ory.create_identity()
    for options in ({"traits": {"email": "ann@example.com"}}, {"verified": False}, {"verified": True}):
        with pytest.raises(TypeError, match="create_identity"):
            ory.login(client, identity, **options)
    assert not client.cookies


def test_unknown_flow_fault_and_client_are_refused_with_the_remedy(ory: FakeOry) -> None:
    with pytest.raises(ValueError, match="Unknown flow 'signup'; the types are login, registration"):
        ory.create_flow("signup")
    with pytest.raises(ValueError, match="Unknown fault 'broken'; the kinds are down"):
        ory.respond("GET /sessions/whoami", fault="broken")
    with pytest.raises(ValueError, match="No OAuth2 client 'photos': create it with"):
        ory.start_authorization("photos")


def test_token_takes_an_identity_and_lists_only(ory: FakeOry) -> None:
    identity = ory.create_identity()
    token = ory.create_token("app", subject=identity)
    assert get_client().admin_introspect_o_auth2_token(token=token.value).sub == identity.id
    with pytest.raises(TypeError, match="`scope` is a list"):
        ory.create_token("app", scope="loans.read")
    with pytest.raises(TypeError, match="`audience` is a list"):
        ory.create_token("app", audience="http://testserver/api")


def test_respond_replaces_one_route(ory: FakeOry) -> None:
    identity = ory.create_identity()
    ory.respond("GET /admin/identities/{id}", json=build_identity_json(id="newer", plan="gold"))
    assert get_client().get_identity(identity.id).plan == "gold"  # type: ignore[attr-defined]
    ory.respond("GET /admin/identities/{id}", ory.answer)
    assert get_client().get_identity(identity.id).id == identity.id


def test_respond_with_an_origin_is_for_one_server_only(ory: FakeOry) -> None:
    identity = ory.create_identity()
    ory.respond("GET http://other.test/admin/identities/{id}", status=404, json=build_error_json(404))
    other = OryClient(kratos_admin_url="http://other.test")
    assert get_client().get_identity(identity.id).id == identity.id
    with pytest.raises(OryNotFound):
        other.get_identity(identity.id)


def test_respond_with_a_body_headers_and_a_fault(ory: FakeOry) -> None:
    ory.respond("GET /admin/identities/x", body="<html>", headers={"Content-Type": "text/html"})
    with pytest.raises(OryDecodeError):
        get_client().get_identity("x")
    ory.respond("GET /admin/identities/x", fault="slow")
    with pytest.raises(OryTimeout):
        get_client().get_identity("x")
    ory.respond("DELETE /admin/identities/x", status=204)
    get_client().delete_identity("x")


def test_set_fault_lasts_until_it_is_changed(ory: FakeOry) -> None:
    ory.set_fault("kratos", "error")
    with pytest.raises(OryServerError):
        get_client().get_identity("x")
    ory.set_fault("kratos", None)
    with pytest.raises(OryNotFound):
        get_client().get_identity("x")


def test_session_has_the_given_fields(ory: FakeOry) -> None:
    session = ory.create_session(ory.create_identity(identity_id=str(uuid.UUID(int=7))), devices=[])
    found = get_client().to_session(x_session_token=session.token)
    assert found.devices == []
    assert found.identity
    assert found.identity.id == str(uuid.UUID(int=7))


def test_next_block_reads_the_discovery_of_its_own_hydra() -> None:
    for addresses_urls in (True, False):
        with FakeOry() as ory:
            ory.hydra.clients.addresses_urls = addresses_urls
            store = get_discovery_store()
            store.get()
            assert store.can_address_urls() is addresses_urls
            assert ory.requests[0].path == "/.well-known/openid-configuration"
