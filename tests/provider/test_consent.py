"""The consent page: what it shows, what Hydra is told, and who may answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from django_ory.adapter import OryAdapter
from django_ory.models import Identity

from .stage import ALICE, BOB, NEXT, Stage, auth_url, query_of

if TYPE_CHECKING:
    from django.http import HttpResponse

SCOPES = ["openid", "email", "photos"]
API = "https://api.example"
CONSENTS = "/admin/oauth2/auth/sessions/consent"


class SiteAdapter(OryAdapter):
    """Groups go out when they are asked for, and a scope of the site's own has words."""

    def describe_scope(self, scope: str) -> Any:
        return ("Print <b>photos</b>", "On paper.") if scope == "photos" else None

    def get_claims(self, **values: Any) -> Any:
        return {**values["claims"], "groups": ["readers"], "sub": "somebody else", "nickname": None}


def asks(stage: Stage, **values: Any) -> None:
    stage.asks(
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
    stage.answers("consent", "accept")
    stage.answers("consent", "reject")


def client(**values: Any) -> dict[str, Any]:
    return {
        "client_id": "app",
        "client_name": "Photo Lab",
        "redirect_uris": ["https://photos.example/callback"],
        **values,
    }


def registered(stage: Stage, *, status: int = 200, **values: Any) -> None:
    stage.ory.respond("GET /admin/clients/app", json=client(**values), status=status)


def text(response: HttpResponse) -> str:
    return response.content.decode()


class TestPage:
    def test_says_who_wants_what_and_where_it_goes(self, stage: Stage) -> None:
        asks(stage, requested_access_token_audience=[API])
        stage.sign_in()
        response = stage.get("consent", "c" * 7000)
        page = text(response)
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
        assert stage.paths("PUT") == []

    def test_openid_cannot_be_unticked(self, stage: Stage) -> None:
        asks(stage)
        stage.sign_in()
        page = text(stage.get("consent"))
        assert re.search(r'<input type="hidden" name="grant_scope" value="openid">', page)
        assert re.findall(r'type="checkbox"[^>]*name="grant_scope" value="(\w+)"', page) == [
            "email",
            "photos",
        ]

    def test_links_are_web_addresses_or_nothing(self, stage: Stage) -> None:
        asks(
            stage,
            client=client(
                logo_uri="https://photos.example/logo.png",
                policy_uri="javascript:alert(1)",
                tos_uri="data:text/html,x",
                client_uri="https://photos.example/about",
            ),
        )
        stage.sign_in()
        page = text(stage.get("consent"))
        assert 'src="https://photos.example/logo.png"' in page
        assert 'href="https://photos.example/about" rel="noopener nofollow"' in page
        assert "javascript" not in page
        assert "data:text" not in page

    def test_names_are_text(self, stage: Stage) -> None:
        asks(stage, client=client(client_name="<script>x</script>"), requested_scope=['"><img src=x>'])
        stage.sign_in()
        page = text(stage.get("consent"))
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
    def test_the_place_to_go_is_named_without_disguise(
        self, stage: Stage, redirect_uri: str, shown: str
    ) -> None:
        asks(
            stage,
            request_url=auth_url(redirect_uri=redirect_uri),
            client=client(redirect_uris=[redirect_uri]),
        )
        stage.sign_in()
        assert shown in text(stage.get("consent"))

    @pytest.mark.parametrize("redirect_uri", ["", "http://[", "/relative"])
    def test_no_place_is_no_sentence(self, stage: Stage, redirect_uri: str) -> None:
        asks(
            stage,
            request_url=auth_url(redirect_uri=redirect_uri),
            client=client(redirect_uris=[redirect_uri]),
        )
        stage.sign_in()
        assert "You will be redirected" not in text(stage.get("consent"))

    @pytest.mark.parametrize("request_url", ["", "http://[", "http://hydra.test:4444/oauth2/device/verify"])
    def test_requests_whose_address_says_nothing(self, stage: Stage, request_url: str) -> None:
        asks(stage, request_url=request_url, requested_scope=None, oidc_context=None)
        stage.sign_in()
        assert stage.get("consent").status_code == 200

    def test_headers(self, stage: Stage) -> None:
        asks(stage)
        stage.sign_in()
        response = stage.get("consent")
        assert "no-store" in response["Cache-Control"]
        assert response["X-Frame-Options"] == "DENY"
        assert (
            response["Referrer-Policy"] == "same-origin"
        )  # Django's CSRF check needs an Origin that is not "null"
        assert "Cookie" in response["Vary"]

    def test_the_site_names_its_scopes(self, stage: Stage, settings: Any) -> None:
        settings.ORY = {"default": {**settings.ORY["default"], "ADAPTER": f"{__name__}.SiteAdapter"}}
        asks(stage)
        stage.sign_in()
        assert "Print &lt;b&gt;photos&lt;/b&gt;" in text(stage.get("consent"))


class TestAccept:
    def test_grants_what_was_ticked_and_requested(self, stage: Stage) -> None:
        asks(stage, requested_access_token_audience=[API])
        stage.sign_in()
        response = stage.post(
            "consent", accept="1", grant_scope=["openid", "photos", "admin", "offline_access"]
        )
        assert response["Location"] == NEXT
        assert stage.told("PUT", "consent/accept") == [
            {
                "grant_scope": ["openid", "photos"],
                "grant_access_token_audience": [API],
                "remember": False,
                "remember_for": 0,
                "session": {"id_token": {}, "access_token": {}},
            }
        ]

    def test_remembers_if_told_to(self, stage: Stage) -> None:
        asks(stage)
        stage.sign_in()
        stage.post("consent", accept="1", remember="1")
        [body] = stage.told("PUT", "consent/accept")
        assert (body["remember"], body["grant_scope"]) == (True, ["openid"])

    def test_claims_are_those_of_the_granted_scopes(self, stage: Stage) -> None:
        asks(stage, requested_scope=["openid", "email", "profile"])
        stage.sign_in()
        stage.post("consent", accept="1", grant_scope=["openid", "email"])
        [body] = stage.told("PUT", "consent/accept")
        assert body["session"]["id_token"] == {"email": "alice@example.org", "email_verified": True}

    def test_the_site_adds_claims_but_never_hydras_own(self, stage: Stage, settings: Any) -> None:
        settings.ORY = {"default": {**settings.ORY["default"], "ADAPTER": f"{__name__}.SiteAdapter"}}
        asks(stage)
        stage.sign_in()
        stage.post("consent", accept="1", grant_scope=["openid"])
        assert stage.told("PUT", "consent/accept")[0]["session"]["id_token"] == {"groups": ["readers"]}

    def test_never_on_get(self, stage: Stage) -> None:
        asks(stage)
        stage.sign_in()
        stage.get("consent", accept="1", grant_scope="photos")
        assert stage.paths("PUT") == []

    def test_needs_a_button(self, stage: Stage) -> None:
        asks(stage)
        stage.sign_in()
        assert stage.post("consent").status_code == 200
        assert stage.paths("PUT") == []

    def test_needs_the_csrf_token(self, stage: Stage) -> None:
        asks(stage)
        stage.browser = Client(enforce_csrf_checks=True)
        stage.sign_in()
        assert stage.post("consent", accept="1").status_code == 403
        assert stage.paths("PUT") == []
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text(stage.get("consent")))
        assert token
        assert stage.post("consent", accept="1", csrfmiddlewaretoken=token[1])["Location"] == NEXT

    def test_the_reject_button_wins(self, stage: Stage) -> None:
        asks(stage)
        stage.sign_in()
        assert stage.post("consent", reject="1", accept="1")["Location"] == NEXT
        assert stage.told("PUT", "consent/reject") == [
            {"error": "access_denied", "error_description": "The user refused the access."}
        ]
        assert stage.told("PUT", "consent/accept") == []

    def test_expired_in_the_meantime(self, stage: Stage) -> None:
        asks(stage, client=client(client_uri="https://photos.example/"))
        stage.sign_in()
        state = re.search(r'name="state" value="([^"]+)"', text(stage.get("consent")))
        assert state
        asks(stage, status=401, body={"error": "request_unauthorized"})
        response = stage.post("consent", accept="1", state=state[1])
        assert response.status_code == 410
        assert "Go to Photo Lab" in text(response)


