"""The cache on Redis, shared by processes."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory

from django_ory.authentication.invalidation import invalidate_current_session, invalidate_identity
from django_ory.authentication.request import get_ory
from tests.live.proxy import delays

from .conftest import WHOAMI, change

if TYPE_CHECKING:
    from tests.live.client.world import World
    from tests.live.proxy import Proxy

pytestmark = [pytest.mark.live, pytest.mark.django_db]


@pytest.fixture
def on_redis(redis_url: str, settings: Any, world: World, proxy: Proxy) -> str:
    """A site with a session cache of one minute, on Redis."""
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_url}
    }
    change(settings, SESSION_CACHE_SECONDS=60)
    cache.clear()
    return redis_url


def is_signed_in(cookie: str) -> bool:
    return get_ory(RequestFactory().get("/", headers={"cookie": cookie})).is_authenticated


def look_up_in_threads(cookie: str, people: int, answers: Any) -> None:
    """Look up one session in many threads of this process."""
    with ThreadPoolExecutor(people) as pool:
        answers.put(list(pool.map(is_signed_in, [cookie] * people)))


@pytest.mark.usefixtures("on_redis")
def test_hundred_requests_in_four_processes_make_one_call_per_process(world: World, proxy: Proxy) -> None:
    world.person()
    cookie = world.browser().cookie
    proxy.fault = partial(delays, seconds=0.3)
    fork = multiprocessing.get_context("fork")
    answers = fork.Queue()
    processes = [fork.Process(target=look_up_in_threads, args=(cookie, 25, answers)) for _ in range(4)]
    for process in processes:
        process.start()
    said = [answers.get(timeout=30) for _ in processes]
    for process in processes:
        process.join(10)
    assert [answer for answers_of_one in said for answer in answers_of_one] == [True] * 100
    assert proxy.count(WHOAMI) <= len(processes)


def other_process(cookie: str, turns: Any, answers: Any) -> None:
    while turns.get():
        answers.put(is_signed_in(cookie))


@pytest.mark.usefixtures("on_redis")
@pytest.mark.parametrize("how", ["sign out", "deactivate", "delete", "forget"])
def test_end_of_a_session_takes_effect_in_another_process(client: Client, world: World, how: str) -> None:
    from django_ory.mirror.identities import delete_identity, set_identity_state
    from django_ory.models import Identity

    identity = world.person()
    cookie = world.browser().cookie
    fork = multiprocessing.get_context("fork")
    turns, answers = fork.Queue(), fork.Queue()
    process = fork.Process(target=other_process, args=(cookie, turns, answers))
    process.start()
    turns.put(True)
    assert answers.get(timeout=10) is True
    assert is_signed_in(cookie)
    match how:
        case "sign out":
            client.post("/auth/logout/", headers={"cookie": cookie})
        case "deactivate":
            set_identity_state("default", identity.id, Identity.State.INACTIVE)
        case "delete":
            delete_identity("default", identity.id)
        case "forget":
            world.client.admin_delete_identity_sessions(identity.id)
            assert is_signed_in(cookie)  # not invalidated in this process
            invalidate_identity(identity.id)
    turns.put(True)
    assert answers.get(timeout=10) is False
    turns.put(False)
    process.join(10)
    assert not is_signed_in(cookie)


@pytest.mark.usefixtures("on_redis")
def test_redis_has_no_secret(world: World, redis_url: str) -> None:
    import redis

    world.person()
    cookie = world.browser().cookie
    value = cookie.partition("ory_kratos_session=")[2].partition(";")[0]
    assert is_signed_in(cookie)
    for kind in (b":session:", b":invalidated:"):
        with redis.Redis.from_url(redis_url) as server:
            stored = b"".join(key + (server.get(key) or b"") for key in server.keys("*"))
        assert kind in stored
        assert value.encode() not in stored
        invalidate_current_session(RequestFactory().get("/", headers={"cookie": cookie}))


@pytest.mark.usefixtures("on_redis")
def test_damaged_values_in_redis_are_ignored(world: World, redis_url: str) -> None:
    import redis

    world.person()
    cookie = world.browser().cookie
    assert is_signed_in(cookie)
    with redis.Redis.from_url(redis_url) as server:
        for key in server.keys("*"):
            for value in (b"not a pickle", b"\x80\x05cos\nnowhere\n.", b"", b"42"):
                server.set(key, value)
                assert is_signed_in(cookie)


def test_unreachable_redis_does_not_delay_requests(settings: Any, world: World, proxy: Proxy) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    change(settings, SESSION_CACHE_SECONDS=60)
    world.person()
    cookie = world.browser().cookie
    started = time.monotonic()
    assert is_signed_in(cookie)
    assert time.monotonic() - started < 2
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
