"""Grants by policy and registration on a real Kratos and a real Hydra. Each token is refreshed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from django_ory.adapter import OryAdapter
from django_ory.client_metadata import SELF_REGISTERED
from django_ory.clients import get_client

from .browser import Browser, is_asked
from .conftest import create_person, parse_claims

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses

    from .conftest import App, Person

pytestmark = pytest.mark.live

API, MCP = "https://api.example", "https://mcp.example/mcp"


class TenantAdapter(OryAdapter):
    """Stores a tenant with each consent, and adds a claim to access tokens."""

    def get_consent_context(self, **_: Any) -> Any:
        return {"tenant": "acme"}

    def get_access_token_claims(self, **_: Any) -> Any:
        return {"tier": "gold"}


def refresh(app: App, tokens: dict[str, Any]) -> dict[str, Any]:
    """Refresh tokens, which fails if the grant exceeds the registration of the client."""
    return app.refresh(tokens["refresh_token"])


def introspect(tokens: dict[str, Any]) -> Any:
    return get_client().admin_introspect_o_auth2_token(token=tokens["access_token"])


def set_client(app: App, **values: Any) -> None:
    body = [{"op": "replace", "path": f"/{name}", "value": value} for name, value in values.items()]
    get_client().admin_patch_o_auth2_client(app.id, body=body)


def list_selected(page: Browser) -> list[str]:
    return [value for name, value in page.forms[0].fields if name == "grant_scope"]


def test_partial_grant_is_remembered_with_its_scopes(alice: Person, app: Callable[..., App]) -> None:
    photos = app()
    alice.browser.open(photos.authorize(scope="openid email photos offline_access"))
    page = alice.sign_in()
    tokens = refresh(photos, photos.tokens(page.press("accept", without=("photos",), remember="1")))
    assert tokens["scope"].split() == ["openid", "email", "offline_access"]
    assert parse_claims(tokens["id_token"])["email"] == alice.email
    page = alice.browser.open(photos.authorize(scope="openid email photos profile offline_access"))
    assert is_asked(page)
    assert list_selected(page) == ["openid", "email", "offline_access"]
    assert page.text.count(">New<") == 1  # profile; photos was deselected before
    selected = [*page.forms[0].fields, ("grant_scope", "profile"), ("remember", "1"), ("accept", "1")]
    tokens = refresh(photos, photos.tokens(page.post(page.url.partition("?")[0], selected)))
    assert tokens["scope"].split() == ["openid", "email", "profile", "offline_access"]
    assert "code" in alice.browser.open(photos.authorize(scope="openid email")).query


@pytest.mark.parametrize("locale", ["en", "de"])
def test_scopes_are_described_in_the_language_of_the_request(
    alice: Person, app: Callable[..., App], settings: Any, locale: str
) -> None:
    first, last = settings.MIDDLEWARE[:2], settings.MIDDLEWARE[2:]
    settings.MIDDLEWARE = [*first, "django.middleware.locale.LocaleMiddleware", *last]
    photos = app()
    alice.browser = Browser(photos.stack.site_url)  # with the middleware
    with translation.override(locale):
        title = translation.gettext("See your email address")
        text = translation.gettext("No description provided by the app.")
    with translation.override("en"):  # the browser calls the site in this thread, which sets its language
        alice.browser.open(photos.authorize(scope="openid email photos offline_access", ui_locales=locale))
        page = alice.sign_in()
        assert is_asked(page)
        assert f'lang="{locale}"' in page.text
        assert title in page.text
        assert text in page.text  # of the scope photos, which only the client knows
        refresh(photos, photos.tokens(page.press("accept")))


def test_remembered_grant_without_new_scopes_can_be_refreshed(alice: Person, app: Callable[..., App]) -> None:
    photos = app()
    request = photos.authorize(scope="openid email offline_access", audience=API)
    alice.browser.open(request)
    refresh(photos, photos.tokens(alice.sign_in().press("accept", remember="1")))
    tokens = refresh(photos, photos.tokens(alice.browser.open(request)))
    assert parse_claims(tokens["id_token"])["email"] == alice.email
    assert introspect(tokens).aud == [API]


def test_consent_is_not_remembered_unless_the_user_says_so(alice: Person, app: Callable[..., App]) -> None:
    photos = app()
    alice.browser.open(photos.authorize())
    assert "code" in alice.sign_in().press("accept").query
    assert is_asked(alice.browser.open(photos.authorize()))
    assert alice.browser.open(photos.authorize(prompt="none")).query["error"] == "consent_required"


def test_policy_of_the_client_decides_whether_a_consent_is_remembered(
    alice: Person, app: Callable[..., App]
) -> None:
    photos = app(metadata={"django_ory": {"remember": "always", "remember_seconds": 3600}})
    alice.browser.open(photos.authorize(scope="openid offline_access"))
    refresh(photos, photos.tokens(alice.sign_in().press("accept")))
    assert "code" in alice.browser.open(photos.authorize(prompt="none", scope="openid")).query
    assert is_asked(alice.browser.open(photos.authorize(prompt="consent")))
    set_client(photos, metadata={"django_ory": {"remember": "never"}})
    silent = alice.browser.open(photos.authorize(prompt="none", scope="openid"))
    assert silent.query["error"] == "consent_required"
    page = alice.browser.open(photos.authorize(scope="openid offline_access"))
    assert is_asked(page)  # Hydra still remembers the consent
    refresh(photos, photos.tokens(page.press("accept")))


def test_request_without_a_scope_gets_the_registered_default(
    alice: Person, app: Callable[..., App], settings: Any
) -> None:
    project = settings.ORY["default"]
    default = ["openid", "offline_access", "admin"]
    settings.ORY = {"default": {**project, "CONSENT_DEFAULT_SCOPE": default}}
    photos = app()
    alice.browser.open(photos.authorize(scope=""))
    page = alice.sign_in()
    assert list_selected(page) == ["openid", "offline_access"]
    tokens = refresh(photos, photos.tokens(page.press("accept")))
    assert tokens["scope"].split() == ["openid", "offline_access"]
    assert parse_claims(tokens["id_token"])["sub"] == alice.id


def test_registered_resources_are_the_audience(alice: Person, app: Callable[..., App]) -> None:
    photos = app(audience=[API, MCP])
    request = photos.authorize(scope="openid offline_access", audience=API)
    alice.browser.open(f"{request}&resource={MCP}/tools&resource=https://evil.example")
    page = alice.sign_in()
    assert f"{MCP}/tools" in page.text
    assert "evil.example" not in page.text
    tokens = photos.tokens(page.press("accept"))
    assert introspect(tokens).aud == [API, f"{MCP}/tools"]
    assert introspect(refresh(photos, tokens)).aud == [API, f"{MCP}/tools"]


def test_narrower_registration_limits_an_open_page(alice: Person, app: Callable[..., App]) -> None:
    photos = app()
    alice.browser.open(photos.authorize(scope="openid email photos offline_access", audience=API))
    page = alice.sign_in()
    set_client(photos, scope="openid email offline_access", audience=[])
    page.press("accept")
    assert is_asked(page)
    assert "This request has changed" in page.text
    assert list_selected(page) == ["openid", "email", "offline_access"]
    assert page.press("accept").query["error"] == "invalid_scope"  # Hydra checks the whole request again


def test_deleted_client_gets_no_grant(alice: Person, app: Callable[..., App]) -> None:
    photos = app()
    alice.browser.open(photos.authorize())
    page = alice.sign_in()
    get_client().admin_delete_o_auth2_client(photos.id)
    page.press("accept")
    assert page.status == 410
    assert "no longer available" in page.text


def test_second_submit_gives_the_client_an_error(alice: Person, app: Callable[..., App]) -> None:
    photos = app()
    alice.browser.open(photos.authorize(scope="openid offline_access"))
    page = alice.sign_in()
    seen, fields = page.url, [*page.forms[0].fields, ("accept", "1")]
    action = seen.partition("?")[0]
    tokens = photos.tokens(page.post(action, fields))
    page.url = seen  # the page is still open while the first response arrives
    page.post(action, fields)
    assert "error" in page.query, (page.status, page.path, page.text[:1500])
    refresh(photos, tokens)


def test_first_party_client_of_the_setting_works_silently(
    alice: Person, app: Callable[..., App], settings: Any
) -> None:
    photos, project = app(), settings.ORY["default"]
    settings.ORY = {"default": {**project, "FIRST_PARTY_CLIENTS": [photos.id]}}
    alice.browser.open(photos.authorize(scope="openid email offline_access"))
    refresh(photos, photos.tokens(alice.sign_in()))
    page = alice.browser.open(photos.authorize(prompt="none", scope="openid email offline_access"))
    tokens = refresh(photos, photos.tokens(page))
    assert parse_claims(tokens["id_token"])["email"] == alice.email
    assert is_asked(alice.browser.open(photos.authorize(prompt="consent")))


def test_client_that_registered_itself_is_always_asked_for(
    alice: Person, app: Callable[..., App], settings: Any
) -> None:
    project = settings.ORY["default"]
    agent = app(metadata=SELF_REGISTERED, skip_consent=True)
    settings.ORY = {"default": {**project, "FIRST_PARTY_CLIENTS": [agent.id], "CONSENT_REMEMBER": "always"}}
    alice.browser.open(agent.authorize(scope="openid offline_access"))
    page = alice.sign_in()
    assert "Not verified" in page.text
    refresh(agent, agent.tokens(page.press("accept", remember="1")))
    assert is_asked(alice.browser.open(agent.authorize(scope="openid offline_access")))
    silent = alice.browser.open(agent.authorize(prompt="none", scope="openid offline_access"))
    assert silent.query["error"] == "consent_required"


def test_context_and_claims_of_the_adapter_are_stored(
    alice: Person, app: Callable[..., App], settings: Any
) -> None:
    project = settings.ORY["default"]
    settings.ORY = {"default": {**project, "ADAPTER": f"{__name__}.TenantAdapter"}}
    photos = app()
    alice.browser.open(photos.authorize(scope="openid offline_access"))
    tokens = photos.tokens(alice.sign_in().press("accept"))
    [consent] = get_client().admin_list_o_auth2_subject_consent_sessions(subject=alice.id, page_size=10)
    assert consent.context == {"tenant": "acme"}
    assert introspect(tokens).ext["tier"] == "gold"
    refreshed = refresh(photos, tokens)
    assert introspect(refreshed).ext["tier"] == "gold"


def test_pseudonym_of_a_pairwise_client_is_from_hydra(
    app: Callable[..., App], ory_stack_factory: Callable[..., StackAddresses], settings: Any
) -> None:
    subjects = {"supported_types": ["public", "pairwise"], "pairwise": {"salt": "s" * 20}}
    oidc = {"oidc": {"subject_identifiers": subjects}, "strategies": {"access_token": "opaque"}}
    stack = ory_stack_factory(config_overrides={"hydra": oidc})
    settings.ORY = stack.ory_setting
    alice, photos = create_person(Browser(stack.site_url)), app(subject_type="pairwise")
    photos.stack = stack
    request = photos.authorize(scope="openid email offline_access")
    alice.browser.open(request)
    first = photos.tokens(alice.sign_in().press("accept", remember="1"))
    second = refresh(photos, photos.tokens(alice.browser.open(request)))
    claims = [parse_claims(tokens["id_token"]) for tokens in (first, second)]
    assert alice.id not in {each["sub"] for each in claims}
    assert len({each["sub"] for each in claims}) == 1
    assert [each["email"] for each in claims] == [alice.email] * 2
    assert introspect(second).sub == alice.id
