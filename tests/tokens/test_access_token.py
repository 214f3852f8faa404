"""The claims of valid access tokens."""

from __future__ import annotations

import time
from typing import Any

import pytest

from django_ory.tokens.access_token import AccessToken, InvalidToken, build_access_token

from .signing import AUDIENCE, ISSUER, build_claims


def build(leeway: float = 0.0, **changes: Any) -> AccessToken:
    return build_access_token(build_claims(**changes), issuer=ISSUER, audience=[AUDIENCE], leeway=leeway)


def test_claims_of_hydra_are_accepted() -> None:
    token = build()
    assert token.scopes == {"photos", "photos.read"}
    assert token.audience == (AUDIENCE,)
    assert token.subject == "9f425a8d-7efc-4768-8f23-7647a74fdf13"
    assert not token.is_client


def test_repr_has_no_subject_and_no_claims() -> None:
    assert "9f425a8d" not in repr(build(ext={"email": "ann@example.org"}))
    assert "ann@" not in repr(build(ext={"email": "ann@example.org"}))


@pytest.mark.parametrize("aud", [AUDIENCE, [AUDIENCE], ["https://hydra.test/oauth2/token", AUDIENCE]])
def test_audience_with_one_of_ours_is_accepted(aud: Any) -> None:
    assert AUDIENCE in build(aud=aud).audience


@pytest.mark.parametrize("aud", [None, [], "", "https://other.example", [1], {"a": 1}, 5, [AUDIENCE] * 101])
def test_other_audiences_are_rejected(aud: Any) -> None:
    with pytest.raises(InvalidToken, match="aud"):
        build(aud=aud)


def test_any_audience_is_accepted_if_none_is_configured() -> None:
    assert build_access_token(build_claims(aud=[]), issuer=ISSUER).audience == ()


@pytest.mark.parametrize("iss", [None, "", f"{ISSUER}/", ISSUER.upper(), "https://evil.example", 5, [ISSUER]])
def test_other_issuers_are_rejected(iss: Any) -> None:
    with pytest.raises(InvalidToken, match="iss"):
        build(iss=iss)


@pytest.mark.parametrize(
    "exp",
    [None, 0, -1, 1, "4102444800", True, [], 10**12, 1e300, float("inf"), float("nan"), 10**400],
)
def test_missing_past_or_malformed_expiry_is_rejected(exp: Any) -> None:
    with pytest.raises(InvalidToken, match="exp"):
        build(exp=exp)


def test_year_9999_is_accepted() -> None:
    assert build(exp=253_402_300_799).expires_at == 253_402_300_799


@pytest.mark.parametrize("name", ["nbf", "iat"])
def test_token_of_the_future_is_rejected_beyond_the_leeway(name: str) -> None:
    future: dict[str, Any] = {name: time.time() + 20}
    with pytest.raises(InvalidToken, match="not valid yet"):
        build(leeway=10.0, **future)
    build(leeway=30.0, **future)


def test_expired_token_is_accepted_within_the_leeway() -> None:
    with pytest.raises(InvalidToken):
        build(exp=time.time() - 20, leeway=10.0)
    build(exp=time.time() - 20, leeway=30.0)


@pytest.mark.parametrize("name", ["sub", "client_id"])
@pytest.mark.parametrize("value", [None, "", 5, ["a"]])
def test_missing_or_malformed_owner_is_rejected(name: str, value: Any) -> None:
    with pytest.raises(InvalidToken, match=name):
        build(**{name: value})


@pytest.mark.parametrize("name", ["nonce", "at_hash", "c_hash", "events", "sid"])
def test_id_tokens_and_logout_tokens_are_rejected(name: str) -> None:
    with pytest.raises(InvalidToken, match=name):
        build_access_token(build_claims(**{name: "x"}), issuer=ISSUER)


@pytest.mark.parametrize("use", ["refresh_token", "", 5])
def test_refresh_tokens_are_rejected(use: Any) -> None:
    with pytest.raises(InvalidToken, match="token_use"):
        build(token_use=use)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"scope": "a b"}, {"a", "b"}),
        ({"scope": " a  b "}, {"a", "b"}),
        ({"scope": ""}, set()),
        ({"scp": ["a"]}, {"a"}),
        ({"scp": "a b"}, {"a", "b"}),
        ({"scp": None}, set()),
    ],
)
def test_scopes_are_read_from_both_claims(changes: dict[str, Any], expected: set[str]) -> None:
    assert build(**changes).scopes == expected


@pytest.mark.parametrize("scp", [5, [1], {"a": 1}, ["x"] * 201, " ".join(["x"] * 201)])
def test_malformed_and_too_many_scopes_are_rejected(scp: Any) -> None:
    with pytest.raises(InvalidToken, match=r"scp|scopes"):
        build(scp=scp)


def test_token_whose_subject_is_the_client_belongs_to_the_client() -> None:
    assert build(sub="shop", client_id="shop").is_client


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"acr": "aal2"}, "aal2"),
        ({"ext": {"acr": "aal2"}}, "aal2"),
        ({"ext": None}, None),
        ({"ext": [1]}, None),
    ],
)
def test_claims_of_the_consent_are_found_at_the_top_and_in_ext(changes: Any, expected: Any) -> None:
    assert build(**changes).get_claim("acr") == expected
