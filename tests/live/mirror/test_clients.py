"""OAuth2 clients on a real Hydra: secrets, changes and errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import requests
from django.urls import reverse

from django_ory.client import OryBadRequest, OryNotFound
from django_ory.clients import get_client
from django_ory.mirror.clients import (
    create_client,
    delete_client,
    refresh_client,
    sync_clients,
    update_client,
)
from django_ory.models import OAuth2Client

if TYPE_CHECKING:
    from django.test import Client

    from django_ory.devstack import StackAddresses

pytestmark = [pytest.mark.live, pytest.mark.django_db]

ADD = reverse("admin:django_ory_oauth2client_add")


def build_form(**values: Any) -> dict[str, Any]:
    return {
        "alias": "default",
        "client_id": str(uuid4()),
        "client_name": "Reports",
        "grant_types": ["client_credentials"],
        "scope": "reports",
        "token_endpoint_auth_method": "client_secret_basic",
        **values,
    }


def token(servers: StackAddresses, client_id: str, secret: str) -> requests.Response:
    return requests.post(
        f"{servers.hydra_public_url}/oauth2/token",
        data={"grant_type": "client_credentials", "scope": "reports"},
        auth=(client_id, secret),
        timeout=10,
    )


def test_secret_shown_in_the_admin_gets_a_token(servers: StackAddresses, admin: Client) -> None:
    html = admin.post(ADD, build_form()).content.decode()
    row = OAuth2Client.objects.get(name="Reports")
    found = re.search(r'id="ory-client-secret">([^<]+)<', html)
    assert found is not None
    answer = token(servers, row.client_id, found[1])
    assert answer.status_code == 200
    assert answer.json()["access_token"]
    assert found[1] not in str(row.data)
    page = reverse("admin:django_ory_oauth2client_delete", args=[row.pk])
    admin.post(page, {"post": "yes"})
    assert not OAuth2Client.objects.filter(pk=row.pk).exists()
    assert token(servers, row.client_id, found[1]).status_code == 401


def build_body(**values: Any) -> dict[str, Any]:
    """Build the same client as the form does, for Hydra."""
    return {name: value for name, value in build_form(**values).items() if name != "alias"}


def get_change_url(client_id: str) -> str:
    row = OAuth2Client.objects.get(client_id=client_id)
    return reverse("admin:django_ory_oauth2client_change", args=[row.pk])


def read_form(admin: Client, url: str) -> dict[str, Any]:
    """Return the fields that a browser posts if none is changed."""
    form = admin.get(url).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (False, None, "")}


def test_change_in_the_admin_is_made_in_hydra(servers: StackAddresses, admin: Client) -> None:
    made = create_client("default", build_body(metadata={"team": "x"}, redirect_uris=["https://a.example/1"]))
    client_id, url = made.row.client_id, get_change_url(made.row.client_id)
    changes = {
        "client_name": "Sheds",
        "owner": "eva",
        "redirect_uris": "https://a.example/1\nhttps://a.example/2",
        "post_logout_redirect_uris": "https://a.example/bye",
        "audience": "https://api.example",
        "skip_consent": "on",
    }
    assert admin.post(url, {**read_form(admin, url), **changes}).status_code == 302
    data = refresh_client("default", client_id).data
    assert (data["client_name"], data["owner"], data["skip_consent"]) == ("Sheds", "eva", True)
    assert data["redirect_uris"] == ["https://a.example/1", "https://a.example/2"]
    assert (data["scope"], data["metadata"]) == ("reports", {"team": "x"})
    assert token(servers, client_id, made.secret).status_code == 200  # the secret is still the same

    emptied = read_form(admin, url)
    for name in ("owner", "post_logout_redirect_uris", "audience", "skip_consent"):
        del emptied[name]
    assert admin.post(url, emptied).status_code == 302
    data = refresh_client("default", client_id).data
    assert not any(data.get(name) for name in ("owner", "post_logout_redirect_uris", "audience"))
    assert data["skip_consent"] is False

    stale = read_form(admin, url)
    get_client().admin_patch_o_auth2_client(
        client_id, body=[{"op": "replace", "path": "/scope", "value": "reports more"}]
    )
    response = admin.post(url, {**stale, "client_name": "Lost"})
    assert "It was changed in Ory" in str(response.context["adminform"].form.errors)
    bad = {**read_form(admin, url), "redirect_uris": "https://a.example/#x", "client_name": "Lost"}
    response = admin.post(url, {**bad, "post_logout_redirect_uris": ""})
    assert "fragment" in response.context["adminform"].form.errors["redirect_uris"][0]
    assert refresh_client("default", client_id).name == "Sheds"
    delete_client("default", client_id)


def test_client_with_keys_can_return_to_a_secret(servers: StackAddresses, admin: Client) -> None:
    made = create_client("default", build_body())
    client_id, url = made.row.client_id, get_change_url(made.row.client_id)
    keys = {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://a.example/jwks.json"}
    assert admin.post(url, {**read_form(admin, url), **keys}).status_code == 302
    # Hydra 2.3 refuses any change of such a client unless its empty set of keys is taken away with it.
    assert admin.post(url, {**read_form(admin, url), "client_name": "Sheds"}).status_code == 302
    assert refresh_client("default", client_id).data["jwks_uri"] == "https://a.example/jwks.json"
    back = {**read_form(admin, url), "token_endpoint_auth_method": "client_secret_basic", "jwks_uri": ""}
    found = re.search(r'id="ory-client-secret">([^<]+)<', admin.post(url, back).content.decode())
    assert found is not None
    assert token(servers, client_id, found[1]).status_code == 200
    assert token(servers, client_id, made.secret).status_code == 401
    delete_client("default", client_id)


CODE = {"grant_types": ["authorization_code"], "response_types": ["code"]}


@pytest.mark.parametrize(
    "values",
    [
        {"client_name": ""},
        {"grant_types": []},
        {
            **CODE,
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks_uri": "http://backend:8080/.well-known/jwks.json",
            "redirect_uris": ["http://backend:5005/cb"],
        },
        {"audience": ["https://api.example/v1", "orders api"]},
        {"owner": "o" * 600},
        {
            **CODE,
            "redirect_uris": ["urn:ietf:wg:oauth:2.0:oob", "oc://android.example", "com.example.app:/cb"],
            "token_endpoint_auth_method": "none",
        },
        {**CODE, "redirect_uris": ["localhost:8001/callback"], "scope": "openid,offline"},
    ],
)
def test_rename_in_the_admin_changes_only_the_name(admin: Client, values: dict[str, Any]) -> None:
    made = create_client("default", build_body(**values))
    client_id, url = made.row.client_id, get_change_url(made.row.client_id)
    before = get_client().admin_get_o_auth2_client(client_id).model_dump()
    response = admin.post(url, {**read_form(admin, url), "client_name": "Renamed"})
    assert response.status_code == 302, response.context["adminform"].form.errors
    after = get_client().admin_get_o_auth2_client(client_id).model_dump()
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed - {"updated_at"} == {"client_name"}
    delete_client("default", client_id)


def test_error_of_hydra_is_shown_in_the_form(admin: Client) -> None:
    bad = build_form(
        grant_types=["authorization_code"],
        response_types=["code"],
        redirect_uris="https://shop.example/callback#fragment",
    )
    response = admin.post(ADD, bad)
    (why,) = response.context["adminform"].form.errors["redirect_uris"]
    assert "fragment" in why
    assert "#fragment" in response.content.decode()
    assert not OAuth2Client.objects.exists()


def test_form_posted_twice_creates_one_client(admin: Client) -> None:
    data = build_form()
    admin.post(ADD, data)
    response = admin.post(ADD, data)
    assert response.context["adminform"].form.errors
    assert OAuth2Client.objects.count() == 1
    delete_client("default", data["client_id"])


def test_clients_of_several_pages_are_synced_and_marked() -> None:
    ids = [create_client("default", {"client_name": f"Page {number}"}).row.client_id for number in range(5)]
    OAuth2Client.objects.all().delete()
    # Hydra 2.3 counts rows: a client that another worker deletes meanwhile hides one of the next page.
    for _attempt in range(5):
        assert sync_clients("default", page_size=2).complete
        found = set(OAuth2Client.objects.values_list("client_id", flat=True))
        if set(ids) <= found:
            break
    assert set(ids) <= found
    # The tests of another worker may have made clients meanwhile.
    assert any(sync_clients("default", page_size=2).unchanged >= 5 for _attempt in range(5))
    get_client().admin_delete_o_auth2_client(ids[0])
    sync_clients("default", page_size=2)
    assert OAuth2Client.objects.get(client_id=ids[0]).missing_since is not None
    for client_id in ids:
        delete_client("default", client_id)


def test_update_keeps_members_that_are_not_sent() -> None:
    made = create_client("default", {"client_name": "Old", "scope": "a b", "metadata": {"team": "x"}})
    changed = update_client("default", made.row.client_id, {"client_name": "New"})
    assert changed.secret == ""
    row = refresh_client("default", made.row.client_id)
    assert (row.name, row.data["scope"], row.data["metadata"]) == ("New", "a b", {"team": "x"})
    with pytest.raises(OryBadRequest):
        update_client("default", made.row.client_id, {"redirect_uris": ["https://shop.example/#x"]})
    delete_client("default", made.row.client_id)
    with pytest.raises(OryNotFound):
        refresh_client("default", made.row.client_id)
