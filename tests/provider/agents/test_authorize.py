"""The authorization endpoint in front of Hydra's."""

from __future__ import annotations

import logging
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django import Settings

from django_ory.client_metadata import read_client_metadata
from django_ory.clients import get_client
from django_ory.http.foreign_documents import DocumentUnavailable, ForbiddenURL, InvalidDocument
from django_ory.provider.agents.loopback_ports import MAX_ADDED_PORTS, PORT_SECONDS
from django_ory.provider.agents.throttles import MAX_DOCUMENTS_PER_ADDRESS, MAX_NEW_PORTS_PER_ADDRESS
from django_ory.testing import FakeOry
from tests.provider.provider_site import ProviderSite
from tests.support.fixtures import ChangeOry

from .conftest import CALLBACK, DOCUMENT_URL, Documents

HYDRA = "http://hydra.test:4444/oauth2/auth"
URL = "/auth/oauth2/authorize/"


def authorize(client: Client, **parameters: str) -> Any:
    return client.get(URL, parameters)


def is_redirected(response: Any, **parameters: str) -> bool:
    assert response.status_code == 302, response.content
    assert "no-store" in response["Cache-Control"]
    location = response["Location"]
    assert location.startswith(f"{HYDRA}?")
    return bool(location == f"{HYDRA}?{urlencode(parameters)}")


class TestRedirect:
    @pytest.mark.parametrize(
        "parameters",
        [
            {},
            {"client_id": "app", "redirect_uri": "https://evil.example/", "state": "a b&c"},
            {"client_id": "//evil.example", "return_to": "https://evil.example/"},
            {"client_id": DOCUMENT_URL},
            {"client_id": "app", "redirect_uri": "http://127.0.0.1:3000/"},
            {"client_id": "app", "login_verifier": "a" * 7000},
        ],
    )
    def test_request_is_redirected_with_the_same_query_without_a_call(
        self, parameters: dict[str, str], client: Client, ory: FakeOry, open_registration: None
    ) -> None:
        response = authorize(client, **parameters)
        assert response.status_code == 302
        query = urlencode(parameters)
        assert response["Location"] == (f"{HYDRA}?{query}" if query else HYDRA)
        assert ory.requests == []

    def test_query_is_not_decoded_and_encoded_again(
        self, client: Client, ory: FakeOry, open_registration: None
    ) -> None:
        query = "client_id=a%2fb&scope=a+b%20c&state=%E4&x=1;y&resource=http://a/&resource=http://b/"
        assert client.get(f"{URL}?{query}")["Location"] == f"{HYDRA}?{query}"

    @pytest.mark.parametrize("query", ["a=\x00", "a=\r\nSet-Cookie: b", "a=é", "a=" + "b" * 17_000, "a b"])
    def test_query_that_no_url_can_have_is_an_error_page(
        self, query: str, client: Client, ory: FakeOry, open_registration: None
    ) -> None:
        response = client.get(URL, QUERY_STRING=query)
        assert response.status_code == 400
        assert "Location" not in response

    def test_form_is_sent_to_hydra_again(self, ory: FakeOry, open_registration: None) -> None:
        response = Client(enforce_csrf_checks=True).post(URL, {"client_id": "app"})
        assert (response.status_code, response["Location"]) == (307, HYDRA)

    def test_prefetch_prepares_no_client(self, client: Client, ory: FakeOry, open_registration: None) -> None:
        client_id = build_agent(ory, "http://localhost/cb")
        query = {"client_id": client_id, "redirect_uri": "http://localhost:49152/cb"}
        assert client.get(URL, query, headers={"Sec-Purpose": "prefetch"}).status_code == 503
        assert ory.requests == []

    def test_endpoint_is_off_by_default(self, client: Client, ory: FakeOry) -> None:
        assert authorize(client, client_id="app").status_code == 404

    @pytest.mark.parametrize("method", ["put", "delete", "patch"])
    def test_other_methods_are_rejected(
        self, method: str, client: Client, ory: FakeOry, open_registration: None
    ) -> None:
        assert getattr(client, method)(URL).status_code == 405


