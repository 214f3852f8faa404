"""The rules of a proxy that puts Hydra and the site under one issuer."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from django_ory.devstack.config.proxies import HYDRA_PATHS, PROXIES


def build_setting(issuer: str) -> dict[str, Any]:
    return {"default": {"HYDRA_PUBLIC_URL": issuer, "HYDRA_ADMIN_URL": "http://localhost:4445"}}


def render(proxy: str, issuer: str = "https://www.example.org") -> str:
    output = io.StringIO()
    with override_settings(ORY=build_setting(issuer)):
        call_command("ory_config", proxy, "--site-url", "https://www.example.org", stdout=output)
    return output.getvalue()


@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.parametrize("issuer", ["https://www.example.org", "https://id.example.org"])
def test_rules_send_each_path_to_its_server(proxy: str, issuer: str) -> None:
    text = render(proxy, issuer)
    assert text.startswith(f"# Printed by: manage.py ory_config {proxy}.\n# One issuer, {issuer}:")
    assert issuer.removeprefix("https://") in text
    assert text.count("{") == text.count("}")
    assert not re.search(r"\{[%{]|[%}]\}", text)
    for path in HYDRA_PATHS:
        assert path in text
    assert "/oauth2/register" not in text
    assert "4445" not in text


@pytest.mark.parametrize("proxy", PROXIES)
def test_one_host_serves_the_site_and_the_issuer(proxy: str) -> None:
    text = render(proxy)
    assert "404" not in text
    assert text.count("Host") == (1 if proxy == "nginx" else 0)


@pytest.mark.parametrize("proxy", PROXIES)
def test_another_host_for_the_issuer_has_the_metadata_of_the_site(proxy: str) -> None:
    text = render(proxy, "https://id.example.org")
    assert re.search(r"(proxy_set_header|header_up) Host www\.example\.org", text)
    assert "404" in text


def test_issuer_with_a_path_is_an_error() -> None:
    with pytest.raises(CommandError, match="has a path"):
        render("nginx", "https://www.example.org/hydra")
