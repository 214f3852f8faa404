"""The app in deployments: several processes or threads, Redis, PostgreSQL, a real Kratos."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import requests

from django_ory.client import OryClient

from .servers import sign_out_form

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses
    from tests.live.proxy import Proxy

    from .accounts import Person
    from .servers import Answer, Site

pytestmark = [
    pytest.mark.live,
    pytest.mark.parametrize("served", ["gunicorn-sync", "gunicorn-gthread", "uvicorn"], indirect=True),
]

WHOAMI = "/sessions/whoami"
PAGES = ("session/", "user/", "login-required/", "members/", "api/")
HTML = {"Accept": "text/html"}


def request_concurrently(served: Site, path: str, count: int, **options: Any) -> list[Answer]:
    """Return the answers of ``count`` concurrent requests."""
    start = threading.Barrier(count)

    def ask(_: int) -> Answer:
        start.wait(30)
        return served.get(path, **options)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, range(count)))


@pytest.mark.parametrize("flavor", ["", "async/"])
def test_cookie_is_accepted(served: Site, person: Callable[[], Person], flavor: str) -> None:
    ann, bob = person(), person()
    for page in PAGES:
        for each in (ann, bob):
            answer = served.get(f"/{page}{flavor}", cookie=f"other=1; {each.cookie}; more=2")
            assert (answer.status, answer.name) == (200, each.id), page
    assert served.fetch("POST", f"/post/{flavor}", cookie=ann.cookie, body="a=b").name == ann.id


@pytest.mark.parametrize("flavor", ["", "async/"])
@pytest.mark.parametrize(
    "cookie", ["", "ory_kratos_session=MTcwMDAwMDAwMHxub2JvZHk=", "ory_kratos_session=\xff"]
)
def test_invalid_cookies_are_anonymous(served: Site, flavor: str, cookie: str) -> None:
    for page in ("session/", "user/"):
        answer = served.get(f"/{page}{flavor}", cookie=cookie)
        assert (answer.status, answer.name) == (200, None)
    for page in ("login-required/", "members/", "aal2/"):
        answer = served.get(f"/{page}{flavor}", cookie=cookie, headers=HTML)
        assert answer.status == 302
        assert answer.headers["Location"].startswith("/auth/login/?")
    answer = served.get(f"/api/{flavor}", cookie=cookie)
    assert (answer.status, "error" in answer.text) == (401, True)


@pytest.mark.parametrize("flavor", ["", "async/"])
def test_one_factor_does_not_meet_aal2(served: Site, person: Callable[[], Person], flavor: str) -> None:
    answer = served.get(f"/aal2/{flavor}", cookie=person().cookie, headers=HTML)
    assert answer.status == 302
    assert "aal=aal2" in answer.headers["Location"]


@pytest.mark.parametrize("flavor", ["", "async/"])
def test_page_without_a_lookup_makes_no_call(
    served: Site, proxy: Proxy, person: Callable[[], Person], flavor: str
) -> None:
    ann, before = person(), len(proxy.requests)
    served.get_from_every_worker("/", cookie=ann.cookie)
    assert len(proxy.requests) == before


@pytest.mark.parametrize("page", ["user/", "session/async/"])
def test_concurrent_requests_make_one_call_per_worker(
    served: Site, proxy: Proxy, person: Callable[[], Person], page: str
) -> None:
    for _ in range(5):
        ann, before = person(), proxy.count(WHOAMI)
        answers = request_concurrently(served, f"/{page}", 100, cookie=ann.cookie)
        assert {(answer.status, answer.name) for answer in answers} == {(200, ann.id)}
        assert 1 <= proxy.count(WHOAMI) - before <= served.kind.workers
        if len({answer.worker for answer in answers}) == served.kind.workers:
            return  # usually in the first round; the system may assign all requests to one worker
    pytest.fail("no round used all workers")


@pytest.mark.parametrize("flavor", ["", "async/"])
def test_concurrent_first_requests_create_one_user(
    served: Site, site_database: dict[str, Any], person: Callable[[], Person], flavor: str
) -> None:
    for _ in range(3):
        ann = person()
        answers = request_concurrently(served, f"/user/{flavor}", 24, cookie=ann.cookie)
        assert {(answer.status, answer.name) for answer in answers} == {(200, ann.id)}
        users = "SELECT count(*) FROM auth_user WHERE username = %s OR email = %s"
        sessions = "SELECT recent_sessions FROM django_ory_identity WHERE identity_id = %s"
        with psycopg.connect(
            host=site_database["HOST"], user=site_database["USER"], dbname=site_database["NAME"]
        ) as database:
            assert database.execute(users, [ann.id, ann.email]).fetchone() == (1,)
            row = database.execute(sessions, [ann.id]).fetchone()
        assert row is not None
        assert [entry[0] for entry in row[0]] == [ann.session_id]  # user_logged_in was sent once


def end_by_logout(served: Site, ann: Person) -> None:
    cookies, body = sign_out_form(served, ann.cookie)
    answer = served.fetch("POST", "/auth/logout/", cookie=cookies, headers=HTML, body=body)
    assert (answer.status, answer.headers["Location"]) == (303, "/")


def end_by_deactivation(served: Site, ann: Person) -> None:
    assert served.fetch("POST", f"/staff/inactive/{ann.id}/").status == 200


def end_by_deletion(served: Site, ann: Person) -> None:
    assert served.fetch("POST", f"/staff/delete/{ann.id}/").status == 200


@pytest.mark.parametrize("end", [end_by_logout, end_by_deactivation, end_by_deletion])
def test_end_of_a_session_takes_effect_in_every_worker(
    served: Site, person: Callable[[], Person], end: Callable[[Site, Person], None]
) -> None:
    ann, bob = person(), person()
    for path in ("/user/", "/session/async/"):
        assert {answer.name for answer in served.get_from_every_worker(path, cookie=ann.cookie)} == {ann.id}
    end(served, ann)
    for path in ("/user/", "/session/", "/user/async/", "/session/async/"):
        assert {answer.name for answer in served.get_from_every_worker(path, cookie=ann.cookie)} == {None}
    assert served.get("/api/", cookie=ann.cookie).status == 401
    assert served.get("/user/", cookie=bob.cookie).name == bob.id


@pytest.mark.parametrize("page", ["session/", "user/async/", "aal2/", "api/async/"])
def test_renewed_cookie_reaches_the_browser(
    served: Site, ory_stack: StackAddresses, person: Callable[[], Person], page: str
) -> None:
    ann = person()
    with OryClient(kratos_admin_url=ory_stack.kratos_admin_url) as client:
        client.admin_extend_session(ann.session_id)
    answer = served.get(f"/{page}", cookie=ann.cookie)
    renewed = re.match(r"(ory_kratos_session=[^;]+);.*HttpOnly", answer.headers.get("Set-Cookie", ""))
    assert renewed is not None, answer.headers
    assert renewed[1] != ann.cookie
    assert served.get("/user/", cookie=renewed[1]).name == ann.id
    direct = requests.get(
        f"{ory_stack.kratos_public_url}{WHOAMI}", headers={"Cookie": renewed[1]}, timeout=10
    )
    assert direct.json()["identity"]["id"] == ann.id
