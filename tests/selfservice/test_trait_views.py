"""Posts of forms of traits to the pages, with ``FakeOry``."""

from __future__ import annotations

import html
import json
import re
import secrets
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.schemas.published import EMAIL, schema, text

from .shapes import FLOW, error, error_body, password, submit
from .trait_forms import settings, sign_up

if TYPE_CHECKING:
    from .conftest import Kratos

Json = dict[str, Any]
TOKEN = "bm90IGEgc2VjcmV0=="
TAGS = {"type": "array", "title": "Tags", "items": {"type": "string"}}
HOMES = {"type": "array", "items": {"type": "object", "properties": {"street": text("Street")}}}
BODY = schema({"email": EMAIL, "tags": TAGS, "homes": HOMES}, "email")
STORED = {"email": "ann@example.org", "tags": ["red"], "homes": [{"street": "Elm", "zip": 1}], "plan": "gold"}
BOXES = {"mine": {"type": "boolean"}}
OK = {"state": "success"}


@pytest.fixture
def member(kratos: Kratos) -> Kratos:
    """A signed-in user at the settings, with lists in the schema."""
    kratos.session()
    kratos.ory.respond("GET /schemas", json=[{"id": "person", "schema": BODY}])
    kratos.flow("settings", settings(BODY, STORED))
    return kratos


def send(kratos: Kratos, kind: str = "settings", **data: Any) -> Any:
    """Post a form. ``__`` stands for a dot of a name."""
    named = {name.replace("__", "."): value for name, value in data.items()}
    url = f"{reverse(f'ory:{kind}')}?flow={FLOW}"
    return kratos.client.post(url, {"csrf_token": TOKEN, "method": "profile", **named})


def read_values(page: str, name: str) -> list[str]:
    """The values of the inputs with this name, in the order of the page."""
    inputs = (each for each in re.findall(r"<input[^>]*>", page) if f'name="{name}"' in each)
    return [found[1] if (found := re.search(r'value="([^"]*)"', each)) else "" for each in inputs]


def list_sent(kratos: Kratos) -> list[Json]:
    """The bodies that were sent to Kratos."""
    return [json.loads(each.body) for each in kratos.ory.requests if each.method == "POST"]


def count(kratos: Kratos, path: str) -> int:
    return sum(each.path == path for each in kratos.ory.requests)


def test_page_shows_lists_and_posts_to_this_site(member: Kratos) -> None:
    page = member.visit("settings", flow=FLOW).content.decode()
    assert f'action="http://testserver{reverse("ory:settings")}?flow={FLOW}"' in page
    assert 'name="ory_add" value="traits.tags"' in page
    assert 'name="ory_remove" value="traits.homes.0"' in page
    assert page.index('name="method" value="profile"') < page.index('name="ory_')  # for the Enter key
    assert "csrfmiddlewaretoken" not in page


def test_schema_is_fetched_once_for_many_pages(member: Kratos) -> None:
    for _ in range(3):
        member.visit("settings", flow=FLOW)
    assert count(member, "/schemas") == 1
    assert count(member, "/self-service/settings/flows") == 3


def test_page_works_without_schemas(member: Kratos) -> None:
    member.ory.respond("GET /schemas", status=500, json={})
    member.ory.respond("GET /schemas/{id}", status=500, json={})
    page = member.visit("settings", flow=FLOW)
    assert page.status_code == 200
    assert "ory_add" not in page.content.decode()


def test_saved_form_is_sent_to_kratos_as_json(member: Kratos) -> None:
    member.ory.respond("POST /self-service/settings", json=settings(BODY, STORED) | OK)
    response = send(member, traits__tags=["", "red", "blue", ""], traits__email="ann@example.org")
    assert (response.status_code, response["Location"]) == (303, f"{reverse('ory:settings')}?flow={FLOW}")
    (sent,) = list_sent(member)
    assert sent == {"method": "profile", "csrf_token": TOKEN, "traits": {**STORED, "tags": ["red", "blue"]}}
    (request,) = (each for each in member.ory.requests if each.method == "POST")
    assert "ory_kratos_session" in request.headers["Cookie"]


