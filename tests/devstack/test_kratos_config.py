from __future__ import annotations

import base64
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest

from django_ory.adapter import OryAdapter
from django_ory.devstack.config.site import SiteUrls
from django_ory.mirror.webhooks.notifications import HOOK_EVENTS, build_hook_template
from django_ory.validation.submissions import SUBMISSION_TEMPLATE

from .conftest import render

if TYPE_CHECKING:
    from django_ory.devstack.config.server_plan import ServerPlan


class StrictAdapter(OryAdapter):
    """Validates sign-ups and changed profiles."""

    def validate_registration(self, identity: Any) -> None: ...

    def validate_settings(self, identity: Any) -> None: ...


COURIER_URL = "http://localhost:8000/auth/courier/default/"


def test_flows_name_the_pages_of_the_site(site: SiteUrls, server_plan: ServerPlan) -> None:
    flows = render("kratos", site, server_plan)["selfservice"]["flows"]
    pages = {flow: settings.get("ui_url") for flow, settings in flows.items()}
    assert pages == {
        **{
            flow: f"http://localhost:8000/auth/{flow}/"
            for flow in ("login", "registration", "recovery", "verification", "settings", "error")
        },
        "logout": None,
    }
    assert flows["logout"]["after"]["default_browser_return_url"] == "http://localhost:8000/"


def test_return_urls_are_whole_origins(site: SiteUrls, server_plan: ServerPlan) -> None:
    selfservice = render("kratos", site, server_plan)["selfservice"]
    assert selfservice["allowed_return_urls"] == ["http://localhost:8000/", "http://shop.localhost/"]
    assert selfservice["default_browser_return_url"] == "http://localhost:8000/welcome/"


def test_registration_signs_in_and_shows_verification(site: SiteUrls, server_plan: ServerPlan) -> None:
    after = render("kratos", site, server_plan)["selfservice"]["flows"]["registration"]["after"]
    for method in ("password", "code", "passkey", "oidc"):
        assert [hook["hook"] for hook in after[method]["hooks"]] == ["session", "show_verification_ui"]


def test_closed_sign_up_has_the_blocking_hook_first_for_every_method(
    site: SiteUrls, server_plan: ServerPlan
) -> None:
    url = "http://localhost:8000/auth/signup-hook/default/"
    closed = replace(site, signup_hook_url=url, signup_secret="s3cret")
    registration = render("kratos", closed, server_plan)["selfservice"]["flows"]["registration"]
    assert set(registration["after"]) == {"password", "code", "webauthn", "passkey", "oidc"}
    for method in registration["after"].values():
        first, *others = method["hooks"]
        assert [hook["hook"] for hook in others] == ["session", "show_verification_ui"]
        assert first["hook"] == "web_hook"
        assert first["config"]["url"] == url
        assert first["config"]["response"] == {"parse": True}
        assert first["config"]["auth"]["config"]["value"] == "s3cret"
        template = base64.b64decode(first["config"]["body"].removeprefix("base64://")).decode()
        assert "traits" in template
        assert "cookies" not in template
    production = replace(server_plan, dev=False, dsn="FILL-IN", secrets={}, smtp_url="")
    hooks = render("kratos", closed, production)["selfservice"]["flows"]["registration"]["after"]["oidc"][
        "hooks"
    ]
    assert hooks[0]["config"]["auth"]["config"]["value"] == "FILL-IN"


