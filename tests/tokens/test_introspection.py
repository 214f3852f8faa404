"""Introspection: the responses of active tokens, and the cache entries."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.core.cache import cache

from django_ory.authentication.logout import end_sessions
from django_ory.client import OryError
from django_ory.mirror.clients import delete_client, revoke_client_consents
from django_ory.testing import FakeOry
from django_ory.tokens.access_token import InvalidToken
from django_ory.tokens.introspection import introspect_token
from django_ory.tokens.introspection_cache import invalidate_tokens
from django_ory.tokens.verification import verify_access_token

ROUTE = "POST /admin/oauth2/introspect"
CLIENT_ID = "photo-lab"


@pytest.fixture
def cached(settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "INTROSPECTION_CACHE_SECONDS": 60}}
    cache.clear()


def create_token(ory: FakeOry, **values: Any) -> str:
    return ory.create_token(CLIENT_ID, **values).value


def get_cached_values() -> dict[str, Any]:
    """The content of Django's cache, by the keys of its API."""
    content: Any = cache
    keys = [key.split(":", 2)[2] for key in list(content._cache)]
    return {key: cache.get(key) for key in keys}


def count_calls(ory: FakeOry) -> int:
    return sum(request.path.endswith("/introspect") for request in ory.requests)


def introspect(token: str) -> dict[str, Any]:
    return introspect_token(token, alias="default")


@pytest.mark.parametrize(
    "changes",
    [
        {"active": False},
        {"active": None},
        {"token_use": "refresh_token"},
        {"token_use": None},
        {"token_type": "mac"},
        {"token_type": None},
        {"exp": None},
        {"iss": "https://evil.example"},
        {"client_id": None},
        {"sub": ""},
    ],
    ids=str,
)
def test_answer_that_is_no_active_access_token_is_rejected(ory: FakeOry, changes: dict[str, Any]) -> None:
    now = int(time.time())
    content = {
        "active": True,
        "client_id": CLIENT_ID,
        "sub": "ann",
        "exp": now + 60,
        "iat": now,
        "iss": "http://hydra.test:4444",
        "token_type": "Bearer",
        "token_use": "access_token",
        "scope": "a",
        **changes,
    }
    ory.respond(ROUTE, json={name: value for name, value in content.items() if value is not None})
    with pytest.raises((InvalidToken, OryError)):
        verify_access_token("ory_at_x", method="introspection")


@pytest.mark.parametrize("body", ["<html>", "", "null", "[]", "true", '{"active": "maybe"}', "[" * 10_000])
def test_answer_that_is_no_introspection_is_an_error_of_hydra(ory: FakeOry, body: str) -> None:
    ory.respond(ROUTE, body=body, headers={"Content-Type": "application/json"})
    with pytest.raises(OryError):
        introspect("ory_at_x")


def test_revocation_without_a_cache_stores_nothing(ory: FakeOry) -> None:
    cache.clear()
    invalidate_tokens(alias="default", subject="ann", client_id=CLIENT_ID)
    assert not get_cached_values()


def test_every_request_is_a_call_without_the_setting(ory: FakeOry) -> None:
    token = create_token(ory)
    for _ in range(3):
        introspect(token)
    assert count_calls(ory) == 3