class TestRedirectOfHydra:
    """With ``auth_url`` in its configuration, Hydra sends browsers through this endpoint after a login."""

    FRONT = "http://testserver/auth/oauth2/authorize/"

    @pytest.fixture
    def site(self, client: Client, db: None, ory: FakeOry) -> ProviderSite:
        site = ProviderSite(ory, client)
        site.sign_in()
        site.set_identity()
        site.set_request("login")
        return site

    def test_redirect_to_this_endpoint_is_followed(self, site: ProviderSite, open_registration: None) -> None:
        site.set_result("login", "accept", to=f"{self.FRONT}?client_id=app&login_verifier=v")
        response = site.get("login")
        assert response["Location"] == f"{self.FRONT}?client_id=app&login_verifier=v"

    @pytest.mark.parametrize(
        "url",
        [
            "http://testserver/auth/oauth2/authorize/",
            "http://testserver/auth/oauth2/authorize/../evil/?a=b",
            "http://testserver/evil/?login_verifier=v",
            "http://testserver.evil.example/auth/oauth2/authorize/?a=b",
            "https://testserver/auth/oauth2/authorize/?a=b",
            "http://testserver:81/auth/oauth2/authorize/?a=b",
            "http://testserver@evil.example/auth/oauth2/authorize/?a=b",
            "http://testserver/auth/oauth2/authorize/?a=b\nSet-Cookie: x",
            "//testserver/auth/oauth2/authorize/?a=b",
        ],
    )
    def test_redirect_to_another_url_of_the_site_is_refused(
        self, url: str, site: ProviderSite, open_registration: None
    ) -> None:
        site.set_result("login", "accept", to=url)
        response = site.get("login")
        assert response.status_code == 503
        assert "Location" not in response

    def test_redirect_to_this_endpoint_is_refused_while_it_is_off(self, site: ProviderSite) -> None:
        site.set_result("login", "accept", to=f"{self.FRONT}?client_id=app&login_verifier=v")
        assert site.get("login").status_code == 503


@pytest.fixture
def documents(change_ory: ChangeOry, ory: FakeOry, db: None, foreign_documents: Documents) -> Documents:
    change_ory(
        OAUTH2_CLIENT_DOCUMENT_HOSTS=["app.example"], OAUTH2_RESOURCES={"/mcp": {"scopes": ["orders.read"]}}
    )
    ory.hydra.clients.addresses_urls = True
    return foreign_documents


def get_own_values(client_id: str = DOCUMENT_URL) -> dict[str, Any]:
    return dict(read_client_metadata(get_client().admin_get_o_auth2_client(client_id)))


def expire(ory: FakeOry) -> None:
    ory.hydra.clients.clients[DOCUMENT_URL]["metadata"]["django_ory"]["until"] = 1