def test_web_hooks_follow_each_flow_and_name_the_identity_only(
    site: SiteUrls, server_plan: ServerPlan
) -> None:
    url = "http://localhost:8000/auth/hooks/kratos/default/"
    hooked = replace(site, webhook_url=url, webhook_secret="s3cret")
    flows = render("kratos", hooked, server_plan)["selfservice"]["flows"]
    lists = {
        **{(flow, ""): flows[flow]["after"]["hooks"] for flow in HOOK_EVENTS if flow != "registration"},
        ("settings", "password"): flows["settings"]["after"]["password"]["hooks"],
        **{
            ("registration", method): part["hooks"] for method, part in flows["registration"]["after"].items()
        },
    }
    assert len(lists) == 10
    for (flow, method), hooks in lists.items():
        [config] = [hook["config"] for hook in hooks if hook["hook"] == "web_hook"]
        assert (config["url"], config["method"]) == (url, "POST"), (flow, method)
        assert config["response"] == {"ignore": True}
        assert config["auth"]["config"] == {"in": "header", "name": "X-Webhook-Secret", "value": "s3cret"}
        template = base64.b64decode(config["body"].removeprefix("base64://")).decode()
        assert template == build_hook_template(flow)
    assert [hook["hook"] for hook in lists["settings", "password"]] == ["revoke_active_sessions", "web_hook"]
    both = replace(hooked, signup_hook_url=url.replace("hooks/kratos", "signup-hook"))
    oidc = render("kratos", both, server_plan)["selfservice"]["flows"]["registration"]["after"]["oidc"][
        "hooks"
    ]
    assert [hook.get("config", {}).get("response") for hook in oidc] == [
        {"parse": True},
        {"ignore": True},
        None,
        None,
    ]
    production = replace(server_plan, dev=False, dsn="FILL-IN", secrets={}, smtp_url="")
    assert "s3cret" not in str(render("kratos", hooked, production))
    newer = render("kratos", hooked, replace(server_plan, server_version=(26, 2, 0)))
    assert newer["selfservice"]["flows"]["login"]["after"]["hooks"] == flows["login"]["after"]["hooks"]
    # The page's language for the texts of the adapter.
    assert "Accept-Language" in newer["clients"]["web_hook"]["header_allowlist"]


def test_adapter_that_validates_has_blocking_hooks(site: SiteUrls, server_plan: ServerPlan) -> None:
    url = "http://localhost:8000/auth/hooks/kratos/default/"
    validated = replace(site, webhook_url=url, webhook_secret="s3cret", settings_hook_url=f"{url}settings/")
    after = render("kratos", validated, server_plan)["selfservice"]["flows"]["settings"]["after"]
    profile = [(hook["config"]["url"], hook["config"]["response"]) for hook in after["profile"]["hooks"]]
    assert profile == [(f"{url}settings/", {"parse": True}), (url, {"ignore": True})]
    template = base64.b64decode(
        after["profile"]["hooks"][0]["config"]["body"].removeprefix("base64://")
    ).decode()
    assert template == SUBMISSION_TEMPLATE
    assert "cookies" not in template


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("", "")),
        ({"INVITATION_SECRETS": ["i" * 32]}, ("/auth/signup-hook/default/", "")),
        ({"WEBHOOK_SECRETS": ["w" * 32]}, ("", "")),
        ({"ADAPTER": f"{__name__}.StrictAdapter"}, ("", "")),
        (
            {"ADAPTER": f"{__name__}.StrictAdapter", "WEBHOOK_SECRETS": ["w" * 32]},
            ("/auth/signup-hook/default/", "/auth/hooks/kratos/default/settings/"),
        ),
    ],
)
def test_blocking_hooks_are_on_if_the_site_needs_them(
    settings: Any, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], **changes}}
    site = SiteUrls.from_project("http://localhost:8000")
    found = (site.signup_hook_url, site.settings_hook_url)
    assert tuple(url.removeprefix("http://localhost:8000") for url in found) == expected


def test_blocking_hooks_are_beside_an_internal_url(settings: Any) -> None:
    hooks = {
        "ADAPTER": f"{__name__}.StrictAdapter",
        "WEBHOOK_SECRETS": ["w" * 32],
        "WEBHOOK_URL": "http://web.internal:8000/auth/hooks/kratos/default/",
    }
    settings.ORY = {"default": {**settings.ORY["default"], **hooks}}
    site = SiteUrls.from_project("https://www.example.org")
    assert site.webhook_url == hooks["WEBHOOK_URL"]
    assert site.signup_hook_url == "http://web.internal:8000/auth/signup-hook/default/"
    assert site.settings_hook_url == "http://web.internal:8000/auth/hooks/kratos/default/settings/"
    assert site.signup_secret == "w" * 32


def test_session_lifespan_is_that_of_django(site: SiteUrls, server_plan: ServerPlan) -> None:
    config = render("kratos", replace(site, session_seconds=5400), server_plan)
    assert config["session"]["lifespan"] == "5400s"


def test_relying_party_is_the_site(site: SiteUrls, server_plan: ServerPlan) -> None:
    methods = render("kratos", site, server_plan)["selfservice"]["methods"]
    party = {"id": "localhost", "origins": ["http://localhost:8000"], "display_name": "Cups & Co."}
    assert methods["webauthn"]["config"]["rp"] == party
    assert methods["passkey"]["config"]["rp"] == party