class TestSomebodyElse:
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_begins_again(self, stage: Stage, method: str) -> None:
        asks(stage)
        stage.sign_in(BOB)
        response = getattr(stage, method)("consent", accept="1", grant_scope="photos")
        assert query_of(response["Location"])["prompt"] == "login"
        assert stage.paths("PUT") == []

    def test_cannot_refuse_either(self, stage: Stage) -> None:
        asks(stage)
        stage.sign_in(BOB)
        stage.post("consent", reject="1")
        assert stage.paths("PUT") == []

    def test_nobody_signs_in_and_comes_back(self, stage: Stage) -> None:
        asks(stage)
        sent = query_of(stage.get("consent")["Location"])
        assert sent["return_to"].startswith("http://testserver/auth/oauth2/consent/?consent_challenge=c")
        page = stage.get("consent", state=query_of(sent["return_to"])["state"])
        assert page.status_code == 403
        assert "Sign in to continue" in text(page)

    def test_an_answer_of_nobody(self, stage: Stage) -> None:
        asks(stage)
        assert stage.post("consent", accept="1")["Location"].startswith("/auth/login/")
        assert stage.paths("PUT") == []

    def test_a_session_that_ends_while_the_page_is_open(self, stage: Stage) -> None:
        asks(stage)
        stage.sign_in()
        state = re.search(r'name="state" value="([^"]+)"', text(stage.get("consent")))
        assert state
        stage.kratos_says(401, {"error": {"code": 401}})
        response = stage.post("consent", accept="1", state=state[1])
        assert response["Location"].startswith("/auth/login/")
        assert stage.paths("PUT") == []

    def test_a_session_whose_second_factor_is_owed(self, stage: Stage) -> None:
        asks(stage)
        stage.kratos_says(403, {"error": {"id": "session_aal2_required", "code": 403}})
        assert query_of(stage.get("consent")["Location"])["aal"] == "aal2"

    def test_an_account_that_was_deactivated_at_the_page(self, stage: Stage) -> None:
        asks(stage)
        for kind in ("login", "consent"):
            stage.ory.respond(f"DELETE /admin/oauth2/auth/sessions/{kind}", status=204)
        stage.sign_in()
        user = get_user_model().objects.create(email="alice@example.org", is_active=False)
        Identity.objects.create(identity_id=ALICE, user=user)
        stage.post("consent", accept="1")
        assert stage.told("PUT", "consent/reject")[0]["error"] == "access_denied"
        assert len(stage.paths("DELETE")) == 2

    def test_kratos_is_down(self, stage: Stage) -> None:
        asks(stage)
        stage.kratos_says(500, {})
        assert stage.get("consent").status_code == 503
        assert stage.post("consent", accept="1").status_code == 503
        assert stage.paths("PUT") == []


