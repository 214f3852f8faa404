"""No state of a visitor causes a redirect loop between the site and Kratos. A visitor that completes the
forms of Kratos reaches the page.
"""

from __future__ import annotations

import copy
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.support.fixtures import fresh_start
from tests.support.kratos import COOKIE, ago, identity_json
from tests.test_decorators import STATES, set_whoami

from .urls import PROTECTED_ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.fixtures import ChangeOry
    from tests.support.kratos import Whoami

    NewBrowser = Callable[..., Client]

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.authentication.urls")]
#: More redirects than any path needs, and no more than browsers follow.
MAX_REDIRECTS = 16

ALL_STATES: dict[str, Any] = {name: state["whoami"] for name, state in STATES.items()}
OTHERS = ["admin/", "auth/login/", "auth/settings/", "auth/registration/", "auth/recovery/"]
ROUTES = [*PROTECTED_ROUTES, *OTHERS]
#: Routes that need permissions of Django.
RIGHTS = ["django-permission/", "django-test/"]
#: Routes that never redirect.
WITHOUT_REDIRECT = ["api/"]
#: Views that need a Django user.
NEED_USER = ["user/", "user-async/", "everything/", "mixin-async/", *RIGHTS, "django-login/", "django-mixin/"]
#: States without a session that opens a view.
SIGNED_OUT = [
    "anonymous",
    "second factor missing",
    "inactive identity",
    "session ended",
    "Kratos is down",
    "invalid response",
]


class Person:
    """A visitor, and the redirects of Kratos for the visitor. ``whoami``: see STATES."""

    def __init__(self, kratos: Whoami, whoami: Any) -> None:
        self.kratos = kratos
        self.set_whoami(whoami)

    def set_whoami(self, whoami: Any) -> None:
        self.whoami = whoami
        set_whoami(self.kratos, whoami)

    @property
    def is_available(self) -> bool:
        """Whether Kratos responds, so that this app must not respond with an error."""
        return self.whoami not in ("down", "invalid")

    @property
    def session(self) -> dict[str, Any] | None:
        """The session that the pages of Kratos use."""
        if self.whoami == "second factor":
            return {}
        if not isinstance(self.whoami, dict) or self.whoami.get("active") is False or self.is_inactive:
            return None
        return self.whoami

    @property
    def is_inactive(self) -> bool:
        identity = self.whoami.get("identity", {}) if isinstance(self.whoami, dict) else {}
        return bool(identity.get("state") == "inactive")

    def start_flow(self, url: str) -> str | None:
        """Return the redirect of Kratos at the start of a flow, or None for a page with a form."""
        query = _query(url)
        if not urlsplit(url).path.startswith("/self-service/login") or self.session is None:
            return None
        if query.get("refresh") == "true":
            return None
        if query.get("aal", "aal1") > self.session.get("authenticator_assurance_level", "aal1"):
            return None
        return query.get("return_to", "http://testserver/public/")

    def submit_form(self, url: str) -> str | None:
        """Submit the form. Returns the redirect of Kratos, or None if the form is shown again."""
        query, flow = _query(url), urlsplit(url).path.split("/")[2]
        before = self.session or {}
        if self.is_inactive or flow not in ("login", "verification"):
            return None
        if flow == "verification":
            self.set_whoami({**before, "identity": identity_json()})
        else:
            reached = query.get("aal") or before.get("authenticator_assurance_level", "aal1")
            now = {"authenticator_assurance_level": reached, "authenticated_at": ago(seconds=1)}
            self.set_whoami({**before, **now})
        return query.get("return_to", "http://testserver/public/")


def _query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


class Visit(NamedTuple):
    """What a visitor received on the way to a page."""

    response: Any  # the last one of the site
    urls: list[str]
    before_forms: Any  # the last response of the site before the first form was submitted


