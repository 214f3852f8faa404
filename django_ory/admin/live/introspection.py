"""The page that asks Hydra what an OAuth2 token is. The token is not logged, stored or shown again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from django_ory.admin.display import render_json, render_value
from django_ory.clients import get_client
from django_ory.tokens.bearer import MAX_TOKEN_LENGTH

from .forms import LiveForm

if TYPE_CHECKING:
    from django.http import HttpResponse

    from django_ory.client.models import IntrospectedOAuth2Token


class TokenForm(forms.Form):
    """A token to introspect."""

    token = forms.CharField(
        max_length=MAX_TOKEN_LENGTH,
        label=gettext_lazy("Token"),
        widget=forms.Textarea(
            attrs={"class": "vLargeTextField", "rows": 4, "spellcheck": "false", "autocomplete": "off"}
        ),
        help_text=gettext_lazy("An access token or a refresh token of Hydra. It is not stored."),
    )
    scope = forms.CharField(
        required=False,
        max_length=2000,
        label=gettext_lazy("Required scopes"),
        help_text=gettext_lazy("Separated by spaces. A token that lacks one is shown as not active."),
    )


@method_decorator([sensitive_post_parameters("token"), sensitive_variables()], name="dispatch")
class IntrospectionPage(LiveForm):
    """Shows the introspection of a token, in the response to a POST."""

    name = "introspect"
    title = gettext_lazy("Introspect token")
    permission = "introspect_token"
    required_setting = "hydra_admin_url"
    form_class = TokenForm
    submit_label = gettext_lazy("Introspect")

    def save(self, form: forms.Form) -> HttpResponse:
        """Return the page with the result."""
        token, scope = form.cleaned_data["token"].strip(), form.cleaned_data["scope"].strip()
        result = get_client(self.alias).admin_introspect_o_auth2_token(token=token, scope=scope or None)
        fields = self.list_fields(result) if result.active else [(_("Active"), _("No"))]
        return self.show(self.build_form(), result_title=_("Result"), result_fields=fields)

    def list_fields(self, result: IntrospectedOAuth2Token) -> list[tuple[str, Any]]:
        """Return the labels and values. Claims of the user need the permission to see personal data."""
        values = [
            (_("Active"), result.active),
            (_("Kind"), result.token_use),
            (_("Client"), result.client_id),
            (_("Subject"), result.sub),
            (_("Scopes"), result.scope),
            (_("Audience"), result.aud[:50]),
            (_("Issuer"), result.iss),
            (_("Issued at"), _read_time(result.iat)),
            (_("Not valid before"), _read_time(result.nbf)),
            (_("Expires at"), _read_time(result.exp)),
        ]
        fields = [(label, render_value(value)) for label, value in values if value not in (None, "", [])]
        if self.has_permission("view_personal_data"):
            if result.username:
                fields.append((_("User name"), render_value(result.username)))
            if result.ext:
                fields.append((_("Claims"), render_json(result.ext)))
        return fields

    def show(self, form: forms.Form, **context: Any) -> HttpResponse:
        """Leave the token out of the response."""
        self.remove_value(form, "token")
        return super().show(form, **context)


def _read_time(seconds: int | None) -> datetime | int | None:
    """Return the time; the number for one that no date can have."""
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return seconds
