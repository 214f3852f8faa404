"""The configuration of a reverse proxy in front of the site, Kratos and Hydra."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from django_ory.devstack.config.proxies import (
    FORM_LIMIT,
    HYDRA_METADATA_PATH,
    HYDRA_PATHS,
    KRATOS_PATHS,
    MAX_BODY_KILOBYTES,
    PROXIES,
    REQUEST_LIMIT,
)
from tests.support.yaml_text import load_yaml

SITE = "https://www.example.org"
SITE_WITH_METADATA = "tests.live.provider.agent_urls"
KRATOS = {
    "KRATOS_PUBLIC_URL": "http://kratos.internal:4433",
    "KRATOS_BROWSER_URL": "https://auth.example.org",
    "KRATOS_ADMIN_URL": "http://kratos.internal:4434",
}


def render(
    proxy: str, *options: str, issuer: str = SITE, site: str = SITE, urls: str = "tests.urls", **setting: Any
) -> str:
    hydra = {"HYDRA_PUBLIC_URL": issuer, "HYDRA_ADMIN_URL": "http://localhost:4445"} if issuer else {}
    output = io.StringIO()
    with override_settings(ORY={"default": {**hydra, **setting}}, ROOT_URLCONF=urls):
        call_command("ory_config", proxy, "--site-url", site, *options, stdout=output)
    return output.getvalue()


@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.parametrize("urls", ["tests.urls", SITE_WITH_METADATA])
@pytest.mark.parametrize("issuer", [SITE, "https://id.example.org"])
def test_rules_send_each_path_to_its_server(proxy: str, issuer: str, urls: str) -> None:
    text = render(proxy, issuer=issuer, urls=urls, **KRATOS)
    assert text.startswith(
        f"# Printed by: manage.py ory_config {proxy}.\n# Site   {SITE}\n# Kratos https://auth"
    )
    assert f"# Hydra  {issuer}\n" in text
    assert text.count("{") == text.count("}")
    assert not re.search(r"\{%|%\}|\{\{|\}\}|None|True\b", text.replace("True-Client-IP", ""))
    for path in (*HYDRA_PATHS, *KRATOS_PATHS):
        assert path in text
    assert "/oauth2/register" not in text
    assert "kratos.internal:4433" in text
    assert "4445" not in text
    assert "4434" not in text
    assert ("oauth-authorization-server" in text) is (urls == SITE_WITH_METADATA)
    assert (HYDRA_METADATA_PATH in text) is (urls != SITE_WITH_METADATA)


@pytest.mark.parametrize("proxy", PROXIES)
def test_one_host_serves_the_site_and_the_servers(proxy: str) -> None:
    text = render(proxy, KRATOS_BROWSER_URL=SITE, KRATOS_PUBLIC_URL="http://127.0.0.1:4433")
    assert "404" not in text
    assert text.count("$http_host") == (1 if proxy == "nginx" else 0)
    assert "site-host" not in text


@pytest.mark.parametrize("proxy", PROXIES)
def test_another_host_for_the_issuer_has_the_metadata_of_the_site(proxy: str) -> None:
    text = render(proxy, issuer="https://id.example.org", urls=SITE_WITH_METADATA)
    assert re.search(r'(proxy_set_header Host|header_up Host|Host:) "?www\.example\.org', text)
    assert ("404" in text) is (proxy != "traefik")  # Traefik answers 404 without a router


@pytest.mark.parametrize("proxy", PROXIES)
def test_site_without_hydra_has_no_paths_of_hydra(proxy: str) -> None:
    text = render(proxy, issuer="", **KRATOS)
    assert "hydra" not in text.lower().replace("kratos, hydra", "").replace("kratos and hydra", "")
    assert "/self-service/" in text


@pytest.mark.parametrize("proxy", PROXIES)
def test_site_on_ory_network_has_no_servers_behind_the_proxy(proxy: str) -> None:
    sdk = {"SDK_URL": "https://slug.projects.oryapis.com", "API_KEY": "ory_pat_of_the_test"}
    text = render(proxy, issuer="", **sdk)
    assert "oryapis" not in text
    assert "ory_pat" not in text
    assert "/self-service/" not in text
    assert "/auth/" in text


@pytest.mark.parametrize("proxy", PROXIES)
def test_limits_are_those_of_the_guide(proxy: str) -> None:
    text = render(proxy, **KRATOS)
    if proxy == "nginx":
        assert f"zone=ory_forms:10m rate={FORM_LIMIT['rate']}r/s;" in text
        assert f"zone=ory_requests:10m rate={REQUEST_LIMIT['rate']}r/s;" in text
        assert text.count(f"limit_req zone=ory_forms burst={FORM_LIMIT['burst']} nodelay;") == len(
            KRATOS_PATHS
        )
        assert f"client_max_body_size {MAX_BODY_KILOBYTES}k;" in text
        assert '~^/auth/hooks/kratos/default/ "";' in text
    if proxy == "caddy":
        assert text.count(f"max_size {MAX_BODY_KILOBYTES}KB") == 3
    if proxy == "traefik":
        http = load_yaml(text)["http"]
        limit = http["middlewares"]["ory-forms"]["rateLimit"]
        assert (limit["average"], limit["burst"]) == (FORM_LIMIT["rate"], FORM_LIMIT["burst"])
        size = http["middlewares"]["ory-body"]["buffering"]["maxRequestBodyBytes"]
        assert size == MAX_BODY_KILOBYTES * 1024


def test_routers_of_traefik_use_what_the_file_defines() -> None:
    http = load_yaml(render("traefik", issuer="https://id.example.org", urls=SITE_WITH_METADATA, **KRATOS))[
        "http"
    ]
    assert {router["service"] for router in http["routers"].values()} == set(http["services"])
    used = {name for router in http["routers"].values() for name in router["middlewares"]}
    assert used == set(http["middlewares"])
    forms = http["routers"]["kratos-forms-auth-example-org"]
    assert forms["rule"] == "Host(`auth.example.org`) && Method(`POST`) && (PathPrefix(`/self-service/`))"
    assert forms["priority"] > http["routers"]["kratos-auth-example-org"]["priority"]
    metadata = http["routers"]["metadata-id-example-org"]["rule"]
    pattern = re.search(r"PathRegexp\(`(.+)`\)", metadata)
    assert pattern is not None
    assert re.search(pattern[1], "/.well-known/openid-configuration")
    assert not re.search(pattern[1], "/.well-known/openid-configurations")
    posts = http["routers"]["posts-www-example-org"]
    assert "ory-requests" not in posts["middlewares"]


def test_static_files_are_those_of_the_settings() -> None:
    with override_settings(STATIC_ROOT="/srv/shop/static/", STATIC_URL="/static/"):
        assert "location /static/ {\n        alias /srv/shop/static/;" in render("nginx")
        assert "handle_path /static/* {\n\t\troot * /srv/shop/static\n" in render("caddy")
        assert "whitenoise" in render("traefik")
    with override_settings(STATIC_ROOT="/srv/shop/static/", STATIC_URL="https://cdn.example.org/"):
        assert "/srv/shop" not in render("nginx")


def test_options_name_the_site_and_the_certificate() -> None:
    options = (
        "--site-address",
        "site:8080",
        "--certificate",
        "/etc/c.pem",
        "--certificate-key",
        "/etc/k.pem",
    )
    nginx = render("nginx", *options)
    assert "server site:8080;" in nginx
    assert "ssl_certificate /etc/c.pem;" in nginx
    assert "ssl_certificate_key /etc/k.pem;" in nginx
    caddy = render("caddy", *options)
    assert "tls /etc/c.pem /etc/k.pem" in caddy
    assert "reverse_proxy site:8080" in caddy
    assert "\ttls " not in render("caddy")
    assert "ssl_certificate FILL-IN;" in render("nginx")


def test_port_of_the_urls_is_the_port_of_the_proxy() -> None:
    text = render("nginx", issuer=f"{SITE}:8443", site=f"{SITE}:8443")
    assert "listen 8443 ssl;" in text
    assert "listen 80;" not in text
    assert "listen 80;" in render("nginx")
    assert "www.example.org:8443 {" in render("caddy", issuer=f"{SITE}:8443", site=f"{SITE}:8443")


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"issuer": f"{SITE}/hydra"}, "has a path"),
        ({"issuer": "http://www.example.org"}, "not an https URL"),
        ({"issuer": f"{SITE}:8443"}, "different ports"),
        ({"issuer": ""}, "no URL of Kratos or Hydra"),
        ({"issuer": "id.example.org"}, "is not the URL of a server"),
    ],
)
def test_unusable_url_is_an_error(setting: dict[str, str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        render("nginx", **setting)
