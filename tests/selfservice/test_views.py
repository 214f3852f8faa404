"""The pages through Django's test client, with ``FakeOry``."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import translation

from django_ory.authentication.resolver import get_resolver
from django_ory.authentication.results import SessionState, WhoamiResult
from django_ory.clients import get_client
from django_ory.http.redirects import sign_client_name
from django_ory.selfservice.decisions.flows import MAX_NODES
from django_ory.selfservice.decisions.redirect_loop import MAX_REPEATS
from django_ory.selfservice.flow_types import FLOW_TYPES_BY_NAME
from tests.support.fixtures import change_ory

from . import shapes
from .shapes import FLOW, KRATOS, error, error_body, field, text

if TYPE_CHECKING:
    from tests.support.fixtures import ChangeOry

    from .conftest import Kratos

__all__ = ["change_ory"]

ALL = list(FLOW_TYPES_BY_NAME)
OPEN = ["login", "registration", "recovery", "verification"]
BODIES = {
    "login": shapes.login(extra=shapes.passkey()),
    "registration": shapes.registration_first(),
    "recovery": shapes.recovery_sent(),
    "verification": shapes.verification_sent(),
    "settings": shapes.settings(extra=shapes.lookup_codes()),
}


def target(response: Any) -> tuple[str, dict[str, str]]:
    """Address and query of a redirect."""
    assert response.status_code == 303
    parts = urlsplit(response["Location"])
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return parts._replace(query="").geturl(), query


class Tags(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(response.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, attrs)
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag and wanted.items() <= attrs.items()]


# Redirects to Kratos.


@pytest.mark.parametrize("kind", OPEN)
def test_page_without_a_flow_redirects_to_kratos(kratos: Kratos, kind: str) -> None:
    url, query = target(kratos.visit(kind, return_to="/x?a=b"))
    assert url == f"{KRATOS}/self-service/{kind}/browser"
    assert query == {"return_to": "http://testserver/x?a=b"}


@pytest.mark.parametrize("kind", OPEN)
def test_flow_has_the_language_of_the_page_if_django_sends_the_mails(
    kratos: Kratos, settings: Any, kind: str
) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "COURIER_SECRETS": ["s" * 32]}}
    with translation.override("pt-br"):
        assert target(kratos.visit(kind))[1]["lang"] == "pt-br"


def test_next_is_return_to(kratos: Kratos) -> None:
    assert target(kratos.visit("login", next="/x"))[1] == {"return_to": "http://testserver/x"}


@pytest.mark.parametrize(
    "value",
    ["//evil.example", "https://evil.example/", "javascript:alert(1)", "http:///evil.example", "\\\\evil"],
)
def test_untrusted_return_to_is_dropped(kratos: Kratos, value: str) -> None:
    assert "evil" not in kratos.visit("login", next=value)["Location"]
    kratos.session()
    assert "evil" not in kratos.visit("login", return_to=value)["Location"]


@pytest.mark.parametrize("kind", ["login", "recovery", "settings"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_return_to_of_any_length_is_accepted(kratos: Kratos, kind: str, signed_in: bool) -> None:
    if signed_in:
        kratos.session()
    for query in ("é" * 5000, "%" * 15_000, "a" * 15_000):
        assert kratos.visit(kind, return_to=f"/?{query}").status_code == 303


def test_return_to_after_verification_is_validated(kratos: Kratos) -> None:
    for given, passed in [("/x", "http://testserver/x"), ("https://evil.example/", None), ("", None)]:
        _, query = target(kratos.visit("registration", after_verification_return_to=given))
        assert query.get("after_verification_return_to") == passed


def test_unknown_parameters_are_not_sent_to_kratos(kratos: Kratos) -> None:
    kratos.session()
    _, query = target(kratos.visit("login", refresh="true", aal="aal9", via="email", bogus="1"))
    assert query == {"refresh": "true", "via": "email", "return_to": "http://testserver/"}


def test_login_redirect_url_is_sent_to_kratos(kratos: Kratos) -> None:
    with override_settings(LOGIN_REDIRECT_URL="/welcome/"):
        assert target(kratos.visit("login"))[1] == {"return_to": "http://testserver/welcome/"}
        assert target(kratos.visit("recovery"))[1] == {}


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize(
    "flow", ["x", "../admin", "7c6a5f0e", "%00", "\x00" * 36, FLOW.replace("-", ""), f"{{{FLOW}}}"]
)
def test_invalid_flow_id_is_not_sent_to_kratos(kratos: Kratos, kind: str, flow: str) -> None:
    assert kratos.visit(kind, flow=flow).status_code == 303
    assert all("flows" not in call.path for call in kratos.ory.requests)


# Signed-in and anonymous users.


def test_page_of_a_signed_in_user_redirects_back(kratos: Kratos) -> None:
    kratos.session()
    assert kratos.visit("login", next="/x")["Location"] == "http://testserver/x"
    assert kratos.visit("registration")["Location"] == "http://testserver/"


def test_repeated_redirect_back_shows_access_denied(kratos: Kratos) -> None:
    kratos.session()
    for _ in range(MAX_REPEATS):  # a double click is no loop
        assert kratos.visit("login", next="/staff/").status_code == 303
    response = kratos.visit("login", next="/staff/")
    assert response.status_code == 403
    assert b"have access to this page" in response.content
    assert reverse("ory:logout") in response.content.decode()
    assert kratos.visit("login", next="/staff/").status_code == 303  # a new attempt is allowed


@pytest.mark.parametrize("debug", [True, False])
def test_redirect_loop_with_kratos_is_explained_and_logged(
    kratos: Kratos, settings: Any, debug: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The session cookie has another name in the settings, or another domain."""
    settings.DEBUG = debug
    for _ in range(2):
        for _ in range(MAX_REPEATS):
            assert target(kratos.visit("login", next="/loans/"))[0].startswith(KRATOS)
        response = kratos.visit("login", next="/loans/")
        assert response.status_code == 403
    assert b"cookies for this site" in response.content
    assert (b"SESSION_COOKIE_NAME" in response.content) is debug
    again = [link["href"] for link in Tags(response).all("a")][1]
    assert again == reverse("ory:login") + "?return_to=http%3A%2F%2Ftestserver%2Floans%2F"
    (record,) = (record for record in caplog.records if "SESSION_COOKIE_NAME" in record.message)
    assert record.levelname == "WARNING"
    expected = 'settings.ORY["default"]["SESSION_COOKIE_NAME"] (not Django\'s setting of that name)'
    assert expected in record.message


