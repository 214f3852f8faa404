"""Sign-in with the authorization code flow, the claims of the user, and RP-initiated logout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from joserfc.errors import JoseError
from requests import RequestException

from django_ory.relying_party.sessions import remember_provider_session

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

oauth = OAuth()
oauth.register("provider")

#: Claims at the top of the page. "Every claim" shows all of them.
FAMILIAR = {"name": "Name", "preferred_username": "User name", "email": "Email"}


@never_cache
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the claims of the user, or the sign-in button."""
    claims = request.session.get("claims")
    if claims is None:
        return _page(
            request,
            "home",
            configured=bool(oauth.provider.client_id),
            redirect_uri=_absolute(request, "callback"),
            post_logout_redirect_uri=_absolute(request, "home"),
            backchannel_logout_uri=_absolute(request, "ory_relying_party:backchannel_logout"),
        )
    familiar = [(label, claims[name]) for name, label in FAMILIAR.items() if claims.get(name)]
    return _page(request, "member", claims=claims, familiar=familiar)


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Redirect to the provider. Authlib stores state, nonce and the PKCE verifier in the session."""
    try:
        return oauth.provider.authorize_redirect(request, _absolute(request, "callback"))  # type: ignore[no-any-return]
    except RequestException:
        return _page(request, "unreachable", status=503)


@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Handle the redirect from the provider, with a code or an error."""
    try:
        token = oauth.provider.authorize_access_token(request)
        claims = dict(token["userinfo"])  # the verified ID token
    except RequestException:
        return _page(request, "unreachable", status=503)
    except (AuthlibBaseError, JoseError, KeyError) as error:
        code = getattr(error, "error", "")
        return _page(request, "refused", status=403, denied=code == "access_denied", code=code)
    request.session.cycle_key()
    request.session["claims"] = claims
    request.session["id_token"] = token["id_token"]
    remember_provider_session(request, claims)  # a sign-out at the provider ends this session
    return redirect("home")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out of this site, then of the provider, which redirects to the home page."""
    hint = request.session.get("id_token")
    request.session.flush()
    try:
        end = oauth.provider.load_server_metadata().get("end_session_endpoint")
    except RequestException:
        end = None
    if not hint or not end:
        return redirect("home")
    query = urlencode({"id_token_hint": hint, "post_logout_redirect_uri": _absolute(request, "home")})
    return HttpResponseRedirect(f"{end}?{query}")


def _absolute(request: HttpRequest, name: str) -> str:
    return request.build_absolute_uri(reverse(name))


def _page(request: HttpRequest, name: str, *, status: int = 200, **context: Any) -> HttpResponse:
    context["provider"] = settings.OIDC_PROVIDER_NAME
    return render(request, f"client_site/{name}.html", context, status=status)
