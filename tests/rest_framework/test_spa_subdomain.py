"""The settings of the guide for single-page apps on a subdomain."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from django_ory.testing import FakeOry
from tests.support.guides import ROOT, read_blocks

PAGE = ROOT / "docs" / "guides" / "spa.md"


@pytest.mark.django_db
@pytest.mark.urls("tests.rest_framework.urls")
def test_page_on_a_subdomain_needs_the_settings_of_the_guide(ory: FakeOry, settings: Any) -> None:
    settings.REST_FRAMEWORK = {"EXCEPTION_HANDLER": "django_ory.rest_framework.handlers.exception_handler"}
    settings.ALLOWED_HOSTS = ["www.example.org"]
    client = Client(enforce_csrf_checks=True, headers={"host": "www.example.org"})
    ory.login(client)
    token = client.get("/auth/session/", secure=True).json()["csrf_token"]
    page = {"origin": "https://app.example.org", "referer": "https://app.example.org/", "X-CSRFToken": token}

    def post(path: str) -> Any:
        return client.post(path, headers=page, secure=True)

    assert post("/session/").status_code == 403
    assert "app.example.org" not in post("/aal2/").json().get("redirect_browser_to", "")

    [block] = (block for block in read_blocks(PAGE) if block.path == "shop/production.py")
    values: dict[str, Any] = {"ORY": {"default": dict(settings.ORY["default"])}}
    exec(block.text.replace("from .settings import *", ""), values)
    del values["ORY"]["default"]["KRATOS_BROWSER_URL"]
    settings.ORY, settings.CSRF_TRUSTED_ORIGINS = values["ORY"], values["CSRF_TRUSTED_ORIGINS"]
    assert post("/session/").status_code == 200
    assert "return_to=https%3A%2F%2Fapp.example.org%2F&" in post("/aal2/").json()["redirect_browser_to"]