def test_rendered_page_ends_a_loop(kratos: Kratos) -> None:
    kratos.flow("login", shapes.login())
    for _ in range(2 * MAX_REPEATS):
        assert target(kratos.visit("login", next="/loans/"))[0].startswith(KRATOS)
        assert kratos.visit("login", flow=FLOW).status_code == 200


def test_anonymous_settings_redirect_to_login(kratos: Kratos) -> None:
    url, query = target(kratos.visit("settings", return_to="/x"))
    assert url == reverse("ory:login")
    assert query["return_to"] == "http://testserver/auth/settings/?return_to=%2Fx"


def test_settings_with_required_aal2_start_a_login_with_aal2(kratos: Kratos) -> None:
    kratos.session(second_factor=True)
    url, query = target(kratos.visit("settings"))
    assert url == f"{KRATOS}/self-service/login/browser"
    assert query == {"aal": "aal2", "return_to": "http://testserver/auth/settings/"}


def test_only_cookies_of_ory_are_forwarded(kratos: Kratos) -> None:
    csrf = "csrf_token_" + "a" * 64
    kratos.client.cookies[csrf] = "c"
    kratos.client.cookies["sessionid"] = "django"
    kratos.open("login", shapes.login())
    call = kratos.ory.requests[0]
    assert call.headers["Cookie"] == f"{csrf}=c"


