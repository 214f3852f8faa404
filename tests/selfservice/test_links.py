"""Links of the pages: every state has a way on, and parameters survive each link to another flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.urls import reverse

from django_ory.http.redirects import sign_client_name
from django_ory.selfservice.flow_types import CARRIED_PARAMETERS, FLOW_TYPES_BY_NAME
from django_ory.selfservice.pages.steps import STEPS
from django_ory.selfservice.texts.explanations import EXPLANATIONS
from django_ory.selfservice.views.error import render_explanation

from . import shapes
from .shapes import csrf, flow
from .test_pages import CASES
from .test_views import Tags, target

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import RequestFactory

    from django_ory.selfservice.pages.flow_page import FlowPage

    from .conftest import Kratos

    Pages = Callable[..., FlowPage]

#: Step -> a flow in this step.
STATES: dict[str, Any] = {step: body for body, step, _title, _lead in reversed(CASES)} | {
    "login.second.sent": shapes.login_second_sent(),
}
#: Flows without what the user needs, such as a configuration without any method.
EMPTY: dict[str, Any] = {
    f"{kind} without nodes": flow(kind, [csrf()])
    for kind in ("login", "registration", "recovery", "verification", "settings")
} | {
    "verification.passed without a link": flow("verification", [csrf()], state="passed_challenge"),
    "login.second without a factor": flow("login", [csrf()], requested_aal="aal2"),
}
VALUES = {
    "return_to": "http://testserver/loans/",
    "login_challenge": "c",
    "organization": "0c1f2a9e-6bbd-4a41-9c0e-7d7f3e3c8f11",
    "identity_schema": "company",
    "after_verification_return_to": "http://testserver/welcome/",
    "client": sign_client_name("Fix-it Friday"),
    "invitation": "g",
    "login_hint": "ann@example.org",
}
#: Pages that a link starts a flow with.
STARTS = {reverse(f"ory:{name}"): kind for name, kind in FLOW_TYPES_BY_NAME.items() if name != "settings"}


def get_kind(body: Any) -> str:
    kind: str = body["request_url"].split("/self-service/")[1].split("/")[0]
    return kind


def open_state(kratos: Kratos, body: Any, query: dict[str, str] | None = None) -> Tags:
    """Open the page of a flow, started with these parameters."""
    kind = get_kind(body)
    if kind == "settings":
        kratos.session()
    given = {"next" if name == "return_to" else name: value for name, value in (query or {}).items()}
    return Tags(kratos.open(kind, {**body, "request_url": f"{body['request_url']}?{urlencode(given)}"}))


def list_links(tags: Tags) -> list[str]:
    """The links of a page, without the one of the site's name."""
    return [str(each["href"]) for each in tags.all("a") if each.get("class") != "ory-brand__name"]


def test_every_step_has_a_state(page: Pages) -> None:
    assert set(STATES) == set(STEPS)
    assert {name: page(body).step for name, body in STATES.items()} == {name: name for name in STATES}


@pytest.mark.parametrize("state", [*STATES, *EMPTY])
def test_every_state_has_a_way_on(kratos: Kratos, state: str) -> None:
    tags = open_state(kratos, {**STATES, **EMPTY}[state])
    links = list_links(tags)
    assert all(urlsplit(link).path for link in links), links
    assert links or tags.all("button")


@pytest.mark.parametrize("reason", EXPLANATIONS)
def test_every_explanation_has_a_way_on(rf: RequestFactory, reason: str) -> None:
    links = list_links(Tags(render_explanation(rf.get("/"), reason, again="/auth/login/")))
    assert len(links) == 2


def test_page_while_kratos_is_down_has_a_way_on(kratos: Kratos) -> None:
    kratos.unknown_session(fault="down")
    assert list_links(Tags(kratos.open("login", fault="down")))
    kratos.unknown_session(fault="down")
    assert list_links(Tags(kratos.client.post(f"{reverse('ory:settings')}?flow={shapes.FLOW}")))


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("state", STATES)
def test_parameter_survives_every_link(kratos: Kratos, state: str, name: str) -> None:
    links = list_links(open_state(kratos, STATES[state], {name: VALUES[name]}))
    for link in links:
        found = urlsplit(link)
        if found.path == reverse("ory:logout") and found.query:  # then to the sign-in page
            link = parse_qs(found.query)["return_to"][0]
            found = urlsplit(link)
        if found.path in STARTS:
            query = parse_qs(found.query)
            # A recovery within an OAuth2 request returns to the sign-in page, and then to the page.
            later = parse_qs(urlsplit(query.get("return_to", [""])[0]).query)
            assert VALUES[name] in [*query.get(name, []), *later.get(name, [])], link


def test_parameters_of_every_flow_are_in_the_table() -> None:
    assert set(VALUES) == {"return_to", *CARRIED_PARAMETERS}
    for kind in STARTS.values():
        assert set(CARRIED_PARAMETERS) <= set(kind.parameters)


@pytest.mark.parametrize("kind", ["login", "registration", "recovery", "verification"])
def test_parameter_of_the_page_is_sent_to_kratos(kratos: Kratos, kind: str) -> None:
    url, query = target(kratos.visit(kind, **VALUES))
    assert url.endswith(f"/self-service/{kind}/browser")
    assert query == VALUES
    if kind == "login":
        assert target(kratos.visit(kind, via="email"))[1]["via"] == "email"


