"""``manage.py ory_check``: differences between servers and project, with the right values."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import requests
import responses
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from django_ory.devstack.config.identity_schema import IDENTITY_SCHEMA
from django_ory.models import WebhookDelivery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

KRATOS, ADMIN = "http://kratos.test:4433", "http://kratos.test:4434"
HYDRA, HYDRA_ADMIN = "http://hydra.test:4444", "http://hydra.test:4445"
SITE = "http://testserver"
CLIENT = {
    "client_id": "shop",
    "grant_types": ["authorization_code"],
    "redirect_uris": ["https://shop.example/cb"],
}


class Servers:
    """A Kratos and a Hydra that are configured for this site, until a test changes something."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.mock = mock
        self.pages = {
            name: f"{SITE}/auth/{name}/"
            for name in ("login", "registration", "recovery", "verification", "error")
        }
        self.allowed: tuple[str, ...] = (f"{SITE}/",)
        self.action = f"{KRATOS}/self-service/login?flow=1"
        self.challenge: tuple[int, str] | None = None  # the error for a login challenge
        self.cookie = "csrf_token_x=1; Path=/; HttpOnly; Domain=.testserver"
        self.clients: list[dict[str, Any]] = [CLIENT]
        self.schemas = [{"id": "person", "schema": json.loads(IDENTITY_SCHEMA.read_text())}]
        self.login = f"{SITE}/auth/oauth2/login/"
        self.consent = f"{SITE}/auth/oauth2/consent/"
        self.oauth2_error = f"{SITE}/auth/oauth2/error/"
        self.device = f"{SITE}/auth/oauth2/device/?device_challenge=c"
        for url in (KRATOS, HYDRA, HYDRA_ADMIN):
            mock.get(f"{url}/health/ready", json={"status": "ok"})
        mock.get(f"{ADMIN}/admin/health/ready", json={"status": "ok"})
        mock.get(f"{KRATOS}/sessions/whoami", status=401, json={"error": {"code": 401}})
        mock.add_callback(responses.GET, f"{KRATOS}/schemas", lambda _: (200, {}, json.dumps(self.schemas)))
        mock.get(f"{HYDRA}/.well-known/openid-configuration", json={"issuer": HYDRA})
        mock.get(f"{ADMIN}/admin/version", json={"version": "v1.3.1"})
        mock.get(f"{HYDRA_ADMIN}/version", json={"version": "v2.3.0"})
        for flow in ("login", "registration", "recovery", "verification"):
            mock.add_callback(responses.GET, f"{KRATOS}/self-service/{flow}/browser", self.start)
        mock.add_callback(responses.GET, f"{HYDRA}/oauth2/auth", self.authorize)
        mock.add_callback(responses.GET, f"{HYDRA}/oauth2/device/verify", self.verify_device)
        mock.add_callback(
            responses.GET, f"{HYDRA_ADMIN}/admin/clients", lambda _: (200, {}, json.dumps(self.clients))
        )
        mock.put(
            f"{HYDRA_ADMIN}/admin/oauth2/auth/requests/login/accept",
            json={"redirect_to": f"{HYDRA}/oauth2/auth?client_id=shop&state=x&login_verifier=1"},
        )
        mock.delete(f"{HYDRA_ADMIN}/admin/oauth2/auth/sessions/login", status=204)

    def start(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        parts = urlsplit(request.url or "")
        flow = parts.path.split("/")[2]
        if "login_challenge" in parts.query and self.challenge:
            status, reason = self.challenge
            return status, {}, json.dumps({"error": {"code": status, "message": "no", "reason": reason}})
        if request.headers["Accept"] == "application/json":
            ui = {"action": self.action, "method": "POST", "nodes": []}
            body = {"id": "1", "type": "browser", "ui": ui, "expires_at": "2030-01-01T00:00:00Z"}
            return 200, {"Set-Cookie": self.cookie} if self.cookie else {}, json.dumps(body)
        return_to = parse_qs(parts.query).get("return_to", [SITE + "/"])[0]
        where = (
            f"{self.pages[flow]}?flow=1"
            if return_to.startswith(self.allowed)
            else f"{self.pages['error']}?id=1"
        )
        return 303, {"Location": where}, ""

    def authorize(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        query = parse_qs(urlsplit(request.url or "").query)
        if query["client_id"] != ["shop"]:
            return 302, {"Location": f"{self.oauth2_error}?error=invalid_client"}, ""
        if "login_verifier" not in query:
            cookie = "oauth2_csrf=c; Path=/; HttpOnly"
            return 302, {"Location": f"{self.login}?login_challenge=1", "Set-Cookie": cookie}, ""
        assert request.headers["Cookie"] == "oauth2_csrf=c"
        return 302, {"Location": f"{self.consent}?consent_challenge=1"}, ""

    def verify_device(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        if self.device:
            return 302, {"Location": self.device}, ""
        return 404, {"Content-Type": "text/plain"}, "404 page not found\n"  # Hydra v2.3.0

    def sent(self, path: str) -> list[requests.PreparedRequest]:
        """The requests to addresses that hold this."""
        return [call.request for call in self.mock.calls if path in (call.request.url or "")]


@pytest.fixture
def servers(settings: Settings) -> Iterator[Servers]:
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.ORY = {
        "default": {**settings.ORY["default"], "KRATOS_ADMIN_URL": ADMIN, "KRATOS_BROWSER_URL": KRATOS}
    }
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        servers = Servers(mock)
        yield servers


def check(*arguments: str) -> dict[str, Any]:
    """Return the results by the name of the check."""
    out = StringIO()
    try:
        call_command("ory_check", "--json", *arguments, stdout=out)
    except CommandError:
        assert '"ok": false' in out.getvalue()
    document = json.loads(out.getvalue())
    assert document["ok"] is not any(result["ok"] is False for result in document["results"])
    return {result["check"]: result for result in document["results"]}


#: Values that are not visible to anonymous users, with the hint.
HIDDEN = {
    "settings page": f"selfservice.flows.settings.ui_url: {SITE}/auth/settings/",
    "name of the session cookie": "session.cookie.name: ory_kratos_session",
    "OAuth2 logout page": f"urls.logout: {SITE}/auth/oauth2/logout/",
}


def test_matching_servers_pass_all_possible_checks(servers: Servers) -> None:
    found = check()
    assert {name: result["hint"] for name, result in found.items() if result["ok"] is not True} == HIDDEN
    assert {result["ok"] for result in found.values()} == {True, None}
    assert "version v1.3.1" in found["kratos_admin"]["detail"]
    assert "version v2.3.0" in found["hydra_admin"]["detail"]
    assert " ms" in found["kratos_public"]["detail"]
    assert len(found) == 21


def test_probe_login_is_revoked(servers: Servers) -> None:
    check()
    (accepted,) = servers.sent("/login/accept")
    (revoked,) = servers.sent("/sessions/login")
    asked = [call.request for call in servers.mock.calls if call.request not in (accepted, revoked)]
    assert {request.method for request in asked} == {"GET"}
    body = json.loads(accepted.body or b"")
    assert body["subject"].startswith("django-ory-check-")
    assert parse_qs(urlsplit(revoked.url or "").query)["subject"] == [body["subject"]]
    assert not body.get("remember")


def test_probe_login_is_revoked_after_an_error_of_hydra(servers: Servers) -> None:
    def authorize(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        return (500, {}, "") if "login_verifier" in (request.url or "") else servers.authorize(request)

    servers.mock.remove(responses.GET, f"{HYDRA}/oauth2/auth")
    servers.mock.add_callback(responses.GET, f"{HYDRA}/oauth2/auth", authorize)
    found = check()
    assert (found["OAuth2 login page"]["ok"], found["OAuth2 consent page"]["ok"]) == (True, False)
    assert len(servers.sent("/sessions/login")) == 1


def run(*arguments: str) -> str:
    """Return the text output."""
    out = StringIO()
    call_command("ory_check", *arguments, stdout=out, no_color=True)
    return out.getvalue()


def test_discovery_names_the_endpoints_for_clients_that_register_themselves(
    servers: Servers, settings: Settings
) -> None:
    names = ["OAuth2 authorization endpoint", "OAuth2 registration endpoint"]
    assert not set(names) & check().keys()
    project = {**settings.ORY["default"], "OAUTH2_CLIENT_REGISTRATION": True}
    settings.ORY = {"default": project}
    found = check()
    assert [found[name]["ok"] for name in names] == [False, False]
    assert [found[name]["hint"] for name in names] == [
        "webfinger.oidc_discovery.auth_url: <this site>/auth/oauth2/authorize/",
        "webfinger.oidc_discovery.client_registration_url: <this site>/auth/oauth2/register/",
    ]
    url = f"{HYDRA}/.well-known/openid-configuration"
    document = {
        "authorization_endpoint": f"{SITE}/auth/oauth2/authorize/",
        "registration_endpoint": f"{SITE}/auth/oauth2/register/",
    }
    servers.mock.replace(responses.GET, url, json={"issuer": HYDRA, **document})
    found = check()
    assert [found[name]["ok"] for name in names] == [True, True]
    project["OAUTH2_CLIENT_REGISTRATION"] = False
    settings.ORY = {"default": {**project, "OAUTH2_CLIENT_DOCUMENT_HOSTS": ["*"]}}
    assert names[1] not in check()


def test_hydra_without_device_flow_is_not_compared(servers: Servers) -> None:
    servers.device = ""
    found = check()["OAuth2 device page"]
    assert (found["ok"], found["hint"]) == (None, "")
    assert "needs v25.4 or later" in found["detail"]


@pytest.mark.parametrize(
    "url", [f"{HYDRA}/oauth2/fallbacks/device?device_challenge=c", f"{SITE}/elsewhere/?device_challenge=c"]
)
def test_other_page_for_the_code_of_a_device_fails(servers: Servers, url: str) -> None:
    servers.device = url
    found = check()["OAuth2 device page"]
    assert found["ok"] is False
    assert found["hint"].startswith("urls.device.verification: ")
    assert found["hint"].endswith("/auth/oauth2/device/")


def test_text_output_has_lines_hints_and_a_summary(servers: Servers) -> None:
    text = run()
    assert "ok   default: login page: http://testserver/auth/login/" in text
    assert "?    default: settings page: only visible to signed-in users" in text
    assert "All checks passed." not in text
    last = text.splitlines()[-1]
    assert last == (
        "All possible checks passed. Check yourself: default: settings page, "
        "default: name of the session cookie, default: OAuth2 logout page."
    )
    servers.pages["login"] = "http://testserver/sign-in"
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 21 checks failed"):
        call_command("ory_check", stdout=out, no_color=True)
    assert "FAIL default: login page" in out.getvalue()
    assert "selfservice.flows.login.ui_url: http://testserver/auth/login/" in out.getvalue()


def test_wrong_page_urls_fail_with_the_right_value(servers: Servers) -> None:
    servers.pages["recovery"] = "https://other.example/auth/recovery/"
    servers.pages["error"] = f"{SITE}/oops"
    servers.login, servers.oauth2_error = f"{SITE}/login", f"{SITE}/error"
    servers.consent = "https://other.example/consent"
    found = check()
    assert {name for name, result in found.items() if result["ok"] is False} == {
        "recovery page",
        "error page",
        "OAuth2 login page",
        "OAuth2 consent page",
        "OAuth2 error page",
    }
    assert found["recovery page"]["hint"].endswith("<this site>/auth/recovery/")
    assert found["OAuth2 login page"]["hint"] == f"urls.login: {SITE}/auth/oauth2/login/"
    assert found["OAuth2 consent page"]["hint"] == "urls.consent: <this site>/auth/oauth2/consent/"


@pytest.mark.parametrize(
    ("challenge", "ok"),
    [
        ((400, "Unable to get OAuth 2.0 Login Challenge."), True),
        ((500, "refusing to parse login_challenge because oauth2_provider.url is invalid or unset"), False),
        ((500, "Unable to get OAuth 2.0 Login Challenge."), False),  # Hydra is unavailable
        (None, False),  # an old Kratos ignores the parameter
    ],
)
def test_kratos_that_accepts_logins_itself_needs_hydra(
    servers: Servers, settings: Settings, challenge: Any, ok: bool
) -> None:
    servers.challenge = challenge
    settings.ORY = {"default": {**settings.ORY["default"], "OAUTH2_ACCOUNTS": "kratos_native"}}
    found = check()["logins of OAuth2 clients"]
    assert found["ok"] is ok
    is_named = not ok and (challenge is None or "oauth2_provider" in challenge[1])
    assert ("oauth2_provider.url" in found["hint"]) == is_named


def test_logins_are_only_compared_if_kratos_accepts_them(servers: Servers) -> None:
    assert "logins of OAuth2 clients" not in check()


def test_disabled_flow_is_unknown(servers: Servers) -> None:
    servers.pages["registration"] = servers.pages["error"]
    assert check()["registration page"]["ok"] is None


def test_forbidden_return_address_fails_with_the_setting(servers: Servers) -> None:
    servers.allowed = (f"{SITE}/auth/",)
    servers.mock.remove(responses.GET, f"{KRATOS}/self-service/login/browser")

    def start(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        if "return_to" in (request.url or ""):
            return servers.start(request)
        servers.allowed = (SITE,)
        answer = servers.start(request)
        servers.allowed = (f"{SITE}/auth/",)
        return answer

    servers.mock.add_callback(responses.GET, f"{KRATOS}/self-service/login/browser", start)
    found = check()
    assert found["return to this site"]["ok"] is False
    assert found["return to this site"]["hint"] == f"selfservice.allowed_return_urls: [{SITE}/]"
    assert found["return to the settings page"]["ok"] is True


def test_wrong_browser_url_and_cookies_fail(servers: Servers) -> None:
    servers.action = "https://auth.example.org/self-service/login?flow=1"
    servers.cookie = "csrf_token_x=1; Domain=example.org; Secure"
    found = check()
    assert found["URL for browsers"]["ok"] is False
    assert found["URL for browsers"]["hint"].endswith('"https://auth.example.org"')
    assert found["cookies"]["ok"] is False
    assert found["secure cookies"]["ok"] is False


def test_return_addresses_and_cookies_are_unknown_without_a_page_on_this_site(servers: Servers) -> None:
    for flow in ("login", "registration", "recovery", "verification"):
        servers.pages[flow] = f"https://other.example/{flow}/"
    servers.allowed = ("",)
    found = check()
    for what in ("return to this site", "return to the settings page", "cookies"):
        assert found[what]["ok"] is None
        assert "needs" in found[what]["detail"]


def test_cookies_are_unknown_if_kratos_sets_none(servers: Servers) -> None:
    servers.cookie = ""
    assert check()["cookies"]["ok"] is None


def test_cookie_name_of_the_settings_is_in_the_hint(servers: Servers, settings: Settings) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "SESSION_COOKIE_NAME": "acme_session"}}
    assert check()["name of the session cookie"]["hint"] == "session.cookie.name: acme_session"


def test_cookie_name_is_not_reported_on_ory_network(servers: Servers, settings: Settings) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "SDK_URL": KRATOS}}
    assert "name of the session cookie" not in check()


@pytest.mark.parametrize(
    "clients",
    [
        [],
        [
            {"client_id": "robot", "grant_types": ["client_credentials"]},
            {**CLIENT, "response_types": ["token"]},
            {**CLIENT, "redirect_uris": []},
        ],
    ],
)
def test_oauth2_pages_are_unknown_without_a_usable_client(
    servers: Servers, clients: list[dict[str, Any]]
) -> None:
    servers.clients = clients
    found = check()
    for page in ("OAuth2 login page", "OAuth2 consent page"):
        assert found[page]["ok"] is None
        assert "Hydra has none" in found[page]["detail"]
    assert not servers.sent("/login/accept")


@pytest.mark.parametrize("grant_types", [None, []])
def test_client_without_grant_types_shows_the_oauth2_pages(
    servers: Servers, grant_types: list[str] | None
) -> None:
    servers.clients = [{**CLIENT, "grant_types": grant_types}]
    found = check()
    assert (found["OAuth2 login page"]["ok"], found["OAuth2 consent page"]["ok"]) == (True, True)


def test_oauth2_pages_are_unknown_without_the_admin_api(servers: Servers, settings: Settings) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "HYDRA_ADMIN_URL": ""}}
    found = check()
    for page in ("OAuth2 login page", "OAuth2 consent page"):
        assert found[page]["ok"] is None
        assert "HYDRA_ADMIN_URL" in found[page]["detail"]


