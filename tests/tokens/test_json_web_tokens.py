"""JWTs: accepted and rejected signatures."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import HMACAlgorithm

from django_ory.tokens.access_token import InvalidToken
from django_ory.tokens.json_web_tokens import is_jwt, read_jwt

from .signing import (
    ALGORITHMS,
    build_claims,
    build_key_set,
    encode,
    private_jwk,
    private_key,
    public_jwk,
    sign,
)


def read(token: str, *keys: dict[str, Any], algorithms: tuple[str, ...] = ALGORITHMS) -> dict[str, Any]:
    return read_jwt(token, keys=build_key_set(*keys), algorithms=algorithms)


def sign_with_public_key_as_secret() -> str:
    """Return the token of an attacker: signed with HMAC and the published key."""
    pem = private_key("RS256").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header, payload = encode('{"alg":"HS256","kid":"key-RS256"}'), encode(json.dumps(build_claims()))
    signature = HMACAlgorithm(HMACAlgorithm.SHA256).sign(f"{header}.{payload}".encode(), pem)
    return f"{header}.{payload}.{encode(signature.decode('latin-1'))}"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_token_with_a_known_key_gives_its_claims(algorithm: str) -> None:
    claims = build_claims()
    assert read(sign(claims, algorithm=algorithm)) == claims


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", "application/at+jwt", "at+JWT"])
def test_types_of_access_tokens_are_accepted(kind: str) -> None:
    assert read(sign(build_claims(), typ=kind))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_algorithm_that_the_settings_do_not_allow_is_rejected(algorithm: str) -> None:
    with pytest.raises(InvalidToken, match="alg"):
        read(sign(build_claims(), algorithm=algorithm), algorithms=())


def test_key_of_another_algorithm_is_rejected() -> None:
    token = sign(build_claims(), algorithm="PS256", key=private_key("RS256"), kid="key-RS256")
    with pytest.raises(InvalidToken, match="not the one of its key"):
        read(token, algorithms=("RS256", "PS256"))


@pytest.mark.parametrize("algorithms", [ALGORITHMS, ("HS256", "none", *ALGORITHMS)])
@pytest.mark.parametrize(
    "token",
    [
        encode('{"alg":"none","kid":"key-RS256"}') + f".{encode(json.dumps(build_claims()))}.",
        encode('{"alg":"None","kid":"key-RS256"}') + f".{encode(json.dumps(build_claims()))}.",
        sign_with_public_key_as_secret(),
    ],
    ids=["none", "None", "HS256 with the public key"],
)
def test_unsigned_and_symmetric_tokens_are_rejected_whatever_the_settings(
    token: str, algorithms: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidToken):
        read(token, algorithms=algorithms)


@pytest.mark.parametrize(
    "headers",
    [
        {"kid": "../../etc/passwd"},
        {"kid": "key-RS256\0"},
        {"kid": ""},
        {"crit": ["exp"]},
        {"crit": ["b64"], "b64": False},
        {"typ": "logout+jwt"},
        {"typ": "dpop+jwt"},
    ],
    ids=str,
)
def test_headers_that_cannot_be_honored_are_rejected(headers: dict[str, Any]) -> None:
    crit = headers.pop("crit", None)
    token = sign(build_claims(), **headers)
    if crit:  # the library signs no such token
        _, payload, signature = token.split(".")
        content = {"alg": "RS256", "kid": "key-RS256", "crit": crit, **headers}
        token = f"{encode(json.dumps(content))}.{payload}.{signature}"
    with pytest.raises(InvalidToken):
        read(token)


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c"])
def test_keys_and_addresses_of_keys_in_the_header_are_ignored(name: str) -> None:
    own_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    value: Any = "https://evil.example/jwks.json" if name in {"jku", "x5u"} else public_jwk("RS256")
    assert read(sign(build_claims(), **{name: value}))
    with pytest.raises(InvalidToken, match="signature"):
        read(sign(build_claims(), key=own_key, **{name: value}))


def test_changed_token_is_rejected() -> None:
    header, _, signature = sign(build_claims()).split(".")
    changed = json.dumps(build_claims(sub="eve"))
    with pytest.raises(InvalidToken, match="signature"):
        read(f"{header}.{encode(changed)}.{signature}")


def test_every_changed_character_is_rejected_also_after_the_token_was_accepted() -> None:
    keys, token = build_key_set(), sign(build_claims(), algorithm="EdDSA")
    read_jwt(token, keys=keys, algorithms=ALGORITHMS)
    for index, character in enumerate(token):
        changed = "B" if character == "A" else "A"
        for text in (changed, f"{character}=", f"{character}.", ""):
            with pytest.raises(InvalidToken):
                read_jwt(token[:index] + text + token[index + 1 :], keys=keys, algorithms=ALGORITHMS)


@pytest.mark.parametrize(
    "payload",
    ['{"sub": "ann", "sub": "eve"}', "[]", '"text"', "not JSON", "", "[" * 5_000],
    ids=["duplicate claim", "list", "text", "not JSON", "empty", "nested"],
)
def test_signed_content_that_is_not_one_object_is_rejected(payload: str) -> None:
    with pytest.raises(InvalidToken):
        read(sign(payload))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "..",
        "a.b.c",
        "ey.ey.ey",
        encode("[]") + ".e30.e30",
        encode("{}") + ".e30.e30",
        encode('{"alg":"RS256"}') + ".e30.e30",
        encode('{"alg":["RS256"],"kid":"key-RS256"}') + ".e30.e30",
        encode('{"alg":"RS256","kid":["key-RS256"]}') + ".e30.e30",
        encode('{"alg":"RS256","kid":"key-RS256","typ":1}') + ".e30.e30",
        encode("[" * 3_000) + ".e30.e30",
        "é.é.é",
    ],
)
def test_malformed_tokens_are_rejected(token: str) -> None:
    with pytest.raises(InvalidToken):
        read(token)


def test_private_and_symmetric_keys_of_the_server_are_not_used() -> None:
    assert read(sign(build_claims()), private_jwk("RS256"))
    symmetric = {"kty": "oct", "k": encode("secret" * 8), "kid": "key-HS256", "alg": "HS256"}
    with pytest.raises(InvalidToken):
        read(sign(build_claims(), algorithm="HS256", key="secret" * 8), symmetric, algorithms=("HS256",))


@pytest.mark.parametrize(
    "members",
    [{"use": "enc"}, {"kty": "EC"}, {"n": "!"}, {"n": ""}, {"e": "AAAA"}, {"alg": "RS999"}, {"kid": None}],
    ids=str,
)
def test_unusable_keys_of_the_server_reject_the_token(members: dict[str, Any]) -> None:
    with pytest.raises(InvalidToken):
        read(sign(build_claims()), public_jwk("RS256", **members))


@pytest.mark.parametrize(
    ("token", "expected"),
    [("eyJ.eyJ.sig", True), ("ory_at_abc.def", False), ("a.b.c", False), ("ey", False), ("", False)],
)
def test_opaque_tokens_and_jwts_are_distinguished_by_their_form(token: str, expected: bool) -> None:
    assert is_jwt(token) is expected