def test_untrusted_url_among_the_parameters_is_not_kept(kratos: Kratos) -> None:
    query = {"after_verification_return_to": "https://evil.example/", "return_to": "https://evil.example/"}
    assert not any("evil" in link for link in list_links(open_state(kratos, shapes.login(), query)))


def test_recovery_returns_to_the_oauth2_request(kratos: Kratos) -> None:
    """Kratos forgets the challenge in a recovery. The sign-in page continues the request afterwards."""
    given = {name: VALUES[name] for name in ("login_challenge", "client", "return_to")}
    links = list_links(open_state(kratos, shapes.login(), given))
    (link,) = (each for each in links if urlsplit(each).path == reverse("ory:recovery"))
    query = parse_qs(urlsplit(link).query)
    back = urlsplit(query["return_to"][0])
    assert f"{back.scheme}://{back.netloc}{back.path}" == f"http://testserver{reverse('ory:login')}"
    assert parse_qs(back.query) == {name: [value] for name, value in given.items()}


def test_challenge_of_the_flow_is_preferred_to_its_url(kratos: Kratos) -> None:
    body = shapes.login(oauth2_login_request={"challenge": "of the flow"})
    links = list_links(open_state(kratos, body, {"login_challenge": "of the URL"}))
    (link,) = (each for each in links if urlsplit(each).path == reverse("ory:registration"))
    assert parse_qs(urlsplit(link).query) == {"login_challenge": ["of the flow"]}


def test_second_factor_that_is_not_set_up_returns_after_the_settings(kratos: Kratos) -> None:
    body = EMPTY["login.second without a factor"] | {"return_to": VALUES["return_to"]}
    links = [urlsplit(each) for each in list_links(open_state(kratos, body))]
    (query,) = (parse_qs(each.query) for each in links if each.path == reverse("ory:settings_two_factor"))
    assert query == {"return_to": [VALUES["return_to"]]}


# Several identity schemas.

SCHEMAS = {"person": "For yourself", "company": "For a <company>"}


@pytest.fixture
def choice(kratos: Kratos, settings: Any) -> Kratos:
    settings.ORY = {"default": {**settings.ORY["default"], "IDENTITY_SCHEMAS": SCHEMAS}}
    return kratos


def test_sign_up_with_several_schemas_starts_with_a_choice(choice: Kratos) -> None:
    given = {name: value for name, value in VALUES.items() if name != "identity_schema"}
    response = choice.visit("registration", **given)
    assert response.status_code == 200
    assert b"For a &lt;company&gt;" in response.content
    assert "no-store" in response["Cache-Control"]
    links = [urlsplit(each) for each in list_links(Tags(response))]
    assert [each.path for each in links] == [reverse("ory:registration")] * 2 + [reverse("ory:login")]
    queries = [{name: values[0] for name, values in parse_qs(each.query).items()} for each in links]
    assert queries == [{**given, "identity_schema": name} for name in SCHEMAS] + [given]
    assert not choice.ory.requests


def test_chosen_schema_is_sent_to_kratos(choice: Kratos) -> None:
    assert target(choice.visit("registration", identity_schema="company"))[1]["identity_schema"] == "company"


def test_schema_that_is_not_offered_leads_to_the_choice(choice: Kratos) -> None:
    response = choice.visit("registration", identity_schema="staff")
    assert response.status_code == 200
    assert b"staff" not in response.content


@pytest.mark.parametrize(
    ("body", "count"), [(shapes.registration_first(), 1), (shapes.registration_second(), 0)]
)
def test_sign_up_links_back_to_the_choice(choice: Kratos, body: Any, count: int) -> None:
    links = [urlsplit(each) for each in list_links(open_state(choice, body, VALUES))]
    queries = [parse_qs(each.query) for each in links if each.path == reverse("ory:registration")]
    assert [name for query in queries for name in query if name == "identity_schema"] == []
    assert len(queries) == count
    (login,) = (parse_qs(each.query) for each in links if each.path == reverse("ory:login"))
    assert login["identity_schema"] == ["company"]


def test_only_schema_is_sent_without_a_choice(kratos: Kratos, settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "IDENTITY_SCHEMAS": {"person": "Person"}}}
    assert target(kratos.visit("registration"))[1]["identity_schema"] == "person"
    assert b"another type of account" not in kratos.open("registration", shapes.registration_first()).content


def test_signed_in_user_is_not_asked_for_a_schema(choice: Kratos) -> None:
    choice.session()
    assert choice.visit("registration").status_code == 303


@pytest.mark.parametrize(("used", "is_logged"), [(None, True), ("company", False)])
def test_schema_that_kratos_ignores_is_logged(
    choice: Kratos, caplog: pytest.LogCaptureFixture, used: str | None, is_logged: bool
) -> None:
    """Kratos 1.3 does not know the parameter."""
    open_state(
        choice, shapes.registration_first() | {"identity_schema": used}, {"identity_schema": "company"}
    )
    assert ("Kratos ignored the identity schema" in caplog.text) is is_logged
