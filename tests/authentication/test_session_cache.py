"""The session cache: what it stores, for how long, and when it ignores an entry."""

from __future__ import annotations

import json
import time
import uuid
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache

from django_ory.authentication import session_cache as module
from django_ory.authentication.results import UNAVAILABLE, SessionState, WhoamiResult
from django_ory.authentication.session_cache import SessionCache
from django_ory.conf import get_settings
from django_ory.resilience import expiring_map
from django_ory.resilience import fail_safe_cache as store
from django_ory.users.rows import build_user_digest
from tests.support.kratos import IDENTITY_ID, ago, build_session, identity_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import Settings

    from django_ory.client.models import Session
    from tests.support.fixtures import ChangeOry

KEY = "f" * 64
ENTRY = module._entry_key(KEY)
INVALIDATION = module._invalidation_key("default", IDENTITY_ID)


@pytest.fixture
def sessions(change_ory: ChangeOry) -> SessionCache:
    change_ory(SESSION_CACHE_SECONDS=60)
    return SessionCache(get_settings())


def signed_in(*, ahead: float = 0.0, **changes: Any) -> WhoamiResult:
    """The result of a call that began now, or ``ahead`` seconds from now."""
    session = changes.pop("session", None) or build_session()
    return WhoamiResult(
        state=SessionState.SIGNED_IN, session=session, asked_at=time.time() + ahead, **changes
    )


def anonymous(**changes: Any) -> WhoamiResult:
    return WhoamiResult(state=SessionState.ANONYMOUS, asked_at=time.time(), **changes)


def get_session(sessions: SessionCache) -> Session:
    cached = sessions.get(KEY)
    assert cached is not None
    assert cached.session is not None
    return cached.session


def advance_clock(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: time.time() + seconds))
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + seconds)
    monkeypatch.setattr(expiring_map, "time", later)


def test_default_settings_cache_nothing() -> None:
    sessions = SessionCache(get_settings())
    assert not sessions.is_enabled
    sessions.set(KEY, signed_in())
    assert sessions.get(KEY) is None


def test_stored_session_is_returned_unchanged(sessions: SessionCache) -> None:
    result = signed_in(clock_offset=2.5)
    sessions.set(KEY, result)
    cached = sessions.get(KEY)
    assert cached is not None
    assert cached._replace(user_digest="") == result._replace(from_cache=True)
    assert sessions.get("0" * 64) is None


def test_session_that_requests_share_is_read_only(sessions: SessionCache) -> None:
    session: Any = build_session(identity=identity_json(metadata_public={"a": [1]}), made_up={"b": 1})
    sessions.set(KEY, signed_in(session=session))
    for _ in range(2):
        mine: Any = get_session(sessions)
        with pytest.raises(TypeError):
            mine.active = False
        with pytest.raises(TypeError):
            mine.identity.metadata_public["a"].append(2)
        with pytest.raises(TypeError):
            mine.identity.verifiable_addresses[0].verified = None
        mine.model_copy(deep=True).identity.traits["name"]["first"] = "Eve"
    assert get_session(sessions) == session
    assert get_session(sessions).model_dump_json() == session.model_dump_json()


def test_known_session_is_parsed_once(sessions: SessionCache) -> None:
    sessions.set(KEY, signed_in())
    assert get_session(sessions) is get_session(sessions)


def test_cached_result_has_the_digest_of_the_identity_in_the_cache(sessions: SessionCache) -> None:
    for email in ("ada@example.org", "eve@example.org"):
        session = build_session(identity=identity_json(traits={"email": email}))
        assert session.identity is not None
        sessions.set(KEY, signed_in(session=session))
        result = sessions.get(KEY)
        assert result is not None
        assert result.user_digest == build_user_digest(session.identity)


def test_session_that_is_not_kept_has_no_digest(sessions: SessionCache) -> None:
    """Requests that share the session share its digest. Others build it if they look up the user."""
    session = build_session(identity=identity_json(traits={"bio": "x" * module.MAX_KNOWN_LENGTH}))
    sessions.set(KEY, signed_in(session=session))
    result = sessions.get(KEY)
    assert result is not None
    assert (result.user_digest, result.session) == ("", session)


def test_token_of_a_session_is_not_stored(sessions: SessionCache) -> None:
    sessions.set(KEY, signed_in(session=build_session(tokenized="ey.secret")))
    assert "ey.secret" not in cache.get(ENTRY)


