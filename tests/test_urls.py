"""Every page of the URLconf, when Ory talks nonsense and when strangers write the addresses."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import responses
from django.urls import reverse

from tests.provider.stage import a_session
from tests.selfservice.shapes import FLOW, error_body
from tests.selfservice.test_views import BODIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

KRATOS = "http://kratos.test:4433"
FLOWS = ("login", "registration", "recovery", "verification", "settings")
#: Pages that cannot do without Ory: name -> query.
PAGES: dict[str, dict[str, str]] = {
    **{f"ory:{name}": {} for name in FLOWS},
    **{f"ory:{name} with a flow": {"flow": FLOW} for name in FLOWS},
    "ory:error": {"id": FLOW},
    "ory:oauth2_login": {"login_challenge": "c"},
    "ory:oauth2_consent": {"consent_challenge": "c"},
    "ory:oauth2_logout": {"logout_challenge": "c"},
}
FAULTS: dict[str, dict[str, Any]] = {
    "down": {"body": requests.ConnectionError("refused")},
    "hanging": {"body": requests.Timeout("slow")},
    "HTML": {"body": "<html>maintenance</html>", "content_type": "text/html"},
    "500": {"json": error_body(500), "status": 500},
    "truncated": {"body": '{"id": "x", "ui": {"nod', "content_type": "application/json"},
    "a list": {"body": "[]", "content_type": "application/json"},
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
def stubs(db: None) -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def browser(client: Client) -> Client:
    client.cookies["ory_kratos_session"] = "secret-cookie"
    return client


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("page", PAGES)
def test_ory_talks_nonsense(
    stubs: responses.RequestsMock,
    browser: Client,
    caplog: pytest.LogCaptureFixture,
    page: str,
    fault: str,
) -> None:
    stubs.add("GET", re.compile(".*"), **FAULTS[fault])
    response = browser.get(reverse(page.split()[0]), PAGES[page])
    assert response.status_code == 503
    assert response["Retry-After"]
    browser.get(reverse(page.split()[0]), PAGES[page])
    ours = [record for record in caplog.records if record.name.startswith("django_ory")]
    assert {record.levelname for record in ours} == {"WARNING"}
    # One, however often; two where LoginRequiredMiddleware asks Kratos before the page asks Hydra.
    assert len(ours) == len({record.name for record in ours})
    assert "secret-cookie" not in caplog.text


def answers(signed_in: bool) -> Any:
    """A Kratos that has every flow, and a Hydra that knows no challenge."""
    known: dict[str, Any] = {
        "/health/alive": {"status": "ok"},
        "/self-service/logout/browser": {"logout_url": f"{KRATOS}/bye", "logout_token": "t"},
        **{f"/self-service/{name}/flows": body for name, body in BODIES.items()},
    }
    if signed_in:
        known["/sessions/whoami"] = a_session()

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        path = urlsplit(request.url).path
        if path in known:
            return 200, {}, json.dumps(known[path])
        status = 401 if path == "/sessions/whoami" else 404
        return status, {}, json.dumps(error_body(status))

    return answer


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("page", EVERY)
def test_strangers_write_the_address(
    stubs: responses.RequestsMock, browser: Client, page: str, signed_in: bool
) -> None:
    stubs.add_callback("GET", re.compile(".*"), answers(signed_in), content_type="application/json")
    for value in HOSTILE:
        hostile = dict.fromkeys(PARAMETERS, value)
        onwards = {"return_to": value, "next": value}  # alone: the others lead elsewhere before these count
        for query in (hostile, {**hostile, "flow": FLOW, "id": FLOW}, onwards):
            for method in (browser.get, browser.post):
                response = method(reverse(f"ory:{page}"), query)
                assert response.status_code < 500, (value, query)
                where = response.get("Location", "")
                assert urlsplit(where).netloc in HOME, (value, where)
                onward = dict(parse_qsl(urlsplit(where).query)).get("return_to", "")
                assert urlsplit(onward).netloc in HOME, (value, where)
                links = re.findall(rb'(?:href|src|action|value)="([^"]*)', response.content)
                assert not [link for link in links if re.match(rb"\w*:?[/\\\\]{2}[^/]*evil", link)], value