def test_oauth2_pages_are_unknown_if_hydra_rejects_the_client(servers: Servers) -> None:
    servers.mock.remove(responses.GET, f"{HYDRA}/oauth2/auth")
    servers.mock.get(
        f"{HYDRA}/oauth2/auth", status=302, headers={"Location": "https://shop.example/cb?error=no_way"}
    )
    found = check()
    for page in ("OAuth2 login page", "OAuth2 consent page"):
        assert found[page]["ok"] is None
        assert found[page]["detail"].endswith("no_way")
    assert not servers.sent("/login/accept")


def test_oauth2_pages_fail_if_clients_cannot_be_listed(servers: Servers) -> None:
    servers.mock.remove(responses.GET, f"{HYDRA_ADMIN}/admin/clients")
    servers.mock.get(f"{HYDRA_ADMIN}/admin/clients", status=500)
    found = check()
    assert (found["OAuth2 login page"]["ok"], found["OAuth2 consent page"]["ok"]) == (False, False)
    assert found["OAuth2 error page"]["ok"] is True


def test_unavailable_servers_fail_and_are_not_compared(servers: Servers) -> None:
    servers.mock.upsert(responses.GET, f"{KRATOS}/health/ready", body=requests.ConnectionError("refused"))
    servers.mock.upsert(
        responses.GET, f"{HYDRA}/health/ready", status=503, json={"errors": {"database": "x"}}
    )
    servers.mock.upsert(responses.GET, f"{HYDRA_ADMIN}/health/ready", status=404)
    servers.mock.upsert(responses.GET, f"{HYDRA_ADMIN}/version", status=500)
    found = check()
    assert {name: result["ok"] for name, result in found.items()} == {
        "kratos_public": False,
        "kratos_admin": True,
        "hydra_public": False,
        "hydra_admin": True,
    }
    assert 'ORY["default"]["KRATOS_PUBLIC_URL"]' in found["kratos_public"]["hint"]


