"""The states of the pages of the provider: ``python -m tests.gallery FOLDER --match oauth2``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.shortcuts import render
from django.test import override_settings

from django_ory.provider.error_pages import ERROR_PAGES
from django_ory.provider.views.device import MAX_CODES_PER_ADDRESS
from django_ory.testing import build_error_json
from tests.provider.django_site import PASSWORD, build_ory_settings
from tests.provider.provider_site import ALICE, HYDRA, ProviderSite, auth_url

from .state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.http import HttpRequest, HttpResponse

    from tests.selfservice.conftest import Kratos

    Visit = Callable[[Kratos, ProviderSite], Any]

__all__ = ["PROVIDER_STATES", "PROVIDER_TEMPLATES"]

#: Templates with states in this module.
PROVIDER_TEMPLATES = frozenset(
    f"provider/{name}.html"
    for name in ("consent", "logout", "error", "device", "device_done", "confirm_login")
)
LOGO = "http://localhost/static/admin/img/icon-clock.svg"
SCOPES = [
    "openid",
    "profile",
    "email",
    "phone",
    "address",
    "groups",
    "offline_access",
    "photos:read",
    "photos:write",
]
LONG_NAME = "Gesellschaft für angewandte Fotografie und Bildverarbeitung Mönchengladbach-Rheydt mbH & Co. KG"
DEVICE = f"{HYDRA}/oauth2/device/verify?client_id=tv&user_code=****"
CALLBACK = "https://photos.example/callback"
CLIENT = {
    "client_id": "app",
    "client_name": "Photo Lab",
    "client_uri": "https://photos.example/",
    "policy_uri": "https://photos.example/privacy",
    "tos_uri": "https://photos.example/terms",
    "redirect_uris": [CALLBACK],
    "scope": " ".join(SCOPES),
    "audience": ["https://api.example", "https://api.photos.example/v2/albums"],
}
NO_LINKS = {"client_uri": "", "policy_uri": "", "tos_uri": ""}
REGISTERED = {"metadata": {"django_ory": {"origin": "registration"}}, **NO_LINKS}
DOCUMENT = {
    "client_id": "https://agent.example/client.json",
    "metadata": {"django_ory": {"origin": "document"}},
    **NO_LINKS,
    "client_uri": "https://agent.example/",
}


def open_consent(
    *,
    client: dict[str, Any] | None = None,
    redirect_uri: str = CALLBACK,
    granted: Sequence[str] = (),
    **values: Any,
) -> Visit:
    """Return a visit of the consent page.

    ``granted``: the scopes of an earlier consent. ``values``: members of Hydra's request.
    """

    def visit(_kratos: Kratos, site: ProviderSite) -> Any:
        known = CLIENT | {"redirect_uris": [redirect_uri]} | (client or {})
        site.sign_in()
        site.set_identity()
        request = {
            "subject": ALICE,
            "client": known,
            "requested_scope": ["openid", "email", "photos:read"],
            "request_url": auth_url(redirect_uri=redirect_uri, client_id=known["client_id"]),
            **values,
        }
        site.set_request("consent", **request)
        consent = {
            "consent_request": {"challenge": "c", "client": known},
            "grant_scope": list(granted),
            "remember": True,
        }
        stored = [{**consent, "handled_at": "2026-05-04T12:00:00Z"}] if granted else []
        site.ory.respond(f"GET /admin/clients/{known['client_id']}", json=known)
        site.ory.respond("GET /admin/oauth2/auth/sessions/consent", json=stored)
        return site.get("consent")

    return visit


def post_consent_of_another_page(_kratos: Kratos, site: ProviderSite) -> Any:
    """Send the form after the request has changed."""
    open_consent()(_kratos, site)
    return site.post("consent", accept="1", fingerprint="another", grant_scope=["openid"])


def open_logout(**values: Any) -> Visit:
    def visit(_kratos: Kratos, site: ProviderSite) -> Any:
        site.sign_in()
        site.set_request("logout", subject=ALICE, rp_initiated=True, **values)
        return site.get("logout")

    return visit


def open_device(code: str = "", *, posted: str | None = None, status: int = 400) -> Visit:
    """Return a visit of the page for the code of a device. ``posted``: the code that Hydra rejects."""

    def visit(kratos: Kratos, site: ProviderSite) -> Any:
        if posted is None:
            return kratos.client.get("/auth/oauth2/device/", {"device_challenge": "c", "user_code": code})
        site.ory.respond(
            "PUT /admin/oauth2/auth/requests/device/accept", json=build_error_json(status), status=status
        )
        return kratos.client.post("/auth/oauth2/device/", {"device_challenge": "c", "user_code": posted})

    return visit


def open_device_done(**client: Any) -> Visit:
    def visit(kratos: Kratos, _site: ProviderSite) -> Any:
        kratos.ory.create_oauth2_client("tv", **client)
        return kratos.client.get("/auth/oauth2/device/done/", {"client_id": "tv"})

    return visit


def reject_device(_kratos: Kratos, site: ProviderSite) -> Any:
    open_consent(client={"client_id": "tv"}, request_url=DEVICE)(_kratos, site)
    site.set_result("consent", "reject")
    return site.post("consent", reject="1")


def try_many_codes(kratos: Kratos, site: ProviderSite) -> Any:
    """Enter wrong codes until the page accepts no more. The pages of other states must accept one."""
    cache.clear()
    for _ in range(MAX_CODES_PER_ADDRESS):
        open_device(posted="axH3ptgq")(kratos, site)
    response = open_device(posted="axH3ptgq")(kratos, site)
    cache.clear()
    return response


def fail_in_debug(_kratos: Kratos, site: ProviderSite) -> Any:
    site.set_request("login", body={"error": "Not Found", "error_description": ""}, status=404)
    with override_settings(DEBUG=True):
        return site.get("login")


def expire_consent(_kratos: Kratos, site: ProviderSite) -> Any:
    """Send the form of a page after the challenge has expired: the page leads back to the app."""
    page = open_consent()(_kratos, site)
    site.set_request("consent", body={"error": "request_unauthorized"}, status=401)
    return site.post("consent", accept="1", state=page.context["state"])


def show_error(request: HttpRequest, name: str) -> HttpResponse:
    """Return an error page by its key, with a button if its texts have one."""
    page = ERROR_PAGES[name]
    context = {"error_page": page, "action": "/auth/login/" if page.action else ""}
    return render(request, "ory/provider/error.html", context, status=page.status)


def open_error(name: str) -> Visit:
    return lambda kratos, _site: kratos.client.get(f"/oauth2-errors/{name}/")


def open_outage(_kratos: Kratos, site: ProviderSite) -> Any:
    site.set_request("login", body=build_error_json(500), status=500)
    return site.get("login")


def confirm_login(*, password: str | None = None, has_password: bool = True) -> Visit:
    """Return a visit of the page for the password of a Django user. ``password``: a wrong one."""

    def visit(kratos: Kratos, _site: ProviderSite) -> Any:
        model: Any = get_user_model()
        model.objects.filter(**{model.USERNAME_FIELD: "ann@example.org"}).delete()
        user = model(**{model.USERNAME_FIELD: "ann@example.org"})
        user.set_password(PASSWORD if has_password else None)
        user.save()
        kratos.client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        url = "/auth/oauth2/login/confirm/"
        return kratos.client.get(url) if password is None else kratos.client.post(url, {"password": password})

    return visit


DJANGO_USERS = build_ory_settings()["default"]

PROVIDER_STATES: dict[str, State] = {
    "oauth2-consent": State(open_consent()),
    "oauth2-consent.many-scopes": State(
        open_consent(requested_scope=SCOPES, requested_access_token_audience=CLIENT["audience"])
    ),
    "oauth2-consent.new-scopes": State(open_consent(requested_scope=SCOPES, granted=["openid", "email"])),
    "oauth2-consent.changed": State(post_consent_of_another_page),
    "oauth2-consent.no-scopes": State(open_consent(requested_scope=[])),
    "oauth2-consent.long-name": State(
        open_consent(
            client={"client_name": LONG_NAME, "client_uri": f"https://{'very-long-name.' * 6}example/"},
            requested_scope=["openid", f"https://scopes.example/{'resource.' * 10}read"],
        )
    ),
    "oauth2-consent.logo": State(open_consent(client={"logo_uri": LOGO})),
    "oauth2-consent.unverified": State(open_consent(client={**REGISTERED, "client_name": "Your Bank"})),
    "oauth2-consent.described": State(
        open_consent(client={**DOCUMENT, "client_name": "Agent"}, redirect_uri="https://agent.example/cb")
    ),
    "oauth2-consent.loopback": State(
        open_consent(
            client={**REGISTERED, "client_name": "Command line"}, redirect_uri="http://127.0.0.1:49152/cb"
        )
    ),
    "oauth2-consent.device": State(open_consent(client={"client_id": "tv"}, request_url=DEVICE)),
    "oauth2-logout": State(open_logout()),
    "oauth2-logout.no-client": State(open_logout(client=None)),
    "oauth2-logout.unverified": State(open_logout(client={**REGISTERED, "client_name": "Your Bank"})),
    "oauth2-logout.long-name": State(open_logout(client={"client_id": "app", "client_name": LONG_NAME})),
    "oauth2-device": State(open_device()),
    "oauth2-device.prefilled": State(open_device("axH3ptgq")),
    "oauth2-device.wrong-code": State(open_device(posted="axH3ptgq"), 400),
    "oauth2-device.throttled": State(try_many_codes, 429),
    "oauth2-device.empty": State(open_device(posted=" "), 400),
    "oauth2-device.done": State(open_device_done(client_name="Living room TV")),
    "oauth2-device.done-unknown": State(open_device_done(client_name="Call us", **REGISTERED)),
    "oauth2-device.rejected": State(reject_device),
    "oauth2-confirm": State(confirm_login(), settings=DJANGO_USERS),
    "oauth2-confirm.wrong-password": State(confirm_login(password="wrong"), 400, settings=DJANGO_USERS),
    "oauth2-confirm.no-password": State(confirm_login(has_password=False), settings=DJANGO_USERS),
    "oauth2-error.expired-with-app": State(expire_consent, 410),
    "oauth2-error.with-code": State(
        lambda kratos, _site: kratos.client.get("/auth/oauth2/error/", {"error": "invalid_client"}), 400
    ),
    "oauth2-error.developers": State(fail_in_debug, 404),
    "oauth2-error.outage": State(open_outage, 503),
    **{f"oauth2-error.{name.replace('_', '-')}": State(open_error(name), None) for name in ERROR_PAGES},
}
