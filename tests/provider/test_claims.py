"""Claims of each scope, from traits of many shapes."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_ory.adapter import OryAdapter, get_adapter
from django_ory.client.models import Identity
from django_ory.provider.openid.claims import RESERVED_CLAIMS, build_claims

from .provider_site import build_identity


def build(*scopes: str, **values: Any) -> dict[str, Any]:
    identity = Identity.model_validate(build_identity(**values))
    return build_claims(identity, user=None, scopes=scopes, adapter=get_adapter())


def test_other_scopes_have_no_claims() -> None:
    assert build("openid", "offline_access", "photos") == {}


def test_profile_scope_has_names() -> None:
    assert build("profile") == {
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
def test_profile_claims_from_traits_of_many_shapes(traits: Any, expected: dict[str, str]) -> None:
    assert build("profile", traits=traits) == expected


def test_user_fields_select_the_traits(settings: Any) -> None:
    settings.ORY = {"default": {"USER_FIELDS": {"first_name": "call_me", "email": "contact.mail"}}}
    traits = {"call_me": "Al", "given_name": "Alice", "contact": {"mail": "al@example.org"}}
    found = build("profile", "email", traits=traits)
    assert found == {"name": "Al", "given_name": "Al", "email": "al@example.org", "email_verified": False}


@pytest.mark.parametrize(
    ("addresses", "verified"),
    [
        ([{"value": "ALICE@example.org", "via": "email", "verified": True}], True),
        ([{"value": "alice@example.org", "via": "email", "verified": False}], False),
        ([{"value": "other@example.org", "via": "email", "verified": True}], False),
        ([{"value": "alice@example.org", "via": "sms", "verified": True}], False),
        ([], False),
        (None, False),
    ],
)
def test_email_is_verified_if_kratos_verified_this_address(addresses: Any, verified: bool) -> None:
    found = build("email", verifiable_addresses=addresses)
    assert found == {"email": "alice@example.org", "email_verified": verified}


def test_address_without_a_trait_is_used() -> None:
    found = build(
        "email",
        traits={},
        verifiable_addresses=[{"value": "a@example.org", "via": "email", "verified": True}],
    )
    assert found == {"email": "a@example.org", "email_verified": True}
    assert build("email", "phone", traits={}, verifiable_addresses=[]) == {}


def test_phone_scope_has_number_and_verification() -> None:
    addresses = [{"value": "+49301234", "via": "sms", "verified": True}]
    found = build("phone", traits={"phone": "+49301234"}, verifiable_addresses=addresses)
    assert found == {"phone_number": "+49301234", "phone_number_verified": True}


def test_domain_equal_after_case_folding_is_not_verified() -> None:
    found = build(
        "email",
        traits={"email": "x@strasse.de"},
        verifiable_addresses=[{"value": "x@stra\u00dfe.de", "via": "email", "verified": True}],
    )
    assert found == {"email": "x@strasse.de", "email_verified": False}


def test_phone_verified_by_email_is_not_verified() -> None:
    addresses = [{"value": "+49301234", "via": "email", "verified": True}]
    found = build("phone", traits={"phone": "+49301234"}, verifiable_addresses=addresses)
    assert found["phone_number_verified"] is False


def test_list_item_is_the_same_address_for_user_and_claims(settings: Any) -> None:
    user_model: Any = get_user_model()
    email = user_model.get_email_field_name()
    settings.ORY = {"default": {"USER_FIELDS": {email: "emails.0"}}}
    traits = {"emails": ["first@example.org", "second@example.org"]}
    addresses = [{"value": "first@example.org", "via": "email", "verified": True}]
    identity = Identity.model_validate(build_identity(traits=traits, verifiable_addresses=addresses))
    user = user_model()
    get_adapter().populate_user(user, identity)
    assert getattr(user, email) == "first@example.org"
    found = build_claims(identity, user=None, scopes=["email"], adapter=get_adapter())
    assert found == {"email": "first@example.org", "email_verified": True}
    assert get_adapter().is_verified(identity)


@pytest.mark.parametrize("claim", sorted(RESERVED_CLAIMS))
def test_reserved_claim_of_the_adapter_is_dropped(claim: str) -> None:
    class Adapter(OryAdapter):
        def get_claims(self, **_: Any) -> dict[str, Any]:
            return {claim: "forged", "kept": 1}

    identity = Identity.model_validate(build_identity())
    found = build_claims(identity, user=None, scopes=["openid"], adapter=Adapter())
    assert found == {"kept": 1}


def test_reserved_claims_are_those_of_hydra_and_of_the_standards() -> None:
    """RFC 7519 section 4.1, Core section 2, RFC 8693 section 4, and what Hydra adds to its tokens."""
    assert {
        *("iss", "sub", "aud", "exp", "nbf", "iat", "jti"),
        *("auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash", "sid"),
        *("client_id", "scope", "scp", "rat", "ext"),
    } == RESERVED_CLAIMS


@pytest.mark.parametrize(
    ("claim", "path"),
    [
        *(("name", path) for path in ("name", "full_name", "display_name")),
        *(("given_name", path) for path in ("given_name", "first_name", "name.first", "name.given")),
        *(("family_name", path) for path in ("family_name", "last_name", "name.last", "name.family")),
        *(("preferred_username", path) for path in ("preferred_username", "username")),
        ("nickname", "nickname"),
        *(("picture", path) for path in ("picture", "avatar")),
        ("website", "website"),
        *(("zoneinfo", path) for path in ("zoneinfo", "timezone")),
        ("locale", "locale"),
    ],
)
def test_profile_claim_from_a_usual_trait(claim: str, path: str) -> None:
    outer, _, inner = path.partition(".")
    found = build("profile", traits={outer: {inner: "value"} if inner else "value"})
    assert found[claim] == "value"


@pytest.mark.parametrize(
    ("field", "claim"),
    [("first_name", "given_name"), ("last_name", "family_name"), ("username", "preferred_username")],
)
def test_mapped_user_field_places_its_claim(settings: Any, field: str, claim: str) -> None:
    settings.ORY = {"default": {"USER_FIELDS": {field: "odd.place"}}}
    assert build("profile", traits={"odd": {"place": "here"}})[claim] == "here"
