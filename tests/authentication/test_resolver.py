"""The session lookup: cache, calls in progress, calls to Kratos, and invalidation."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
import requests
from django.core.cache import cache
from django.test import RequestFactory

from django_ory.authentication.credentials import Credential
from django_ory.authentication.invalidation import invalidate_current_session, invalidate_identity
from django_ory.authentication.request import get_ory
from django_ory.authentication.resolver import get_resolver
from django_ory.authentication.results import SessionState, WhoamiResult
from django_ory.authentication.session_cache import SessionCache
from django_ory.conf import get_settings
from django_ory.resilience import fail_safe_cache as store
from django_ory.signals import ory_unavailable
from django_ory.testing import FakeRequest, FakeResponse, json_response
from tests.resilience.test_fail_safe_cache import Broken
from tests.support.kratos import COOKIE, IDENTITY_ID, WHOAMI, session_json

if TYPE_CHECKING:
    from django.http import HttpRequest

    from tests.probes import Probes
    from tests.support.fixtures import ChangeOry, Joined
    from tests.support.kratos import Whoami

KRATOS = "http://kratos.test:4433"
CREDENTIAL = Credential("cookie", COOKIE)
REQUEST = RequestFactory().get("/", headers={"cookie": COOKIE})


def resolve(credential: Credential = CREDENTIAL, **options: Any) -> WhoamiResult:
    return get_resolver().resolve(credential, request=REQUEST, **options)


def build_request() -> HttpRequest:
    return RequestFactory().get("/", headers={"cookie": COOKIE})


def test_missing_kratos_url_is_anonymous_without_a_call(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(KRATOS_PUBLIC_URL="")
    assert resolve().state is SessionState.ANONYMOUS
    assert not kratos.calls


def test_changed_settings_create_a_new_resolver(change_ory: ChangeOry) -> None:
    before = get_resolver()
    assert get_resolver() is before
    change_ory(SESSION_CACHE_SECONDS=60)
    assert get_resolver() is not before
    assert get_resolver().cache.is_enabled


def test_disabled_cache_makes_a_call_each_time(kratos: Whoami) -> None:
    kratos.signed_in()
    assert resolve().state is resolve().state is SessionState.SIGNED_IN
    assert len(kratos.calls) == 2


def test_enabled_cache_makes_one_call(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    first, second = resolve(), resolve()
    assert first.session == second.session
    assert not first.from_cache
    assert second.from_cache
    assert len(kratos.calls) == 1
    assert not resolve(fresh=True).from_cache
    assert len(kratos.calls) == 2


def test_result_with_a_renewed_cookie_is_not_cached(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in(headers={"Set-Cookie": "ory_kratos_session=new"})
    assert resolve().set_cookies == resolve().set_cookies == ("ory_kratos_session=new",)


def test_other_cookie_is_looked_up_separately(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    resolve()
    kratos.reject_credential()
    other = resolve(Credential("cookie", "ory_kratos_session=other"))
    assert other.state is SessionState.ANONYMOUS


def test_invalidated_identity_is_looked_up_again(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    resolve()
    kratos.reject_credential()
    assert resolve().state is SessionState.SIGNED_IN
    invalidate_identity(IDENTITY_ID)
    assert resolve().state is SessionState.ANONYMOUS


def test_invalidated_session_is_looked_up_again(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    resolve()
    kratos.reject_credential()
    assert invalidate_current_session(build_request())
    assert resolve().state is SessionState.ANONYMOUS


def test_invalidation_without_a_cached_session_makes_no_call(kratos: Whoami, change_ory: ChangeOry) -> None:
    assert invalidate_identity(IDENTITY_ID)
    assert invalidate_current_session(build_request())
    change_ory(SESSION_CACHE_SECONDS=60)
    assert invalidate_current_session(build_request())
    assert invalidate_current_session(RequestFactory().get("/"))
    assert not kratos.calls


class Slow:
    """A Kratos that does not respond before ``go`` is set."""

    def __init__(self, kratos: Whoami, **answer: Any) -> None:
        self.asked = threading.Event()
        self.go = threading.Event()
        self.answer = session_json(**answer)
        kratos.ory.respond(WHOAMI, self)

    def __call__(self, request: FakeRequest) -> FakeResponse:
        self.asked.set()
        self.go.wait(60)
        return json_response(self.answer)


def test_hundred_concurrent_lookups_make_one_call(
    kratos: Whoami, change_ory: ChangeOry, joined: Joined
) -> None:
    change_ory(SESSION_CACHE_SECONDS=60, TIMEOUT=60)
    slow = Slow(kratos)
    with ThreadPoolExecutor(100) as pool:
        waiting = [pool.submit(resolve) for _ in range(100)]
        joined.wait_for(99)
        slow.go.set()
        assert {each.result(60).state for each in waiting} == {SessionState.SIGNED_IN}
    assert len(kratos.calls) == 1


@pytest.mark.parametrize("what", ["sign-out", "change"])
def test_call_in_progress_does_not_undo_an_invalidation(
    kratos: Whoami, change_ory: ChangeOry, joined: Joined, what: str
) -> None:
    change_ory(SESSION_CACHE_SECONDS=60, TIMEOUT=60)
    kratos.signed_in()
    request = build_request()
    assert get_ory(request).is_authenticated
    cache.clear()
    slow = Slow(kratos)
    with ThreadPoolExecutor(2) as pool:
        before = pool.submit(resolve)
        slow.asked.wait(60)
        second = pool.submit(resolve)
        joined.wait_for(1)
        assert invalidate_identity(IDENTITY_ID) if what == "change" else invalidate_current_session(request)
        slow.go.set()
        before.result(60)
        second.result(60)
    assert len(kratos.calls) == 3  # the second thread made a separate call, after the invalidation
    assert SessionCache(get_settings()).get(CREDENTIAL.fingerprint("default")) is None


def test_used_up_timeout_makes_no_call(kratos: Whoami, change_ory: ChangeOry) -> None:
    kratos.signed_in()
    for seconds in (0, 60):
        change_ory(SESSION_CACHE_SECONDS=seconds)
        assert resolve(spent=4.0).state is SessionState.UNAVAILABLE
    assert not kratos.calls
    assert resolve().state is SessionState.SIGNED_IN  # nothing was wrong with Kratos


def test_ambiguous_credential_bypasses_the_cache(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    for number in range(3):
        credential = Credential("cookie", f"{COOKIE}; ory_session_{number}=x", is_ambiguous=True)
        for _ in range(2):
            assert resolve(credential).state is SessionState.SIGNED_IN
    assert len(kratos.calls) == 6
    fingerprint = credential.fingerprint("default")
    assert SessionCache(get_settings()).get(fingerprint) is None


def test_sign_out_with_several_cookies_invalidates_each_of_them(
    kratos: Whoami, change_ory: ChangeOry
) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    resolve()
    invalidate_current_session(RequestFactory().get("/", headers={"cookie": f"ory_session_x=1; {COOKIE}"}))
    kratos.reject_credential()
    assert resolve().state is SessionState.ANONYMOUS


def test_unusable_session_is_not_cached(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in(active=False)  # Kratos returns 401 for such sessions
    assert resolve().state is SessionState.ANONYMOUS
    kratos.signed_in()
    assert resolve().state is SessionState.SIGNED_IN


def test_repeated_failures_log_one_warning_and_send_each_signal(
    kratos: Whoami, caplog: pytest.LogCaptureFixture
) -> None:
    kratos.respond(500, body="<html>")
    received: list[dict[str, Any]] = []

    def listener(**values: Any) -> None:
        received.append(values)
        raise RuntimeError("a receiver must not break the request")

    ory_unavailable.connect(listener)
    for _ in range(5):
        assert resolve().state is SessionState.UNAVAILABLE
    ory_unavailable.disconnect(listener)
    assert len([r for r in caplog.records if r.name == "django_ory" and r.levelname == "WARNING"]) == 1
    assert [each["alias"] for each in received] == ["default"] * 5
    assert COOKIE not in caplog.text


def test_unreachable_kratos_is_called_once(kratos: Whoami, probes: Probes) -> None:
    kratos.refuse_connections()
    assert resolve().state is SessionState.UNAVAILABLE
    probes.run()
    sent = len(kratos.calls)
    for _ in range(10):
        assert resolve().state is SessionState.UNAVAILABLE
    assert len(kratos.calls) == sent


def test_stale_session_replaces_a_failed_lookup(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(WHEN_UNAVAILABLE_SAFE="stale", STALE_SECONDS=300)
    kratos.signed_in()
    resolve()
    kratos.refuse_connections()
    assert resolve().state is SessionState.UNAVAILABLE
    result = get_resolver().get_stale(CREDENTIAL)
    assert result is not None
    assert result.state is SessionState.SIGNED_IN
    assert result.stale
    assert get_ory(build_request()).whoami.stale
    invalidate_identity(IDENTITY_ID)
    assert get_ory(build_request()).unavailable


def test_token_bypasses_the_cache(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in(tokenized="ey.J.x")
    resolve()
    answer = resolve(tokenize_as="jwt_example")
    assert answer.session is not None
    assert answer.session.tokenized == "ey.J.x"
    assert len(kratos.calls) == 2


def test_session_that_kratos_rejected_is_not_used_in_an_outage(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(WHEN_UNAVAILABLE_SAFE="stale")
    kratos.signed_in()
    assert get_ory(build_request()).is_authenticated
    kratos.reject_credential()
    assert not get_ory(build_request()).is_authenticated
    kratos.refuse_connections()
    assert get_ory(build_request()).unavailable


@pytest.mark.parametrize("what", ["sign-out", "change"])
def test_stale_session_from_before_an_invalidation_is_not_used(
    kratos: Whoami, change_ory: ChangeOry, what: str
) -> None:
    """Kratos hangs, and the session is invalidated meanwhile."""
    change_ory(WHEN_UNAVAILABLE_SAFE="stale")
    kratos.signed_in()
    assert resolve().state is SessionState.SIGNED_IN

    def hang(_: object) -> NoReturn:
        if what == "sign-out":
            invalidate_current_session(build_request())
        else:
            invalidate_identity(IDENTITY_ID)
        raise requests.ReadTimeout("late")

    kratos.ory.respond(WHOAMI, hang)
    assert get_ory(build_request()).unavailable


def test_fresh_lookup_does_not_join_a_call_in_progress(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    slow = Slow(kratos)
    with ThreadPoolExecutor(2) as pool:
        before = pool.submit(resolve, fresh=True)
        assert slow.asked.wait(60)
        slow.asked.clear()
        after = pool.submit(resolve, fresh=True)
        assert slow.asked.wait(60)  # a separate call
        slow.go.set()
        assert before.result(60).state is after.result(60).state is SessionState.SIGNED_IN
    assert len(kratos.calls) == 2


def test_request_after_a_sign_out_does_not_join_an_earlier_call(
    kratos: Whoami, change_ory: ChangeOry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cache is down, so the invalidation is not stored."""
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    request = build_request()
    assert get_ory(request).is_authenticated
    monkeypatch.setattr(store, "caches", {"default": Broken(OSError)})
    slow = Slow(kratos)
    with ThreadPoolExecutor(2) as pool:
        before = pool.submit(resolve)
        assert slow.asked.wait(60)
        slow.asked.clear()
        invalidate_current_session(request)
        after = pool.submit(resolve)
        assert slow.asked.wait(60)  # a separate call
        slow.go.set()
        before.result(60)
        after.result(60)
    assert len(kratos.calls) == 3


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        ({"fault": "down"}, ""),
        ({"status": 404, "body": "Not Found"}, "does not answer as Kratos does"),
        ({"body": "<html>another site</html>"}, "does not answer as Kratos does"),
        ({"status": 307, "headers": {"Location": WHOAMI}}, "are not swapped"),
        ({"status": 500}, ""),
    ],
    ids=["nothing", "another server", "HTML", "admin API", "broken Kratos"],
)
def test_failed_lookup_logs_the_url_and_advice(
    kratos: Whoami, caplog: pytest.LogCaptureFixture, answer: dict[str, Any], advice: str
) -> None:
    kratos.respond(**answer)
    resolve()
    [line] = [record.getMessage() for record in caplog.records if record.name == "django_ory"]
    assert line.startswith(f"Session lookup failed (project default, {KRATOS}): GET /sessions/whoami: ")
    assert advice in line
    assert ("settings.ORY" in line) is bool(advice)
    assert COOKIE not in line
