"""The shortest way to an answer that is still true."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests
import responses
from django.core.cache import cache
from django.test import RequestFactory

from django_ory.authentication import resolver as module
from django_ory.authentication.credentials import Credential
from django_ory.authentication.invalidation import invalidate_current_session, invalidate_identity
from django_ory.authentication.request import get_ory
from django_ory.authentication.resolver import resolve
from django_ory.authentication.results import UNAVAILABLE, SessionState, WhoamiResult
from django_ory.authentication.session_cache import Memory
from django_ory.client import OryTimeout
from django_ory.conf import get_settings
from django_ory.resilience import fail_safe_cache as store
from django_ory.signals import ory_unavailable
from tests.resilience.test_fail_safe_cache import Broken

from .stand_in import COOKIE, IDENTITY_ID, WHOAMI, session_json

if TYPE_CHECKING:
    from requests import PreparedRequest

    from tests.probes import Probes

    from .fixtures import ChangeOry
    from .stand_in import StandIn

KRATOS = "http://kratos.test:4433"
CREDENTIAL = Credential("cookie", COOKIE)
REQUEST = RequestFactory().get("/", headers={"cookie": COOKIE})


def ask(**options: Any) -> WhoamiResult:
    return resolve(REQUEST, "default", CREDENTIAL, **options)


def test_no_credential_no_call(kratos: StandIn) -> None:
    assert resolve(REQUEST, "default", None).state is SessionState.ANONYMOUS
    assert not kratos.calls


def test_no_kratos_no_call(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(KRATOS_PUBLIC_URL="")
    assert ask().state is SessionState.ANONYMOUS


def test_without_the_cache_every_request_asks(kratos: StandIn) -> None:
    kratos.signed_in()
    assert ask().state is ask().state is SessionState.SIGNED_IN
    assert len(kratos.calls) == 2


def test_with_the_cache_one_call(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    first, second = ask(), ask()
    assert first.session == second.session
    assert not first.from_cache
    assert second.from_cache
    assert len(kratos.calls) == 1
    assert not ask(fresh=True).from_cache
    assert len(kratos.calls) == 2


def test_a_renewed_cookie_is_relayed_to_everybody(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in(headers={"Set-Cookie": "ory_kratos_session=new"})
    assert ask().set_cookies == ask().set_cookies == ("ory_kratos_session=new",)


def test_another_answer_for_another_cookie(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    ask()
    kratos.nobody()
    other = resolve(REQUEST, "default", Credential("cookie", "ory_kratos_session=other"))
    assert other.state is SessionState.ANONYMOUS


def test_changes_take_effect_at_once(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    ask()
    kratos.nobody()
    assert ask().state is SessionState.SIGNED_IN
    invalidate_identity(IDENTITY_ID)
    assert ask().state is SessionState.ANONYMOUS


def test_signing_out_takes_effect_at_once(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    ask()
    invalidate_current_session(RequestFactory().get("/", headers={"cookie": COOKIE}))
    assert ask().state is SessionState.ANONYMOUS
    assert len(kratos.calls) == 1


def test_nothing_to_forget(kratos: StandIn, change_ory: ChangeOry) -> None:
    invalidate_identity(IDENTITY_ID)
    invalidate_current_session(REQUEST)
    change_ory(SESSION_CACHE_SECONDS=60)
    invalidate_current_session(RequestFactory().get("/"))
    assert not kratos.calls


class Slow:
    """A Kratos that answers when it is let go."""

    def __init__(self, kratos: StandIn, **answer: Any) -> None:
        self.asked = threading.Event()
        self.go = threading.Event()
        self.answer = session_json(**answer)
        kratos.mock.remove(responses.GET, WHOAMI)
        kratos.mock.add_callback(responses.GET, WHOAMI, self)

    def __call__(self, request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        import json

        self.asked.set()
        self.go.wait(5)
        return 200, {}, json.dumps(self.answer)


def test_a_hundred_on_a_cold_key_make_one_call(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    slow = Slow(kratos)
    with ThreadPoolExecutor(100) as pool:
        waiting = [pool.submit(ask) for _ in range(100)]
        slow.asked.wait(5)
        slow.go.set()
        assert {each.result(10).state for each in waiting} == {SessionState.SIGNED_IN}
    assert len(kratos.calls) == 1


@pytest.mark.parametrize("what", ["sign out", "change"])
def test_a_call_under_way_does_not_undo_it(kratos: StandIn, change_ory: ChangeOry, what: str) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    slow = Slow(kratos)
    with ThreadPoolExecutor(2) as pool:
        before = pool.submit(ask)
        slow.asked.wait(5)
        joined = pool.submit(ask)
        while not joined.running():
            time.sleep(0.001)
        time.sleep(0.05)  # until it waits for the first
        if what == "change":
            invalidate_identity(IDENTITY_ID)
        else:
            invalidate_current_session(RequestFactory().get("/", headers={"cookie": COOKIE}))
        slow.go.set()
        before.result(5)
        after = joined.result(5)
    if what == "change":
        assert len(kratos.calls) == 2  # it asked for itself, after the change
        assert Memory(get_settings()).recall(CREDENTIAL.fingerprint("default")) is None
    else:
        assert after.state is SessionState.ANONYMOUS


def test_no_time_left_no_call(kratos: StandIn, change_ory: ChangeOry) -> None:
    kratos.signed_in()
    for seconds in (0, 60):
        change_ory(SESSION_CACHE_SECONDS=seconds)
        assert ask(spent=4.0).state is SessionState.UNAVAILABLE
    assert not kratos.calls
    assert ask().state is SessionState.SIGNED_IN  # nothing was wrong with Kratos


def test_ambiguous_credential_bypasses_the_cache(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    for number in range(3):
        credential = Credential("cookie", f"{COOKIE}; ory_session_{number}=x", is_ambiguous=True)
        for _ in range(2):
            assert resolve(REQUEST, "default", credential).state is SessionState.SIGNED_IN
    assert len(kratos.calls) == 6
    fingerprint = credential.fingerprint("default")
    assert cache.get("django_ory:2:who:" + fingerprint) is None


def test_sign_out_with_several_cookies_forgets_each_of_them(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    ask()
    request = RequestFactory().get("/", headers={"cookie": f"ory_session_x=1; {COOKIE}"})
    invalidate_current_session(request)
    assert ask().barred


def test_a_session_that_signs_nobody_in_is_not_remembered(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in(active=False)  # for which Kratos says 401
    assert ask().state is SessionState.ANONYMOUS
    kratos.signed_in()
    assert ask().state is SessionState.SIGNED_IN


def test_one_warning_however_many_fail(kratos: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    kratos.says(500, body="<html>")
    heard: list[dict[str, Any]] = []

    def listener(**values: Any) -> None:
        heard.append(values)
        raise RuntimeError("a receiver must not break the request")

    ory_unavailable.connect(listener)
    for _ in range(5):
        assert ask().state is SessionState.UNAVAILABLE
    ory_unavailable.disconnect(listener)
    assert len([r for r in caplog.records if r.name == "django_ory" and r.levelname == "WARNING"]) == 1
    assert [each["alias"] for each in heard] == ["default"] * 5
    assert COOKIE not in caplog.text


def test_kratos_that_is_down_is_asked_once(kratos: StandIn, probes: Probes) -> None:
    kratos.is_down()
    assert ask().state is SessionState.UNAVAILABLE
    probes.run()
    sent = len(kratos.calls)
    for _ in range(10):
        assert ask().state is SessionState.UNAVAILABLE
    assert len(kratos.calls) == sent


def test_stale_answers_where_they_are_wanted(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(WHEN_UNAVAILABLE_SAFE="stale", STALE_SECONDS=300)
    kratos.signed_in()
    ask()
    kratos.is_down()
    answer = ask(stale=True)
    assert answer.state is SessionState.SIGNED_IN
    assert answer.stale
    assert ask().state is SessionState.UNAVAILABLE
    invalidate_identity(IDENTITY_ID)
    assert ask(stale=True).state is SessionState.UNAVAILABLE


def test_making_a_token_passes_the_memory_by(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in(tokenized="ey.J.x")
    ask()
    answer = ask(tokenize_as="jwt_example")
    assert answer.session is not None
    assert answer.session.tokenized == "ey.J.x"
    assert len(kratos.calls) == 2


def test_who_was_refused_once_is_not_brought_back_by_an_outage(
    kratos: StandIn, change_ory: ChangeOry
) -> None:
    change_ory(WHEN_UNAVAILABLE_SAFE="stale")
    kratos.signed_in()
    assert ask(stale=True).session is not None
    kratos.nobody()
    assert ask(stale=True).session is None
    kratos.is_down()
    assert ask(stale=True).state is SessionState.UNAVAILABLE


def test_a_barred_credential_stays_nobodys_however_one_asks(kratos: StandIn, change_ory: ChangeOry) -> None:
    """Another tab must not undo a sign-out that is under way."""
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    ask()
    invalidate_current_session(RequestFactory().get("/", headers={"cookie": COOKIE}))
    for options in ({}, {"fresh": True}):
        answer = ask(**options)
        assert answer.state is SessionState.ANONYMOUS
        assert answer.barred


@pytest.mark.parametrize("what", ["signing out", "a change"])
def test_a_stale_answer_is_none_from_before_it(
    kratos: StandIn, change_ory: ChangeOry, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Kratos hangs, and somebody signs out or is changed while it does."""
    change_ory(WHEN_UNAVAILABLE_SAFE="stale")
    kratos.signed_in()
    assert ask().state is SessionState.SIGNED_IN

    def hang(*_: Any, **__: Any) -> tuple[WhoamiResult, OryTimeout]:
        if what == "signing out":
            invalidate_current_session(RequestFactory().get("/", headers={"cookie": COOKIE}))
        else:
            invalidate_identity(IDENTITY_ID)
        return UNAVAILABLE, OryTimeout("late")

    monkeypatch.setattr(module, "ask_kratos", hang)
    assert ask(stale=True).session is None


