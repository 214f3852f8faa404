"""What is remembered is short-lived, signed, and gone when it must be."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache

from django_ory.authentication import entries
from django_ory.authentication import session_cache as module
from django_ory.authentication.results import UNAVAILABLE, SessionState, WhoamiResult
from django_ory.authentication.session_cache import Memory, _mark_key
from django_ory.conf import get_settings
from django_ory.resilience import fail_safe_cache as store

from .stand_in import IDENTITY_ID, a_session, ago, identity_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import Settings

    from .fixtures import ChangeOry

KEY = "f" * 64
ENTRY = "django_ory:2:who:" + KEY


@pytest.fixture
def memory(change_ory: ChangeOry) -> Memory:
    change_ory(SESSION_CACHE_SECONDS=60)
    return Memory(get_settings())


def signed_in(**changes: Any) -> WhoamiResult:
    return WhoamiResult(state=SessionState.SIGNED_IN, session=a_session(), asked_at=time.time(), **changes)


def test_off_by_default() -> None:
    memory = Memory(get_settings())
    assert not memory.is_on
    memory.remember(KEY, signed_in())
    assert memory.recall(KEY) is None


def test_a_session_comes_back_as_it_was(memory: Memory) -> None:
    answer = signed_in(clock_offset=2.5)
    memory.remember(KEY, answer)
    kept = memory.recall(KEY)
    assert kept is not None
    assert kept.answer.session == answer.session
    assert kept.answer.clock_offset == 2.5
    assert kept.answer.from_cache
    assert kept.fresh_until == pytest.approx(time.time() + 60, abs=2)
    assert memory.recall("0" * 64) is None


def test_what_a_view_does_to_a_session_stays_with_that_view(memory: Memory) -> None:
    def remembered() -> Any:
        kept = memory.recall(KEY)
        assert kept is not None
        return kept.answer.session

    session = a_session(identity=identity_json(metadata_public={"a": [1]}), made_up={"b": 1})
    memory.remember(KEY, WhoamiResult(state=SessionState.SIGNED_IN, session=session, asked_at=time.time()))
    mine = remembered()
    mine.active = False
    mine.identity.traits["name"]["first"] = "Eve"
    mine.identity.metadata_public["a"].append(2)
    mine.identity.verifiable_addresses[0].verified = None
    mine.identity.verifiable_addresses.clear()
    mine.authentication_methods[0].method = "oidc"
    mine.made_up["b"] = 2
    assert remembered() == session
    assert remembered().model_dump_json() == session.model_dump_json()


def test_neither_credential_nor_token_is_stored(memory: Memory) -> None:
    answer = WhoamiResult(
        state=SessionState.SIGNED_IN,
        session=a_session(tokenized="ey.secret"),
        asked_at=time.time(),
    )
    memory.remember(KEY, answer)
    assert "ey.secret" not in cache.get(ENTRY)


def until(moment: str | None) -> WhoamiResult:
    return WhoamiResult(
        state=SessionState.SIGNED_IN, session=a_session(expires_at=moment), asked_at=time.time()
    )


@pytest.mark.parametrize(
    ("make", "seconds"),
    [
        (lambda: signed_in(cache_for=5), 5),
        (lambda: signed_in(cache_for=500), 60),
        (lambda: until(ago(seconds=-20)), 20),
        (lambda: until(None), 60),
        (lambda: WhoamiResult(state=SessionState.ANONYMOUS, asked_at=time.time()), 5),
    ],
    ids=["Kratos' word", "the setting", "the session's end", "no end", "nobody"],
)
def test_the_least_of_all_lives(memory: Memory, make: Callable[[], WhoamiResult], seconds: float) -> None:
    answer = make()
    memory.remember(KEY, answer)
    kept = memory.recall(KEY)
    assert kept is not None
    assert kept.fresh_until == pytest.approx(answer.asked_at + seconds, abs=1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: UNAVAILABLE,
        lambda: WhoamiResult(state=SessionState.AAL2_REQUIRED, asked_at=time.time()),
        lambda: signed_in(set_cookies=("ory_kratos_session=new",)),
        lambda: signed_in(cache_for=0),
        lambda: until(ago(seconds=1)),
    ],
    ids=["unavailable", "second factor", "renewed cookie", "forbidden by Kratos", "over"],
)
def test_what_is_not_remembered(memory: Memory, make: Callable[[], WhoamiResult]) -> None:
    memory.remember(KEY, make())
    assert memory.recall(KEY) is None


def test_a_session_that_ends_meanwhile(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = WhoamiResult(
        state=SessionState.SIGNED_IN, session=a_session(expires_at=ago(seconds=-30)), asked_at=time.time()
    )
    memory.remember(KEY, answer)
    monkeypatch.setattr(entries, "time", SimpleNamespace(time=lambda: time.time() + 31))
    assert memory.recall(KEY) is None


def test_a_mark_ends_it_in_every_process(memory: Memory) -> None:
    memory.remember(KEY, signed_in())
    memory.mark(IDENTITY_ID)
    assert memory.recall(KEY) is None
    memory.remember(KEY, signed_in())  # asked at the moment of the mark: it may be from before
    assert memory.recall(KEY) is None
    later = WhoamiResult(state=SessionState.SIGNED_IN, session=a_session(), asked_at=time.time() + 3)
    memory.remember(KEY, later)
    assert memory.recall(KEY) is not None


def test_a_mark_ahead_is_not_moved_back(memory: Memory) -> None:
    memory.mark(IDENTITY_ID, until=time.time() + 100)
    memory.mark(IDENTITY_ID)
    memory.bar("another", IDENTITY_ID)
    for ahead, believed in ((90, False), (110, True)):
        answer = WhoamiResult(state=SessionState.SIGNED_IN, session=a_session(), asked_at=time.time() + ahead)
        memory.remember(KEY, answer)
        assert (memory.recall(KEY) is not None) is believed


def test_a_mark_is_not_too_far_ahead(memory: Memory) -> None:
    memory.mark(IDENTITY_ID, until=time.time() + 10**9)
    in_two_hours = WhoamiResult(
        state=SessionState.SIGNED_IN, session=a_session(), asked_at=time.time() + 7200
    )
    memory.remember(KEY, in_two_hours)
    assert memory.recall(KEY) is not None


def test_without_a_mark_nothing_is_believed(memory: Memory) -> None:
    answer = signed_in()
    memory.remember(KEY, answer)
    entry = cache.get(ENTRY)
    cache.clear()
    cache.set(ENTRY, entry)  # as if the cache had dropped the mark, and what it said with it
    assert memory.recall(KEY) is None
    assert not memory.is_outdated(answer)
    assert not memory.is_outdated(UNAVAILABLE)


def test_result_of_a_concurrent_call_is_outdated_by_an_invalidation_only(memory: Memory) -> None:
    now = time.time()
    earlier, later = (
        WhoamiResult(state=SessionState.SIGNED_IN, session=a_session(), asked_at=at)
        for at in (now - 0.1, now)
    )
    memory.remember(KEY, later)  # by another process
    assert not memory.is_outdated(earlier)
    memory.mark(IDENTITY_ID)
    assert memory.is_outdated(earlier)


def test_a_lost_mark_brings_nothing_back(memory: Memory) -> None:
    """The cache dropped a mark, and another session of the same identity is remembered after that."""
    memory.remember(KEY, signed_in())
    memory.mark(IDENTITY_ID)
    cache.delete(_mark_key("default", IDENTITY_ID))
    later = WhoamiResult(state=SessionState.SIGNED_IN, session=a_session(), asked_at=time.time() + 3)
    memory.remember("e" * 64, later)
    assert memory.recall("e" * 64) is not None
    assert memory.recall(KEY) is None


def test_a_known_mark_comes_with_the_entry(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.remember(KEY, signed_in())
    assert memory.recall(KEY) is not None
    with monkeypatch.context() as second_trips:
        second_trips.setattr(memory._store, "get", pytest.fail)
        assert memory.recall(KEY) is not None
    memory.mark(IDENTITY_ID)
    assert memory.recall(KEY) is None


def test_a_mark_known_by_mistake_does_not_count(memory: Memory) -> None:
    """A cookie may be another person's tomorrow: the entry says whose mark counts."""
    memory.remember(KEY, signed_in())
    memory._keep_hint(KEY, "django_ory:2:mark:of-somebody-else")
    memory.mark(IDENTITY_ID)
    assert memory.recall(KEY) is None