def test_added_row_keeps_what_was_typed(member: Kratos) -> None:
    response = send(member, traits__tags=["", "blue"], traits__email="new@example.org", ory_add="traits.tags")
    page = response.content.decode()
    assert response.status_code == 200
    shown = [f'value="{text}"' in page for text in ("blue", "new@example.org", "red")]
    assert shown == [True, True, False]
    assert page.count('id="ory-traits-tags') >= 3  # the list and two rows
    assert list_sent(member) == []


def test_removed_row_is_gone(member: Kratos) -> None:
    data: Json = {"traits__tags": ["", "one", "two", "three"], "ory_remove": "traits.tags.1"}
    page = send(member, **data).content.decode()
    assert ['value="one"' in page, 'value="two"' in page, 'value="three"' in page] == [True, False, True]


@pytest.mark.parametrize(
    ("index", "left"), [(0, ["a", "", "b"]), (1, ["", "", "b"]), (2, ["", "a", "b"]), (3, ["", "a", ""])]
)
def test_row_is_removed_among_blank_rows(member: Kratos, index: int, left: list[str]) -> None:
    data: Json = {"traits__tags": ["", "", "a", " ", "b"], "ory_remove": f"traits.tags.{index}"}
    page = send(member, **data).content.decode()
    assert read_values(page, "traits.tags") == ["", *left]


def test_row_is_removed_among_rows_that_post_nothing(member: Kratos) -> None:
    """A box that is not checked posts nothing, so that the row has no name in the post."""
    body = schema({"homes": {"type": "array", "items": {"type": "object", "properties": BOXES}}})
    stored = {"homes": [{"mine": False}, {"mine": True}, {"mine": True}]}
    member.ory.respond("GET /schemas", json=[{"id": "person", "schema": body}])
    member.flow("settings", settings(body, stored))
    data: Json = {"traits__homes": "", "traits__homes__1__mine": "true", "traits__homes__2__mine": "true"}
    page = send(member, **data, ory_remove="traits.homes.0").content.decode()
    assert [f'name="traits.homes.{index}.mine"' in page for index in range(3)] == [True, True, False]
    assert page.count(" checked") == 2


@pytest.mark.parametrize("charset", ["raw_unicode_escape", "idna", "utf-16"])
def test_charset_of_a_post_is_ignored(member: Kratos, charset: str) -> None:
    """A codec that decodes to half a surrogate made the comparison of the token fail."""
    parts = {"csrf_token": "\\ud800x", "method": "profile", "traits.email": "\\ud800"}
    body = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parts.items()
    )
    response = member.client.generic(
        "POST",
        f"{reverse('ory:settings')}?flow={FLOW}",
        f"{body}--x--\r\n".encode(),
        content_type=f"multipart/form-data; boundary=x; charset={charset}",
    )
    assert response.status_code == 303
    assert list_sent(member) == []


def test_row_of_an_object_can_be_added_and_removed(member: Kratos) -> None:
    data = {"traits__homes": "", "traits__homes__0__street": "Elm", "traits__homes__0": '{"zip": 1}'}
    page = send(member, **data, ory_add="traits.homes").content.decode()
    assert 'name="traits.homes.1.street"' in page
    page = send(member, **data, ory_remove="traits.homes.0").content.decode()
    assert 'value="Elm"' not in page


@pytest.mark.parametrize(
    "button",
    [
        {"ory_add": "traits.other"},
        {"ory_add": "method"},
        {"ory_add": ""},
        {"ory_add": "traits.email"},
        {"ory_remove": "traits.tags.99"},
        {"ory_remove": "traits.tags.x"},
        {"ory_remove": "traits.tags." + "9" * 5000},
        {"ory_remove": "traits"},
        {"ory_add": "traits.email.x.y"},
    ],
)
def test_button_of_an_unknown_row_changes_nothing(member: Kratos, button: Json) -> None:
    response = send(member, traits__tags=["", "red"], traits__email="ann@example.org", **button)
    assert response.status_code == 200
    assert 'value="red"' in response.content.decode()


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", "ä"])
def test_post_without_the_token_of_the_flow_is_not_sent_to_kratos(member: Kratos, token: str) -> None:
    for more in ({}, {"ory_add": "traits.tags"}):
        response = send(member, csrf_token=token, traits__email="evil@example.org", **more)
        assert response.status_code == 303
        assert "evil" not in response.content.decode()
    assert list_sent(member) == []