@override_settings(ORY={"default": {"KRATOS_PUBLIC_URL": KRATOS, "SESSION_CACHE_SECONDS": 60}})
def test_cached_session_is_refreshed_before_a_redirect(kratos: Kratos) -> None:
    kratos.session()
    kratos.visit("login")
    kratos.ory.respond("GET /sessions/whoami", status=401, json=error_body(401))
    assert target(kratos.visit("login"))[0] == f"{KRATOS}/self-service/login/browser"


@override_settings(ORY={"default": {"KRATOS_PUBLIC_URL": KRATOS, "SESSION_CACHE_SECONDS": 60}})
@pytest.mark.parametrize(
    ("kind", "flow", "calls"),
    [
        ("login", shapes.login() | {"refresh": True}, 1),
        ("login", shapes.login() | {"requested_aal": "aal2"}, 1),
        ("verification", shapes.verification_sent(), 1),
        ("settings", shapes.settings(), 2),
    ],
    ids=["refresh", "second factor", "verification", "settings"],
)
def test_form_of_a_cached_session_is_one_call(kratos: Kratos, kind: str, flow: Any, calls: int) -> None:
    kratos.session()
    kratos.open(kind, flow)  # also finds out whether recovery is enabled, for a minute
    before = len(kratos.ory.requests)
    assert kratos.open(kind, flow).status_code == 200
    assert len(kratos.ory.requests) - before == calls


@override_settings(ORY={"default": {"KRATOS_PUBLIC_URL": KRATOS, "SESSION_CACHE_SECONDS": 60}})
def test_flow_is_shown_when_the_cached_session_has_ended(kratos: Kratos) -> None:
    """The cached session would redirect back, but Kratos no longer has it."""
    kratos.session()
    kratos.visit("login")
    kratos.ory.respond("GET /sessions/whoami", status=401, json=error_body(401))
    assert kratos.open("login", shapes.login()).status_code == 200


# Pages.


@pytest.mark.parametrize("kind", ALL)
def test_flow_page_has_its_forms(kratos: Kratos, kind: str) -> None:
    if kind == "settings":
        kratos.session()
    response = kratos.open(kind, BODIES[kind])
    assert response.status_code == 200
    page = Tags(response)
    assert len(page.all("h1")) == 1
    forms = page.all("form")
    assert forms
    action = f"{KRATOS}/self-service/{kind}?flow={FLOW}" + (
        "&section=two_factor" if kind == "settings" else ""
    )
    assert all(form["action"] == action for form in forms)
    assert len(page.all("input", name="csrf_token")) == len(forms)
    assert b"csrfmiddlewaretoken" not in response.content  # Kratos must not receive the token
    for box in page.all("input") + page.all("select"):
        if box.get("type") != "hidden" and box.get("id"):
            assert page.all("label", **{"for": str(box["id"])}), box
    ids = [attrs["id"] for _, attrs in page.found if "id" in attrs]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("kind", ALL)
def test_page_has_private_headers(kratos: Kratos, kind: str) -> None:
    if kind == "settings":
        kratos.session()
    response = kratos.open(kind, BODIES[kind])
    assert "no-store" in response["Cache-Control"]
    assert {"Cookie", "Accept-Language"} <= {each.strip() for each in response["Vary"].split(",")}
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("kind", ALL)
def test_page_has_no_inline_script_or_style(kratos: Kratos, kind: str) -> None:
    if kind == "settings":
        kratos.session()
    response = kratos.open(kind, BODIES[kind])
    html = response.content.decode()
    page = Tags(response)
    assert all("src" in script for script in page.all("script"))
    assert not page.all("style")
    for tag, attrs in page.found:
        assert "style" not in attrs, tag
        assert not [name for name in attrs if name.startswith("on")], tag
    assert "javascript:" not in html


def test_script_of_kratos_is_loaded_once_with_its_checksum(kratos: Kratos) -> None:
    response = kratos.open("login", shapes.login(extra=[*shapes.passkey(), shapes.script()]))
    (script,) = Tags(response).all("script", id="webauthn_script")
    assert script["integrity"] == "sha512-abc"
    assert script["crossorigin"] == "anonymous"
    assert "nonce" not in script