def test_unavailable_server_gets_a_hint_with_ory_dev(servers: Servers) -> None:
    servers.mock.upsert(responses.GET, f"{KRATOS}/health/ready", body=requests.ConnectionError("refused"))
    assert "python manage.py ory_dev" in check()["kratos_public"]["hint"]


def test_swapped_urls_of_kratos_are_named(servers: Servers, settings: Settings) -> None:
    settings.ORY = {
        "default": {**settings.ORY["default"], "KRATOS_PUBLIC_URL": ADMIN, "KRATOS_ADMIN_URL": KRATOS}
    }
    # As the real ones do: the admin port redirects public paths, the public port refuses admin paths.
    for path in ("health/ready", "sessions/whoami"):
        servers.mock.get(f"{ADMIN}/{path}", status=307, headers={"Location": f"{KRATOS}/{path}"})
    for path in ("admin/health/ready", "admin/version"):
        servers.mock.get(f"{KRATOS}/{path}", status=403, json={"error": {"id": "security_csrf_violation"}})
    found = check()
    assert found["kratos_public"]["ok"] is found["kratos_admin"]["ok"] is False
    assert found["kratos_public"]["detail"] == f"{ADMIN} is Kratos' admin API, not Kratos' public API"
    assert found["kratos_admin"]["detail"] == f"{KRATOS} is Kratos' public API, not Kratos' admin API"
    assert found["kratos_public"]["hint"] == (
        'Correct settings.ORY["default"]["KRATOS_PUBLIC_URL"]. If '
        'settings.ORY["default"]["KRATOS_ADMIN_URL"] is Kratos\' public API, swap the two values.'
    )
    assert "login page" not in found


