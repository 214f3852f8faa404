"""Secrets of a request are neither logged nor part of a URL or a page that another system stores."""

from __future__ import annotations

import base64
import logging
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from tests.provider.provider_site import ALICE, ProviderSite, auth_url, parse_query

if TYPE_CHECKING:
    from django.http import HttpResponse

#: Planted values, each in one place of a request or a response.
CHALLENGE, COOKIE, ID_TOKEN, REQUEST_OBJECT, EMAIL = (
    *(
        "planted-challenge",
        "planted-cookie",
        "planted.id.token",
        "planted.request.object",
        "planted@example.org",
    ),
)
VERIFIER, SECRET = "planted-verifier", "planted-client-secret"
CLIENT = {"client_id": "app", "client_name": "Photo Lab", "client_secret": SECRET}


def decode_state(text: str) -> str:
    """Return the readable part of a signed state."""
    payload = text.partition(":")[0]
    data = base64.urlsafe_b64decode(payload.lstrip(".") + "=" * (-len(payload.lstrip(".")) % 4))
    return (zlib.decompress(data) if payload.startswith(".") else data).decode()


@pytest.mark.parametrize("name", ["id_token_hint", "request"])
def test_token_of_a_request_is_not_in_the_url_of_the_sign_in_page(site: ProviderSite, name: str) -> None:
    """Kratos stores this URL, and it is in the logs of proxies."""
    for value, is_stored in ((ID_TOKEN, False), ("", True)):
        parameters = {"scope": "openid", **({name: value} if value else {})}
        site.set_request("login", request_url=auth_url(**parameters))
        state = parse_query(parse_query(site.get("login")["Location"])["return_to"])["state"]
        decoded = decode_state(state)
        assert "planted" not in decoded
        assert ("/oauth2/auth" in decoded) is is_stored


def open_all(site: ProviderSite) -> list[HttpResponse]:
    """Let each page decide, fail and be refused."""
    responses = []
    for status in (200, 401, 404, 500):
        for page in ("login", "consent", "logout"):
            body = None if status == 200 else {"error": "request_unauthorized", "error_hint": "Again."}
            site.set_request(
                page,
                status=status,
                body=body,
                client=CLIENT,
                subject="" if page == "login" else ALICE,
                requested_scope=["openid", "email"],
                request_url=auth_url(id_token_hint=ID_TOKEN, request=REQUEST_OBJECT),
            )
            for verb in ("accept", "reject"):
                site.set_result(page, verb, to=f"http://hydra.test:4444/oauth2/auth?v={VERIFIER}")
            responses.append(site.get(page, CHALLENGE))
            if page != "login":
                responses += [site.post(page, CHALLENGE, **{answer: "1"}) for answer in ("accept", "reject")]
            for verb in ("accept", "reject"):
                site.set_result(page, verb, to=f"https://evil.example/?v={VERIFIER}")
            responses.append(site.get(page, CHALLENGE))
    return responses


def test_no_log_contains_a_secret(site: ProviderSite, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    site.sign_in()
    site.browser.cookies["ory_kratos_session"] = COOKIE
    site.set_identity(traits={"email": EMAIL})
    site.allow_logout()
    open_all(site)
    assert len(caplog.records) > 20
    texts = [record.getMessage() + str(vars(record)) for record in caplog.records if is_ours(record)]
    assert [text for text in texts if "planted" in text] == []


def is_ours(record: Any) -> bool:
    """Whether a record is of this package. Django's own have the request."""
    return bool(record.name.startswith("django_ory"))


def test_no_error_page_contains_a_secret(site: ProviderSite, settings: Any) -> None:
    site.sign_in()
    site.browser.cookies["ory_kratos_session"] = COOKIE
    site.allow_logout()
    for debug in (False, True):
        settings.DEBUG = debug
        for response in open_all(site):
            if response.status_code >= 400:
                page = response.content.decode()
                for secret in (COOKIE, ID_TOKEN, REQUEST_OBJECT, EMAIL, VERIFIER, SECRET):
                    assert secret not in page