@pytest.mark.parametrize(
    ("make", "seconds"),
    [
        (lambda: signed_in(cache_for=5), 5),
        (lambda: signed_in(cache_for=500), 60),
        (lambda: signed_in(session=build_session(expires_at=ago(seconds=-20))), 20),
        (lambda: signed_in(session=build_session(expires_at=None)), 60),
        (anonymous, 5),
    ],
    ids=["limit of Kratos", "setting", "end of the session", "session without end", "anonymous"],
)
def test_shortest_limit_counts(
    sessions: SessionCache,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[], WhoamiResult],
    seconds: float,
) -> None:
    sessions.set(KEY, make())
    advance_clock(monkeypatch, seconds - 1)
    assert sessions.get(KEY) is not None
    advance_clock(monkeypatch, seconds + 1)
    assert sessions.get(KEY) is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: UNAVAILABLE,
        lambda: WhoamiResult(state=SessionState.AAL2_REQUIRED, asked_at=time.time()),
        lambda: signed_in(set_cookies=("ory_kratos_session=new",)),
        lambda: signed_in(cache_for=0),
        lambda: anonymous(cache_for=0),
        lambda: signed_in(session=build_session(expires_at=ago(seconds=1))),
        lambda: signed_in(session=build_session(identity=identity_json(traits={"x": "x" * 250_000}))),
    ],
    ids=["unavailable", "AAL2", "renewed cookie", "forbidden", "anonymous, forbidden", "expired", "huge"],
)
def test_result_that_may_not_be_cached_is_not_cached(
    sessions: SessionCache, make: Callable[[], WhoamiResult]
) -> None:
    sessions.set(KEY, make())
    assert sessions.get(KEY) is None
    is_kept = make() is UNAVAILABLE
    sessions.set(KEY, signed_in())
    sessions.set(KEY, make())  # also removes the former result
    assert (sessions.get(KEY) is not None) is is_kept


def test_invalidation_ends_earlier_results_in_every_process(sessions: SessionCache) -> None:
    other = SessionCache(get_settings())
    sessions.set(KEY, signed_in())
    assert other.get(KEY) is not None
    sessions.invalidate_identity(IDENTITY_ID.upper())
    assert sessions.get(KEY) is None
    assert other.get(KEY) is None
    sessions.set(KEY, signed_in())  # this call began at the moment of the invalidation
    assert sessions.get(KEY) is None
    sessions.set(KEY, signed_in(ahead=3))
    assert sessions.get(KEY) is not None


def test_invalidation_ahead_is_not_moved_back(sessions: SessionCache) -> None:
    sessions.invalidate_identity(IDENTITY_ID, until=time.time() + 100)
    sessions.invalidate_identity(IDENTITY_ID)
    for ahead, is_used in ((90, False), (110, True)):
        sessions.set(KEY, signed_in(ahead=ahead))
        assert (sessions.get(KEY) is not None) is is_used


def test_invalidation_ahead_is_limited(sessions: SessionCache) -> None:
    sessions.invalidate_identity(IDENTITY_ID, until=time.time() + 10**9)
    sessions.set(KEY, signed_in(ahead=7200))
    assert sessions.get(KEY) is not None


def test_evicted_invalidation_time_disables_the_entry(sessions: SessionCache) -> None:
    result = signed_in()
    sessions.set(KEY, result)
    cache.delete(INVALIDATION)
    assert sessions.get(KEY) is None
    assert not sessions.is_outdated(result)
    assert not sessions.is_outdated(UNAVAILABLE)


def test_result_of_a_concurrent_call_is_outdated_by_an_invalidation_only(sessions: SessionCache) -> None:
    earlier, later = signed_in(ahead=-0.1), signed_in()
    sessions.set(KEY, later)  # by another process
    assert not sessions.is_outdated(earlier)
    sessions.invalidate_identity(IDENTITY_ID)
    assert sessions.is_outdated(earlier)


def test_earlier_result_does_not_replace_the_entry_that_another_process_is_about_to_store(
    sessions: SessionCache,
) -> None:
    """Between its two writes, the other process has stored the invalidation time only."""
    earlier, later = signed_in(ahead=-0.1), signed_in()
    sessions.set(KEY, later)
    cache.delete(ENTRY)
    sessions.set(KEY, earlier)
    assert cache.get(ENTRY) is None
    sessions.set(KEY, later)
    assert get_session(sessions).active