class TestDocument:
    def test_client_is_created_from_its_document(
        self, client: Client, ory: FakeOry, documents: Documents
    ) -> None:
        documents.add(max_age=600, logo_uri="https://app.example/logo.png", owner="staff", skip_consent=True)
        parameters = {"client_id": DOCUMENT_URL, "redirect_uri": CALLBACK}
        assert is_redirected(authorize(client, **parameters), **parameters)
        found = get_client().admin_get_o_auth2_client(DOCUMENT_URL)
        assert found.client_name == "Example agent"
        assert found.redirect_uris == [CALLBACK]
        assert found.token_endpoint_auth_method == "none"
        assert found.scope == "openid offline_access orders.read"
        assert found.audience == ["http://testserver/mcp"]
        assert (found.owner, found.skip_consent) == ("", False)
        own = get_own_values()
        assert own["origin"] == "document"
        assert 0 < own["until"] - time.time() <= 600
        assert own["expires"] > time.time()

    def test_known_document_is_not_fetched_again(
        self, client: Client, ory: FakeOry, documents: Documents, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "django_ory.audit")
        documents.add()
        for _ in range(3):
            authorize(client, client_id=DOCUMENT_URL)
        assert documents.fetched == [DOCUMENT_URL]
        [event] = [record.getMessage() for record in caplog.records if record.name == "django_ory.audit"]
        assert event.startswith("client.registered ")
        assert f'"client_id": "{DOCUMENT_URL}"' in event
        assert '"reason": "document"' in event

    def test_known_client_is_read_once_for_its_document_and_its_port(
        self, client: Client, ory: FakeOry, documents: Documents
    ) -> None:
        documents.add(redirect_uris=["http://localhost/cb"])
        parameters = {"client_id": DOCUMENT_URL, "redirect_uri": "http://localhost:49152/cb"}
        authorize(client, **parameters)
        assert get_uris(DOCUMENT_URL) == ["http://localhost/cb", "http://localhost:49152/cb"]
        ory.requests.clear()
        assert is_redirected(authorize(client, **parameters), **parameters)
        assert [request.method for request in ory.requests] == ["GET"]

    @pytest.mark.parametrize(("max_age", "seconds"), [(None, 86_400), (0, 300), (600, 600), (10**9, 86_400)])
    def test_age_of_a_document_has_limits(
        self, max_age: int | None, seconds: int, client: Client, ory: FakeOry, documents: Documents
    ) -> None:
        documents.add(max_age=max_age)
        authorize(client, client_id=DOCUMENT_URL)
        assert seconds - 60 < get_own_values()["until"] - time.time() <= seconds

    def test_old_document_is_fetched_again_and_the_client_updated(
        self, client: Client, ory: FakeOry, documents: Documents
    ) -> None:
        documents.add(tos_uri="https://app.example/terms")
        authorize(client, client_id=DOCUMENT_URL)
        stored = ory.hydra.clients.clients[DOCUMENT_URL]
        stored["metadata"]["django_ory"]["verified"] = True
        stored["metadata"]["other"] = "kept"
        expire(ory)
        documents.add(client_name="New name", redirect_uris=["https://app.example/new"])
        authorize(client, client_id=DOCUMENT_URL)
        found = get_client().admin_get_o_auth2_client(DOCUMENT_URL)
        assert (found.client_name, found.redirect_uris) == ("New name", ["https://app.example/new"])
        assert found.tos_uri == ""
        assert get_own_values()["until"] > time.time()
        assert get_own_values()["verified"] is True
        assert found.metadata is not None
        assert found.metadata["other"] == "kept"

    @pytest.mark.parametrize(
        "error", [DocumentUnavailable("planted"), InvalidDocument("planted"), ForbiddenURL("planted")]
    )
    @pytest.mark.parametrize("is_known", [True, False])
    def test_document_that_cannot_be_fetched_is_an_error_page(
        self, error: Exception, is_known: bool, client: Client, ory: FakeOry, documents: Documents
    ) -> None:
        if is_known:
            documents.add()
            authorize(client, client_id=DOCUMENT_URL)
            expire(ory)
        documents.by_url[DOCUMENT_URL] = error
        response = authorize(client, client_id=DOCUMENT_URL)
        assert response.status_code == 400
        assert "This app cannot be used here" in response.content.decode()
        assert "planted" not in response.content.decode()

    @pytest.mark.parametrize(
        "values",
        [
            {"client_id": "https://app.example/other.json"},
            {"client_id": "https://APP.example/client.json"},
            {"client_id": None},
            {"client_name": ""},
            {"client_name": 1},
            {"client_secret": "secret"},
            {"client_secret_expires_at": 1},
            {"token_endpoint_auth_method": "client_secret_post"},
            {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "http://127.0.0.1/"},
            {"token_endpoint_auth_method": None},
            {"redirect_uris": []},
            {"redirect_uris": ["https://other.example/callback"]},
            {"redirect_uris": ["https://app.example.evil.example/callback"]},
            {"redirect_uris": ["https://app.example:8443/callback"]},
            {"redirect_uris": ["javascript:alert(1)"]},
            {"redirect_uris": ["http://app.example/callback"]},
            {"grant_types": ["client_credentials"]},
            {"scope": "admin"},
        ],
    )
    def test_invalid_document_creates_no_client(
        self, values: dict[str, Any], client: Client, ory: FakeOry, documents: Documents
    ) -> None:
        documents.add(**values) if "client_id" not in values else documents.by_url.update(
            {DOCUMENT_URL: _with_client_id(documents, values["client_id"])}
        )
        response = authorize(client, client_id=DOCUMENT_URL)
        assert response.status_code == 400
        assert ory.hydra.clients.clients == {}

    @pytest.mark.parametrize(
        "client_id",
        [
            "http://app.example/client.json",
            "HTTPS://app.example/client.json",
            "https://app.example",
            "https://app.example/",
            "https://app.example/a/../client.json",
            "https://app.example/./client.json",
            "https://app.example/%2e%2E/client.json",
            "https://app.example/client.json#a",
            "https://user@app.example/client.json",
            "https://other.example/client.json",
            "https://app.example.evil.example/client.json",
            "https://[/client.json",
            "https://app.example/" + "a" * 300,
        ],
    )
    def test_other_client_id_is_not_fetched(
        self, client_id: str, client: Client, ory: FakeOry, documents: Documents
    ) -> None:
        assert is_redirected(authorize(client, client_id=client_id), client_id=client_id)
        assert documents.fetched == []
        assert ory.requests == []

    def test_client_that_staff_created_is_left_alone(
        self, client: Client, ory: FakeOry, documents: Documents
    ) -> None:
        ory.create_oauth2_client(DOCUMENT_URL, redirect_uris=["https://other.example/"])
        before = dict(ory.hydra.clients.clients[DOCUMENT_URL])
        authorize(client, client_id=DOCUMENT_URL)
        assert ory.hydra.clients.clients[DOCUMENT_URL] == before
        assert documents.fetched == []

    def test_hydra_that_cannot_read_such_ids_gets_the_request_as_it_is(
        self, client: Client, ory: FakeOry, documents: Documents
    ) -> None:
        ory.hydra.clients.addresses_urls = False
        assert is_redirected(authorize(client, client_id=DOCUMENT_URL), client_id=DOCUMENT_URL)
        assert documents.fetched == []
        assert ory.hydra.clients.clients == {}

    @pytest.mark.parametrize("parameter", ["login_verifier", "consent_verifier"])
    def test_later_request_of_a_flow_causes_no_call(
        self, parameter: str, client: Client, ory: FakeOry, documents: Documents
    ) -> None:
        parameters = {"client_id": DOCUMENT_URL, parameter: "v"}
        assert is_redirected(authorize(client, **parameters), **parameters)
        assert ory.requests == []

    def test_first_of_two_client_ids_counts_as_for_hydra(
        self, client: Client, ory: FakeOry, documents: Documents
    ) -> None:
        documents.add()
        query = urlencode([("client_id", DOCUMENT_URL), ("client_id", "other")])
        assert client.get(f"{URL}?{query}").status_code == 302
        assert documents.fetched == [DOCUMENT_URL]

    def test_two_requests_at_the_same_time_create_one_client(
        self, client: Client, ory: FakeOry, documents: Documents
    ) -> None:
        documents.add()
        error = {"error": "conflict", "error_description": "exists"}
        ory.respond("POST /admin/clients", json=error, status=409)
        assert is_redirected(authorize(client, client_id=DOCUMENT_URL), client_id=DOCUMENT_URL)

    @pytest.mark.parametrize("status", [500, 502, 503])
    def test_hydra_that_fails_is_a_503(
        self, status: int, client: Client, ory: FakeOry, documents: Documents
    ) -> None:
        documents.add()
        ory.respond("GET /admin/clients/{id}", json={"error": "x"}, status=status)
        assert authorize(client, client_id=DOCUMENT_URL).status_code == 503
        assert documents.fetched == []

    def test_client_that_hydra_rejects_is_an_error_page(
        self, client: Client, ory: FakeOry, documents: Documents
    ) -> None:
        documents.add()
        ory.respond("POST /admin/clients", json={"error": "invalid_client_metadata"}, status=400)
        assert authorize(client, client_id=DOCUMENT_URL).status_code == 400

    def test_fetches_of_one_address_are_limited(
        self, client: Client, ory: FakeOry, documents: Documents
    ) -> None:
        documents.by_url[DOCUMENT_URL] = DocumentUnavailable("x")
        for _ in range(MAX_DOCUMENTS_PER_ADDRESS):
            assert authorize(client, client_id=DOCUMENT_URL).status_code == 400
        response = authorize(client, client_id=DOCUMENT_URL)
        assert response.status_code == 429
        assert response["Retry-After"]
        assert len(documents.fetched) == MAX_DOCUMENTS_PER_ADDRESS


