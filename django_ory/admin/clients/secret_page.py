"""The page that replaces the secret of a client. The new secret is in the response to the POST only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.admin.actions import write_log_entry
from django_ory.admin.row_pages import RowPage
from django_ory.exceptions import RotationUnsupported
from django_ory.mirror.client_secrets import remove_old_client_secrets, rotate_client_secret
from django_ory.mirror.clients import refresh_client
from django_ory.mirror.errors import error_text
from django_ory.models import OAuth2Client

from .choices import SECRET_METHODS
from .values import get_values

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from .model_admin import OAuth2ClientAdmin

KEEP, REPLACE = "keep", "replace"


class SecretForm(forms.Form):
    """Whether the old secret stays valid."""

    mode = forms.ChoiceField(
        label=gettext_lazy("The old secret"),
        choices=(
            (KEEP, gettext_lazy("stays valid until you remove it (needs a newer Hydra)")),
            (REPLACE, gettext_lazy("stops working at once")),
        ),
        initial=KEEP,
        widget=forms.RadioSelect(attrs={"class": "ory-choices"}),
    )


def has_secret(row: OAuth2Client) -> bool:
    """Return whether the client authenticates with a secret."""
    return row.missing_since is None and get_values(row.data)["token_endpoint_auth_method"] in SECRET_METHODS


def _view_secret(admin: OAuth2ClientAdmin, request: HttpRequest, row: OAuth2Client) -> HttpResponse:
    if request.method != "POST":
        row = refresh_client(row.alias, row.client_id)
    if row.missing_since:
        return admin.render_missing(request, row, "secret")
    if request.method != "POST":
        return _render_form(admin, request, row, SecretForm())
    if "remove" in request.POST:
        remove_old_client_secrets(row.alias, row.client_id)
        write_log_entry(request.user.pk, row, CHANGE, "Removed the old secrets.")
        messages.success(request, _("The old secrets are invalid now."))
        return admin.redirect_to_page(request, row, "secret")
    form = SecretForm(request.POST)
    if not form.is_valid():
        return _render_form(admin, request, row, form)
    mode = form.cleaned_data["mode"]
    try:
        change = rotate_client_secret(row.alias, row.client_id, keep_old=mode == KEEP)
    except RotationUnsupported as error:
        form = SecretForm({"mode": REPLACE})
        form.add_error("mode", error_text(error))
        return _render_form(admin, request, row, form)
    write_log_entry(request.user.pk, row, CHANGE, "Replaced the secret.")
    notes = [*change.problems]
    if mode == KEEP:
        notes.append(_("The old secret stays valid until you remove it on the page “Secret” of the client."))
    return admin.render_secret(request, change.row, change.secret, title=_("Secret replaced"), notes=notes)


def _render_form(
    admin: OAuth2ClientAdmin, request: HttpRequest, row: OAuth2Client, form: SecretForm
) -> HttpResponse:
    template = "oauth2client/replace_secret.html"
    return admin.render_row_page(request, row, "secret", template, form=form, has_secret=has_secret(row))


SECRET_PAGE = RowPage[OAuth2Client](
    name="secret",
    title=gettext_lazy("Secret"),
    permission="rotate_client_secret",
    view=_view_secret,
    is_available=has_secret,
)
