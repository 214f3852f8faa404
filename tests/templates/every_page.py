"""All page templates of the app, with requests that render them on ``FakeOry``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import override_settings
from django.urls import include, path, reverse

from django_ory.authentication.access import denial_response
from django_ory.authentication.requirements import AccessDecision
from django_ory.models import JobGrant
from django_ory.testing import FakeOry
from tests.provider.django_site import DjangoSite, build_ory_settings
from tests.provider.provider_site import ALICE, ProviderSite, auth_url
from tests.selfservice import shapes
from tests.selfservice.conftest import Kratos
from tests.support.consents import grant_access

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from django.test import Client

__all__ = ["PAGES", "open_page", "urlpatterns"]

REFUSED: dict[str, Any] = {"fault": "down"}
SIGNED_IN = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def refuse(request: HttpRequest, verdict: str) -> HttpResponse:
    """Return the response for a user that an access rule rejects."""
    return denial_response(request, AccessDecision(verdict), api=False)


urlpatterns = [path("", include("tests.urls")), path("refused/<verdict>/", refuse)]


def _login(kratos: Kratos, site: ProviderSite) -> Any:
    return kratos.open(
        "login", shapes.login(messages=[shapes.error(4010001), shapes.error(4000006)], extra=shapes.passkey())
    )


def _settings(kratos: Kratos, site: ProviderSite) -> Any:
    kratos.session()
    return kratos.open("settings", shapes.settings(extra=shapes.lookup_codes()))


def _choose_schema(kratos: Kratos, site: ProviderSite) -> Any:
    offered = {"IDENTITY_SCHEMAS": {"person": "For yourself", "company": "For a company"}}
    with override_settings(ORY={"default": {**settings.ORY["default"], **offered}}):
        return kratos.visit("registration")


def _open_account_page(name: str) -> Callable[[Kratos, ProviderSite], Any]:
    def visit(kratos: Kratos, site: ProviderSite) -> Any:
        identity = kratos.ory.create_identity({"email": "ann@example.org"})
        kratos.ory.login(kratos.client, identity, authenticated_at=SIGNED_IN)
        kratos.ory.create_session(identity, authenticated_at=SIGNED_IN, id=shapes.FLOW)
        return kratos.visit(name)

    return visit


def _open_closing_page(name: str, **data: str) -> Callable[[Kratos, ProviderSite], Any]:
    def visit(kratos: Kratos, site: ProviderSite) -> Any:
        kratos.identity = kratos.ory.create_identity()
        kratos.session()
        offered = {"ACCOUNT_DELETION": True, "DATA_DOWNLOAD": True}
        with override_settings(ORY={"default": {**settings.ORY["default"], **offered}}):
            return kratos.client.post(reverse(name), data) if data else kratos.client.get(reverse(name))

    return visit


def _open_connected_apps(kratos: Kratos, site: ProviderSite) -> Any:
    """Apps of each kind, and jobs."""
    identity = kratos.ory.create_identity()
    kratos.ory.login(kratos.client, identity, authenticated_at=SIGNED_IN)
    for number, (client, scope, audience) in enumerate(CONNECTED_CLIENTS):
        grant_access(kratos.ory, identity.id, f"app-{number}", scope=scope, audience=audience, **client)
    grant_access(kratos.ory, identity.id, "app-0", scope="openid email offline_access", audience=())
    job = {
        "subject": identity.id,
        "client_id": "exporter",
        "job": "export",
        "title": "Nightly export of your photos",
        "scope": ["photos", "profile"],
        "audience": ["https://api.example"],
        "last_used_at": datetime.now(UTC),
    }
    JobGrant.objects.update_or_create(issuer_id=UUID(shapes.FLOW), defaults=job)
    return kratos.visit("connected_apps")


def _logout(kratos: Kratos, site: ProviderSite) -> Any:
    kratos.session()
    return kratos.visit("logout")


def _not_signed_out(kratos: Kratos, site: ProviderSite) -> Any:
    kratos.session()
    kratos.ory.respond("GET /self-service/logout/browser", **REFUSED)
    return kratos.client.post(reverse("ory:logout"))


def _unavailable(kratos: Kratos, site: ProviderSite) -> Any:
    kratos.unknown_session(**REFUSED)
    return kratos.open("login", **REFUSED)


def _denied(verdict: AccessDecision) -> Callable[[Kratos, ProviderSite], Any]:
    def visit(kratos: Kratos, site: ProviderSite) -> Any:
        kratos.session()
        return kratos.client.get(f"/refused/{verdict.value}/")

    return visit


def _consent(kratos: Kratos, site: ProviderSite) -> Any:
    site.sign_in()
    site.set_identity()
    site.set_request(
        "consent",
        subject=ALICE,
        requested_scope=["openid", "email", "photos"],
        requested_access_token_audience=["https://api.example"],
        request_url=auth_url(redirect_uri="https://photos.example/callback"),
    )
    return site.get("consent")


def _device(kratos: Kratos, site: ProviderSite) -> Any:
    return kratos.client.get("/auth/oauth2/device/", {"device_challenge": "c", "user_code": "axH3ptgq"})


def _device_done(kratos: Kratos, site: ProviderSite) -> Any:
    kratos.ory.create_oauth2_client("tv", client_name="Living room TV")
    return kratos.client.get("/auth/oauth2/device/done/", {"client_id": "tv"})


def _confirm_login(kratos: Kratos, site: ProviderSite) -> Any:
    with override_settings(ORY=build_ory_settings()):
        django_site = DjangoSite(kratos.ory, kratos.client)
        user = get_user_model().objects.filter(email="alice@example.org").first()
        django_site.sign_in_user(user or django_site.create_user())
        return kratos.client.get(reverse("ory:oauth2_confirm_login"))


def _provider_logout(kratos: Kratos, site: ProviderSite) -> Any:
    site.sign_in()
    site.set_request("logout", subject=ALICE, rp_initiated=True, request_url="/oauth2/sessions/logout")
    return site.get("logout")


#: Members of a client, scopes and audience.
CONNECTED_CLIENTS: tuple[tuple[dict[str, Any], str, tuple[str, ...]], ...] = (
    (
        {
            "client_name": "Photo Lab",
            "client_uri": "https://photos.example/",
            "policy_uri": "https://x.example/",
        },
        "openid profile phone",
        ("https://api.example",),
    ),
    (
        {
            "client_name": "Volkshochschule Mönchengladbach-Rheydt e. V. mit einem sehr langen Namen",
            "redirect_uris": ["http://127.0.0.1/callback"],
            "metadata": {"django_ory": {"origin": "registration"}},
        },
        "openid https://a-very-long-company-name.example.org/scopes/read.everything.of.mine",
        (),
    ),
    ({"client_name": "Shop", "skip_consent": True}, "openid email", ()),
)


#: Template below ``templates/ory/`` -> request for the page.
PAGES: dict[str, Callable[[Kratos, ProviderSite], Any]] = {
    "selfservice/login.html": _login,
    "selfservice/registration.html": lambda kratos, site: kratos.open(
        "registration", shapes.registration_first()
    ),
    "selfservice/choose_schema.html": _choose_schema,
    "selfservice/recovery.html": lambda kratos, site: kratos.open(
        "recovery", shapes.recovery(messages=[shapes.error(4060004)])
    ),
    "selfservice/verification.html": lambda kratos, site: kratos.open(
        "verification", shapes.verification_sent()
    ),
    "selfservice/settings.html": _settings,
    "selfservice/sessions.html": _open_account_page("sessions"),
    "selfservice/account.html": _open_account_page("account"),
    "selfservice/explain.html": lambda kratos, site: kratos.client.get("/auth/error/"),
    "selfservice/logout.html": _logout,
    "selfservice/not_signed_out.html": _not_signed_out,
    "accounts/delete.html": _open_closing_page("ory:account_delete"),
    "accounts/closed.html": _open_closing_page("ory:account_delete", confirm="true"),
    "accounts/download.html": _open_closing_page("ory:account_data"),
    "accounts/connected_apps.html": _open_connected_apps,
    "accounts/restore.html": lambda kratos, site: kratos.client.get(
        reverse("ory:account_restore"), {"token": "x"}
    ),
    "unavailable.html": _unavailable,
    "access_denied.html": _denied(AccessDecision.VERIFY_ADDRESS_FOR_USER),
    "provider/consent.html": _consent,
    "provider/logout.html": _provider_logout,
    "provider/confirm_login.html": _confirm_login,
    "provider/device.html": _device,
    "provider/device_done.html": _device_done,
    "provider/error.html": lambda kratos, site: kratos.client.get(
        "/auth/oauth2/error/", {"error": "invalid_client"}
    ),
}


def open_page(template: str, client: Client) -> Any:
    """The response of the page that ``ory/<template>`` renders. Needs the URLs of this module."""
    with FakeOry() as ory:
        return PAGES[template](Kratos(ory, client), ProviderSite(ory, client))
