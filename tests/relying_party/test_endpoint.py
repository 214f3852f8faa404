"""The endpoint for logout tokens: valid ones end sessions, all others are refused."""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import DatabaseError
from django.test import Client
from jwt.algorithms import HMACAlgorithm

from django_ory.relying_party import views
from django_ory.relying_party.models import EndedSession
from django_ory.tokens.logout_token import LOGOUT_EVENT
from tests.tokens.signing import ISSUER, encode, private_key, sign

from .conftest import (
    CLIENT_ID,
    ENDPOINT,
    SID,
    SUBJECT,
    build_id_token_claims,
    build_logout_claims,
    sign_logout,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from django_ory.testing import FakeOry

FORM = "application/x-www-form-urlencoded"


def sign_with_hmac(claims: dict[str, Any]) -> str:
    """Return the token of an attacker: signed with HMAC and the published key."""
    pem = private_key("RS256").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header, payload = encode('{"alg":"HS256","kid":"key-RS256"}'), encode(json.dumps(claims))
    signature = HMACAlgorithm(HMACAlgorithm.SHA256).sign(f"{header}.{payload}".encode(), pem)
    return f"{header}.{payload}.{encode(signature.decode('latin-1'))}"


def sign_with_none(claims: dict[str, Any]) -> str:
    """Return an unsigned token."""
    header = encode('{"alg":"none","kid":"key-ES256"}')
    return f"{header}.{encode(json.dumps(claims))}."


class TestAccepted:
    @pytest.mark.parametrize("typ", ["JWT", "logout+jwt", "application/logout+jwt", None])
    def test_token_of_hydra_ends_the_session(
        self, browser: Callable[..., Client], deliver: Callable[..., HttpResponse], typ: str | None
    ) -> None:
        member = browser()
        response = deliver(sign_logout(typ=typ))
        assert response.status_code == 200
        assert response.content == b""
        assert response["Cache-Control"] == "no-store"
        assert member.get("/cart/").content == b""

    def test_audience_as_text_and_future_expiry_are_accepted(
        self, deliver: Callable[..., HttpResponse]
    ) -> None:
        claims = build_logout_claims(aud=CLIENT_ID, exp=int(time.time()) + 60, sub=SUBJECT)
        assert deliver(sign_logout(claims)).status_code == 200

    def test_other_parameters_are_ignored(self, deliver: Callable[..., HttpResponse]) -> None:
        assert deliver(f"{sign_logout()}&state=1").status_code == 200

    def test_logout_is_recorded_without_the_session(
        self, deliver: Callable[..., HttpResponse], caplog: pytest.LogCaptureFixture
    ) -> None:
        token = sign_logout()
        with caplog.at_level(logging.DEBUG):
            deliver(token)
        assert "backchannel.received" in caplog.text
        assert SID not in caplog.text
        assert token not in caplog.text

    def test_rows_have_digests_only(self, deliver: Callable[..., HttpResponse]) -> None:
        claims = build_logout_claims()
        deliver(sign_logout(claims))
        stored = str(list(EndedSession.objects.values()))
        assert claims["jti"] not in stored
        assert SID not in stored


REFUSED: dict[str, Callable[[], str]] = {
    "other issuer": lambda: sign_logout(build_logout_claims(iss="https://evil.example")),
    "issuer with a slash": lambda: sign_logout(build_logout_claims(iss=f"{ISSUER}/")),
    "no issuer": lambda: sign_logout(build_logout_claims(iss=None)),
    "other audience": lambda: sign_logout(build_logout_claims(aud=["other"])),
    "no audience": lambda: sign_logout(build_logout_claims(aud=None)),
    "audience of objects": lambda: sign_logout(build_logout_claims(aud=[{"shop": 1}])),
    "ID token": lambda: sign_logout({**build_id_token_claims(nonce="n"), "jti": "1", "exp": 9_999_999_999}),
    "ID token without nonce": lambda: sign_logout({**build_id_token_claims(), "jti": "1"}),
    "nonce": lambda: sign_logout(build_logout_claims(nonce="n")),
    "empty nonce": lambda: sign_logout(build_logout_claims(nonce="")),
    "other event": lambda: sign_logout(build_logout_claims(events={"https://example.org/event": {}})),
    "events as list": lambda: sign_logout(build_logout_claims(events=[LOGOUT_EVENT])),
    "event as text": lambda: sign_logout(build_logout_claims(events={LOGOUT_EVENT: "yes"})),
    "no event": lambda: sign_logout(build_logout_claims(events=None)),
    "none": lambda: sign_with_none(build_logout_claims()),
    "HS256 with the public key": lambda: sign_with_hmac(build_logout_claims()),
    "key of the attacker": lambda: sign(
        build_logout_claims(), algorithm="ES256", key=ec.generate_private_key(ec.SECP256R1())
    ),
    "unknown key": lambda: sign_logout(kid="other"),
    "no key id": lambda: sign_logout(kid=""),
    "old": lambda: sign_logout(build_logout_claims(iat=int(time.time()) - 3_600)),
    "future": lambda: sign_logout(build_logout_claims(iat=int(time.time()) + 3_600)),
    "no iat": lambda: sign_logout(build_logout_claims(iat=None)),
    "iat as text": lambda: sign_logout(build_logout_claims(iat=str(int(time.time())))),
    "iat true": lambda: sign_logout(build_logout_claims(iat=True)),
    "expired": lambda: sign_logout(build_logout_claims(exp=int(time.time()) - 60)),
    "exp as text": lambda: sign_logout(build_logout_claims(exp="never")),
    "no jti": lambda: sign_logout(build_logout_claims(jti=None)),
    "jti as number": lambda: sign_logout(build_logout_claims(jti=7)),
    "neither sid nor sub": lambda: sign_logout(build_logout_claims(sid=None)),
    "empty sid": lambda: sign_logout(build_logout_claims(sid="")),
    "sid as list": lambda: sign_logout(build_logout_claims(sid=[SID])),
    "access token by type": lambda: sign_logout(typ="at+jwt"),
    "critical extension": lambda: sign_logout(crit=["b64"], b64=True),
    "claims as list": lambda: sign("[]", algorithm="ES256"),
    "duplicate claim": lambda: sign(
        json.dumps(build_logout_claims()).replace('"sid":', '"sid":"x","sid":'), algorithm="ES256"
    ),
    "deeply nested": lambda: sign("[" * 3_000, algorithm="ES256"),
    "opaque": lambda: "ory_at_abc",
    "empty": lambda: "",
    "dots": lambda: "..",
    "not base64": lambda: "ey!.ey!.!",
    "changed": lambda: sign_logout()[:-4] + "AAAA",
    "not ASCII": lambda: "eyä.b.c",
}


class TestRefused:
    @pytest.mark.parametrize("case", REFUSED)
    def test_invalid_token_ends_nothing(
        self, browser: Callable[..., Client], deliver: Callable[..., HttpResponse], case: str
    ) -> None:
        member = browser()
        response = deliver(REFUSED[case]())
        assert response.status_code == 400
        assert response["Cache-Control"] == "no-store"
        assert json.loads(response.content)["error"] == "invalid_request"
        assert member.get("/cart/").content == b"full"
        assert not EndedSession.objects.exists()

    def test_replayed_token_is_refused(
        self, browser: Callable[..., Client], deliver: Callable[..., HttpResponse]
    ) -> None:
        token = sign_logout(build_logout_claims(sid=None, sub=SUBJECT))
        assert deliver(token).status_code == 200
        assert deliver(token).status_code == 400
        assert EndedSession.objects.count() == 1

    def test_jti_of_another_token_is_refused(self, deliver: Callable[..., HttpResponse]) -> None:
        assert deliver(sign_logout(build_logout_claims(jti="1"))).status_code == 200
        assert deliver(sign_logout(build_logout_claims(jti="1", sid="other"))).status_code == 400

    @pytest.mark.parametrize("method", ["get", "put", "delete", "head"])
    def test_other_methods_are_not_allowed(self, method: str) -> None:
        response = getattr(Client(), method)(ENDPOINT)
        assert response.status_code == 405
        assert response["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            (b'{"logout_token": "x"}', "application/json"),
            (b"", FORM),
            (b"logout_token=a&logout_token=b", FORM),
            (b"a=1&" * 50, FORM),
            (b"logout_token=%ff\xff", FORM),
        ],
    )
    def test_other_bodies_are_refused(self, body: bytes, content_type: str) -> None:
        assert Client().post(ENDPOINT, body, content_type=content_type).status_code == 400

    def test_huge_body_is_refused_unparsed(self, ory: FakeOry) -> None:
        response = Client().post(ENDPOINT, b"logout_token=" + b"a" * 2_000_000, content_type=FORM)
        assert response.status_code == 413
        assert response["Cache-Control"] == "no-store"
        assert ory.requests == []

    def test_refusal_is_logged_without_the_token(
        self, deliver: Callable[..., HttpResponse], caplog: pytest.LogCaptureFixture
    ) -> None:
        token = sign_logout(build_logout_claims(nonce="secret-nonce"))
        with caplog.at_level(logging.DEBUG):
            deliver(token)
        assert "backchannel.rejected" in caplog.text
        assert "it is an ID token" in caplog.text
        assert token not in caplog.text
        assert "secret-nonce" not in caplog.text

    def test_many_rejected_tokens_are_throttled_and_a_valid_one_is_accepted(
        self,
        browser: Callable[..., Client],
        deliver: Callable[..., HttpResponse],
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setattr(views, "MAX_REJECTED_PER_MINUTE", 3)
        views.get_rejection_throttle.clear()
        member = browser()
        statuses = [deliver("junk", REMOTE_ADDR="192.0.2.7").status_code for _ in range(5)]
        assert statuses == [400, 400, 400, 429, 429]
        assert caplog.text.count("Logout token rejected") == 3
        assert deliver("junk", REMOTE_ADDR="192.0.2.8").status_code == 400
        assert deliver(sign_logout(), REMOTE_ADDR="192.0.2.7").status_code == 200
        assert member.get("/cart/").content == b""
        views.get_rejection_throttle.clear()


class TestFailures:
    @pytest.mark.parametrize("status", [500, 502, 404])
    def test_unavailable_keys_are_a_503_and_the_token_is_accepted_later(
        self,
        ory: FakeOry,
        browser: Callable[..., Client],
        deliver: Callable[..., HttpResponse],
        caplog: pytest.LogCaptureFixture,
        status: int,
    ) -> None:
        member, token = browser(), sign_logout()
        ory.respond("GET /.well-known/jwks.json", status=status, json={"error": "down"})
        response = deliver(token)
        assert response.status_code == 503
        assert response["Cache-Control"] == "no-store"
        assert int(response["Retry-After"]) > 0
        assert "Logout token not processed" in caplog.text
        assert not EndedSession.objects.exists()
        assert member.get("/cart/").content == b"full"

    def test_failed_database_is_a_503(
        self, deliver: Callable[..., HttpResponse], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*args: object, **options: object) -> None:
            raise DatabaseError

        token = sign_logout()
        with monkeypatch.context() as patched:
            patched.setattr(EndedSession.objects, "create", fail)
            assert deliver(token).status_code == 503
        assert deliver(token).status_code == 200  # Hydra sends the same token again