def test_hydra_in_the_place_of_kratos_is_named(servers: Servers, settings: Settings) -> None:
    settings.ORY = {"default": {"KRATOS_PUBLIC_URL": HYDRA}}
    servers.mock.get(f"{HYDRA}/sessions/whoami", status=404, body="404 page not found")
    servers.mock.get(f"{HYDRA}/admin/version", status=404)
    assert check()["kratos_public"]["detail"] == f"{HYDRA} is Hydra's public API, not Kratos' public API"


@pytest.mark.parametrize(
    "answer",
    [{"status": 404, "body": "Not Found"}, {"status": 200, "body": "<html>"}, {"json": {}}, {"status": 302}],
)
@pytest.mark.parametrize("service", ["KRATOS_PUBLIC", "KRATOS_ADMIN", "HYDRA_PUBLIC", "HYDRA_ADMIN"])
def test_another_server_at_a_url_fails_with_the_setting(
    settings: Settings, service: str, answer: dict[str, Any]
) -> None:
    other = "http://other.test:8000"
    settings.ORY = {"default": {f"{service}_URL": other}}
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(re.compile(f"{other}/.*"), **answer)
        found = check()
    assert list(found) == [service.lower()]
    assert found[service.lower()]["ok"] is False
    assert f"{other} does not respond like" in found[service.lower()]["detail"]
    assert f'correct settings.ORY["default"]["{service}_URL"]' in found[service.lower()]["hint"]


