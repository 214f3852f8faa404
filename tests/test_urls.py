"""Each page of the URLconf with invalid responses of Ory and with manipulated URLs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.urls import reverse

from django_ory.testing import json_response
from tests.provider.provider_site import build_session_response
from tests.selfservice.shapes import FLOW, error_body
from tests.selfservice.test_views import BODIES

if TYPE_CHECKING:
    from django.test import Client

    from django_ory.testing import FakeOry, FakeRequest, FakeResponse

KRATOS = "http://kratos.test:4433"
FORM = "application/x-www-form-urlencoded"
FLOWS = ("login", "registration", "recovery", "verification", "settings")
#: Pages that need Ory: name -> query.
PAGES: dict[str, dict[str, str]] = {
    **{f"ory:{name}": {} for name in FLOWS},
    **{f"ory:{name} with a flow": {"flow": FLOW} for name in FLOWS},
    "ory:settings_password": {},
    "ory:sessions": {},
    "ory:account": {},
    "ory:error": {"id": FLOW},
    "ory:oauth2_login": {"login_challenge": "c"},
    "ory:oauth2_consent": {"consent_challenge": "c"},
    "ory:oauth2_logout": {"logout_challenge": "c"},
}
FAULTS: dict[str, dict[str, Any]] = {
    "down": {"fault": "down"},
    "hanging": {"fault": "slow"},
    "HTML": {"body": "<html>maintenance</html>", "headers": {"Content-Type": "text/html"}},
    "500": {"fault": "error"},
    "truncated": {"body": '{"id": "x", "ui": {"nod', "headers": {"Content-Type": "application/json"}},
    "a list": {"body": "[]", "headers": {"Content-Type": "application/json"}},
}
HOSTILE = [
    "//evil.example",
    "///evil.example",
    "////evil.example/%2f..",
    "https://evil.example/",
    "http:evil.example",
    "http:///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/%09/evil.example",
    "\x00//evil.example",
    " //evil.example",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "http://testserver:80@evil.example/",
    "http://evil.example#@testserver/",
    "http://evil.example\\@testserver/",
    "http://[evil.example",
    "http://testserver:99999999/evil.example",
    "javascript:alert('evil.example')",
    "data:text/html,evil.example",
    "HTTPS://EVIL.example/",
    "http://kratos.test:4433@evil.example/self-service/",
    "http://kratos.test:4433.evil.example/self-service/",
    "http://hydra.test:4444@evil.example/oauth2/auth",
    "http://ⓔⓥⓘⓛ.example/evil.example",
    "//evil。example/",
    "/\r\nSet-Cookie: evil.example=1",
    "evil.example\u202e",
    "x" * 20_000,
]
PARAMETERS = (
    "return_to",
    "next",
    "flow",
    "id",
    "aal",
    "refresh",
    "via",
    "organization",
    "identity_schema",
    "login_challenge",
    "consent_challenge",
    "logout_challenge",
    "trail",
    "error",
    "error_description",
    "error_hint",
    "again",
    "code",
    "token",
)
EVERY = (*FLOWS, "logout", "error", "oauth2_login", "oauth2_consent", "oauth2_logout", "oauth2_error")
HOME = {"testserver", "", "kratos.test:4433", "hydra.test:4444"}


@pytest.fixture
def browser(db: None, client: Client) -> Client:
    client.cookies["ory_kratos_session"] = "secret-cookie"
    return client


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("page", PAGES)
def test_invalid_response_of_ory_is_handled(
    ory: FakeOry,
    browser: Client,
    caplog: pytest.LogCaptureFixture,
    page: str,
    fault: str,
) -> None:
    ory.respond("GET *", **FAULTS[fault])
    response = browser.get(reverse(page.split()[0]), PAGES[page])
    assert response.status_code == 503
    assert response["Retry-After"]
    browser.get(reverse(page.split()[0]), PAGES[page])
    ours = [record for record in caplog.records if record.name.startswith("django_ory")]
    assert {record.levelname for record in ours} == {"WARNING"}
    # One line in total; two where LoginRequiredMiddleware calls Kratos before the page calls Hydra.
    assert len(ours) == len({record.name for record in ours})
    assert "secret-cookie" not in caplog.text


def add_responses(ory: FakeOry, *, signed_in: bool) -> None:
    """Kratos has every flow, and Hydra no challenge."""
    ory.respond("GET *", status=404, json=error_body(404))

    def whoami(request: FakeRequest) -> FakeResponse:
        if signed_in and "Cookie" in request.headers:
            return json_response(build_session_response())
        return json_response(error_body(401), status=401)

    ory.respond("GET /sessions/whoami", whoami)
    logout = {"logout_url": f"{KRATOS}/bye", "logout_token": "t"}
    ory.respond("GET /self-service/logout/browser", json=logout)
    deleted = {"Set-Cookie": "ory_kratos_session=; Path=/; Max-Age=0"}
    ory.respond("GET /self-service/logout", status=204, headers=deleted)
    for name, body in BODIES.items():
        ory.respond(f"GET /self-service/{name}/flows", json=body)


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("page", EVERY)
def test_manipulated_parameters_are_handled(
    ory: FakeOry, browser: Client, page: str, signed_in: bool
) -> None:
    add_responses(ory, signed_in=signed_in)
    url = reverse(f"ory:{page}")
    for value in HOSTILE:
        hostile = dict.fromkeys(PARAMETERS, value)
        onwards = {"return_to": value, "next": value}  # tested alone, because other parameters redirect first
        for query in (hostile, {**hostile, "flow": FLOW, "id": FLOW}, onwards):
            body = urlencode(query)
            for response in (browser.get(url, query), browser.post(url, body, content_type=FORM)):
                assert response.status_code < 500, (value, query)
                where = response.get("Location", "")
                assert urlsplit(where).netloc in HOME, (value, where)
                onward = dict(parse_qsl(urlsplit(where).query)).get("return_to", "")
                assert urlsplit(onward).netloc in HOME, (value, where)
                links = re.findall(rb'(?:href|src|action|value)="([^"]*)', response.content)
                assert not [link for link in links if re.match(rb"\w*:?[/\\\\]{2}[^/]*evil", link)], value
