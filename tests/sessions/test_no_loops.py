"""No visitor travels in circles between our doors, our pages and Kratos, whatever state they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model

from tests.test_decorators import STATES, tell

from .stand_in import COOKIE
from .urls import GUARDS

if TYPE_CHECKING:
    from django.test import Client

    from .fixtures import ChangeOry
    from .stand_in import StandIn

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.sessions.urls")]
SIGNED_IN = {"cookie": COOKIE}
#: More than any journey that ends needs, and no more than browsers go.
HOPS = 16

ALL_STATES: dict[str, Any] = {name: state["says"] for name, state in STATES.items()}
DOORS = [*GUARDS, "admin/", "auth/login/", "auth/settings/", "auth/registration/", "auth/recovery/"]


def kratos_answers(says: Any, url: str) -> str | None:
    """Where Kratos' init endpoints send a browser in this state; None if they lead to a page to fill in."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if not parts.path.startswith("/self-service/login"):
        return None
    if says is None or (isinstance(says, str) and says != "second factor") or query.get("refresh") == "true":
        return None
    if isinstance(says, dict) and (says.get("active") is False or _is_inactive(says)):
        return None
    reached = says.get("authenticator_assurance_level", "aal1") if isinstance(says, dict) else "aal1"
    if query.get("aal", "aal1") > reached:
        return None
    return query.get("return_to", "http://testserver/public/")


def _is_inactive(says: dict[str, Any]) -> bool:
    return "identity" in says and says["identity"]["state"] == "inactive"


def travel(client: Client, says: Any, start: str, method: str = "get") -> list[str]:
    """The addresses that a browser sees until it stands still."""
    journey = [start]
    response: Any = getattr(client, method)(start)
    for _ in range(HOPS):
        if response.status_code not in (301, 302, 303):
            known = says not in ("down", "nonsense")
            assert response.status_code < 500 if known else response.status_code in (200, 503), journey
            return journey
        where = response["Location"]
        journey.append(where)
        host = urlsplit(where).netloc
        if host == "kratos.test:4433":
            after = kratos_answers(says, where)
            if after is None:
                return journey
            journey.append(after)
            where = after
        assert urlsplit(where).netloc in ("", "testserver"), journey
        parts = urlsplit(where)
        response = client.get(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    pytest.fail("in circles: " + " -> ".join(journey))


@pytest.fixture
def browser(client: Client) -> Client:
    client.cookies["ory_kratos_session"] = COOKIE.partition("=")[2]
    return client


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("state", ALL_STATES)
def test_every_state_and_door(browser: Client, kratos: StandIn, state: str, door: str) -> None:
    tell(kratos, ALL_STATES[state])
    travel(browser, ALL_STATES[state], f"/{door}")


@pytest.mark.parametrize("door", GUARDS)
def test_forms(browser: Client, kratos: StandIn, door: str) -> None:
    kratos.signed_in()
    travel(browser, {}, f"/{door}", "post")


@pytest.mark.parametrize("door", DOORS)
def test_with_the_cache(browser: Client, kratos: StandIn, ory: ChangeOry, door: str) -> None:
    ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    browser.get("/session/")
    travel(browser, {}, f"/{door}")
    kratos.wants_second_factor()
    travel(browser, "second factor", f"/{door}")


@pytest.mark.parametrize("door", DOORS)
def test_who_has_no_django_user(browser: Client, kratos: StandIn, ory: ChangeOry, door: str) -> None:
    ory(CREATE_USERS=False)
    kratos.signed_in()
    travel(browser, {}, f"/{door}")


@pytest.mark.parametrize("door", DOORS)
def test_who_was_shut_out(browser: Client, kratos: StandIn, door: str) -> None:
    kratos.signed_in()
    browser.get("/user/")
    get_user_model()._default_manager.update(is_active=False)
    travel(browser, {}, f"/{door}")


@pytest.mark.parametrize("door", DOORS)
def test_whose_cookie_of_kratos_does_not_come_to_us(client: Client, kratos: StandIn, door: str) -> None:
    """Kratos sees a session that we do not: SESSION_COOKIE_NAME is wrong, or the cookie's domain."""
    client.cookies["my_session"] = "signed in"
    kratos.signed_in()
    travel(client, {}, f"/{door}")