@pytest.mark.usefixtures("cached")
class TestCache:
    def test_token_is_introspected_once(self, ory: FakeOry) -> None:
        token = create_token(ory)
        assert introspect(token) == introspect(token)
        assert count_calls(ory) == 1

    def test_entry_holds_no_token(self, ory: FakeOry) -> None:
        token = create_token(ory)
        introspect(token)
        assert token not in str(get_cached_values())

    def test_inactive_token_is_introspected_once_for_some_seconds(
        self, ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(3):
            with pytest.raises(InvalidToken):
                introspect("ory_at_unknown")
        assert count_calls(ory) == 1
        now = time.monotonic() + 6
        monkeypatch.setattr("django_ory.resilience.expiring_map.time.monotonic", lambda: now)
        with pytest.raises(InvalidToken):
            introspect("ory_at_unknown")
        assert count_calls(ory) == 2

    @pytest.mark.parametrize("kind", ["down", "error", "html"])
    def test_failures_are_not_cached(self, ory: FakeOry, kind: str) -> None:
        token = create_token(ory)
        with ory.fault("hydra", kind), pytest.raises(OryError):
            introspect(token)
        introspect(token)

    def test_expired_token_is_rejected_although_it_is_cached(
        self, ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = create_token(ory, expires_in=30)
        verify_access_token(token)
        now = time.time() + 41
        monkeypatch.setattr("django_ory.tokens.access_token.time.time", lambda: now)
        with pytest.raises(InvalidToken, match="expired"):
            verify_access_token(token)

    @pytest.mark.parametrize("values", [{"subject": "ann"}, {"client_id": CLIENT_ID}])
    def test_invalidation_causes_another_introspection(self, ory: FakeOry, values: dict[str, str]) -> None:
        token = create_token(ory, subject="ann")
        introspect(token)
        invalidate_tokens(alias="default", **values)
        introspect(token)
        assert count_calls(ory) == 2

    def test_invalidation_of_another_user_changes_nothing(self, ory: FakeOry) -> None:
        token = create_token(ory, subject="ann")
        introspect(token)
        invalidate_tokens(alias="default", subject="bob", client_id="other")
        introspect(token)
        assert count_calls(ory) == 1

    def test_entry_without_invalidation_times_is_ignored(self, ory: FakeOry) -> None:
        token = create_token(ory, subject="ann")
        introspect(token)
        for key, value in get_cached_values().items():
            if isinstance(value, float):
                cache.delete(key)
        introspect(token)
        assert count_calls(ory) == 2

    @pytest.mark.parametrize(
        "values", [{"expires_in": 1}, {"claims": {"text": "x" * 100_000}}], ids=["expires soon", "large"]
    )
    def test_token_that_is_not_worth_an_entry_is_introspected_each_time(
        self, ory: FakeOry, values: dict[str, Any]
    ) -> None:
        token = create_token(ory, **values)
        introspect(token)
        introspect(token)
        assert count_calls(ory) == 2
        assert not get_cached_values()

    def test_active_token_without_expiry_is_not_cached(self, ory: FakeOry) -> None:
        ory.respond(ROUTE, json={"active": True, "token_type": "Bearer", "token_use": "access_token"})
        introspect("ory_at_x")
        introspect("ory_at_x")
        assert count_calls(ory) == 2

    def test_forged_entry_is_ignored(self, ory: FakeOry) -> None:
        mine, other = create_token(ory, subject="ann"), create_token(ory, subject="bob")
        introspect(mine)
        introspect(other)
        entries = [(key, value) for key, value in get_cached_values().items() if isinstance(value, str)]
        (first_key, first), (second_key, second) = entries
        cache.set_many({first_key: second, second_key: first})
        assert introspect(mine)["sub"] == "ann"
        assert introspect(other)["sub"] == "bob"

    def test_concurrent_requests_cause_one_call(self, ory: FakeOry) -> None:
        token = create_token(ory)

        def answer(request: Any) -> Any:
            time.sleep(0.1)
            return ory.answer(request)

        ory.respond(ROUTE, answer)
        with ThreadPoolExecutor(8) as pool:
            assert len(set(map(str, pool.map(introspect, [token] * 8)))) == 1
        assert count_calls(ory) == 1


@pytest.mark.usefixtures("cached")
@pytest.mark.django_db
class TestRevocation:
    """Revocations through this app take effect at once."""

    @pytest.fixture
    def token(self, ory: FakeOry) -> str:
        identity = ory.create_identity()
        self.subject = identity.id
        self.client_id = str(ory.create_oauth2_client().client_id)
        token = ory.create_token(self.client_id, subject=identity.id).value
        introspect(token)
        return token

    def test_ended_sessions_of_a_user_invalidate_the_tokens(self, ory: FakeOry, token: str) -> None:
        end_sessions(self.subject)
        introspect(token)
        assert count_calls(ory) == 2

    def test_deleted_client_invalidates_its_tokens(self, ory: FakeOry, token: str) -> None:
        delete_client("default", self.client_id)
        with suppress(InvalidToken):
            introspect(token)
        assert count_calls(ory) == 2

    def test_revoked_consents_of_a_client_invalidate_its_tokens(self, ory: FakeOry, token: str) -> None:
        revoke_client_consents("default", self.client_id)
        with suppress(InvalidToken):
            introspect(token)
        assert count_calls(ory) == 2