def stored(stage: Stage, *consents: dict[str, Any]) -> None:
    """The consents that Hydra remembers of Alice, without an answer: one that she gave to all scopes."""
    given = {"consent_request": {"challenge": "1", "client": client()}, "grant_scope": SCOPES}
    stage.ory.respond(
        "GET /admin/oauth2/auth/sessions/consent",
        json=[{**given, **values} for values in consents or ({},)],
    )


class TestRemembered:
    def test_goes_through_with_claims_and_without_a_cookie(self, stage: Stage) -> None:
        asks(stage, skip=True)
        stored(stage)
        stage.identity()
        assert stage.get("consent")["Location"] == NEXT
        [body] = stage.told("PUT", "consent/accept")
        assert body["grant_scope"] == SCOPES
        assert body["session"]["id_token"]["email"] == "alice@example.org"

    def test_audience_is_what_was_granted_before(self, stage: Stage) -> None:
        asks(
            stage,
            skip=True,
            requested_access_token_audience=[API, "https://new.example", "https://other.example"],
        )
        stage.identity()
        other = {"challenge": "3", "client": {"client_id": "other"}}
        stored(
            stage,
            {"grant_access_token_audience": [API]},
            {"grant_access_token_audience": None},
            {"consent_request": other, "grant_access_token_audience": ["https://other.example"]},
            {"consent_request": None, "grant_access_token_audience": ["https://new.example"]},
            {"context": {"asked": False}, "grant_access_token_audience": ["https://new.example"]},
        )
        stage.get("consent")
        assert stage.told("PUT", "consent/accept")[0]["grant_access_token_audience"] == [API]

    def test_an_identity_that_is_gone(self, stage: Stage) -> None:
        asks(stage, skip=True)
        stored(stage)
        stage.identity(status=404)
        for kind in ("login", "consent"):
            stage.ory.respond(f"DELETE /admin/oauth2/auth/sessions/{kind}", status=204)
        stage.get("consent")
        assert stage.told("PUT", "consent/reject")


