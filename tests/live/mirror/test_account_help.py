"""Credentials, addresses, recovery and search by identifier on a real Kratos, by the pages of the admin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
import requests
from django.core import mail
from django.urls import reverse

from django_ory.client import OryBadRequest, OryUnauthorized
from django_ory.clients import get_client
from django_ory.mirror.credentials import list_credentials, remove_credential, set_password
from django_ory.mirror.identities import fetch_identity, refresh_identity
from django_ory.mirror.lookup import look_up_identities
from django_ory.models import Identity
from tests.live.codes import enroll_authenticator_app
from tests.live.native_sign_in import post_sign_in

from .conftest import PASSWORD, Person

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

pytestmark = [pytest.mark.live, pytest.mark.django_db]

NEW_PASSWORD = "another harbor at 6 am"


@pytest.fixture
def ann(make_person: Callable[..., Person]) -> Person:
    """A person with a verified address, two linked accounts, metadata, and an authenticator app."""
    person, client = make_person(name={"first": "Zoë"}), get_client()
    client.admin_delete_identity(person.id)
    providers = [{"provider": name, "subject": uuid4().hex} for name in ("github", "google")]
    identity = client.admin_create_identity(
        body={
            "schema_id": "person",
            "traits": {"email": person.email, "name": {"first": "Zoë"}},
            "metadata_public": {"rate": 1.1, "big": 12345678901234567890, "none": None},
            "metadata_admin": {"note": ["vip"]},
            "credentials": {
                "password": {"config": {"password": PASSWORD}},
                "oidc": {"config": {"providers": providers}},
            },
            "verifiable_addresses": [
                {"value": person.email, "verified": True, "via": "email", "status": "completed"}
            ],
        }
    )
    enroll_authenticator_app(client, person.email, PASSWORD)
    return Person(identity.id, person.email, person.kratos)


def get_url(person: Person, name: str) -> str:
    row = Identity.objects.get(identity_id=UUID(person.id))
    return reverse(f"admin:django_ory_identity_{name}", args=[row.pk])


def read(person: Person) -> dict[str, Any]:
    return fetch_identity("default", person.id).model_dump(mode="json")


def try_login(person: Person, password: str) -> int:
    return post_sign_in(person.kratos, person.email, password).status_code


def test_password_is_set_and_everything_else_stays(ann: Person, admin: Client) -> None:
    refresh_identity("default", ann.id)
    before = read(ann)
    remaining = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD, "ends_sessions": "on"}
    response = admin.post(get_url(ann, "set-password"), remaining, follow=True)
    assert [str(message) for message in response.context["messages"]] == ["The password was set."]
    after = read(ann)
    for identity in (before, after):
        for credential in identity["credentials"].values():
            del credential["created_at"], credential["updated_at"]
    assert after == before
    assert try_login(ann, PASSWORD) == 400
    assert try_login(ann, NEW_PASSWORD) == 200


def test_new_password_ends_sessions_only_if_wanted(make_person: Callable[..., Person]) -> None:
    person = make_person()
    cookie = person.sign_in()
    set_password("default", person.id, PASSWORD, ends_sessions=False)
    assert get_client().to_session(cookie=cookie).active
    set_password("default", person.id, PASSWORD)
    with pytest.raises(OryUnauthorized):
        get_client().to_session(cookie=cookie)


def test_account_is_unlinked_and_second_factor_is_reset(ann: Person, admin: Client) -> None:
    refresh_identity("default", ann.id)
    html = admin.get(get_url(ann, "credentials")).content.decode()
    (part,) = [each for each in html.split("<tr>") if "github:" in each]
    key = re.search(r'name="key" value="([^"]+)"', part)
    assert key is not None
    admin.post(get_url(ann, "remove-credential"), {"key": key[1], "confirm": "1"})
    admin.post(get_url(ann, "reset-second-factor"))
    left = list_credentials(fetch_identity("default", ann.id))
    assert [each.identifiers[0].partition(":")[0] for each in left if each.type == "oidc"] == ["google"]
    assert "totp" not in {each.type for each in left}
    assert try_login(ann, PASSWORD) == 200
    with pytest.raises(OryBadRequest):
        remove_credential("default", ann.id, "code")


def test_address_is_verified_and_unverified(make_person: Callable[..., Person], admin: Client) -> None:
    person = make_person()
    row = refresh_identity("default", person.id)
    for state, is_verified in (("verified", True), ("verified", True), ("unverified", False)):
        address = fetch_identity("default", person.id).verifiable_addresses[0]
        admin.post(get_url(person, "addresses"), {"address": address.id, "state": state})
        found = fetch_identity("default", person.id).verifiable_addresses[0]
        assert (found.value, found.verified) == (person.email, is_verified)
        assert (found.status, found.verified_at is not None) == (
            ("completed", True) if is_verified else ("pending", False)
        )
        row.refresh_from_db()
        assert row.data["verifiable_addresses"][0]["verified"] is is_verified


def test_mailed_code_and_shown_link_sign_the_owner_in(
    make_person: Callable[..., Person], admin: Client
) -> None:
    person = make_person()
    refresh_identity("default", person.id)
    admin.post(
        get_url(person, "recovery"), {"method": "code", "lifetime": "3600", "address": "1", "send": "1"}
    )
    (message,) = mail.outbox
    text = str(message.body)
    code, flow = re.search(r"^\d{6}$", text, re.MULTILINE), re.search(r"flow=([0-9a-f-]+)", text)
    assert code is not None
    assert flow is not None
    assert message.to == [person.email]
    browser = requests.Session()
    answer = browser.post(
        f"{person.kratos}/self-service/recovery?flow={flow[1]}",
        json={"method": "code", "code": code[0]},
        headers={"Accept": "application/json"},
        timeout=10,
    )
    assert answer.status_code in (200, 422), answer.text
    assert "ory_kratos_session" in browser.cookies

    html = admin.post(get_url(person, "recovery"), {"method": "link", "lifetime": "3600"}).content.decode()
    link = re.search(r'id="ory-recovery-link">([^<]+)<', html)
    assert link is not None
    browser = requests.Session()
    browser.get(link[1].replace("&amp;", "&"), allow_redirects=False, timeout=10)
    assert "ory_kratos_session" in browser.cookies


def test_identity_that_is_not_mirrored_is_found_by_its_identifiers(ann: Person) -> None:
    identifiers = [each.identifiers[0] for each in list_credentials(fetch_identity("default", ann.id))]
    assert not Identity.objects.filter(identity_id=UUID(ann.id)).exists()
    for identifier in (*identifiers, ann.email.upper(), ann.id):
        assert [str(row.identity_id) for row in look_up_identities("default", identifier)] == [ann.id]
    for identifier in ("", " ", "nobody@example.com", str(uuid4()), "x" * 3000):
        assert look_up_identities("default", identifier) == []
