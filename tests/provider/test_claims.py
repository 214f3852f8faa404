"""Claims per scope, from traits in the shapes that projects give them."""

from __future__ import annotations

from typing import Any

import pytest

from django_ory.adapter import get_adapter
from django_ory.client.models import Identity
from django_ory.provider.claims import consent_claims

from .stage import an_identity


def claims(*scopes: str, **values: Any) -> dict[str, Any]:
    identity = Identity.model_validate(an_identity(**values))
    return consent_claims(identity, user=None, scopes=scopes, adapter=get_adapter())


def test_no_scope_no_claim() -> None:
    assert claims("openid", "offline_access", "photos") == {}


def test_profile() -> None:
    assert claims("profile") == {
        "name": "Alice Liddell",
        "given_name": "Alice",
        "family_name": "Liddell",
    }


@pytest.mark.parametrize(
    ("traits", "expected"),
    [
        ({"name": "Alice", "username": "al"}, {"name": "Alice", "preferred_username": "al"}),
        ({"first_name": " Alice "}, {"name": "Alice", "given_name": "Alice"}),
        ({"name": {"first": 7}, "family_name": ""}, {}),
        ({"picture": "https://a.example/a.png", "timezone": "Europe/Berlin"}, {
            "picture": "https://a.example/a.png", "zoneinfo": "Europe/Berlin"
        }),
        (None, {}),
        (["x"], {}),
    ],
)  # fmt: skip
def test_traits_come_in_many_shapes(traits: Any, expected: dict[str, str]) -> None:
    assert claims("profile", traits=traits) == expected


def test_the_settings_say_where_names_lie(settings: Any) -> None:
    settings.ORY = {"default": {"USER_FIELDS": {"first_name": "call_me", "email": "contact.mail"}}}
    traits = {"call_me": "Al", "given_name": "Alice", "contact": {"mail": "al@example.org"}}
    found = claims("profile", "email", traits=traits)
    assert found == {"name": "Al", "given_name": "Al", "email": "al@example.org", "email_verified": False}


@pytest.mark.parametrize(
    ("addresses", "verified"),
    [
        ([{"value": "ALICE@example.org", "via": "email", "verified": True}], True),
        ([{"value": "alice@example.org", "via": "email", "verified": False}], False),
        ([{"value": "other@example.org", "via": "email", "verified": True}], False),
        ([], False),
        (None, False),
    ],
)
def test_an_address_is_verified_if_kratos_verified_this_very_one(addresses: Any, verified: bool) -> None:
    found = claims("email", verifiable_addresses=addresses)
    assert found == {"email": "alice@example.org", "email_verified": verified}


def test_an_address_without_a_trait() -> None:
    found = claims(
        "email",
        traits={},
        verifiable_addresses=[{"value": "a@example.org", "via": "email", "verified": True}],
    )
    assert found == {"email": "a@example.org", "email_verified": True}
    assert claims("email", "phone", traits={}, verifiable_addresses=[]) == {}


def test_phone() -> None:
    addresses = [{"value": "+49301234", "via": "sms", "verified": True}]
    found = claims("phone", traits={"phone": "+49301234"}, verifiable_addresses=addresses)
    assert found == {"phone_number": "+49301234", "phone_number_verified": True}
