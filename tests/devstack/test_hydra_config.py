from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import render

if TYPE_CHECKING:
    from django_ory.devstack.config.server_plan import ServerPlan
    from django_ory.devstack.config.site import SiteUrls


def test_urls_name_the_pages_of_the_provider(site: SiteUrls, server_plan: ServerPlan) -> None:
    urls = render("hydra", site, server_plan)["urls"]
    assert urls["self"] == {
        "issuer": "http://localhost:4433",
        "public": "http://localhost:4433",
        "admin": "http://localhost:4434",
    }
    for name in ("login", "consent", "logout", "error"):
        assert urls[name] == f"http://localhost:8000/auth/oauth2_{name}/"
    assert urls["post_logout_redirect"] == "http://localhost:8000/"


def test_hydra_knows_the_admin_api_of_kratos(site: SiteUrls, server_plan: ServerPlan) -> None:
    assert "identity_provider" not in render("hydra", site, server_plan)["urls"]
    with_kratos = replace(site, identity_provider_url="http://kratos:4434")
    urls = render("hydra", with_kratos, server_plan)["urls"]
    assert urls["identity_provider"] == {"url": "http://kratos:4434"}


def test_dynamic_client_registration_is_disabled(site: SiteUrls, server_plan: ServerPlan) -> None:
    assert render("hydra", site, server_plan)["oidc"]["dynamic_client_registration"] == {"enabled": False}


def test_token_hook_is_called_with_its_secret(site: SiteUrls, server_plan: ServerPlan) -> None:
    assert "token_hook" not in render("hydra", site, server_plan)["oauth2"]
    url = "http://localhost:8000/auth/token-hook/default/"
    hooked = replace(site, token_hook_url=url, token_hook_secret="s3cret")
    hook = render("hydra", hooked, server_plan)["oauth2"]["token_hook"]
    assert (hook["url"], hook["auth"]["type"]) == (url, "api_key")
    assert hook["auth"]["config"] == {"in": "header", "name": "X-Token-Hook-Secret", "value": "s3cret"}
    production = replace(server_plan, dev=False, dsn="FILL-IN", secrets={})
    assert "s3cret" not in str(render("hydra", hooked, production))


def test_production_template_has_no_secret(site: SiteUrls, server_plan: ServerPlan) -> None:
    config = render("hydra", site, replace(server_plan, dev=False, dsn="FILL-IN", secrets={}))
    assert config["secrets"] == {"system": ["FILL-IN"], "cookie": ["FILL-IN"]}
    assert config["dsn"] == "FILL-IN"
    assert config["serve"]["admin"]["host"] == "127.0.0.1"
    assert "host" not in config["serve"]["public"]


@pytest.mark.parametrize(
    ("case", "codes"),
    [
        ("exact", {"entropy_preset": "high"}),
        ("upper", {"length": 8, "character_set": "BCDFGHJKLMNPQRSTVWXZ"}),
        ("lower", {"length": 8, "character_set": "bcdfghjklmnpqrstvwxz"}),
    ],
)
@pytest.mark.parametrize("version", [(25, 4, 0), (26, 2, 0)])
def test_newer_hydra_has_the_pages_and_codes_of_devices(
    site: SiteUrls, server_plan: ServerPlan, version: tuple[int, int, int], case: Any, codes: Any
) -> None:
    config = render(
        "hydra", replace(site, device_code_case=case), replace(server_plan, server_version=version)
    )
    assert config["urls"]["device"] == {
        "verification": "http://localhost:8000/auth/oauth2_device/",
        "success": "http://localhost:8000/auth/oauth2_device_done/",
    }
    assert config["oauth2"]["device_authorization"] == {"token_polling_interval": "5s", "user_code": codes}
    assert config["ttl"]["device_user_code"] == "10m"


@pytest.mark.parametrize("version", [(2, 3, 0), (25, 3, 9)])
def test_older_hydra_has_no_key_of_devices(
    site: SiteUrls, server_plan: ServerPlan, version: tuple[int, int, int]
) -> None:
    """Older versions refuse unknown keys."""
    assert "device" not in str(render("hydra", site, replace(server_plan, server_version=version)))


def test_discovery_names_the_endpoints_for_clients_that_register_themselves(
    site: SiteUrls, server_plan: ServerPlan
) -> None:
    assert "webfinger" not in render("hydra", site, server_plan)
    front = replace(
        site, authorization_url="http://localhost:8000/authorize/", client_scopes=("openid", "orders.read")
    )
    discovery = render("hydra", front, server_plan)["webfinger"]["oidc_discovery"]
    assert discovery == {
        "auth_url": "http://localhost:8000/authorize/",
        "supported_scope": ["openid", "orders.read"],
    }
    open_site = replace(front, client_registration_url="http://localhost:8000/register/")
    discovery = render("hydra", open_site, server_plan)["webfinger"]["oidc_discovery"]
    assert discovery["client_registration_url"] == "http://localhost:8000/register/"
    assert render("hydra", open_site, server_plan)["oidc"]["dynamic_client_registration"] == {
        "enabled": False
    }
