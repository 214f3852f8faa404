"""The consent page for clients of each kind: first-party, unverified, changed, deleted, and known before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from django_ory.adapter import OryAdapter
from django_ory.client_metadata import SELF_REGISTERED

from .provider_site import BOB, NEXT, ProviderSite, auth_url, parse_query
from .test_consent import API, SCOPES, client, get_text, set_client, set_consent, set_consents

if TYPE_CHECKING:
    from django.http import HttpResponse

UNKNOWN_KEY = {"error": "error", "error_description": "The error is unrecognizable"}


class TenantAdapter(OryAdapter):
    """Stores a tenant with each consent, and adds a claim to access tokens."""

    def get_consent_context(self, **_: Any) -> Any:
        return {"tenant": "acme"}

    def get_access_token_claims(self, *, client: Any, scopes: Any, **_: Any) -> Any:
        return {"tier": f"{client.client_id} {len(scopes)}", "acr": "forged"}


def set_project(settings: Any, **values: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], **values}}


def get_fields(response: HttpResponse, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="([^"]*)"', get_text(response))


def list_accepted(site: ProviderSite) -> list[dict[str, Any]]:
    return site.list_bodies("PUT", "consent/accept")


class TestFirstParty:
    def test_client_of_the_setting_is_granted_without_a_page(self, site: ProviderSite, settings: Any) -> None:
        set_project(settings, FIRST_PARTY_CLIENTS=["app"])
        set_consent(site)
        site.set_identity()
        assert site.get("consent")["Location"] == NEXT
        [body] = list_accepted(site)
        assert (body["grant_scope"], body["remember"]) == (SCOPES, True)
        assert body["context"] == {"asked": False}

    def test_other_user_in_the_browser_gets_no_grant(self, site: ProviderSite, settings: Any) -> None:
        set_project(settings, FIRST_PARTY_CLIENTS=["app"])
        set_consent(site)
        site.set_identity()
        site.sign_in(BOB)
        assert parse_query(site.get("consent")["Location"])["prompt"] == "login"
        assert site.list_targets("PUT") == []

    @pytest.mark.parametrize(
        "values",
        [
            {"metadata": SELF_REGISTERED, "skip_consent": True},
            {"metadata": {"django_ory": {"origin": "registration", "remember": "always"}}},
        ],
    )
    def test_unverified_client_is_always_asked_for(
        self, site: ProviderSite, settings: Any, values: dict[str, Any]
    ) -> None:
        set_project(settings, FIRST_PARTY_CLIENTS=["app"], CONSENT_REMEMBER="always")
        set_consent(site, skip=True, client=client(**values))
        set_consents(site)
        site.sign_in()
        page = get_text(site.get("consent"))
        assert "Not verified" in page
        assert "Don&#x27;t ask again" not in page
        site.post("consent", accept="1", grant_scope=SCOPES, remember="1")
        [body] = list_accepted(site)
        assert body["remember"] is False

    def test_verification_by_staff_allows_trust(self, site: ProviderSite, settings: Any) -> None:
        set_project(settings, FIRST_PARTY_CLIENTS=["app"])
        metadata = {"django_ory": {**SELF_REGISTERED["django_ory"], "verified": True}}
        set_consent(site, client=client(metadata=metadata))
        site.set_identity()
        assert site.get("consent")["Location"] == NEXT


class TestCurrentClient:
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_deleted_client_shows_an_error(self, site: ProviderSite, method: str) -> None:
        set_consent(site)
        site.ory.respond(
            "GET /admin/clients/app", json={"error": "Unable to locate the resource"}, status=404
        )
        site.sign_in()
        response = getattr(site, method)("consent", accept="1", grant_scope=SCOPES)
        assert response.status_code == 410
        assert "no longer available" in get_text(response)
        assert site.list_targets("PUT") == []

    def test_client_that_hydra_cannot_address_is_asked_for(self, site: ProviderSite) -> None:
        """Hydra before 25.4 and a client id with a slash."""
        values = client(client_id="https://a.example/app", skip_consent=True)
        set_consent(site, client=values)
        site.ory.respond(
            "GET /admin/clients/https%3A%2F%2Fa.example%2Fapp",
            body="404 page not found\n",
            status=404,
            headers={"Content-Type": "text/plain"},
        )
        site.sign_in()
        page = get_text(site.get("consent"))
        assert "described by <strong><bdi>a.example</bdi></strong>" in page
        assert site.list_targets("PUT") == []

    def test_client_that_changed_behind_the_page_shows_the_page_again(self, site: ProviderSite) -> None:
        set_consent(site)
        site.sign_in()
        [seen] = get_fields(site.get("consent"), "fingerprint")
        set_client(site, client_name="Bank")
        response = site.post("consent", accept="1", grant_scope=SCOPES, fingerprint=seen)
        assert response.status_code == 200
        assert "This request has changed" in get_text(response)
        assert "Allow <bdi>Bank</bdi>?" in get_text(response)
        assert site.list_targets("PUT") == []
        [seen] = get_fields(response, "fingerprint")
        assert site.post("consent", accept="1", grant_scope=SCOPES, fingerprint=seen)["Location"] == NEXT

    def test_scope_that_was_removed_behind_the_page_is_not_granted(self, site: ProviderSite) -> None:
        set_consent(site)
        site.sign_in()
        set_client(site, scope="openid email")
        site.post("consent", accept="1", grant_scope=SCOPES)
        assert list_accepted(site)[0]["grant_scope"] == ["openid", "email"]

    def test_names_without_visible_characters_are_replaced(self, site: ProviderSite) -> None:
        set_consent(site, client=client(client_name="\u202egnp.exe\x00"), requested_scope=["a\u202eb"])
        set_client(site, client_name="\u202egnp.exe\x00", scope="a\u202eb")
        site.sign_in()
        page = get_text(site.get("consent"))
        assert "Allow <bdi>gnp.exe</bdi>?" in page
        assert "<bdi>ab</bdi>" in page


class TestEarlierConsent:
    def test_new_scopes_are_marked_and_not_selected(self, site: ProviderSite) -> None:
        set_consent(site)
        asked = {"challenge": "1", "client": client(), "requested_scope": ["openid", "email"]}
        set_consents(site, {"grant_scope": ["openid", "email"], "consent_request": asked})
        site.sign_in()
        page = get_text(site.get("consent"))
        assert page.count(">New<") == 1
        assert re.search(r'value="email" checked', page)
        assert re.search(r'value="photos" aria', page)

    def test_first_consent_has_no_marks(self, site: ProviderSite) -> None:
        set_consent(site)
        site.sign_in()
        page = get_text(site.get("consent"))
        assert ">New<" not in page
        assert re.search(r'value="photos" checked', page)


class TestRemember:
    def test_box_is_not_selected(self, site: ProviderSite) -> None:
        set_consent(site)
        site.sign_in()
        [box] = re.findall(r'<input[^>]*name="remember"[^>]*>', get_text(site.get("consent")))
        assert "checked" not in box

    @pytest.mark.parametrize(("remember", "expected"), [("never", False), ("always", True)])
    def test_policy_without_a_question_has_no_box(
        self, site: ProviderSite, remember: str, expected: bool
    ) -> None:
        values = client(metadata={"django_ory": {"remember": remember, "remember_seconds": 60}})
        set_consent(site, client=values)
        site.sign_in()
        assert 'name="remember"' not in get_text(site.get("consent"))
        site.post("consent", accept="1")
        [body] = list_accepted(site)
        assert (body["remember"], body["remember_for"]) == (expected, 60)


class TestContext:
    def test_context_of_the_adapter_is_stored(self, site: ProviderSite, settings: Any) -> None:
        set_project(settings, ADAPTER=f"{__name__}.TenantAdapter")
        set_consent(site, acr="aal1")
        site.sign_in()
        site.post("consent", accept="1", grant_scope=["email"])
        [body] = list_accepted(site)
        assert body["context"] == {"tenant": "acme"}
        assert body["session"]["access_token"] == {"tier": "app 2", "acr": "aal1"}

    def test_server_without_contexts_gets_a_second_body(self, site: ProviderSite, settings: Any) -> None:
        """Hydra before 2.2 rejects unknown keys."""
        set_project(settings, ADAPTER=f"{__name__}.TenantAdapter")
        set_consent(site)
        site.sign_in()
        site.ory.respond("PUT /admin/oauth2/auth/requests/consent/accept", json=UNKNOWN_KEY, status=400)
        response = site.post("consent", accept="1", remember="1")
        assert response.status_code == 404  # the answer to the second body is the same here
        first, second = list_accepted(site)
        assert "context" in first
        assert second == {name: value for name, value in first.items() if name != "context"}

    def test_body_without_a_context_is_sent_once(self, site: ProviderSite) -> None:
        set_consent(site)
        site.sign_in()
        site.ory.respond("PUT /admin/oauth2/auth/requests/consent/accept", json=UNKNOWN_KEY, status=400)
        assert site.post("consent", accept="1").status_code == 404
        assert len(list_accepted(site)) == 1


def test_request_without_a_scope_shows_the_default_one(site: ProviderSite, settings: Any) -> None:
    set_project(settings, CONSENT_DEFAULT_SCOPE=["openid", "photos", "admin"])
    set_consent(site, requested_scope=[])
    site.sign_in()
    assert get_fields(site.get("consent"), "grant_scope") == ["openid", "photos"]
    site.post("consent", accept="1", grant_scope=["openid", "photos", "admin"])
    assert list_accepted(site)[0]["grant_scope"] == ["openid", "photos"]


def test_second_submit_is_answered_by_hydra(site: ProviderSite) -> None:
    set_consent(site)
    site.sign_in()
    for _ in range(2):
        assert site.post("consent", accept="1", grant_scope=SCOPES)["Location"] == NEXT
    site.set_result("consent", "accept", status=410, to=auth_url())
    assert site.post("consent", accept="1", grant_scope=SCOPES)["Location"] == auth_url()


def test_request_with_too_many_scopes_is_rejected(site: ProviderSite) -> None:
    names = [f"s{number}" for number in range(1_200)]
    set_consent(site, requested_scope=names, client=client(scope=" ".join(names)))
    site.sign_in()
    assert site.get("consent")["Location"] == NEXT
    assert site.list_bodies("PUT", "consent/reject")[0]["error"] == "invalid_scope"


def test_audience_beyond_the_registration_is_neither_shown_nor_granted(site: ProviderSite) -> None:
    set_consent(site, requested_access_token_audience=[API, "https://other.example"])
    site.sign_in()
    page = get_text(site.get("consent"))
    assert API in page
    assert "other.example" not in page
    site.post("consent", accept="1")
    assert list_accepted(site)[0]["grant_access_token_audience"] == [API]