def test_rejected_api_key_fails_and_is_not_sent_to_identify_the_server(settings: Settings) -> None:
    settings.ORY = {"default": {"HYDRA_ADMIN_URL": HYDRA_ADMIN, "API_KEY": "ory_pat_secret"}}
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(re.compile(f"{HYDRA_ADMIN}/.*"), status=401, json={})
        result = check()["hydra_admin"]
        without_key = [call for call in mock.calls if "Authorization" not in call.request.headers]
    assert "rejects calls of this project" in result["detail"]
    assert "API_KEY" in result["hint"]
    assert len(without_key) == 4  # the URL is identified without the key


def test_ory_network_project_is_not_identified(servers: Servers, settings: Settings) -> None:
    settings.ORY = {"default": {"SDK_URL": KRATOS, "API_KEY": "ory_pat_x"}}
    assert check()["kratos_public"]["ok"] is True
    assert not servers.sent("/sessions/whoami")


@pytest.mark.parametrize("flow", ["registration", "recovery", "verification"])
def test_error_of_one_flow_fails_one_check(servers: Servers, flow: str) -> None:
    servers.mock.remove(responses.GET, f"{KRATOS}/self-service/{flow}/browser")
    servers.mock.get(f"{KRATOS}/self-service/{flow}/browser", status=500)
    found = check()
    assert [name for name, result in found.items() if result["ok"] is False] == [f"{flow} page"]
    assert "could not be compared" in found[f"{flow} page"]["detail"]
    assert len(found) == 21  # everything else was compared