def test_hints_are_few(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_HINTS", 2)
    for number in range(5):
        memory._keep_hint(str(number), "x")
    assert len(memory._hints) <= 2


def test_a_barred_credential_is_nobodys(memory: Memory) -> None:
    memory.remember(KEY, signed_in())
    memory.bar(KEY)
    kept = memory.recall(KEY)
    assert kept is not None
    assert kept.answer.state is SessionState.ANONYMOUS
    assert kept.fresh_until > time.time() + 50


@pytest.mark.parametrize(
    "poison",
    [
        None,
        42,
        "",
        "no seal",
        "0" * 64 + '\n["signed_in", 1, 0, 9e9]\n{}',
        b"bytes",
        {"state": "signed_in"},
        "\ud800\n\ud800",
        "ä" * 64 + "\nx",
    ],
)
def test_poison_is_ignored(memory: Memory, poison: Any) -> None:
    memory.remember(KEY, signed_in())
    cache.set(ENTRY, poison)
    assert memory.recall(KEY) is None


def test_an_entry_of_another_person_is_ignored(memory: Memory) -> None:
    memory.remember("a" * 64, signed_in())
    cache.set(ENTRY, cache.get("django_ory:2:who:" + "a" * 64))
    assert memory.recall(KEY) is None


def test_an_entry_made_with_another_secret_is_ignored(memory: Memory, settings: Settings) -> None:
    memory.remember(KEY, signed_in())
    settings.SECRET_KEY = b"another"
    assert memory.recall(KEY) is None


@pytest.mark.parametrize(
    "payload",
    [
        "x",
        "[1]",
        '["new state", 1, 0, 9e9, 9e9, ""]',
        '["signed_in", 1, 0, 9e9, "later", ""]',
        '["signed_in", 1, 0, 9e9, 9e9, ""]\n{"id": {}}',
    ],
)
def test_an_entry_of_another_version_is_ignored(memory: Memory, payload: str) -> None:
    secret = entries._secret(django_settings.SECRET_KEY)
    cache.set(ENTRY, entries._seal(secret, ENTRY, payload) + "\n" + payload)
    assert memory.recall(KEY) is None


class Down:
    """A cache that cannot be reached."""

    def __init__(self, *broken: str) -> None:
        self.broken = broken
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        if self.broken and name not in self.broken:
            return getattr(cache, name)

        def fail(*_: object, **__: object) -> None:
            self.calls += 1
            raise OSError("down")

        return fail


def test_a_cache_that_is_down_costs_a_call_and_no_more(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "caches", {"default": Down()})
    assert memory.recall(KEY) is None
    memory.remember(KEY, signed_in())


def test_a_change_that_the_cache_does_not_take_is_told(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert memory.mark(IDENTITY_ID)
    assert memory.bar(KEY)
    assert not caplog.records
    down = Down("set")
    monkeypatch.setattr(store, "caches", {"default": down})
    assert not memory.mark(IDENTITY_ID)
    assert not memory.bar(KEY, IDENTITY_ID)
    assert down.calls == 3  # tried, although the cache had failed a moment ago
    assert "lives on for up to 60 seconds" in caplog.text


@pytest.mark.parametrize(
    "answer",
    [
        WhoamiResult(state=SessionState.ANONYMOUS, asked_at=time.time(), cache_for=0),
        WhoamiResult(state=SessionState.AAL2_REQUIRED, asked_at=time.time()),
        signed_in(set_cookies=("ory_kratos_session=new",)),
    ],
    ids=["nobody", "second factor", "renewed cookie"],
)
def test_what_kratos_says_now_ends_what_it_said_before(memory: Memory, answer: WhoamiResult) -> None:
    memory.remember(KEY, signed_in())
    memory.remember(KEY, UNAVAILABLE)
    assert memory.recall(KEY) is not None
    memory.remember(KEY, answer._replace(asked_at=time.time()))
    assert memory.recall(KEY) is None


def test_a_late_answer_does_not_undo_a_newer_one(memory: Memory) -> None:
    before = signed_in()
    memory.remember(KEY, WhoamiResult(state=SessionState.ANONYMOUS, asked_at=time.time()))
    memory.remember(KEY, before)
    kept = memory.recall(KEY)
    assert kept is not None
    assert kept.answer.state is SessionState.ANONYMOUS


def test_a_session_too_large_for_caches_is_not_remembered(memory: Memory) -> None:
    memory.remember(KEY, signed_in())
    huge = a_session(identity=identity_json(traits={"email": "x" * module.MAX_ENTRY}))
    memory.remember(KEY, WhoamiResult(state=SessionState.SIGNED_IN, session=huge, asked_at=time.time()))
    assert memory.recall(KEY) is None


@pytest.mark.parametrize("depth", [10, 100, 190])
def test_traits_in_traits_in_traits(memory: Memory, depth: int) -> None:
    traits = json.loads("[" * depth + "]" * depth)
    answer = WhoamiResult(
        state=SessionState.SIGNED_IN,
        session=a_session(identity=identity_json(traits={"deep": traits})),
        asked_at=time.time(),
    )
    memory.remember(KEY, answer)
    one, two = memory.recall(KEY), memory.recall(KEY)
    assert one is not None
    assert two is not None
    for session in (one.answer.session, two.answer.session):
        assert session == answer.session
    assert one.answer.session is not two.answer.session


@pytest.mark.parametrize("identity_id", [5, ["x"], "", None, "another"])
def test_an_entry_that_names_another_identity_than_its_session(memory: Memory, identity_id: Any) -> None:
    memory.remember(KEY, signed_in())
    payload = cache.get(ENTRY).partition("\n")[2]
    head, _, body = payload.partition("\n")
    payload = json.dumps([*json.loads(head)[:-1], identity_id]) + "\n" + body
    secret = entries._secret(django_settings.SECRET_KEY)
    cache.set(ENTRY, f"{entries._seal(secret, ENTRY, payload)}\n{payload}")
    assert memory.recall(KEY) is None


def test_who_signs_out_while_kratos_is_asked_is_not_remembered(memory: Memory) -> None:
    memory.bar(KEY, IDENTITY_ID)
    memory.remember(KEY, signed_in())
    cache.delete("django_ory:2:bar:" + KEY)
    assert memory.recall(KEY) is None


@pytest.mark.parametrize("known", [False, True])
def test_a_bar_stands_before_an_entry(memory: Memory, known: bool) -> None:
    """The entry could not be deleted, or is written by another process at the same moment."""
    memory.remember(KEY, signed_in())
    entry = cache.get(ENTRY)
    if known:
        cache.delete(ENTRY)
    memory.bar(KEY, IDENTITY_ID if known else "")
    cache.set(ENTRY, entry)
    kept = memory.recall(KEY)
    assert kept is not None
    assert kept.answer.barred


def test_a_lost_bar_brings_nothing_back(memory: Memory) -> None:
    memory.remember(KEY, signed_in())
    memory.bar(KEY)
    cache.delete("django_ory:2:bar:" + KEY)
    assert memory.recall(KEY) is None


def test_an_identity_by_any_spelling(memory: Memory) -> None:
    memory.remember(KEY, signed_in())
    memory.mark(IDENTITY_ID.upper())
    assert memory.recall(KEY) is None


def test_for_the_policy_stale_answers_are_kept_longer(change_ory: ChangeOry) -> None:
    change_ory(WHEN_UNAVAILABLE_SAFE="stale", STALE_SECONDS=300)
    memory = Memory(get_settings())
    assert memory.is_on
    memory.remember(KEY, signed_in())
    kept = memory.recall(KEY)
    assert kept is not None
    assert kept.fresh_until <= time.time()  # only for the case that Kratos is down
    memory.remember("e" * 64, WhoamiResult(state=SessionState.ANONYMOUS, asked_at=time.time()))
    assert memory.recall("e" * 64) is None


def test_anonymous_results_are_never_written_to_the_cache(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[str] = []
    for method in ("set", "add"):
        monkeypatch.setattr(cache, method, lambda key, *_, **__: keys.append(key))
    for number in range(3):
        memory.remember(str(number), WhoamiResult(state=SessionState.ANONYMOUS, asked_at=time.time()))
        memory.bar(str(number))  # a sign-out with a cookie that is nobody's
        assert memory.recall(str(number)) is not None
    assert keys == []


def test_anonymous_results_of_a_process_are_bounded(
    change_ory: ChangeOry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_ANONYMOUS", 3)
    change_ory(SESSION_CACHE_SECONDS=60)
    memory = Memory(get_settings())
    for number in range(10):
        memory.remember(str(number), WhoamiResult(state=SessionState.ANONYMOUS, asked_at=time.time()))
    assert [number for number in range(10) if memory.recall(str(number))] == [7, 8, 9]


def test_newer_session_replaces_an_anonymous_result(memory: Memory) -> None:
    memory.remember(KEY, WhoamiResult(state=SessionState.ANONYMOUS, asked_at=time.time()))
    memory.remember(KEY, signed_in())
    kept = memory.recall(KEY)
    assert kept is not None
    assert kept.answer.state is SessionState.SIGNED_IN


def test_sign_out_of_an_unknown_credential_is_reported_while_the_cache_is_down(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(store, "caches", {"default": Down()})
    assert not memory.bar(KEY)
    assert "lives on for up to 60 seconds" in caplog.text


class Recording:
    """A cache that remembers for how long each key is to live."""

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


def test_everything_that_is_written_expires(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = Recording()
    monkeypatch.setattr(store, "caches", {"default": recording})
    memory.remember(KEY, signed_in())
    memory.mark(IDENTITY_ID)
    memory.bar(KEY, IDENTITY_ID)
    kinds = {key.split(":")[2]: seconds for key, seconds in recording.lifetimes.items()}
    assert kinds == {"who": 60, "mark": 180, "bar": 180}


def test_less_than_a_second_is_not_for_ever(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = Recording()
    monkeypatch.setattr(store, "caches", {"default": recording})
    memory.remember(KEY, signed_in(cache_for=0.2))
    assert recording.lifetimes[ENTRY] == 1


@pytest.mark.parametrize(
    ("traits", "is_kept"),
    [
        ({"email": "ann@example.org"}, True),
        ({"essay": "x" * entries.MAX_LENGTH}, False),
        ({"lists": [[] for _ in range(entries.MAX_VALUES)]}, False),
    ],
    ids=["ordinary", "long", "many values"],
)
def test_large_sessions_are_not_kept_in_the_process(
    memory: Memory, traits: dict[str, Any], is_kept: bool
) -> None:
    entries._parsed.cache_clear()
    session = a_session(identity=identity_json(traits=traits))
    memory.remember(KEY, WhoamiResult(state=SessionState.SIGNED_IN, session=session, asked_at=time.time()))
    for _ in range(2):
        kept = memory.recall(KEY)
        assert kept is not None
        assert kept.answer.session == session
    assert (entries._parsed.cache_info().currsize > 0) is is_kept
