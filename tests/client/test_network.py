"""Keto and Ory Network: pages that name the next in their body, a text as a body, refused permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import responses
from responses import matchers

from django_ory.client import OryClient, OryForbidden, OryServiceNotConfigured

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def network() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def client() -> Iterator[OryClient]:
    with OryClient(
        sdk_url="https://slug.test", console_url="https://console.test", api_key="ory_pat_key"
    ) as client:
        yield client


LISTINGS = {
    "get_relationships": ("https://slug.test/relation-tuples", "relation_tuples", ()),
    "list_workspaces": ("https://console.test/workspaces", "workspaces", ()),
    "list_organizations": ("https://console.test/projects/p/organizations", "organizations", ("p",)),
    "admin_list_issued_api_keys": ("https://slug.test/v2alpha1/admin/issuedApiKeys", "issued_api_keys", ()),
    "admin_list_imported_api_keys": (
        "https://slug.test/v2alpha1/admin/importedApiKeys",
        "imported_api_keys",
        (),
    ),
}


@pytest.mark.parametrize("name", LISTINGS)
def test_iterate_follows_the_token_in_the_body(
    name: str, client: OryClient, network: responses.RequestsMock
) -> None:
    url, field, path = LISTINGS[name]
    row = {"id": "1", "key_id": "1", "namespace": "n", "object": "o", "relation": "r"}
    first: dict[str, Any] = {"page_size": "2"}
    network.get(
        url, json={field: [row, row], "next_page_token": "t"}, match=[matchers.query_param_matcher(first)]
    )
    second = {**first, "page_token": "t"}
    network.get(url, json={field: [row], "next_page_token": ""}, match=[matchers.query_param_matcher(second)])
    assert len(list(client.iterate(getattr(client, name), *path, page_size=2))) == 3


def test_denied_permission_raises_only_in_or_error_operations(
    client: OryClient, network: responses.RequestsMock
) -> None:
    network.get("https://slug.test/relation-tuples/check/openapi", json={"allowed": False})
    network.get("https://slug.test/relation-tuples/check", status=403, json={"allowed": False})
    question: dict[str, Any] = {"namespace": "n", "object": "o", "relation": "r", "subject_id": "eva"}
    assert client.check_permission(**question).allowed is False
    with pytest.raises(OryForbidden):
        client.check_permission_or_error(**question)


def test_file_of_permissions_is_sent_as_it_is(client: OryClient, network: responses.RequestsMock) -> None:
    network.post(
        "https://slug.test/opl/syntax/check",
        json={"errors": [{"message": "x", "start": {"Line": 3, "column": 1}}]},
    )
    [problem] = client.check_opl_syntax(body="class Üser implements Namespace {").errors
    assert problem.start is not None
    assert problem.start.line == 3
    request = network.calls[0].request
    assert request.body == "class Üser implements Namespace {".encode()
    assert request.headers["Content-Type"] == "text/plain"


def test_console_has_a_url_of_its_own() -> None:
    with pytest.raises(OryServiceNotConfigured, match="console_url"):
        OryClient(sdk_url="https://slug.test").list_projects()


def test_api_keys_need_ory_network() -> None:
    with pytest.raises(OryServiceNotConfigured, match="sdk_url"):
        OryClient(kratos_public_url="http://kratos.test").get_jwks()