@pytest.mark.parametrize("token", ["-", ""])
def test_flow_without_a_token_accepts_no_post(member: Kratos, token: str) -> None:
    flow = settings(BODY, STORED)
    flow["ui"]["nodes"] = [
        node for node in flow["ui"]["nodes"] if node["attributes"].get("name") != "csrf_token"
    ]
    member.flow("settings", flow)
    assert send(member, csrf_token=token, traits__email="evil@example.org").status_code == 303
    assert list_sent(member) == []


def test_form_of_the_flow_needs_no_token_of_django(member: Kratos) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = member.client.cookies
    member.client = strict
    member.ory.respond("POST /self-service/settings", json=settings(BODY, STORED) | OK)
    assert send(member, traits__email="ann@example.org").status_code == 303
    assert len(list_sent(member)) == 1


def test_rejected_traits_are_shown_by_the_flow(member: Kratos) -> None:
    member.ory.respond(
        "POST /self-service/settings", status=400, json=settings(BODY, STORED, messages=[error(4000001)])
    )
    response = send(member, traits__email="nonsense")
    assert (response.status_code, response["Location"]) == (303, f"{reverse('ory:settings')}?flow={FLOW}")


def test_change_that_needs_a_new_sign_in_is_posted_to_kratos(member: Kratos) -> None:
    body = error_body(403, "session_refresh_required") | {"redirect_browser_to": "http://kratos.test:4433/x"}
    member.ory.respond("POST /self-service/settings", status=403, json=body)
    response = send(member, traits__email="new@example.org", traits__tags=["", "<b>"])
    page = response.content.decode()
    assert response.status_code == 200
    assert 'action="http://kratos.test:4433/self-service/settings?flow=' in page
    assert "new@example.org" in page
    assert "<b>" not in page
    assert "Set-Cookie" not in response.headers or "continuity" not in response.headers["Set-Cookie"]


@pytest.mark.parametrize(("status", "expected"), [(502, 503), (410, 303), (404, 303), (401, 303), (418, 303)])
def test_error_of_kratos_is_a_page(member: Kratos, status: int, expected: int) -> None:
    member.ory.respond("POST /self-service/settings", status=status, json=error_body(status))
    assert send(member, traits__email="ann@example.org").status_code == expected


def test_post_of_an_anonymous_user_leads_to_the_sign_in(member: Kratos) -> None:
    member.client.cookies.clear()
    member.flow("settings", error_body(401), status=401)
    response = send(member, traits__email="ann@example.org")
    assert response.status_code == 303
    assert response["Location"].startswith(reverse("ory:login"))
    assert list_sent(member) == []


def test_form_that_kratos_can_read_is_not_accepted_here(member: Kratos) -> None:
    body = schema({"email": EMAIL}, "email")
    member.ory.respond("GET /schemas", json=[{"id": "person", "schema": body}])
    member.flow("settings", settings(body, {"email": "ann@example.org"}))
    assert send(member, traits__email="x@example.org").status_code == 303
    assert list_sent(member) == []


@pytest.mark.parametrize("kind", ["login", "recovery", "verification"])
def test_other_pages_accept_no_post(member: Kratos, kind: str) -> None:
    assert send(member, kind).status_code == 405


def test_first_step_of_a_sign_up_is_sent_as_json(kratos: Kratos) -> None:
    kratos.ory.respond("GET /schemas", json=[{"id": "person", "schema": BODY}])
    kratos.flow("registration", sign_up(BODY))
    kratos.ory.respond("POST /self-service/registration", status=400, json=sign_up(BODY))
    response = send(
        kratos, "registration", traits__email="a@b.c", traits__tags=["", "x", " "], traits__homes=""
    )
    assert (response.status_code, response["Location"]) == (303, f"{reverse('ory:registration')}?flow={FLOW}")
    assert list_sent(kratos)[0]["traits"] == {"email": "a@b.c", "tags": ["x"], "homes": []}


ONE_STEP = [password(), submit("method", "password", group="password")]


@pytest.fixture
def newcomer(kratos: Kratos) -> Kratos:
    """A visitor at a sign-up with the traits and a password in one form."""
    kratos.ory.respond("GET /schemas", json=[{"id": "person", "schema": BODY}])
    kratos.flow("registration", sign_up(BODY, {}, *ONE_STEP))
    return kratos