def test_only_error_is_shown_once_at_its_field_which_has_the_focus(kratos: Kratos) -> None:
    response = kratos.open("login", shapes.login(messages=[error(4000006)]))
    html = response.content.decode()
    assert html.count("Incorrect email, username or password") == 1
    assert "<title>Error: Sign in" in html
    assert not Tags(response).all("div", role="alert")
    focused = [attrs for _, attrs in Tags(response).found if "autofocus" in attrs]
    assert [each["id"] for each in focused] == ["ory-password"]


def test_only_error_without_a_field_is_a_message_that_has_the_focus(kratos: Kratos) -> None:
    response = kratos.open("login", shapes.login(messages=[error(4010000)]))
    assert response.content.decode().count("We could not sign you in.") == 1
    (message,) = Tags(response).all("div", role="alert")
    assert message["tabindex"] == "-1"
    assert [attrs for _, attrs in Tags(response).found if "autofocus" in attrs] == [message]


def test_several_errors_are_shown_in_the_summary_and_at_their_fields(kratos: Kratos) -> None:
    body = shapes.login(messages=[error(4000006), error(4010000)])
    response = kratos.open("login", body)
    page = Tags(response)
    html = response.content.decode()
    assert "<title>Error: Sign in" in html
    (summary,) = page.all("div", role="alert")
    assert summary["tabindex"] == "-1"
    assert [attrs for _, attrs in page.found if "autofocus" in attrs] == [summary]
    assert page.all("a", href="#ory-password")
    (box,) = page.all("input", id="ory-password")
    assert box["aria-invalid"] == "true"
    assert page.all("div", id=str(box["aria-describedby"]))


def test_error_of_a_button_describes_it(kratos: Kratos) -> None:
    button = shapes.submit(
        "method", "code", group="code", label=text(1010015), messages=[error(1, "Not now")]
    )
    page = Tags(kratos.open("login", shapes.login(extra=[button])))
    (found,) = page.all("button", value="code")
    assert page.all("div", id=str(found["aria-describedby"]))
    assert "aria-describedby" not in page.all("button", value="password")[0]


@pytest.mark.parametrize(
    "node",
    [
        shapes.hidden("x", "1", messages=[text(9, "Mind this.")]),
        shapes.node("text", "totp", {"id": "t", "text": text(1, "x")}, messages=[text(9, "Mind this.")]),
        shapes.node(
            "text", "totp", {"id": "totp_secret_key", "text": text(1, "x")}, messages=[text(9, "Mind this.")]
        ),
        shapes.lookup_codes()[0] | {"messages": [text(9, "Mind this.")]},
        shapes.node(
            "img", "totp", {"id": "q", "src": "data:image/png;base64,iVBOR"}, messages=[text(9, "Mind this.")]
        ),
        shapes.node("a", "code", {"id": "a", "href": "/x"}, messages=[text(9, "Mind this.")]),
        shapes.script() | {"messages": [text(9, "Mind this.")]},
        field("x", messages=[text(9, "Mind this.")]),
        shapes.submit("x", "y", group="code", messages=[text(9, "Mind this.")]),
    ],
)
def test_message_of_any_node_is_shown_once(kratos: Kratos, node: Any) -> None:
    html = kratos.open("login", shapes.login(extra=[node])).content.decode()
    assert html.count("Mind this.") == 1


def test_success_message_has_the_role_status(kratos: Kratos) -> None:
    kratos.session()
    response = kratos.open(
        "settings", shapes.settings(messages=[text(1050001, kind="success")], state="success")
    )
    assert b"Your changes have been saved." in response.content
    assert Tags(response).all("div", role="status")


@pytest.mark.parametrize(
    ("kind", "flow", "forgotten"),
    [
        ("settings", shapes.settings() | {"state": "success"}, True),
        ("settings", shapes.settings(), True),
        ("settings", shapes.settings() | {"state": ["success"]}, True),
        ("verification", shapes.verification_passed(), True),
        ("verification", shapes.verification_sent(), False),
    ],
    ids=["changed", "may change at any moment", "invalid", "verified", "to be verified"],
)
def test_changed_identity_invalidates_cached_sessions(
    kratos: Kratos, change_ory: ChangeOry, kind: str, flow: Any, forgotten: bool
) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    session = get_client().to_session(cookie=kratos.session())
    other = WhoamiResult(state=SessionState.SIGNED_IN, session=session, asked_at=time.time())
    get_resolver().cache.set("another", other)
    kratos.open(kind, flow)
    assert (get_resolver().cache.get("another") is None) is forgotten


