"""Claims of each scope, from traits of many shapes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy

from django_ory.adapter import OryAdapter, get_adapter
from django_ory.client.models import Identity, OAuth2Client
from django_ory.provider.openid.claims import RESERVED_CLAIMS, GrantClaims, build_grant_claims

from .provider_site import build_identity


def build(*scopes: str, **values: Any) -> dict[str, Any]:
    identity = Identity.model_validate(build_identity(**values))
    return build_for(identity, scopes=scopes).id_token


def build_for(identity: Identity | None = None, **values: Any) -> GrantClaims:
    """Build the claims of both tokens. ``values``: arguments of ``build_grant_claims``."""
    client = OAuth2Client(client_id="app")
    return build_grant_claims(
        **{"identity": identity, "user": None, "client": client, "adapter": get_adapter(), **values}
    )


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
    found = build_for(identity, scopes=["email"]).id_token
    assert found == {"email": "first@example.org", "email_verified": True}
    assert get_adapter().is_verified(identity)


@pytest.mark.parametrize("claim", sorted(RESERVED_CLAIMS))
def test_reserved_claim_of_the_adapter_is_dropped(claim: str) -> None:
    class Adapter(OryAdapter):
        def get_claims(self, **_: Any) -> dict[str, Any]:
            return {claim: "forged", "kept": 1}

        def get_access_token_claims(self, **_: Any) -> dict[str, Any]:
            return {claim: "forged", "kept": 2}

    identity = Identity.model_validate(build_identity())
    found = build_for(identity, scopes=["openid"], adapter=Adapter())
    assert found == GrantClaims(id_token={"kept": 1}, access_token={"kept": 2})


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


def test_adapter_gets_client_scopes_and_account() -> None:
    calls: list[dict[str, Any]] = []

    class Adapter(OryAdapter):
        def get_claims(self, *, claims: Any, **values: Any) -> Any:
            calls.append(values)
            return claims

        def get_access_token_claims(self, **values: Any) -> Any:
            calls.append(values)
            return {"tier": "gold", "none": None}

    identity, client = Identity.model_validate(build_identity()), OAuth2Client(client_id="shop")
    found = build_for(identity, client=client, scopes=["openid", "email"], adapter=Adapter())
    assert found.access_token == {"tier": "gold"}
    assert set(found.id_token) == {"email", "email_verified"}
    expected = {
        "identity": identity,
        "user": None,
        "client": client,
        "scopes": frozenset({"openid", "email"}),
    }
    assert calls == [expected, expected]


def test_subject_without_an_account_has_no_claims() -> None:
    class Adapter(OryAdapter):
        def get_claims(self, **_: Any) -> Any:
            raise AssertionError

    assert build_for(scopes=["email"], adapter=Adapter()) == GrantClaims(id_token={}, access_token={})


def make_user(**values: Any) -> Any:
    user_model: Any = get_user_model()
    known = {field.name for field in user_model._meta.concrete_fields}
    return user_model(**{name: value for name, value in values.items() if name in known})


class TestUserWithoutIdentity:
    def test_email_is_verified_if_the_site_verified_it(self) -> None:
        class Adapter(OryAdapter):
            def has_verified_email(self, user: Any) -> bool:
                return user.email == "al@example.org"  # type: ignore[no-any-return]

        user = make_user(email="al@example.org")
        assert build_for(user=user, scopes=["email"]).id_token == {
            "email": "al@example.org",
            "email_verified": False,
        }
        assert build_for(user=user, scopes=["email"], adapter=Adapter()).id_token["email_verified"] is True

    def test_profile_has_the_names_of_the_user(self) -> None:
        user_model: Any = get_user_model()
        user = make_user(first_name="Alice", last_name="Liddell", username="al", email="al@example.org")
        names = {field.name for field in user_model._meta.concrete_fields}
        found = build_for(user=user, scopes=["profile"]).id_token
        if "first_name" in names:
            assert found["name"] == "Alice Liddell"
            assert (found["given_name"], found["family_name"]) == ("Alice", "Liddell")
        assert found.get("preferred_username") == ("al" if "username" in names else None)
        assert "email" not in found

    def test_empty_fields_are_left_out(self) -> None:
        assert build_for(user=make_user(), scopes=["profile", "email", "phone"]).id_token == {}

    def test_other_scopes_have_no_claims(self) -> None:
        assert build_for(user=make_user(email="al@example.org"), scopes=["openid"]).id_token == {}


class ValueAdapter(OryAdapter):
    """Adds one claim."""

    value: Any = None

    def get_claims(self, **_: Any) -> Any:
        return {"claim": self.value}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 5, 4, 12, 0, tzinfo=UTC), "2026-05-04T12:00:00Z"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Decimal("1.50"), "1.50"),
        (gettext_lazy("Sign in"), "Sign in"),
        (("a", {"b": None}), ["a", {"b": None}]),
    ],
)
def test_claims_are_json_values(value: Any, expected: Any) -> None:
    adapter = ValueAdapter()
    adapter.value = value
    identity = Identity.model_validate(build_identity())
    assert build_for(identity, scopes=["openid"], adapter=adapter).id_token == {"claim": expected}


@pytest.mark.parametrize("value", [{"a"}, object(), float("nan")])
def test_value_without_json_is_an_error_of_the_adapter(value: Any) -> None:
    adapter = ValueAdapter()
    adapter.value = value
    identity = Identity.model_validate(build_identity())
    with pytest.raises((TypeError, ValueError)):
        build_for(identity, scopes=["openid"], adapter=adapter)


def test_long_claims_are_logged_without_their_values(caplog: pytest.LogCaptureFixture) -> None:
    adapter = ValueAdapter()
    adapter.value = "private" * 1_000
    identity = Identity.model_validate(build_identity())
    assert build_for(identity, scopes=["openid"], adapter=adapter).id_token == {"claim": adapter.value}
    [record] = caplog.records
    assert "client app have 7013 characters" in record.getMessage()
    assert "private" not in record.getMessage()
