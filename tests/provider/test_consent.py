"""The consent page: its content, the responses to Hydra, and the user that may answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from django_ory.adapter import OryAdapter
from django_ory.models import Identity

from .provider_site import ALICE, BOB, NEXT, ProviderSite, auth_url, parse_query

if TYPE_CHECKING:
    from django.http import HttpResponse

SCOPES = ["openid", "email", "photos"]
API = "https://api.example"
CONSENTS = "/admin/oauth2/auth/sessions/consent"


class SiteAdapter(OryAdapter):
    """Adds the claim ``groups`` and describes a scope."""

    def describe_scope(self, scope: str) -> Any:
        return ("Print <b>photos</b>", "On paper.") if scope == "photos" else None

    def get_claims(self, **values: Any) -> Any:
        return {**values["claims"], "groups": ["readers"], "sub": "another user", "nickname": None}


def set_consent(site: ProviderSite, **values: Any) -> None:
    site.set_request(
        "consent",
        **{
            "subject": ALICE,
            "requested_scope": SCOPES,
            "requested_access_token_audience": [],
            "request_url": auth_url(redirect_uri="https://photos.example/callback"),
            "client": client(client_uri="https://photos.example/"),
            **values,
        },
    )
    site.set_result("consent", "accept")
    site.set_result("consent", "reject")


def client(**values: Any) -> dict[str, Any]:
    return {
        "client_id": "app",
        "client_name": "Photo Lab",
        "redirect_uris": ["https://photos.example/callback"],
        "scope": "openid email profile photos offline_access",
        "audience": [API],
        **values,
    }


def set_client(site: ProviderSite, *, status: int = 200, **values: Any) -> None:
    site.ory.respond("GET /admin/clients/app", json=client(**values), status=status)


def get_text(response: HttpResponse) -> str:
    return response.content.decode()


class TestPage:
    def test_page_shows_client_scopes_and_redirect_host(self, site: ProviderSite) -> None:
        set_consent(site, requested_access_token_audience=[API])
        site.sign_in()
        response = site.get("consent", "c" * 7000)
        page = get_text(response)
        assert response.status_code == 200
        for shown in (
            "Photo Lab",
            "<strong>photos.example</strong>",
            "alice@example.org",
            "See your email address",
            API,
            "photos",
        ):
            assert shown in page
        assert "c" * 7000 in page
        assert site.list_targets("PUT") == []

    def test_openid_cannot_be_deselected(self, site: ProviderSite) -> None:
        set_consent(site)
        site.sign_in()
        page = get_text(site.get("consent"))
        assert re.search(r'<input type="hidden" name="grant_scope" value="openid">', page)
        assert re.findall(r'type="checkbox"[^>]*name="grant_scope" value="(\w+)"', page) == [
            "email",
            "photos",
        ]

    def test_only_web_urls_become_links(self, site: ProviderSite) -> None:
        set_consent(
            site,
            client=client(
                logo_uri="https://photos.example/logo.png",
                policy_uri="javascript:alert(1)",
                tos_uri="data:text/html,x",
                client_uri="https://photos.example/about",
            ),
        )
        site.sign_in()
        page = get_text(site.get("consent"))
        assert 'src="https://photos.example/logo.png"' in page
        assert 'href="https://photos.example/about" rel="noopener noreferrer nofollow"' in page
        assert "javascript" not in page
        assert "data:text" not in page

    def test_names_are_escaped(self, site: ProviderSite) -> None:
        set_consent(site, client=client(client_name="<script>x</script>"), requested_scope=['"><img src=x>'])
        site.sign_in()
        page = get_text(site.get("consent"))
        assert "<script>x" not in page
        assert "<img" not in page

    @pytest.mark.parametrize(
        ("redirect_uri", "shown"),
        [
            ("https://user@photos.example:8443/cb", "<strong>photos.example:8443</strong>"),
            ("com.example.app:/cb", "<strong>com.example.app</strong>"),
            ("https://ph\u043etos.example/cb", "<strong>xn--phtos-kye.example</strong>"),
            ("https://" + "\u043e" * 80 + ".example/cb", "<strong>\\u043e"),
        ],
    )
    def test_redirect_host_is_shown_in_ascii(self, site: ProviderSite, redirect_uri: str, shown: str) -> None:
        set_consent(
            site,
            request_url=auth_url(redirect_uri=redirect_uri),
            client=client(redirect_uris=[redirect_uri]),
        )
        site.sign_in()
        assert shown in get_text(site.get("consent"))

    @pytest.mark.parametrize("redirect_uri", ["", "http://[", "/relative"])
    def test_redirect_uri_without_a_host_is_not_shown(self, site: ProviderSite, redirect_uri: str) -> None:
        set_consent(
            site,
            request_url=auth_url(redirect_uri=redirect_uri),
            client=client(redirect_uris=[redirect_uri]),
        )
        site.sign_in()
        assert "You will be redirected" not in get_text(site.get("consent"))

    @pytest.mark.parametrize("request_url", ["", "http://[", "http://hydra.test:4444/oauth2/device/verify"])
    def test_request_url_without_parameters_shows_the_page(
        self, site: ProviderSite, request_url: str
    ) -> None:
        set_consent(site, request_url=request_url, requested_scope=None, oidc_context=None)
        site.sign_in()
        assert site.get("consent").status_code == 200

    def test_response_is_private(self, site: ProviderSite) -> None:
        set_consent(site)
        site.sign_in()
        response = site.get("consent")
        assert "no-store" in response["Cache-Control"]
        assert response["X-Frame-Options"] == "DENY"
        assert (
            response["Referrer-Policy"] == "same-origin"
        )  # Django's CSRF check needs an Origin that is not "null"
        assert "Cookie" in response["Vary"]

    def test_adapter_describes_scopes(self, site: ProviderSite, settings: Any) -> None:
        settings.ORY = {"default": {**settings.ORY["default"], "ADAPTER": f"{__name__}.SiteAdapter"}}
        set_consent(site)
        site.sign_in()
        assert "Print &lt;b&gt;photos&lt;/b&gt;" in get_text(site.get("consent"))


class TestAccept:
    def test_registered_resource_is_shown_and_granted_as_audience(self, site: ProviderSite) -> None:
        url = f"{auth_url(redirect_uri='https://photos.example/callback')}&resource={API}&resource=https://x.example"
        set_consent(site, request_url=url, client=client(audience=[API]))
        site.sign_in()
        page = get_text(site.get("consent"))
        assert API in page
        assert "x.example" not in page
        site.post("consent", accept="1", grant_scope=["openid"])
        [body] = site.list_bodies("PUT", "consent/accept")
        assert body["grant_access_token_audience"] == [API]

    def test_selected_and_requested_scopes_are_granted(self, site: ProviderSite) -> None:
        set_consent(site, requested_access_token_audience=[API])
        site.sign_in()
        response = site.post(
            "consent", accept="1", grant_scope=["openid", "photos", "admin", "offline_access"]
        )
        assert response["Location"] == NEXT
        assert site.list_bodies("PUT", "consent/accept") == [
            {
                "grant_scope": ["openid", "photos"],
                "grant_access_token_audience": [API],
                "remember": False,
                "remember_for": 0,
                "session": {"id_token": {}, "access_token": {}},
            }
        ]

    def test_selected_remember_is_sent(self, site: ProviderSite) -> None:
        set_consent(site)
        site.sign_in()
        site.post("consent", accept="1", remember="1")
        [body] = site.list_bodies("PUT", "consent/accept")
        assert (body["remember"], body["grant_scope"]) == (True, ["openid"])

    def test_claims_of_granted_scopes_are_sent(self, site: ProviderSite) -> None:
        set_consent(site, requested_scope=["openid", "email", "profile"])
        site.sign_in()
        site.post("consent", accept="1", grant_scope=["openid", "email"])
        [body] = site.list_bodies("PUT", "consent/accept")
        assert body["session"]["id_token"] == {"email": "alice@example.org", "email_verified": True}

    def test_adapter_adds_claims_except_reserved_ones(self, site: ProviderSite, settings: Any) -> None:
        settings.ORY = {"default": {**settings.ORY["default"], "ADAPTER": f"{__name__}.SiteAdapter"}}
        set_consent(site)
        site.sign_in()
        site.post("consent", accept="1", grant_scope=["openid"])
        assert site.list_bodies("PUT", "consent/accept")[0]["session"]["id_token"] == {"groups": ["readers"]}

    def test_get_accepts_nothing(self, site: ProviderSite) -> None:
        set_consent(site)
        site.sign_in()
        site.get("consent", accept="1", grant_scope="photos")
        assert site.list_targets("PUT") == []

    def test_post_without_a_button_shows_the_page(self, site: ProviderSite) -> None:
        set_consent(site)
        site.sign_in()
        assert site.post("consent").status_code == 200
        assert site.list_targets("PUT") == []

    def test_post_without_csrf_token_is_rejected(self, site: ProviderSite) -> None:
        set_consent(site)
        site.browser = Client(enforce_csrf_checks=True)
        site.sign_in()
        assert site.post("consent", accept="1").status_code == 403
        assert site.list_targets("PUT") == []
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', get_text(site.get("consent")))
        assert token
        assert site.post("consent", accept="1", csrfmiddlewaretoken=token[1])["Location"] == NEXT

    def test_reject_button_overrides_accept(self, site: ProviderSite) -> None:
        set_consent(site)
        site.sign_in()
        assert site.post("consent", reject="1", accept="1")["Location"] == NEXT
        assert site.list_bodies("PUT", "consent/reject") == [
            {"error": "access_denied", "error_description": "The user refused the access."}
        ]
        assert site.list_bodies("PUT", "consent/accept") == []

    def test_expired_challenge_links_to_the_app(self, site: ProviderSite) -> None:
        set_consent(site, client=client(client_uri="https://photos.example/"))
        site.sign_in()
        state = re.search(r'name="state" value="([^"]+)"', get_text(site.get("consent")))
        assert state
        set_consent(site, status=401, body={"error": "request_unauthorized"})
        response = site.post("consent", accept="1", state=state[1])
        assert response.status_code == 410
        assert "Go to Photo Lab" in get_text(response)


class TestAnotherUser:
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_other_user_restarts_with_a_login(self, site: ProviderSite, method: str) -> None:
        set_consent(site)
        site.sign_in(BOB)
        response = getattr(site, method)("consent", accept="1", grant_scope="photos")
        assert parse_query(response["Location"])["prompt"] == "login"
        assert site.list_targets("PUT") == []

    def test_other_user_cannot_reject(self, site: ProviderSite) -> None:
        set_consent(site)
        site.sign_in(BOB)
        site.post("consent", reject="1")
        assert site.list_targets("PUT") == []

    def test_anonymous_user_signs_in_once(self, site: ProviderSite) -> None:
        set_consent(site)
        sent = parse_query(site.get("consent")["Location"])
        assert sent["return_to"].startswith("http://testserver/auth/oauth2/consent/?consent_challenge=c")
        page = site.get("consent", state=parse_query(sent["return_to"])["state"])
        assert page.status_code == 403
        assert "Sign in to continue" in get_text(page)

    def test_post_of_an_anonymous_user_requires_a_login(self, site: ProviderSite) -> None:
        set_consent(site)
        assert site.post("consent", accept="1")["Location"].startswith("/auth/login/")
        assert site.list_targets("PUT") == []

    def test_session_that_ends_at_the_page_requires_a_login(self, site: ProviderSite) -> None:
        set_consent(site)
        site.sign_in()
        state = re.search(r'name="state" value="([^"]+)"', get_text(site.get("consent")))
        assert state
        site.set_whoami(401, {"error": {"code": 401}})
        response = site.post("consent", accept="1", state=state[1])
        assert response["Location"].startswith("/auth/login/")
        assert site.list_targets("PUT") == []

    def test_session_without_the_second_factor_requires_it(self, site: ProviderSite) -> None:
        set_consent(site)
        site.set_whoami(403, {"error": {"id": "session_aal2_required", "code": 403}})
        assert parse_query(site.get("consent")["Location"])["aal"] == "aal2"

    def test_account_deactivated_at_the_page_is_rejected(self, site: ProviderSite) -> None:
        set_consent(site)
        for kind in ("login", "consent"):
            site.ory.respond(f"DELETE /admin/oauth2/auth/sessions/{kind}", status=204)
        site.sign_in()
        user = get_user_model().objects.create(email="alice@example.org", is_active=False)
        Identity.objects.create(identity_id=ALICE, user=user)
        site.post("consent", accept="1")
        assert site.list_bodies("PUT", "consent/reject")[0]["error"] == "access_denied"
        assert len(site.list_targets("DELETE")) == 2

    def test_kratos_outage_is_a_503(self, site: ProviderSite) -> None:
        set_consent(site)
        site.set_whoami(500, {})
        assert site.get("consent").status_code == 503
        assert site.post("consent", accept="1").status_code == 503
        assert site.list_targets("PUT") == []


def set_consents(site: ProviderSite, *consents: dict[str, Any]) -> None:
    """Set the consents that Hydra remembers of Alice. Default: one to all scopes."""
    given = {"consent_request": {"challenge": "1", "client": client()}, "grant_scope": SCOPES}
    site.ory.respond(
        "GET /admin/oauth2/auth/sessions/consent",
        json=[{**given, **values} for values in consents or ({},)],
    )


class TestRemembered:
    def test_remembered_consent_is_granted_without_a_cookie(self, site: ProviderSite) -> None:
        set_consent(site, skip=True)
        set_consents(site)
        site.set_identity()
        assert site.get("consent")["Location"] == NEXT
        [body] = site.list_bodies("PUT", "consent/accept")
        assert body["grant_scope"] == SCOPES
        assert body["session"]["id_token"]["email"] == "alice@example.org"

    def test_only_earlier_audience_is_granted(self, site: ProviderSite) -> None:
        set_consent(
            site,
            skip=True,
            requested_access_token_audience=[API, "https://new.example", "https://other.example"],
        )
        site.set_identity()
        other = {"challenge": "3", "client": {"client_id": "other"}}
        set_consents(
            site,
            {"grant_access_token_audience": [API]},
            {"grant_access_token_audience": None},
            {"consent_request": other, "grant_access_token_audience": ["https://other.example"]},
            {"consent_request": None, "grant_access_token_audience": ["https://new.example"]},
            {"context": {"asked": False}, "grant_access_token_audience": ["https://new.example"]},
        )
        site.get("consent")
        assert site.list_bodies("PUT", "consent/accept")[0]["grant_access_token_audience"] == [API]

    def test_deleted_identity_is_rejected(self, site: ProviderSite) -> None:
        set_consent(site, skip=True)
        set_consents(site)
        site.set_identity(status=404)
        for kind in ("login", "consent"):
            site.ory.respond(f"DELETE /admin/oauth2/auth/sessions/{kind}", status=204)
        site.get("consent")
        assert site.list_bodies("PUT", "consent/reject")


class TestTrustedClient:
    def test_trusted_client_is_granted_and_remembered(self, site: ProviderSite) -> None:
        set_consent(site, client=client(skip_consent=True))
        set_client(site, skip_consent=True)
        site.set_identity()
        assert site.get("consent")["Location"] == NEXT
        [body] = site.list_bodies("PUT", "consent/accept")
        assert body["remember"] is True
        assert body["context"] == {"asked": False}

    def test_trusted_client_needs_no_stored_consent(self, site: ProviderSite) -> None:
        set_consent(site, skip=True, client=client(skip_consent=True), requested_access_token_audience=[API])
        set_client(site, skip_consent=True)
        site.set_identity()
        assert site.get("consent")["Location"] == NEXT
        assert site.list_bodies("PUT", "consent/accept")[0]["grant_access_token_audience"] == [API]

    @pytest.mark.parametrize("frozen", [True, False])
    def test_lost_trust_revokes_automatic_grants_and_restarts(self, site: ProviderSite, frozen: bool) -> None:
        """``frozen``: the challenge was made while the client was trusted."""
        set_consent(site, skip=True, client=client(skip_consent=frozen))
        set_client(site, skip_consent=False)
        set_consents(site, {"context": {"asked": False}})
        site.sign_in()
        assert site.get("consent")["Location"] == auth_url(redirect_uri="https://photos.example/callback")
        assert site.list_targets("PUT") == []
        assert site.list_targets("DELETE") == [
            f"admin/oauth2/auth/sessions/consent?subject={ALICE}&client=app"
        ]

    def test_lost_trust_revokes_when_the_request_cannot_restart(self, site: ProviderSite) -> None:
        set_consent(site, skip=True, request_url="http://hydra.test:4444/oauth2/auth")
        set_consents(site, {"context": {"asked": False}})
        site.sign_in()
        assert site.get("consent").status_code == 200
        assert site.list_targets("DELETE") == []
        assert site.post("consent", accept="1", grant_scope=SCOPES)["Location"] == NEXT
        assert site.list_targets("DELETE") == [
            f"admin/oauth2/auth/sessions/consent?subject={ALICE}&client=app"
        ]
        assert "context" not in site.list_bodies("PUT", "consent/accept")[0]

    def test_lost_trust_signs_the_user_in_first(self, site: ProviderSite) -> None:
        set_consent(site, skip=True)
        set_consents(site, {"context": {"asked": False}})
        assert "/auth/login/" in site.get("consent")["Location"]
        assert site.list_targets("DELETE") == []

    def test_lost_trust_keeps_what_the_user_consented_to(self, site: ProviderSite) -> None:
        set_consent(site, skip=True)
        set_consents(site, {"context": {"asked": False}, "handled_at": "2026-05-04T12:00:00Z"}, {})
        site.set_identity()
        assert site.get("consent")["Location"] == NEXT

    def test_rejection_at_an_open_page_is_kept(self, site: ProviderSite) -> None:
        """The page was open when the client became trusted."""
        set_consent(site, client=client(skip_consent=True))
        set_client(site, skip_consent=True)
        site.set_identity()
        site.post("consent", reject="1")
        assert site.list_bodies("PUT", "consent/reject")[0]["error"] == "access_denied"
        assert site.list_bodies("PUT", "consent/accept") == []

    @pytest.mark.parametrize("now", [{"skip_consent": False}, {"status": 404}])
    def test_current_client_decides_about_trust(self, site: ProviderSite, now: dict[str, Any]) -> None:
        set_consent(site, client=client(skip_consent=True))
        set_client(site, **now)
        site.sign_in()
        assert site.get("consent").status_code == 200
        assert site.list_targets("PUT") == []

    @pytest.mark.parametrize(
        "request_url",
        [
            auth_url(prompt="consent"),
            auth_url(
                scope="openid", request_uri="https://photos.example/request.jwt"
            ),  # may contain prompt=consent
            "http://hydra.test:4444/oauth2/auth",  # posted, may contain prompt=consent
        ],
    )
    def test_prompt_consent_or_unreadable_request_shows_the_page(
        self, site: ProviderSite, request_url: str
    ) -> None:
        set_consent(site, client=client(skip_consent=True), request_url=request_url)
        site.sign_in()
        assert site.get("consent").status_code == 200
