"""The admin pages of data without rows, on a real Kratos and a real Hydra."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import requests
from django.urls import reverse

from django_ory.client import OryUnauthorized
from django_ory.clients import get_client
from django_ory.mirror.identities import refresh_identity
from tests.contract.scenarios import new_oauth2_client
from tests.contract.worlds import RealWorld

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.devstack import StackAddresses
    from django_ory.models import Identity

    from .conftest import Person

pytestmark = [pytest.mark.live, pytest.mark.django_db]

CODE = re.compile(r"\b\d{6}\b")
#: RFC 7517, appendix A.1, with another id.
PUBLIC_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    "kid": "issuer-key",
}


def get_url(name: str, row: Identity | None = None) -> str:
    return reverse(f"admin:django_ory_{'identity_' if row else ''}{name}", args=[row.pk] if row else [])


def read_keys(admin: Client, url: str) -> list[str]:
    """The keys of all pages of a list."""
    start, _, query = url.partition("?")
    keys, url = [], f"?{query}"
    for _ in range(20):
        context = admin.get(f"{start}{url}").context
        assert not context["problem"]
        keys += [item["key"] for item in context["items"]]
        url = context["next_url"]
        if not url:
            return keys
    raise AssertionError(f"More pages than expected: {keys}")


def run(admin: Client, url: str, action: str, key: str = "") -> list[str]:
    data = {"action": action, "key": key, "typed_key": key, "confirm": "1"}
    response: Any = admin.post(url, data, follow=True)
    return [str(message) for message in response.context["messages"]]


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("sessions", "messages", "consents", "issuers"):
        monkeypatch.setattr(f"django_ory.admin.live.{module}.PAGE_SIZE", 2)


def test_sessions_are_listed_and_revoked(admin: Client, make_person: Callable[..., Person]) -> None:
    person = make_person()
    cookies = [person.sign_in() for _ in range(5)]
    row = refresh_identity("default", person.id)
    url = get_url("sessions", row)
    ids = {cookie: get_client().to_session(cookie=cookie).id for cookie in cookies}
    assert sorted(read_keys(admin, url)) == sorted(ids.values())
    html = admin.get(f"{get_url('sessions')}?active=true").content.decode()
    assert "python-requests" in html
    assert run(admin, url, "extend", ids[cookies[0]]) == ["Kratos was asked to extend the session."]
    assert run(admin, url, "revoke", ids[cookies[0]]) == ["The session was revoked."]
    assert run(admin, url, "revoke", ids[cookies[0]]) == ["The session was revoked."]
    with pytest.raises(OryUnauthorized):
        get_client().to_session(cookie=cookies[0])
    assert get_client().to_session(cookie=cookies[1]).active
    assert read_keys(admin, f"{url}?active=false") == [ids[cookies[0]]]
    unknown = run(admin, get_url("sessions"), "revoke", str(uuid4()))
    assert unknown == ["Ory has no such object any more, so nothing was changed."]


def test_message_is_listed_and_its_text_is_shown_on_request(
    admin: Client, make_person: Callable[..., Person]
) -> None:
    person = make_person()
    for _ in range(3):
        flow = requests.get(f"{person.kratos}/self-service/recovery/api", timeout=10).json()
        body = {"method": "code", "email": person.email}
        requests.post(flow["ui"]["action"], json=body, timeout=10, allow_redirects=False)
    row = refresh_identity("default", person.id)
    keys = read_keys(admin, f"{get_url('messages')}?recipient={person.email}")
    assert len(keys) == 3
    assert read_keys(admin, get_url("messages", row)) == keys
    page = f"{get_url('message', row)}?id={keys[0]}"
    assert not CODE.search(admin.get(page).content.decode())
    html = admin.post(page).content.decode()
    assert get_client().get_courier_message(keys[0]).body.split()[0] in html
    assert CODE.search(html)


def test_consents_of_a_subject_are_revoked(admin: Client, servers: StackAddresses) -> None:
    world, subject = RealWorld(servers), f"live-{uuid4()}"
    clients = [new_oauth2_client(world) for _ in range(3)]
    for client in clients:
        challenge = world.start_authorization(client.client_id or "", "openid offline")
        login = world.client.accept_o_auth2_login_request(
            login_challenge=challenge, body={"subject": subject, "remember": False}
        )
        challenge = world.continue_authorization(login.redirect_to)
        consent = world.client.accept_o_auth2_consent_request(
            consent_challenge=challenge, body={"grant_scope": ["openid"], "remember": True}
        )
        world.continue_authorization(consent.redirect_to)
    url = f"{get_url('consents')}?subject={subject}"
    ids = [client.client_id for client in clients]
    assert sorted(read_keys(admin, url)) == sorted(map(str, ids))
    run(admin, url, "revoke", ids[0] or "")
    assert sorted(read_keys(admin, url)) == sorted(map(str, ids[1:]))
    assert run(admin, url, "end_logins") == ["The login sessions were ended."]
    run(admin, url, "revoke_all")
    assert read_keys(admin, url) == []


def test_key_set_is_created_rotated_and_deleted_without_private_parts(
    admin: Client, servers: StackAddresses
) -> None:
    name = f"set-{uuid4()}"
    url, form = f"{get_url('jwk_sets')}?set={name}", {"set": name, "algorithm": "ES256", "use": "sig"}
    assert "Adding a key creates the set" in admin.get(url).content.decode()
    for kid in ("first", "second"):
        admin.post(get_url("jwk_add"), {**form, "kid": kid})
    assert read_keys(admin, url) == ["second", "first"]
    private = [key.d for key in get_client().get_json_web_key_set(name).keys]
    html = admin.get(url).content.decode()
    assert all(value and value not in html for value in private)
    assert run(admin, url, "delete_key", "first") == ["The key was deleted."]
    assert read_keys(admin, url) == ["second"]
    data = {"action": "delete_set", "typed_key": name, "confirm": "1"}
    admin.post(url, data)
    assert "Adding a key creates the set" in admin.get(url).content.decode()
    own = read_keys(admin, f"{get_url('jwk_sets')}?set=hydra.openid.id-token")
    published = get_client().discover_json_web_keys().keys
    assert set(own) <= {key.kid for key in published}


def test_issuer_is_trusted_and_deleted(admin: Client, servers: StackAddresses) -> None:
    issuer = f"https://{uuid4()}.example"
    form = {
        "issuer": issuer,
        "any_subject": "on",
        "scope": "read write",
        "expires_at_0": "2099-01-01",
        "expires_at_1": "00:00:00",
        "jwk": json.dumps(PUBLIC_KEY),
    }
    admin.post(get_url("trusted_issuer_add"), {**form, "jwk": json.dumps({**PUBLIC_KEY, "d": "x"})})
    url = f"{get_url('trusted_issuers')}?issuer={issuer}"
    assert read_keys(admin, url) == []
    admin.post(get_url("trusted_issuer_add"), form)
    assert "exists already" in admin.post(get_url("trusted_issuer_add"), form).content.decode()
    [key] = read_keys(admin, url)
    assert run(admin, url, "delete", key) == ["The issuer is not trusted any more."]
    assert read_keys(admin, url) == []


def test_token_is_introspected(admin: Client, servers: StackAddresses) -> None:
    client = new_oauth2_client(RealWorld(servers))
    token = get_client().perform_o_auth2_token_flow(
        grant_type="client_credentials", client_id=client.client_id, client_secret=client.client_secret
    )
    html = admin.post(get_url("introspect"), {"token": token.access_token}).content.decode()
    assert f"<bdi>{client.client_id}</bdi>" in html
    assert str(token.access_token) not in html


def test_schemas_of_kratos_are_shown(admin: Client, servers: StackAddresses) -> None:
    [schema, *_] = read_keys(admin, get_url("schemas"))
    assert "ory.sh/kratos" in admin.get(get_url("schema"), {"id": schema}).content.decode()