def test_who_wants_it_fresh_joins_nobody(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    slow = Slow(kratos)
    with ThreadPoolExecutor(2) as pool:
        before = pool.submit(ask, fresh=True)
        assert slow.asked.wait(5)
        slow.asked.clear()
        after = pool.submit(ask, fresh=True)
        assert slow.asked.wait(5)  # a call of its own
        slow.go.set()
        assert before.result(5).state is after.result(5).state is SessionState.SIGNED_IN
    assert len(kratos.calls) == 2


def test_no_token_is_made_of_a_barred_credential(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    ask()
    invalidate_current_session(RequestFactory().get("/", headers={"cookie": COOKIE}))
    calls = len(kratos.calls)
    assert ask(tokenize_as="jwt").barred
    assert len(kratos.calls) == calls


def test_request_after_a_sign_out_joins_no_call_from_before_it(
    kratos: StandIn, change_ory: ChangeOry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cache is down, so nothing else says that they signed out."""
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    request = RequestFactory().get("/", headers={"cookie": COOKIE})
    assert get_ory(request).is_authenticated
    monkeypatch.setattr(store, "caches", {"default": Broken(OSError)})
    slow = Slow(kratos)
    with ThreadPoolExecutor(2) as pool:
        before = pool.submit(ask)
        assert slow.asked.wait(5)
        slow.asked.clear()
        invalidate_current_session(request)
        after = pool.submit(ask)
        assert slow.asked.wait(5)  # a call of its own
        slow.go.set()
        before.result(5)
        after.result(5)
    assert len(kratos.calls) == 3


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        ({"body": requests.ConnectionError("refused")}, ""),
        ({"status": 404, "body": "Not Found"}, "does not answer as Kratos does"),
        ({"body": "<html>another site</html>"}, "does not answer as Kratos does"),
        ({"status": 307, "headers": {"Location": WHOAMI}}, "are not swapped"),
        ({"status": 500}, ""),
    ],
    ids=["nothing", "another server", "HTML", "admin API", "broken Kratos"],
)
def test_failed_lookup_names_the_url_and_what_the_answer_shows(
    kratos: StandIn, caplog: pytest.LogCaptureFixture, answer: dict[str, Any], advice: str
) -> None:
    kratos.says(**answer)
    resolve(REQUEST, "default", CREDENTIAL)
    [line] = [record.getMessage() for record in caplog.records if record.name == "django_ory"]
    assert line.startswith(f"Session lookup failed (project default, {KRATOS}): GET /sessions/whoami: ")
    assert advice in line
    assert ("settings.ORY" in line) is bool(advice)
    assert COOKIE not in line