def test_open_settings_invalidate_sessions_until_they_expire(kratos: Kratos, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    session = get_client().to_session(cookie=kratos.session())
    over = datetime.now(UTC) + timedelta(minutes=10)
    kratos.open("settings", shapes.settings() | {"expires_at": over.isoformat()})
    for asked_at, believed in ((time.time() + 500, False), (time.time() + 700, True)):
        answer = WhoamiResult(state=SessionState.SIGNED_IN, session=session, asked_at=asked_at)
        get_resolver().cache.set("another", answer)
        assert (get_resolver().cache.get("another") is not None) is believed


def test_values_from_kratos_are_escaped(kratos: Kratos) -> None:
    evil = '"><script>alert(1)</script>'
    nodes = [
        field("traits.x", label=evil, value=evil, messages=[error(1, evil)], autocomplete=evil),
        shapes.submit("provider", evil, group="oidc", label=text(1010002, evil, provider=evil)),
        shapes.hidden("x", evil),
        shapes.node("text", evil, {"id": evil, "text": text(1, evil)}, text(1, evil)),
        shapes.node("div", "captcha", {"id": evil, "data": {"x": evil}}),
    ]
    response = kratos.open("login", shapes.login(messages=[text(1, evil), error(2, evil)], extra=nodes))
    assert response.status_code == 200
    assert b"<script>alert" not in response.content


@pytest.mark.parametrize("id_", ["cf-turnstile", "100% sure", "javascript:alert(1)", 'a"b#c'])
def test_error_links_to_any_id(kratos: Kratos, id_: str) -> None:
    """Widgets use the id of Kratos, so the id is unchanged; in a URL the id is quoted."""
    place = shapes.node("div", "captcha", {"id": id_}, messages=[error(1, "Not solved.")])
    tags = Tags(kratos.open("login", shapes.login(extra=[place], messages=[error(4000006)])))
    assert len(tags.all("div", id=id_)) == 1
    links = [str(each["href"]) for each in tags.all("a") if str(each.get("href")).startswith("#")]
    (link,) = (each for each in links if each != "#ory-password")
    assert unquote(link) == f"#{id_}"
    assert re.fullmatch(r"#[\w.~%-]+", link)


def test_form_with_another_origin_is_a_502(kratos: Kratos, caplog: pytest.LogCaptureFixture) -> None:
    response = kratos.open("login", shapes.login(ui={"action": "https://evil.example/"}))
    assert response.status_code == 502
    assert b"evil.example" not in response.content
    assert "KRATOS_BROWSER_URL" in caplog.text


def test_too_many_nodes_are_a_502(kratos: Kratos, caplog: pytest.LogCaptureFixture) -> None:
    response = kratos.open("login", shapes.login(extra=[field("x")] * (MAX_NODES + 1)))
    assert response.status_code == 502


def test_second_factor_page_has_a_sign_out_link(kratos: Kratos) -> None:
    response = kratos.open("login", shapes.login_second())
    assert Tags(response).all("a", href=f"{reverse('ory:logout')}?return_to=%2Fauth%2Flogin%2F")
    folded = Tags(response).all("details")
    assert [("open" in each) for each in folded] == [False, False]


def test_method_with_an_error_is_not_folded(kratos: Kratos) -> None:
    body = shapes.login_second()
    body["ui"]["messages"] = [error(4000016)]
    folded = Tags(kratos.open("login", body)).all("details")
    assert [("open" in each) for each in folded] == [False, True]


def test_user_without_a_second_factor_gets_a_link_to_settings(kratos: Kratos) -> None:
    body = shapes.flow("login", [shapes.csrf()], requested_aal="aal2", messages=[text(1010004)])
    response = kratos.open("login", body)
    assert Tags(response).all("a", href=reverse("ory:settings_two_factor"))
    assert b"confirm with your second factor" not in response.content


def test_footer_links_keep_return_to_and_oauth2_request(kratos: Kratos) -> None:
    body = shapes.login(
        return_to="http://testserver/x",
        oauth2_login_request={"challenge": "c", "client": {"client_name": "Shop"}},
        identity_schema="person",
    )
    hrefs = [urlsplit(str(link["href"])) for link in Tags(kratos.open("login", body)).all("a")]
    by_path = {each.path: parse_qs(each.query) for each in hrefs}
    carried = {"return_to": ["http://testserver/x"], "login_challenge": ["c"], "identity_schema": ["person"]}
    assert by_path[reverse("ory:registration")] == carried
    assert by_path[reverse("ory:recovery")].items() >= {"identity_schema": ["person"]}.items()


@pytest.mark.parametrize(
    ("kind", "body", "names"),
    [
        ("login", shapes.login(messages=[error(4000010)]), ["recovery", "registration", "verification"]),
        ("login", shapes.login_identifier_first(step=2), ["login", "recovery", "registration"]),
        ("login", shapes.login(messages=[text(1010016)]), ["login"]),
        ("login", shapes.login_refresh(), ["logout"]),
        ("registration", shapes.registration_first(), ["login"]),
        ("recovery", shapes.recovery(), ["login"]),
        ("recovery", shapes.recovery_sent(), ["recovery", "login"]),
        ("verification", shapes.verification_sent(), ["verification"]),
        ("verification", shapes.verification_sent_by_phone(), []),
        ("verification", shapes.verification_passed(), []),
    ],
)
def test_step_has_its_footer_links(kratos: Kratos, kind: str, body: Any, names: list[str]) -> None:
    hrefs = {
        urlsplit(str(link["href"])).path for link in Tags(kratos.open(kind, body)).all("a", rel="nofollow")
    }
    assert hrefs - {"/"} == {reverse(f"ory:{name}") for name in names}


@pytest.mark.parametrize("body", [shapes.verification_by_link(), shapes.verification_sent()])
def test_verification_has_a_link_to_return_to(kratos: Kratos, body: Any) -> None:
    page = Tags(kratos.open("verification", body | {"return_to": "http://testserver/x"}))
    assert page.all("a", href="http://testserver/x")


def test_untrusted_return_to_is_not_linked(kratos: Kratos) -> None:
    response = kratos.open(
        "verification", shapes.verification_sent() | {"return_to": "https://evil.example/"}
    )
    assert b"evil.example" not in response.content


def test_page_without_translation_is_marked_as_english(kratos: Kratos) -> None:
    with translation.override("he"):
        page = kratos.open("login", shapes.login()).content
    assert b'<html class="ory ory-standalone" lang="en" dir="ltr">' in page
    assert b'<div class="ory" lang="en" dir="ltr">' in page  # in a site's own frame too


def test_translated_page_is_marked_as_its_language(kratos: Kratos, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_ory.http.branding.pgettext", lambda context, text: "ar")
    page = kratos.open("login", shapes.login()).content
    assert b'<div class="ory" lang="ar" dir="rtl">' in page


# Disabled flows.


def disable_flows(kratos: Kratos, *kinds: str) -> None:
    for kind in kinds:
        reason = f"{kind.capitalize()} is not allowed because it was disabled."
        error_id = "self_service_flow_disabled" if kind == "registration" else ""
        kratos.flow(kind, error_body(400, error_id, reason), status=400)


def paths(response: Any) -> set[str]:
    return {urlsplit(str(link["href"])).path for link in Tags(response).all("a", rel="nofollow")}


@pytest.mark.parametrize("kind", ["registration", "recovery", "verification"])
def test_disabled_flow_is_not_linked(kratos: Kratos, kind: str) -> None:
    disable_flows(kratos, kind)
    others = {"registration", "recovery", "verification"} - {kind}
    for other in others:
        kratos.flow(other, error_body(404), status=404)
    body = shapes.login(messages=[error(4000010)])
    assert paths(kratos.open("login", body)) == {reverse(f"ory:{other}") for other in others}


def test_availability_of_flows_is_cached(kratos: Kratos) -> None:
    disable_flows(kratos, "registration", "recovery")
    for _ in range(3):
        assert paths(kratos.open("login", shapes.login())) == set()
    asked = [call.origin + call.target for call in kratos.ory.requests if "/login/" not in call.path]
    none = "00000000-0000-0000-0000-000000000000"
    assert sorted(map(str, asked)) == [
        f"{KRATOS}/self-service/recovery/flows?id={none}",
        f"{KRATOS}/self-service/registration/flows?id={none}",
    ]


@pytest.mark.parametrize("answer", [{"status": 500}, {"fault": "down"}])
def test_links_stay_while_availability_is_unknown(kratos: Kratos, answer: Any) -> None:
    kratos.flow("registration", **answer)
    kratos.flow("recovery", **answer)
    found = paths(kratos.open("login", shapes.login()))
    assert found == {reverse("ory:registration"), reverse("ory:recovery")}


def test_plain_flow_links_without_a_login_challenge(kratos: Kratos) -> None:
    for body in (shapes.login(), shapes.login(oauth2_login_request={"challenge": None})):
        hrefs = [str(link["href"]) for link in Tags(kratos.open("login", body)).all("a", rel="nofollow")]
        assert hrefs
        assert not [href for href in hrefs if "?" in href]


def test_sent_second_factor_offers_to_sign_out_and_not_to_sign_in_again(kratos: Kratos) -> None:
    """Signing in again would send another code."""
    assert paths(kratos.open("login", shapes.login_second_sent())) == {reverse("ory:logout")}


# Settings confirm a change before the link to the next page.


def test_settings_send_return_to_as_next(kratos: Kratos) -> None:
    kratos.session()
    url, query = target(kratos.visit("settings", next="/loans/"))
    assert url == f"{KRATOS}/self-service/settings/browser"
    assert query == {"next": "http://testserver/loans/"}


@pytest.mark.parametrize(
    ("following", "href"),
    [
        ("http%3A%2F%2Ftestserver%2Floans%2F", "http://testserver/loans/"),
        ("https%3A%2F%2Fevil.example", "/"),
        ("", "/"),
    ],
)
def test_saved_settings_link_to_next(kratos: Kratos, following: str, href: str) -> None:
    kratos.session()
    body = shapes.settings(messages=[text(1050001, kind="success")], state="success")
    body["request_url"] += f"?next={following}"
    response = kratos.open("settings", body)
    assert b"Your changes have been saved." in response.content
    links = [str(link["href"]) for link in Tags(response).all("a", rel="nofollow")]
    assert links == [href, reverse("ory:logout")]
    buttons = Tags(response).all("a", **{"class": "ory-button ory-button--secondary"})
    assert [button["href"] for button in buttons] == ([href] if href != "/" else [])


def test_client_name_is_sent_to_kratos_and_kept_in_links(kratos: Kratos) -> None:
    name = sign_client_name("Shop")
    assert target(kratos.visit("login", client=name))[1]["client"] == name
    body = shapes.login()
    body["request_url"] += f"?client={name}"
    hrefs = [urlsplit(str(link["href"])) for link in Tags(kratos.open("login", body)).all("a")]
    by_path = {each.path: parse_qs(each.query) for each in hrefs}
    assert by_path[reverse("ory:registration")] == {"client": [name]}
    assert by_path[reverse("ory:recovery")] == {"client": [name]}


def test_login_without_methods_is_explained(kratos: Kratos) -> None:
    """Kratos then returns neither a node nor a message."""
    words = b"You can't sign in right now."
    assert words in kratos.open("login", shapes.flow("login", [shapes.csrf()])).content


def test_login_with_a_method_has_no_such_explanation(kratos: Kratos) -> None:
    assert b"sign in right now" not in kratos.open("login", shapes.login()).content