def test_traits_of_a_sign_up_in_one_form_are_asked_first(newcomer: Kratos) -> None:
    page = newcomer.visit("registration", flow=FLOW).content.decode()
    assert 'name="password"' not in page
    page = send(newcomer, "registration", traits__email="a@b.c", ory_add="traits.tags").content.decode()
    assert read_values(page, "traits.tags") == ["", "", ""]
    typed = {"traits__email": "a@b.c", "traits__tags": ["", "red"], "traits__homes": ""}
    page = send(newcomer, "registration", **typed).content.decode()
    assert 'name="password"' in page
    (entered,) = {html.unescape(each) for each in read_values(page, "traits")}
    assert json.loads(entered) == {"email": "a@b.c", "tags": ["red"], "homes": []}
    page = send(newcomer, "registration", traits=entered, ory_back="1").content.decode()
    assert 'name="password"' not in page
    assert read_values(page, "traits.tags")[1:] == ["red"]
    assert list_sent(newcomer) == []


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        "[",
        "[1]",
        '{"tags": {"a": 1}, "homes": ["x"], "email": ["x"]}',
        '{"email": NaN}',
        "[" * 9999,
        r'{"\ud800": 1}',
        '{"homes": [{"street": {"a": []}}]}',
    ],
)
def test_hostile_traits_after_back_are_no_error(newcomer: Kratos, hostile: str) -> None:
    response = send(newcomer, "registration", traits=hostile, ory_back="1")
    assert response.status_code == 200
    assert b'name="traits.tags"' in response.content


def test_lists_are_kept_after_a_rejected_password(newcomer: Kratos) -> None:
    """Kratos 1.3 returns the single traits only."""
    typed = {"traits__email": "a@b.c", "traits__tags": ["", "crimson"], "traits__homes": ""}
    response = send(newcomer, "registration", **typed)
    assert response.cookies["ory_traits"]["httponly"]
    rejected = password(messages=[error(4000032, min_length=8)])
    flow = sign_up(BODY, {"email": "a@b.c"}, rejected, *ONE_STEP[1:])
    newcomer.flow("registration", flow)
    page = newcomer.visit("registration", flow=FLOW).content.decode()
    (entered,) = {html.unescape(each) for each in read_values(page, "traits")}
    assert json.loads(entered)["tags"] == ["crimson"]
    newcomer.flow("registration", {**flow, "id": FLOW.replace("7", "8")})
    page = newcomer.visit("registration", flow=FLOW).content.decode()
    assert "crimson" not in page
    assert newcomer.client.cookies["ory_traits"].value == ""


@pytest.mark.parametrize("cookie", ["", "x", "W10:1:x", '"\\000"'])
def test_invalid_cookie_of_traits_is_ignored(newcomer: Kratos, cookie: str) -> None:
    """As a header, because Python 3.15 refuses to build a cookie with a control character."""
    cookies = newcomer.client.cookies.output(attrs=[], header="", sep=";")
    newcomer.client.defaults["HTTP_COOKIE"] = f"{cookies}; ory_traits={cookie}"
    assert newcomer.visit("registration", flow=FLOW).status_code == 200


def test_traits_that_are_too_long_for_a_cookie_are_not_kept(newcomer: Kratos) -> None:
    long = [f"{secrets.token_hex(60)}" for _ in range(90)]
    response = send(newcomer, "registration", traits__email="a@b.c", traits__tags=["", *long])
    assert long[-1] in response.content.decode()
    assert "ory_traits" not in response.cookies


def test_password_that_is_posted_to_this_site_is_ignored(newcomer: Kratos) -> None:
    response = send(newcomer, "registration", traits__email="a@b.c", password="s3cret")
    assert b"s3cret" not in response.content
    assert list_sent(newcomer) == []


def test_traits_are_not_logged(member: Kratos, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    for status in (400, 403, 500):
        member.ory.respond("POST /self-service/settings", status=status, json=error_body(status))
        send(member, traits__email="s3cret@example.org", traits__tags=["", "s3cret"])
    assert "s3cret" not in caplog.text
    assert TOKEN not in caplog.text