def test_production_template_has_no_secret_and_strong_defaults(
    site: SiteUrls, server_plan: ServerPlan
) -> None:
    config = render("kratos", site, replace(server_plan, dev=False, dsn="FILL-IN", secrets={}, smtp_url=""))
    assert config["secrets"] == {"cookie": ["FILL-IN"], "cipher": ["FILL-IN"]}
    assert "FILL-IN" in config["courier"]["smtp"]["connection_uri"]
    assert config["hashers"]["bcrypt"]["cost"] == 12
    assert config["selfservice"]["methods"]["password"]["config"]["haveibeenpwned_enabled"] is True
    assert config["serve"]["admin"]["host"] == "127.0.0.1"
    assert "host" not in config["serve"]["public"]


@pytest.mark.parametrize(
    ("site_url", "kratos_url", "domain"),
    [
        ("http://localhost:8000", "http://localhost:4433", None),
        ("https://www.example.com", "https://auth.example.com", "example.com"),
        ("https://example.com", "https://auth.example.com", "example.com"),
        ("https://app.staging.example.com", "https://ory.staging.example.com", "staging.example.com"),
        ("https://example.com", "https://example.org", None),
        ("https://one.com", "https://two.com", None),
    ],
)
def test_cookie_domain_is_the_common_domain_of_both_hosts(
    site: SiteUrls, server_plan: ServerPlan, site_url: str, kratos_url: str, domain: str | None
) -> None:
    config = render("kratos", replace(site, url=site_url), replace(server_plan, public_url=kratos_url))
    assert config["cookies"].get("domain") == domain


def test_kratos_knows_hydra_only_if_it_accepts_logins(
    site: SiteUrls, server_plan: ServerPlan, settings: Any
) -> None:
    assert "oauth2_provider" not in render("kratos", site, server_plan)
    settings.ORY = {
        "default": {**settings.ORY["default"], "OAUTH2_ACCOUNTS": "kratos_native", "SITE_NAME": "Example"}
    }
    native = SiteUrls.from_project("http://localhost:8000")
    provider = render("kratos", native, server_plan)["oauth2_provider"]
    assert provider == {"url": settings.ORY["default"]["HYDRA_ADMIN_URL"]}


def test_mails_are_sent_by_smtp_by_default(site: SiteUrls, server_plan: ServerPlan) -> None:
    courier = render("kratos", site, server_plan)["courier"]
    assert courier.keys() == {"smtp", "worker"}


def test_mails_are_posted_to_the_site_with_a_courier_url(site: SiteUrls, server_plan: ServerPlan) -> None:
    site = replace(site, courier_url=COURIER_URL, courier_secret="s" * 32)
    courier = render("kratos", site, server_plan)["courier"]
    request = courier["http"]["request_config"]
    assert courier["delivery_strategy"] == "http"
    assert "smtp" not in courier
    assert (request["url"], request["method"]) == (COURIER_URL, "POST")
    assert base64.b64decode(request["body"].removeprefix("base64://")) == b"function(ctx) ctx"
    assert request["auth"]["config"] == {"in": "header", "name": "X-Courier-Secret", "value": "s" * 32}
    assert courier["channels"] == [{"id": "sms", "type": "http", "request_config": request}]


def test_production_template_does_not_contain_the_courier_secret(
    site: SiteUrls, server_plan: ServerPlan
) -> None:
    site = replace(site, courier_url=COURIER_URL, courier_secret="s" * 32)
    config = render("kratos", site, replace(server_plan, dev=False))
    assert "s" * 32 not in str(config)
    assert config["courier"]["http"]["request_config"]["auth"]["config"]["value"] == "FILL-IN"


def test_each_secret_of_the_site_is_only_in_the_configuration_for_development(
    site: SiteUrls, server_plan: ServerPlan
) -> None:
    names = [field.name for field in fields(SiteUrls) if field.name.endswith("_secret")]
    urls = {name.replace("_secret", "_url"): COURIER_URL for name in names if name != "signup_secret"}
    values: dict[str, Any] = {**urls, "signup_hook_url": COURIER_URL, **{name: f"-{name}-" for name in names}}
    for dev in (True, False):
        plan = replace(server_plan, dev=dev)
        text = str([render(server, replace(site, **values), plan) for server in ("kratos", "hydra")])
        assert {name: f"-{name}-" in text for name in names} == dict.fromkeys(names, dev)
