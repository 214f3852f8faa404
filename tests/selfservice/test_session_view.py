"""``GET ory:session``: the session as JSON for scripts."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db


def test_anonymous_user_gets_links_and_no_session(client: Client, ory: FakeOry) -> None:
    content = client.get(reverse("ory:session")).json()
    assert (content["authenticated"], content["aal2_required"], content["session"]) == (False, False, None)
    assert content["links"]["login"] == f"http://testserver{reverse('ory:login')}"


def test_signed_in_user_gets_the_public_part_of_the_identity(client: Client, ory: FakeOry) -> None:
    identity = ory.create_identity(
        {"email": "ann@example.org"}, metadata_public={"plan": "pro"}, metadata_admin={"note": "secret note"}
    )
    ory.login(client, identity)
    response = client.get(reverse("ory:session"))
    session = response.json()["session"]
    assert session["aal"] == "aal1"
    assert session["identity"] == {
        "id": identity.id,
        "schema_id": "person",
        "traits": {"email": "ann@example.org"},
        "metadata_public": {"plan": "pro"},
    }
    assert "secret note" not in response.content.decode()
    assert "private" in response["Cache-Control"]
    assert "no-store" in response["Cache-Control"]
    assert "Cookie" in response["Vary"]


def test_missing_second_factor_is_reported(client: Client, ory: FakeOry) -> None:
    ory.login(client, ory.create_identity(second_factor=True))
    content = client.get(reverse("ory:session")).json()
    assert (content["authenticated"], content["aal2_required"]) == (False, True)


def test_response_is_503_in_json_while_kratos_is_down(client: Client, ory: FakeOry) -> None:
    ory.login(client)
    with ory.fault("kratos", "down"):
        response = client.get(reverse("ory:session"))
    assert response.status_code == 503
    assert response["Retry-After"]
    assert json.loads(response.content)["error"]["id"] == "ory_unavailable"


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_other_methods_are_not_allowed(client: Client, ory: FakeOry, method: str) -> None:
    assert getattr(client, method)(reverse("ory:session")).status_code == 405


def test_csrf_token_allows_a_sign_out(ory: FakeOry) -> None:
    client = Client(enforce_csrf_checks=True)
    ory.login(client)
    token = client.get(reverse("ory:session")).json()["csrf_token"]
    response = client.post(reverse("ory:logout"), headers={"x-csrftoken": token})
    assert response.status_code in {302, 303}
    assert client.get(reverse("ory:session")).json()["authenticated"] is False
