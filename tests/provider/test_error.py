"""Hydra's error page. Any site can link to it with any parameters."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

    from .provider_site import ProviderSite


def test_error_code_is_shown_and_logged(site: ProviderSite, caplog: pytest.LogCaptureFixture) -> None:
    response = site.browser.get(
        "/auth/oauth2/error/", {"error": "invalid_client", "error_description": "Call 555-0199 for help."}
    )
    assert response.status_code == 400
    assert b"555-0199" not in response.content  # any site can write it
    assert b"<code>invalid_client</code>" in response.content
    assert "no-store" in response["Cache-Control"]
    assert [r.getMessage() for r in caplog.records if r.name == "django_ory.provider"] == [
        "Hydra rejected a request (project default): invalid_client"
    ]
    assert len(site.ory.requests) == 0


def test_description_is_shown_while_debug_is_on(site: ProviderSite, settings: Any) -> None:
    settings.DEBUG = True
    response = site.browser.get("/auth/oauth2/error/", {"error_description": "The client does not exist."})
    assert b"The client does not exist." in response.content


def test_parameters_are_escaped_and_truncated(
    site: ProviderSite, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DEBUG = True
    caplog.set_level(logging.INFO)
    response = site.browser.get(
        "/auth/oauth2/error/",
        {
            "error": "x\nroot: all is well <script>",
            "error_description": "<a href='https://evil.example'>here</a>" + "x" * 5000,
        },
    )
    assert response.status_code == 400
    assert b"<a href='https://evil" not in response.content
    assert b'<a href="https://evil' not in response.content
    assert b"x" * 2000 not in response.content
    assert b"root:" not in response.content
    messages = [r.getMessage() for r in caplog.records if r.name == "django_ory.provider"]
    assert messages == ["Hydra rejected a request (project default): no error code"]


def test_missing_parameters_show_the_page(site: ProviderSite) -> None:
    response = site.browser.get("/auth/oauth2/error/")
    assert response.status_code == 400
    assert b"Something went wrong" in response.content