def _with_client_id(documents: Documents, client_id: Any) -> Any:
    documents.add()
    found = documents.by_url[DOCUMENT_URL]
    found.content["client_id"] = client_id
    return found


def build_agent(ory: FakeOry, *uris: str, **values: Any) -> str:
    metadata = {"django_ory": {"origin": "registration"}}
    own: dict[str, Any] = {"metadata": metadata, "token_endpoint_auth_method": "none", **values}
    found = ory.create_oauth2_client(redirect_uris=list(uris), **own)
    return found.client_id or ""


def get_uris(client_id: str) -> list[str]:
    return list(get_client().admin_get_o_auth2_client(client_id).redirect_uris)


@pytest.mark.usefixtures("open_registration")
class TestLoopbackPorts:
    @pytest.mark.parametrize("registered", ["http://localhost/cb", "http://localhost:3000/cb"])
    def test_port_of_a_registered_localhost_uri_is_added(
        self, registered: str, client: Client, ory: FakeOry
    ) -> None:
        client_id = build_agent(ory, "https://app.example/", registered)
        parameters = {"client_id": client_id, "redirect_uri": "http://localhost:49152/cb"}
        assert is_redirected(authorize(client, **parameters), **parameters)
        assert get_uris(client_id) == ["https://app.example/", registered, "http://localhost:49152/cb"]

    @pytest.mark.parametrize(
        "redirect_uri",
        [
            "http://localhost:49152/other",
            "http://localhost:49152/cb?a=b",
            "http://localhost:49152/cb/",
            "http://localhost:49152/cb#a",
            "http://localhost:0/cb",
            "http://localhost:99999/cb",
            "http://localhost:49152@evil.example/cb",
            "http://localhost:49152:x/cb",
            "http://localhost.evil.example:49152/cb",
            "http://127.0.0.1:49152/cb",
            "https://localhost:49152/cb",
            "http://LOCALHOST:49152/cb",
            "http://localhost:49152\\@evil.example/cb",
            "http://localhost/cb",
        ],
    )
    def test_other_uri_is_not_added(self, redirect_uri: str, client: Client, ory: FakeOry) -> None:
        client_id = build_agent(ory, "http://localhost:3000/cb")
        assert authorize(client, client_id=client_id, redirect_uri=redirect_uri).status_code == 302
        assert get_uris(client_id) == ["http://localhost:3000/cb"]

    @pytest.mark.parametrize(
        "values",
        [
            {"metadata": {}},
            {"metadata": {"django_ory": {"origin": "staff"}}},
            {"token_endpoint_auth_method": "client_secret_basic"},
        ],
    )
    def test_client_of_staff_or_with_a_secret_keeps_its_uris(
        self, values: dict[str, Any], client: Client, ory: FakeOry
    ) -> None:
        client_id = build_agent(ory, "http://localhost/cb", **values)
        authorize(client, client_id=client_id, redirect_uri="http://localhost:49152/cb")
        assert get_uris(client_id) == ["http://localhost/cb"]

    def test_uri_of_127_0_0_1_is_not_one_of_localhost(self, client: Client, ory: FakeOry) -> None:
        client_id = build_agent(ory, "http://127.0.0.1/cb")
        authorize(client, client_id=client_id, redirect_uri="http://localhost:49152/cb")
        assert get_uris(client_id) == ["http://127.0.0.1/cb"]

    def test_unknown_client_is_left_to_hydra(self, client: Client, ory: FakeOry) -> None:
        parameters = {"client_id": "unknown", "redirect_uri": "http://localhost:49152/cb"}
        assert is_redirected(authorize(client, **parameters), **parameters)

    @pytest.mark.parametrize("client_id", [".", ".."])
    def test_id_that_no_client_can_have_is_left_to_hydra(
        self, client_id: str, client: Client, ory: FakeOry
    ) -> None:
        query = {"client_id": client_id, "redirect_uri": "http://localhost:3000/"}
        assert is_redirected(authorize(client, **query), **query)

    def test_known_port_causes_no_change(self, client: Client, ory: FakeOry) -> None:
        client_id = build_agent(ory, "http://localhost/cb")
        for _ in range(3):
            authorize(client, client_id=client_id, redirect_uri="http://localhost:49152/cb")
        assert [request.method for request in ory.requests].count("PATCH") == 1

    def test_oldest_ports_are_removed(self, client: Client, ory: FakeOry) -> None:
        now = int(time.time())
        ports = {f"http://localhost:{5000 + n}/cb": now - 100 + n for n in range(MAX_ADDED_PORTS)}
        ports["http://localhost:4999/cb"] = now - PORT_SECONDS - 1
        client_id = build_agent(
            ory,
            *("http://localhost/cb", *ports),
            metadata={"django_ory": {"origin": "registration", "ports": ports, "expires": 5}},
        )
        authorize(client, client_id=client_id, redirect_uri="http://localhost:49152/cb")
        uris = get_uris(client_id)
        assert uris[0] == "http://localhost/cb"
        assert uris[-1] == "http://localhost:49152/cb"
        assert len(uris) == MAX_ADDED_PORTS + 1
        assert not {"http://localhost:4999/cb", "http://localhost:5000/cb"} & set(uris)
        own = get_own_values(client_id)
        assert own["ports"].keys() == set(uris[1:])
        assert own["expires"] == 5

    def test_port_in_use_gets_more_time(self, client: Client, ory: FakeOry) -> None:
        old = int(time.time()) - PORT_SECONDS + 60
        uri = "http://localhost:5000/cb"
        client_id = build_agent(
            ory,
            *("http://localhost/cb", uri),
            metadata={"django_ory": {"origin": "registration", "ports": {uri: old}}},
        )
        authorize(client, client_id=client_id, redirect_uri=uri)
        assert get_own_values(client_id)["ports"][uri] > old + 60
        assert get_uris(client_id) == ["http://localhost/cb", uri]

    def test_new_ports_of_one_address_are_limited(self, client: Client, ory: FakeOry) -> None:
        client_id = build_agent(ory, "http://localhost/cb")
        for port in range(5000, 5000 + MAX_NEW_PORTS_PER_ADDRESS):
            uri = f"http://localhost:{port}/cb"
            assert authorize(client, client_id=client_id, redirect_uri=uri).status_code == 302
        response = authorize(client, client_id=client_id, redirect_uri="http://localhost:4000/cb")
        assert response.status_code == 429
        assert "http://localhost:4000/cb" not in get_uris(client_id)

    def test_hydra_that_fails_is_a_503(self, client: Client, ory: FakeOry) -> None:
        ory.respond("GET /admin/clients/{id}", json={"error": "x"}, status=503)
        response = authorize(client, client_id="app", redirect_uri="http://localhost:49152/cb")
        assert response.status_code == 503


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_during_a_call(
    client: Client, ory: FakeOry, documents: Documents, inside: list[bool], settings: Settings
) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "OAUTH2_CLIENT_REGISTRATION": True}}
    documents.add()
    assert authorize(client, client_id=DOCUMENT_URL).status_code == 302
    values = {"redirect_uris": ["http://localhost/cb"]}
    response = client.post("/auth/oauth2/register/", values, content_type="application/json")
    assert response.status_code == 201
    assert inside
    assert not any(inside)