def test_error_of_the_login_flow_fails_each_check_that_uses_it(servers: Servers) -> None:
    servers.mock.remove(responses.GET, f"{KRATOS}/self-service/login/browser")
    servers.mock.get(f"{KRATOS}/self-service/login/browser", status=500)
    found = check()
    assert {name for name, result in found.items() if result["ok"] is False} == {
        "login page",
        "error page",
        "return to this site",
        "return to the settings page",
        "URL for browsers",
        "cookies",
    }
    with pytest.raises(CommandError, match="6 of 21"):
        run()


def test_alias_option_selects_a_project(servers: Servers, settings: Settings) -> None:
    settings.ORY = {**settings.ORY, "acme": {"HYDRA_ADMIN_URL": HYDRA_ADMIN}}
    assert set(check("--alias", "acme")) == {"hydra_admin"}
    assert run("--alias", "acme").endswith("All checks passed.\n")
    with pytest.raises(CommandError, match="It has: default, acme"):
        call_command("ory_check", "--alias", "nope")


def test_schema_without_limits_is_unknown_with_a_hint(servers: Servers) -> None:
    servers.schemas.append({"id": "open", "schema": {"properties": {"traits": {"type": "object"}}}})
    found = check()
    assert found["identity schema person"]["ok"] is True
    assert found["identity schema open"]["ok"] is None
    assert found["identity schema open"]["detail"] == "allows traits of any size: traits"
    assert '"additionalProperties": false' in found["identity schema open"]["hint"]


def test_user_field_from_an_unknown_trait_is_unknown(servers: Servers, settings: Settings) -> None:
    fields = {"email": "email", "first_name": "name.given"}
    settings.ORY = {"default": {**settings.ORY["default"], "USER_FIELDS": fields}}
    found = check()
    assert found["user field first_name"]["ok"] is None
    assert "name.given, which no identity schema has" in found["user field first_name"]["detail"]
    assert "user field email" not in found


