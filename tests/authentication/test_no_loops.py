"""No visitor travels in circles between our doors, our pages and Kratos, whatever state they are in; and who
does what Kratos asks for arrives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model

from tests.support.kratos import COOKIE, ago, identity_json
from tests.test_decorators import STATES, tell

from .urls import GUARDS

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.fixtures import ChangeOry
    from tests.support.kratos import Whoami

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.authentication.urls")]
#: More than any journey that ends needs, and no more than browsers go.
HOPS = 16

ALL_STATES: dict[str, Any] = {name: state["says"] for name, state in STATES.items()}
OTHERS = ["admin/", "auth/login/", "auth/settings/", "auth/registration/", "auth/recovery/"]
DOORS = [*GUARDS, *OTHERS]
#: Doors that nobody opens by anything that can be done at Kratos.
RIGHTS = ["django-permission/", "django-test/"]
#: Doors that send nobody anywhere.
NO_WAY = ["api/"]
#: Views that need a Django user.
NEED_USER = ["user/", "user-async/", "everything/", "mixin-async/", *RIGHTS, "django-login/", "django-mixin/"]
#: States without a session that opens a view.
SIGNED_OUT = [
    "stranger",
    "owes the second factor",
    "switched off in Kratos",
    "session is over",
    "Kratos is down",
    "Kratos talks nonsense",
]


class Person:
    """A visitor as Kratos knows them, and Kratos' side of the way. ``says``: see STATES."""

    def __init__(self, kratos: Whoami, says: Any) -> None:
        self.kratos = kratos
        self.become(says)

    def become(self, says: Any) -> None:
        self.says = says
        tell(self.kratos, says)

    @property
    def is_known(self) -> bool:
        """Kratos answers, so nothing but an answer is allowed of us either."""
        return self.says not in ("down", "nonsense")

    @property
    def session(self) -> dict[str, Any] | None:
        """What Kratos' own pages go by."""
        if self.says == "second factor":
            return {}
        if not isinstance(self.says, dict) or self.says.get("active") is False or self.is_switched_off:
            return None
        return self.says

    @property
    def is_switched_off(self) -> bool:
        identity = self.says.get("identity", {}) if isinstance(self.says, dict) else {}
        return bool(identity.get("state") == "inactive")

    def opens(self, url: str) -> str | None:
        """Where Kratos sends a browser that starts a flow; None: to a page with a form."""
        query = _query(url)
        if not urlsplit(url).path.startswith("/self-service/login") or self.session is None:
            return None
        if query.get("refresh") == "true":
            return None
        if query.get("aal", "aal1") > self.session.get("authenticator_assurance_level", "aal1"):
            return None
        return query.get("return_to", "http://testserver/public/")

    def fills_in(self, url: str) -> str | None:
        """Do what the form asks for. Where Kratos sends the browser then; None: the form stays."""
        query, flow = _query(url), urlsplit(url).path.split("/")[2]
        before = self.session or {}
        if self.is_switched_off or flow not in ("login", "verification"):
            return None
        if flow == "verification":
            self.become({**before, "identity": identity_json()})
        else:
            reached = query.get("aal") or before.get("authenticator_assurance_level", "aal1")
            now = {"authenticator_assurance_level": reached, "authenticated_at": ago(seconds=1)}
            self.become({**before, **now})
        return query.get("return_to", "http://testserver/public/")


