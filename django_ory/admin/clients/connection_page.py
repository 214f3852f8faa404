"""The page for the developers of a client: its values, the endpoints of Hydra, settings, and a test sign-in.

Everything on it is public: there is no secret. GET changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.admin.row_pages import RowPage
from django_ory.clients import get_client
from django_ory.models import OAuth2Client

from .authorization_url import build_authorization_url
from .snippets import build_discovery_url, build_snippets
from .uris import WEB_SCHEMES, find_uri_error
from .values import get_label, get_values, render_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

    from django_ory.client import models as ory

    from .model_admin import OAuth2ClientAdmin

ENDPOINTS = (
    ("issuer", gettext_lazy("Issuer")),
    ("authorization_endpoint", gettext_lazy("Authorization endpoint")),
    ("token_endpoint", gettext_lazy("Token endpoint")),
    ("userinfo_endpoint", gettext_lazy("Userinfo endpoint")),
    ("jwks_uri", gettext_lazy("JWKS URI")),
    ("device_authorization_endpoint", gettext_lazy("Device authorization endpoint")),
    ("end_session_endpoint", gettext_lazy("Logout endpoint")),
    ("revocation_endpoint", gettext_lazy("Revocation endpoint")),
)
CLIENT_VALUES = ("token_endpoint_auth_method", "grant_types", "scope", "audience", "redirect_uris")


class LoginTestForm(forms.Form):
    """The choices of a test sign-in."""

    redirect_uri = forms.ChoiceField(label=gettext_lazy("Redirect URI"))
    response_type = forms.ChoiceField(label=gettext_lazy("Response type"))
    scope = forms.CharField(label=gettext_lazy("Scopes"), required=False)
    ask_again = forms.BooleanField(label=gettext_lazy("Sign in again (prompt=login)"), required=False)

    def __init__(self, values: Mapping[str, Any], data: Any = None) -> None:
        super().__init__(data)
        uris, responses = values["redirect_uris"], values["response_types"] or ["code"]
        for name, choices in (("redirect_uri", uris), ("response_type", responses)):
            self.fields[name].choices = [(each, each) for each in choices]  # type: ignore[attr-defined]
        self.allowed_scopes = values["scope"].split()
        self.initial = {
            "redirect_uri": uris[0],
            "response_type": responses[0],
            "scope": " ".join(scope for scope in self.allowed_scopes if not scope.startswith("offline")),
            "ask_again": True,
        }

    def clean_scope(self) -> str:
        """Return the scopes. Raises ValidationError for a scope that the client may not request."""
        scopes: list[str] = self.cleaned_data["scope"].split()
        wrong = [scope for scope in scopes if scope not in self.allowed_scopes]
        if wrong and not any("*" in scope for scope in self.allowed_scopes):
            text = _("The client may not request %(scopes)s.")
            raise forms.ValidationError(text % {"scopes": ", ".join(wrong)})
        return " ".join(scopes)

    def build_url(self, endpoint: str, client_id: str) -> str:
        """Return the URL for the submitted choices; for the initial ones if nothing was submitted."""
        chosen = self.cleaned_data if self.is_bound else self.initial
        return build_authorization_url(
            endpoint,
            client_id=client_id,
            redirect_uri=chosen["redirect_uri"],
            response_type=chosen["response_type"],
            scope=chosen["scope"],
            prompt="login" if chosen["ask_again"] else "",
        )


def _can_sign_in(values: Mapping[str, Any]) -> bool:
    grants = {"authorization_code", "implicit"}
    return bool(values["redirect_uris"]) and not grants.isdisjoint(values["grant_types"])


def _view_connection(admin: OAuth2ClientAdmin, request: HttpRequest, row: OAuth2Client) -> HttpResponse:
    discovered: ory.OidcConfiguration = get_client(row.alias).discover_oidc_configuration()
    values = get_values(row.data)
    endpoint = discovered.authorization_endpoint or ""
    form, login_url = None, ""
    if _can_sign_in(values) and not find_uri_error(endpoint, schemes=WEB_SCHEMES):
        form = LoginTestForm(values, request.GET if "redirect_uri" in request.GET else None)
        login_url = form.build_url(endpoint, row.client_id) if not form.is_bound or form.is_valid() else ""
    return admin.render_row_page(
        request,
        row,
        "connect",
        "oauth2client/connect.html",
        client_values=[(get_label(name), render_value(name, values[name])) for name in CLIENT_VALUES],
        endpoints=[
            *((label, url) for name, label in ENDPOINTS if (url := getattr(discovered, name, None))),
            (_("Discovery document"), build_discovery_url(discovered)),
        ],
        snippets=build_snippets(row.client_id, values, discovered),
        form=form,
        login_url=login_url,
    )


CONNECTION_PAGE = RowPage[OAuth2Client](
    name="connect",
    title=gettext_lazy("How to connect"),
    permission="",
    view=_view_connection,
    is_available=lambda row: row.missing_since is None,
)