def follow_redirects(
    client: Client, person: Person, start: str, *, method: str = "get", submits: bool = False
) -> Visit:
    """Follow redirects to the end.

    Stops at forms of Kratos, or submits each of them once if ``submits`` is set.
    """
    urls: list[str] = [start]
    forms: set[str] = set()
    before_forms: Any = None
    response: Any = getattr(client, method)(start)
    for _ in range(MAX_REDIRECTS):
        if response.status_code not in (301, 302, 303):
            assert response.status_code < 500 or (response.status_code == 503 and not person.is_available), (
                urls
            )
            return Visit(response, urls, before_forms or response)
        url = response["Location"]
        urls.append(url)
        if urlsplit(url).netloc == "kratos.test:4433":
            after = person.start_flow(url)
            if after is None and submits:
                assert url not in forms, f"the same form twice: {urls}"
                forms.add(url)
                before_forms = before_forms or response
                after = person.submit_form(url)
            if after is None:
                return Visit(response, urls, before_forms or response)
            urls.append(after)
            url = after
        assert urlsplit(url).netloc in ("", "testserver"), urls
        parts = urlsplit(url)
        response = client.get(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    pytest.fail("redirect loop: " + " -> ".join(urls))


def check_route(client: Client, person: Person, route: str) -> Visit:
    """Check that a visitor that completes the forms reaches the page, and that all others get a response."""
    is_allowed = person.is_available and not person.is_inactive
    visit = follow_redirects(client, person, f"/{route}", submits=True)
    if is_allowed and route not in (*RIGHTS, *WITHOUT_REDIRECT, *OTHERS):
        assert (visit.response.status_code, visit.response.content) == (200, b"in"), visit.urls
    return visit


@pytest.fixture(scope="module")
def shared_client() -> Client:
    """A client that loads the middleware once. Only ``new_browser`` uses it."""
    return Client()


@pytest.fixture
def new_browser(shared_client: Client) -> NewBrowser:
    """``new_browser()`` has the cookie of Kratos only, ``new_browser(cookies)`` a copy of these cookies."""

    def create(cookies: SimpleCookie | None = None) -> Client:
        shared_client.cookies = SimpleCookie() if cookies is None else copy.deepcopy(cookies)
        if cookies is None:
            shared_client.cookies["ory_kratos_session"] = COOKIE.partition("=")[2]
        return shared_client

    return create


@pytest.mark.parametrize("state", ALL_STATES)
def test_each_state_ends_at_each_guard_without_a_loop(
    kratos: Whoami, new_browser: NewBrowser, subtests: pytest.Subtests, state: str
) -> None:
    """At the first form of Kratos, at a response of the site, or at the page after all forms."""
    for route in ROUTES:
        with subtests.test(route=route), fresh_start():
            person = Person(kratos, ALL_STATES[state])
            is_available = person.is_available
            visit = check_route(new_browser(), person, route)
            assert is_available or visit.before_forms.status_code in (200, 503), visit.urls
            if state in SIGNED_OUT or route in RIGHTS:
                assert visit.before_forms.content != b"in", visit.urls


@pytest.mark.parametrize("state", ALL_STATES)
def test_user_who_meets_the_requirement_is_allowed_despite_the_cache(
    kratos: Whoami, new_browser: NewBrowser, change_ory: ChangeOry, subtests: pytest.Subtests, state: str
) -> None:
    """The cached result may be anonymous: the cookie is the same before and after the sign-in."""
    change_ory(SESSION_CACHE_SECONDS=60)
    for route in ROUTES:
        with subtests.test(route=route), fresh_start():
            browser = new_browser()
            person = Person(kratos, ALL_STATES[state])
            browser.get("/report/")
            calls = len(kratos.calls)
            assert browser.get("/report/").status_code == 200
            if state in ("anonymous", "first factor", "both factors", "old sign-in", "not verified"):
                assert len(kratos.calls) == calls  # the session is cached
            check_route(browser, person, route)


def test_posts_end_without_a_loop(kratos: Whoami, new_browser: NewBrowser, subtests: pytest.Subtests) -> None:
    for route in PROTECTED_ROUTES:
        with subtests.test(route=route), fresh_start():
            person = Person(kratos, {})
            follow_redirects(new_browser(), person, f"/{route}", method="post", submits=True)


def test_second_factor_required_later_ends_without_a_loop(
    kratos: Whoami, new_browser: NewBrowser, change_ory: ChangeOry, subtests: pytest.Subtests
) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    for route in ROUTES:
        with subtests.test(route=route), fresh_start():
            browser = new_browser()
            person = Person(kratos, {})
            browser.get("/session/")
            follow_redirects(browser, person, f"/{route}")
            person.set_whoami("second factor")
            follow_redirects(browser, person, f"/{route}")
            check_route(browser, person, route)


@pytest.mark.parametrize("state", ["first factor", "both factors", "old sign-in", "not verified"])
def test_stale_session_ends_without_a_loop(
    kratos: Whoami, new_browser: NewBrowser, change_ory: ChangeOry, subtests: pytest.Subtests, state: str
) -> None:
    """During an outage of Kratos and after it."""
    change_ory(WHEN_UNAVAILABLE_SAFE="stale", BREAKER_SECONDS=0)
    for route in ROUTES:
        with subtests.test(route=route), fresh_start():
            browser = new_browser()
            person = Person(kratos, ALL_STATES[state])
            assert browser.get("/report/").json()["is_authenticated"]
            person.set_whoami("down")
            assert browser.get("/report/").json()["stale"]
            follow_redirects(browser, person, f"/{route}")
            person.set_whoami(ALL_STATES[state])
            check_route(browser, person, route)


@pytest.mark.parametrize("state", ALL_STATES)
@pytest.mark.parametrize("same", [True, False], ids=["same user", "another user"])
def test_django_session_beside_kratos_ends_without_a_loop(
    kratos: Whoami, new_browser: NewBrowser, subtests: pytest.Subtests, state: str, same: bool
) -> None:
    """The Django session has the user of the identity, or another user."""
    set_whoami(kratos, {})
    signed_in = new_browser()
    signed_in.get("/user/")
    users = get_user_model()._default_manager
    name = {users.model.USERNAME_FIELD: "root@example.org"}
    user = users.get() if same else users.create(**name)
    signed_in.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    signed_in.cookies["ory_kratos_session"] = COOKIE.partition("=")[2]
    cookies = signed_in.cookies
    for route in ROUTES:
        with subtests.test(route=route), fresh_start():
            browser = new_browser(cookies)
            person = Person(kratos, ALL_STATES[state])
            if same:
                check_route(browser, person, route)
            else:
                visit = follow_redirects(browser, person, f"/{route}", submits=True)
                if route in PROTECTED_ROUTES and not route.startswith("django-"):
                    assert visit.response.content != b"in"  # as another user


def test_identity_without_user_ends_without_a_loop(
    kratos: Whoami, new_browser: NewBrowser, change_ory: ChangeOry, subtests: pytest.Subtests
) -> None:
    change_ory(CREATE_USERS=False)
    for route in ROUTES:
        with subtests.test(route=route), fresh_start():
            visit = follow_redirects(new_browser(), Person(kratos, {}), f"/{route}", submits=True)
            if route in NEED_USER:
                assert visit.response.content != b"in", visit.urls


def test_inactive_user_ends_without_a_loop(
    kratos: Whoami, new_browser: NewBrowser, subtests: pytest.Subtests
) -> None:
    set_whoami(kratos, {})
    browser = new_browser()
    browser.get("/user/")
    get_user_model()._default_manager.update(is_active=False)
    cookies = browser.cookies
    for route in ROUTES:
        with subtests.test(route=route), fresh_start():
            visit = follow_redirects(new_browser(cookies), Person(kratos, {}), f"/{route}", submits=True)
            assert visit.response.content != b"in", visit.urls


def test_missing_cookie_of_kratos_ends_without_a_loop(
    kratos: Whoami, new_browser: NewBrowser, subtests: pytest.Subtests
) -> None:
    """Only Kratos receives the cookie: SESSION_COOKIE_NAME or the domain of the cookie is wrong."""
    cookies = SimpleCookie({"my_session": "signed in"})
    for route in ROUTES:
        with subtests.test(route=route), fresh_start():
            visit = follow_redirects(new_browser(cookies), Person(kratos, {}), f"/{route}")
            assert visit.response.content != b"in", visit.urls