def _query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def travel(
    client: Client, person: Person, start: str, *, method: str = "get", fills_in: bool = False
) -> tuple[Any, list[str]]:
    """Our last answer, and the addresses that a browser sees until it stands still.

    It stands still at forms of Kratos, unless the person ``fills_in`` each of them, once.
    """
    journey, forms = [start], set()
    response: Any = getattr(client, method)(start)
    for _ in range(HOPS):
        if response.status_code not in (301, 302, 303):
            assert response.status_code < 500 or (response.status_code == 503 and not person.is_known), (
                journey
            )
            return response, journey
        where = response["Location"]
        journey.append(where)
        if urlsplit(where).netloc == "kratos.test:4433":
            after = person.opens(where)
            if after is None and fills_in:
                assert where not in forms, f"twice at the same form: {journey}"
                forms.add(where)
                after = person.fills_in(where)
            if after is None:
                return response, journey
            journey.append(after)
            where = after
        assert urlsplit(where).netloc in ("", "testserver"), journey
        parts = urlsplit(where)
        response = client.get(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    pytest.fail("in circles: " + " -> ".join(journey))


def arrives(client: Client, person: Person, door: str) -> None:
    """Who can do what is asked for gets in; all others get an answer."""
    can = person.is_known and not person.is_switched_off
    response, journey = travel(client, person, f"/{door}", fills_in=True)
    if can and door not in (*RIGHTS, *NO_WAY, *OTHERS):
        assert (response.status_code, response.content) == (200, b"in"), journey


@pytest.fixture
def browser(client: Client) -> Client:
    client.cookies["ory_kratos_session"] = COOKIE.partition("=")[2]
    return client


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("state", ALL_STATES)
def test_each_state_ends_at_each_guard_without_a_loop(
    browser: Client, kratos: Whoami, state: str, door: str
) -> None:
    person = Person(kratos, ALL_STATES[state])
    response, journey = travel(browser, person, f"/{door}")
    assert person.is_known or response.status_code in (200, 503), journey
    if state in SIGNED_OUT or door in RIGHTS:
        assert response.content != b"in", journey


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("state", ALL_STATES)
def test_user_who_meets_the_requirement_reaches_the_page(
    browser: Client, kratos: Whoami, state: str, door: str
) -> None:
    arrives(browser, Person(kratos, ALL_STATES[state]), door)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("state", ALL_STATES)
def test_user_who_meets_the_requirement_is_allowed_despite_the_cache(
    browser: Client, kratos: Whoami, change_ory: ChangeOry, state: str, door: str
) -> None:
    """Also that there was nobody: the cookie is the same before and after, which is the hardest case."""
    change_ory(SESSION_CACHE_SECONDS=60)
    person = Person(kratos, ALL_STATES[state])
    browser.get("/who/")
    calls = len(kratos.calls)
    assert browser.get("/who/").status_code == 200
    if state in ("stranger", "first factor", "both factors", "long ago", "not verified"):
        assert len(kratos.calls) == calls  # it does remember
    arrives(browser, person, door)


@pytest.mark.parametrize("door", GUARDS)
def test_posts_end_without_a_loop(browser: Client, kratos: Whoami, door: str) -> None:
    travel(browser, Person(kratos, {}), f"/{door}", method="post", fills_in=True)


@pytest.mark.parametrize("door", DOORS)
def test_second_factor_required_later_ends_without_a_loop(
    browser: Client, kratos: Whoami, change_ory: ChangeOry, door: str
) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    person = Person(kratos, {})
    browser.get("/session/")
    travel(browser, person, f"/{door}")
    person.become("second factor")
    travel(browser, person, f"/{door}")
    arrives(browser, person, door)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("state", ["first factor", "both factors", "long ago", "not verified"])
def test_stale_session_ends_without_a_loop(
    browser: Client, kratos: Whoami, change_ory: ChangeOry, state: str, door: str
) -> None:
    """While Kratos is down, and once it is back."""
    change_ory(WHEN_UNAVAILABLE_SAFE="stale", BREAKER_SECONDS=0)
    person = Person(kratos, ALL_STATES[state])
    assert browser.get("/who/").json()["is_authenticated"]
    person.become("down")
    assert browser.get("/who/").json()["stale"]
    travel(browser, person, f"/{door}")
    person.become(ALL_STATES[state])
    arrives(browser, person, door)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("state", ALL_STATES)
@pytest.mark.parametrize("same", [True, False], ids=["same person", "somebody else"])
def test_django_session_beside_kratos_ends_without_a_loop(
    browser: Client, kratos: Whoami, state: str, door: str, same: bool
) -> None:
    """Django's session names the identity's user, or another one."""
    person = Person(kratos, {})
    browser.get("/user/")
    users = get_user_model()._default_manager
    name = {users.model.USERNAME_FIELD: "root@example.org"}
    user = users.get() if same else users.create(**name)
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    browser.cookies["ory_kratos_session"] = COOKIE.partition("=")[2]
    person.become(ALL_STATES[state])
    if same:
        arrives(browser, person, door)
    else:
        response, _ = travel(browser, person, f"/{door}", fills_in=True)
        if door in GUARDS and not door.startswith("django-"):
            assert response.content != b"in"  # as somebody else


@pytest.mark.parametrize("door", DOORS)
def test_identity_without_user_ends_without_a_loop(
    browser: Client, kratos: Whoami, change_ory: ChangeOry, door: str
) -> None:
    change_ory(CREATE_USERS=False)
    response, journey = travel(browser, Person(kratos, {}), f"/{door}", fills_in=True)
    if door in NEED_USER:
        assert response.content != b"in", journey


@pytest.mark.parametrize("door", DOORS)
def test_inactive_user_ends_without_a_loop(browser: Client, kratos: Whoami, door: str) -> None:
    person = Person(kratos, {})
    browser.get("/user/")
    get_user_model()._default_manager.update(is_active=False)
    response, journey = travel(browser, person, f"/{door}", fills_in=True)
    assert response.content != b"in", journey


@pytest.mark.parametrize("door", DOORS)
def test_missing_cookie_of_kratos_ends_without_a_loop(client: Client, kratos: Whoami, door: str) -> None:
    """Kratos sees a session that we do not: SESSION_COOKIE_NAME is wrong, or the cookie's domain."""
    client.cookies["my_session"] = "signed in"
    response, journey = travel(client, Person(kratos, {}), f"/{door}")
    assert response.content != b"in", journey