def test_known_invalidation_key_is_read_together_with_the_entry(
    sessions: SessionCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions.set(KEY, signed_in())
    assert sessions.get(KEY) is not None
    with monkeypatch.context() as without_second_trip:
        without_second_trip.setattr(sessions._store, "get", pytest.fail)
        assert sessions.get(KEY) is not None
    sessions.invalidate_identity(IDENTITY_ID)
    assert sessions.get(KEY) is None


def test_cookie_of_another_identity_uses_the_invalidation_of_that_identity(sessions: SessionCache) -> None:
    other = signed_in(session=build_session(identity=identity_json(id=str(uuid.uuid4()))))
    sessions.set(KEY, other)
    assert get_session(sessions) == other.session
    sessions.set(KEY, signed_in())
    sessions.invalidate_identity(IDENTITY_ID)
    assert sessions.get(KEY) is None


def test_known_entry_counts_only_while_the_cache_has_it(sessions: SessionCache) -> None:
    sessions.set(KEY, signed_in())
    assert sessions.get(KEY) is not None
    cache.delete(ENTRY)
    assert sessions.get(KEY) is None


@pytest.mark.parametrize(
    ("trait", "known"),
    [
        ("x", 1),
        ("x" * module.MAX_KNOWN_LENGTH, 0),
        ([[] for _ in range(module.MAX_KNOWN_VALUES)], 0),
        ([1] * module.MAX_KNOWN_VALUES, 0),
        ([{}] * module.MAX_KNOWN_VALUES, 0),
    ],
    ids=["small", "long", "lists", "numbers", "objects"],
)
def test_sessions_that_a_process_keeps_are_limited(
    sessions: SessionCache, monkeypatch: pytest.MonkeyPatch, trait: object, known: int
) -> None:
    monkeypatch.setattr(module, "MAX_KNOWN_ENTRIES", 2)
    session = build_session(identity=identity_json(traits={"x": trait}))
    for number in range(5):
        sessions.set(str(number), signed_in(session=session))
        for _ in range(2):
            assert sessions.get(str(number)) is not None
    assert len(sessions._known) == known


@pytest.mark.parametrize("has_entry", [True, False])
def test_deleted_session_is_not_used(sessions: SessionCache, has_entry: bool) -> None:
    if has_entry:
        sessions.set(KEY, signed_in())
    assert sessions.delete(KEY)
    assert sessions.get(KEY) is None


def test_concurrent_write_of_a_deleted_session_is_ignored(sessions: SessionCache) -> None:
    """Another process looked the session up before the sign-out and stores the result after it."""
    sessions.set(KEY, signed_in())
    entry = cache.get(ENTRY)
    sessions.delete(KEY)
    cache.set(ENTRY, entry)
    assert sessions.get(KEY) is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        42,
        "",
        "no signature",
        "0" * 64 + "\n[1, 0, 9e9, 9e9]\n{}",
        b"bytes",
        {"state": "signed_in"},
        "\ud800\n\ud800",
        "ä" * 64 + "\nx",
    ],
)
def test_damaged_entry_is_ignored(sessions: SessionCache, value: Any) -> None:
    sessions.set(KEY, signed_in())
    cache.set(ENTRY, value)
    assert sessions.get(KEY) is None


def test_entry_of_another_key_is_ignored(sessions: SessionCache) -> None:
    sessions.set("a" * 64, signed_in())
    cache.set(ENTRY, cache.get(module._entry_key("a" * 64)))
    assert sessions.get(KEY) is None


def test_entry_signed_with_another_secret_is_ignored(sessions: SessionCache, settings: Settings) -> None:
    sessions.set(KEY, signed_in())
    settings.SECRET_KEY = b"another"
    assert sessions.get(KEY) is None


@pytest.mark.parametrize(
    "payload",
    [
        "x",
        "[1]",
        f'["{IDENTITY_ID}", 1, 0, 9e9, "later"]\n{{}}',
        "[[], 1, 0, 9e9, 9e9]\n{}",
        f'["{IDENTITY_ID}", 9e9, 0, 9e9, 9e9]\n{{"id": {{}}}}',
    ],
)
def test_entry_of_another_version_is_ignored(sessions: SessionCache, payload: str) -> None:
    sessions.set(KEY, signed_in())
    cache.set(ENTRY, module._sign(ENTRY, payload) + "\n" + payload)
    assert sessions.get(KEY) is None