def test_offered_schema_that_kratos_does_not_have_fails(servers: Servers, settings: Settings) -> None:
    offered = {"person": "For yourself", "company": "For a company"}
    settings.ORY = {"default": {**settings.ORY["default"], "IDENTITY_SCHEMAS": offered}}
    found = check()
    assert found["identity schema company"]["ok"] is False
    assert "Kratos has only person" in found["identity schema company"]["detail"]
    assert found["identity schema person"]["ok"] is True


def test_default_user_fields_may_be_missing_in_a_schema(servers: Servers) -> None:
    servers.schemas = [{"id": "bare", "schema": {"properties": {"traits": {"properties": {}}}}}]
    assert not any(name.startswith("user field") for name in check())


def test_unreadable_schemas_are_unknown(servers: Servers) -> None:
    servers.mock.replace(responses.GET, f"{KRATOS}/schemas", status=404)
    assert check()["identity schemas"]["ok"] is None


def set_messages(servers: Servers, settings: Settings, *ages: timedelta, status: int = 200) -> None:
    """Send mails by Django, with messages that Kratos abandoned this long ago."""
    settings.ORY = {"default": {**settings.ORY["default"], "COURIER_SECRETS": ["s" * 32]}}
    messages = [
        {
            "id": "9f425a8d-7efc-4768-8f23-7647a74fdf13",
            "status": "abandoned",
            "recipient": "ann@example.org",
            "body": "481516",
            "template_type": "login_code_valid",
            "created_at": (datetime.now(UTC) - age).isoformat(),
        }
        for age in ages
    ]
    match = [responses.matchers.query_param_matcher({"status": "abandoned"}, strict_match=False)]
    servers.mock.get(f"{ADMIN}/admin/courier/messages", json=messages, status=status, match=match)


def test_old_abandoned_mails_pass(servers: Servers, settings: Settings) -> None:
    set_messages(servers, settings, timedelta(days=2))
    assert check()["mails"]["ok"] is True


def test_abandoned_mails_fail_without_recipients_and_codes(servers: Servers, settings: Settings) -> None:
    set_messages(servers, settings, timedelta(hours=1), timedelta(hours=2), timedelta(days=2))
    found = check()["mails"]
    assert found["ok"] is False
    assert found["detail"].endswith(": 2 login_code_valid")
    assert "COURIER_SECRETS" in found["hint"]
    assert not [word for word in ("ann@", "481516") if word in str(found)]


def test_mails_that_cannot_be_listed_fail(servers: Servers, settings: Settings) -> None:
    set_messages(servers, settings, status=403)
    assert check()["mails"]["ok"] is False


def test_mails_that_kratos_sends_itself_are_not_checked(servers: Servers) -> None:
    assert "mails" not in check()


def set_webhooks(settings: Settings) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "WEBHOOK_SECRETS": ["s" * 32]}}


def add_delivery(status: str, age: timedelta) -> None:
    WebhookDelivery.objects.create(
        event="login",
        identity_id=UUID(int=1),
        status=status,
        received_at=timezone.now() - age,
        error="OryServerError 500",
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("deliveries", "is_ok", "text"),
    [
        ([], None, "none was received so far"),
        ([("done", 1), ("pending", 1)], True, "none failed"),
        ([("failed", 1), ("pending", 1)], False, "1 failed, 0 waiting"),
        ([("done", 1), ("pending", 11), ("pending", 1)], False, "0 failed, 1 waiting"),
    ],
)
def test_web_hooks_that_failed_or_wait_are_reported(
    servers: Servers, settings: Settings, deliveries: list[tuple[str, int]], is_ok: bool | None, text: str
) -> None:
    set_webhooks(settings)
    for status, minutes in deliveries:
        add_delivery(status, timedelta(minutes=minutes))
    found = check()["web hooks"]
    assert found["ok"] is is_ok
    assert text in found["detail"]


def test_database_that_fails_is_a_result(
    servers: Servers, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError("no such table")

    set_webhooks(settings)
    monkeypatch.setattr("django_ory.management.ory_check.webhooks._count", fail)
    assert check()["web hooks"]["ok"] is False


def test_web_hooks_are_not_checked_without_secrets(servers: Servers) -> None:
    assert "web hooks" not in check()
