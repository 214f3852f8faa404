"""The keys of Hydra: the times of fetches, and the keys during an outage."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import nullcontext
from typing import Any

import pytest

from django_ory.client import OryConnectionError, OryError
from django_ory.client.models import JsonWebKeySet
from django_ory.resilience.log_throttle import LOG_INTERVAL_SECONDS
from django_ory.testing import FakeOry
from django_ory.tokens import key_set as module
from django_ory.tokens.access_token import InvalidToken
from django_ory.tokens.key_set import KeySet
from django_ory.tokens.verification import verify_access_token

from .signing import public_jwk


class Hydra:
    """Serves keys, or fails."""

    def __init__(self, *key_ids: str) -> None:
        self.key_ids = list(key_ids)
        self.fetches = 0
        self.is_down = False
        self.is_asked = threading.Event()
        self.answers = threading.Event()  # fetches wait while this is cleared
        self.answers.set()

    def fetch(self) -> JsonWebKeySet:
        self.fetches += 1
        self.is_asked.set()
        self.answers.wait(30)
        if self.is_down:
            raise OryConnectionError("refused", operation="GET /.well-known/jwks.json")
        return JsonWebKeySet.model_validate(
            {"keys": [public_jwk("ES256", kid=each) for each in self.key_ids]}
        )


@pytest.fixture
def hydra() -> Hydra:
    return Hydra("old")


@pytest.fixture
def keys(hydra: Hydra) -> KeySet:
    return KeySet(hydra.fetch, wait_seconds=30.0, max_age_seconds=3_600.0)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_000.0]
    monkeypatch.setattr("django_ory.tokens.key_set.time.monotonic", lambda: now[0])
    return now


def test_known_key_is_fetched_once(keys: KeySet, hydra: Hydra) -> None:
    assert keys.get("old") is keys.get("old")
    assert hydra.fetches == 1


def test_unknown_key_is_fetched_once_per_interval(keys: KeySet, hydra: Hydra, clock: list[float]) -> None:
    keys.get("old")
    for number in range(50):
        with pytest.raises(InvalidToken, match="kid"):
            keys.get(f"unknown-{number}")
    assert hydra.fetches == 2
    clock[0] += module.MIN_FETCH_INTERVAL_SECONDS
    with pytest.raises(InvalidToken):
        keys.get("unknown")
    assert hydra.fetches == 3


def test_new_key_is_found_at_once_and_the_old_one_stays(keys: KeySet, hydra: Hydra) -> None:
    keys.get("old")
    hydra.key_ids.append("new")
    keys.get("new")
    keys.get("old")
    assert hydra.fetches == 2


def test_removed_key_is_rejected_after_the_greatest_age(
    keys: KeySet, hydra: Hydra, clock: list[float]
) -> None:
    keys.get("old")
    hydra.key_ids = ["new"]
    keys.get("old")
    clock[0] += module.REFETCH_SECONDS + 1
    with pytest.raises(InvalidToken):
        keys.get("old")


def test_known_keys_are_used_while_hydra_is_down_with_one_fetch_per_interval(
    keys: KeySet, hydra: Hydra, clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    keys.get("old")
    hydra.is_down = True
    clock[0] += module.REFETCH_SECONDS + 1
    for _ in range(20):
        keys.get("old")
    assert hydra.fetches == 2
    assert len(caplog.records) == 1


def test_outage_is_logged_once_per_minute(
    keys: KeySet, hydra: Hydra, clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    keys.get("old")
    hydra.is_down = True
    clock[0] += module.REFETCH_SECONDS + 1
    for _ in range(50):
        keys.get("old")
        clock[0] += module.RETRY_SECONDS
    assert hydra.fetches == 51
    assert [each.getMessage().partition(";")[0] for each in caplog.records] == [
        "Fetching the keys of Hydra failed (project default)"
    ]
    clock[0] += LOG_INTERVAL_SECONDS
    keys.get("old")
    assert len(caplog.records) == 2


def test_unknown_key_while_hydra_is_down_is_an_error_of_hydra_with_one_fetch_per_interval(
    keys: KeySet, hydra: Hydra, clock: list[float]
) -> None:
    hydra.is_down = True
    for _ in range(20):
        with pytest.raises(OryError):
            keys.get("old")
    assert hydra.fetches == 1
    hydra.is_down = False
    clock[0] += module.RETRY_SECONDS
    keys.get("old")


def test_unknown_key_after_a_failed_fetch_is_an_error_of_hydra_not_an_invalid_token(
    keys: KeySet, hydra: Hydra, clock: list[float]
) -> None:
    keys.get("old")
    hydra.is_down = True
    for _ in range(2):
        with pytest.raises(OryError):
            keys.get("new")


def test_concurrent_requests_cause_one_fetch(keys: KeySet, hydra: Hydra) -> None:
    hydra.answers.clear()
    with ThreadPoolExecutor(16) as pool:
        calls = [pool.submit(keys.get, "old") for _ in range(16)]
        assert not wait(calls, timeout=0.1).done
        hydra.answers.set()
        for call in calls:
            call.result(30)
    assert hydra.fetches == 1


def test_known_key_is_not_delayed_by_the_fetch_of_another_thread(keys: KeySet, hydra: Hydra) -> None:
    keys.get("old")
    keys._fresh_until = float("-inf")
    hydra.is_asked.clear()
    hydra.answers.clear()
    thread = threading.Thread(target=keys.get, args=("old",))
    thread.start()
    assert hydra.is_asked.wait(30)
    keys.get("old")
    assert thread.is_alive()
    hydra.answers.set()
    thread.join(30)
    assert hydra.fetches == 2


def test_thousand_keys_cost_nothing_until_they_are_used() -> None:
    hydra = Hydra(*map(str, range(1_000)))
    keys = KeySet(hydra.fetch, wait_seconds=1.0, max_age_seconds=3_600.0)
    assert keys.get("999").key_id == "999"
    assert hydra.fetches == 1


class TestAge:
    """Keys during a long outage."""

    def test_known_keys_are_used_until_the_greatest_age_and_then_hydra_is_unavailable(
        self, keys: KeySet, hydra: Hydra, clock: list[float]
    ) -> None:
        keys.get("old")
        hydra.is_down = True
        clock[0] += 3_599
        keys.get("old")
        clock[0] += 2
        for _ in range(3):
            with pytest.raises(OryError):
                keys.get("old")

    def test_outage_ends_with_the_next_fetch(self, keys: KeySet, hydra: Hydra, clock: list[float]) -> None:
        keys.get("old")
        hydra.is_down = True
        clock[0] += 4_000
        with pytest.raises(OryError):
            keys.get("old")
        hydra.is_down = False
        clock[0] += module.RETRY_SECONDS
        keys.get("old")

    def test_keys_that_are_too_old_cause_one_fetch_per_interval(
        self, keys: KeySet, hydra: Hydra, clock: list[float]
    ) -> None:
        keys.get("old")
        hydra.is_down = True
        clock[0] += 4_000
        for _ in range(20):
            with pytest.raises(OryError):
                keys.get("old")
        assert hydra.fetches == 2

    def test_keys_that_are_too_old_are_not_used_while_another_thread_fetches(
        self, hydra: Hydra, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keys = KeySet(hydra.fetch, wait_seconds=0.05, max_age_seconds=3_600.0)
        keys.get("old")
        keys._fresh_until = keys._usable_until = float("-inf")
        keys._lock.acquire()  # as the other thread
        with pytest.raises(OryError, match="takes long"):
            keys.get("old")
        keys._lock.release()
        keys.get("old")

    def test_age_below_the_usual_interval_shortens_it(self, hydra: Hydra, clock: list[float]) -> None:
        keys = KeySet(hydra.fetch, wait_seconds=1.0, max_age_seconds=60.0)
        keys.get("old")
        hydra.key_ids = ["new"]
        clock[0] += 61
        with pytest.raises(InvalidToken):
            keys.get("old")

    def test_setting_is_the_greatest_age(
        self, ory: FakeOry, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.ORY = {"default": {**settings.ORY["default"], "OAUTH2_KEYS_MAX_AGE_SECONDS": 900}}
        token = ory.create_token("shop", as_jwt=True).value
        verify_access_token(token, method="jwt")
        started = time.monotonic()
        for seconds, is_usable in ((890, True), (910, False)):
            now = started + seconds
            monkeypatch.setattr("django_ory.tokens.key_set.time.monotonic", lambda now=now: now)
            with ory.fault("hydra", "down"), nullcontext() if is_usable else pytest.raises(OryError):
                verify_access_token(token, method="jwt")