class Down:
    """A cache with failing methods: all, or the named ones."""

    def __init__(self, *methods: str) -> None:
        self.methods = methods
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        if self.methods and name not in self.methods:
            return getattr(cache, name)

        def fail(*_: object, **__: object) -> None:
            self.calls += 1
            raise OSError("down")

        return fail


def test_cache_that_is_down_is_no_error(sessions: SessionCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "caches", {"default": Down()})
    assert sessions.get(KEY) is None
    sessions.set(KEY, signed_in())


def test_invalidation_that_is_not_stored_is_logged(
    sessions: SessionCache, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert sessions.invalidate_identity(IDENTITY_ID)
    assert sessions.delete(KEY)
    assert not caplog.records
    down = Down("set", "delete")
    monkeypatch.setattr(store, "caches", {"default": down})
    assert not sessions.invalidate_identity(IDENTITY_ID)
    assert not sessions.delete(KEY)
    assert down.calls == 2  # tried, although the cache had failed a moment ago
    assert "may use the session for up to 60 seconds" in caplog.text


def test_late_result_of_an_earlier_call_does_not_replace_a_newer_one(sessions: SessionCache) -> None:
    earlier = signed_in(ahead=-0.1)
    sessions.set(KEY, anonymous())
    sessions.set(KEY, earlier)
    cached = sessions.get(KEY)
    assert cached is not None
    assert cached.state is SessionState.ANONYMOUS


@pytest.mark.parametrize("depth", [10, 100, 190])
def test_nested_traits_are_cached(sessions: SessionCache, depth: int) -> None:
    session = build_session(identity=identity_json(traits={"deep": json.loads("[" * depth + "]" * depth)}))
    sessions.set(KEY, signed_in(session=session))
    assert get_session(sessions) == session


def test_stale_session_is_returned_on_demand_only(change_ory: ChangeOry) -> None:
    change_ory(WHEN_UNAVAILABLE_SAFE="stale", STALE_SECONDS=300)
    sessions = SessionCache(get_settings())
    assert sessions.is_enabled
    sessions.set(KEY, signed_in())
    assert sessions.get(KEY) is None
    assert sessions.get(KEY, stale=True) is not None
    sessions.set(KEY, anonymous())
    assert sessions.get(KEY, stale=True) is None


def test_anonymous_results_are_never_written_to_the_cache(
    sessions: SessionCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[str] = []
    for method in ("set", "add"):
        monkeypatch.setattr(cache, method, lambda key, *_, **__: keys.append(key))
    for number in range(3):
        sessions.set(str(number), anonymous())
        assert sessions.get(str(number)) is not None
        sessions.delete(str(number))
    assert keys == []


def test_anonymous_results_of_a_process_are_limited(
    change_ory: ChangeOry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_ANONYMOUS_RESULTS", 3)
    change_ory(SESSION_CACHE_SECONDS=60)
    sessions = SessionCache(get_settings())
    for number in range(10):
        sessions.set(str(number), anonymous())
    assert [number for number in range(10) if sessions.get(str(number))] == [7, 8, 9]


def test_newer_session_replaces_an_anonymous_result(sessions: SessionCache) -> None:
    sessions.set(KEY, anonymous())
    sessions.set(KEY, signed_in())
    assert get_session(sessions).active


class Recording:
    """A cache that records the lifetime of each key."""

    def __init__(self) -> None:
        self.lifetimes: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(cache, name)

    def set(self, key: str, value: Any, timeout: Any = "default") -> None:
        self.lifetimes[key] = timeout
        cache.set(key, value, timeout)

    def add(self, key: str, value: Any, timeout: Any = "default") -> bool:
        self.lifetimes[key] = timeout
        return cache.add(key, value, timeout)


@pytest.mark.parametrize(("result", "seconds"), [(signed_in(), 60), (signed_in(cache_for=0.2), 1)])
def test_everything_that_is_written_expires(
    sessions: SessionCache, monkeypatch: pytest.MonkeyPatch, result: WhoamiResult, seconds: int
) -> None:
    recording = Recording()
    monkeypatch.setattr(store, "caches", {"default": recording})
    sessions.set(KEY, result._replace(asked_at=time.time()))
    assert recording.lifetimes == {ENTRY: seconds, INVALIDATION: 180}
    sessions.invalidate_identity(IDENTITY_ID)
    assert recording.lifetimes[INVALIDATION] == 180