class TestTrustedClient:
    def test_goes_through_and_is_remembered(self, stage: Stage) -> None:
        asks(stage, client=client(skip_consent=True))
        registered(stage, skip_consent=True)
        stage.identity()
        assert stage.get("consent")["Location"] == NEXT
        [body] = stage.told("PUT", "consent/accept")
        assert body["remember"] is True
        assert body["context"] == {"asked": False}

    def test_remembered_grant_needs_no_stored_consent(self, stage: Stage) -> None:
        asks(stage, skip=True, client=client(skip_consent=True), requested_access_token_audience=[API])
        registered(stage, skip_consent=True)
        stage.identity()
        assert stage.get("consent")["Location"] == NEXT
        assert stage.told("PUT", "consent/accept")[0]["grant_access_token_audience"] == [API]

    @pytest.mark.parametrize("frozen", [True, False])
    def test_lost_trust_revokes_automatic_grants_and_restarts(self, stage: Stage, frozen: bool) -> None:
        """``frozen``: the challenge was made while the client was trusted."""
        asks(stage, skip=True, client=client(skip_consent=frozen))
        registered(stage, skip_consent=False)
        stored(stage, {"context": {"asked": False}})
        stage.sign_in()
        assert stage.get("consent")["Location"] == auth_url(redirect_uri="https://photos.example/callback")
        assert stage.paths("PUT") == []
        assert stage.paths("DELETE") == [f"admin/oauth2/auth/sessions/consent?subject={ALICE}&client=app"]

    def test_lost_trust_revokes_when_the_request_cannot_restart(self, stage: Stage) -> None:
        asks(stage, skip=True, request_url="http://hydra.test:4444/oauth2/auth")
        stored(stage, {"context": {"asked": False}})
        stage.sign_in()
        assert stage.get("consent").status_code == 200
        assert stage.paths("DELETE") == []
        assert stage.post("consent", accept="1", grant_scope=SCOPES)["Location"] == NEXT
        assert stage.paths("DELETE") == [f"admin/oauth2/auth/sessions/consent?subject={ALICE}&client=app"]
        assert "context" not in stage.told("PUT", "consent/accept")[0]

    def test_lost_trust_signs_the_user_in_first(self, stage: Stage) -> None:
        asks(stage, skip=True)
        stored(stage, {"context": {"asked": False}})
        assert "/auth/login/" in stage.get("consent")["Location"]
        assert stage.paths("DELETE") == []

    def test_lost_trust_keeps_what_the_user_consented_to(self, stage: Stage) -> None:
        asks(stage, skip=True)
        stored(stage, {"context": {"asked": False}, "handled_at": "2026-05-04T12:00:00Z"}, {})
        stage.identity()
        assert stage.get("consent")["Location"] == NEXT

    def test_no_is_still_no(self, stage: Stage) -> None:
        """The page was open when the client became a trusted one."""
        asks(stage, client=client(skip_consent=True))
        registered(stage, skip_consent=True)
        stage.identity()
        stage.post("consent", reject="1")
        assert stage.told("PUT", "consent/reject")[0]["error"] == "access_denied"
        assert stage.told("PUT", "consent/accept") == []

    @pytest.mark.parametrize("now", [{"skip_consent": False}, {"status": 404}])
    def test_its_word_of_now_counts(self, stage: Stage, now: dict[str, Any]) -> None:
        asks(stage, client=client(skip_consent=True))
        registered(stage, **now)
        stage.sign_in()
        assert stage.get("consent").status_code == 200
        assert stage.paths("PUT") == []

    @pytest.mark.parametrize(
        "request_url",
        [
            auth_url(prompt="consent"),
            auth_url(scope="openid", request_uri="https://photos.example/request.jwt"),  # it may say so there
            "http://hydra.test:4444/oauth2/auth",  # it was posted, and may say so there
        ],
    )
    def test_it_can_still_ask(self, stage: Stage, request_url: str) -> None:
        asks(stage, client=client(skip_consent=True), request_url=request_url)
        stage.sign_in()
        assert stage.get("consent").status_code == 200
