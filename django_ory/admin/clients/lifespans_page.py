"""The page with the lifespans of a client's tokens: one field for each lifespan that Hydra has returned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.admin.actions import write_log_entry
from django_ory.admin.conflicts import Conflict, VersionField, sign_version
from django_ory.admin.row_pages import RowPage
from django_ory.client.durations import parse_duration
from django_ory.exceptions import EditConflict
from django_ory.mirror.client_tokens import get_client_lifespans, set_client_lifespans
from django_ory.mirror.clients import refresh_client
from django_ory.models import OAuth2Client

from .conflicts import keep_edits, list_client_conflicts, load_opened
from .form_fields import LineField

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise

    from .model_admin import OAuth2ClientAdmin

GRANTS = {
    "authorization_code_grant": gettext_lazy("After a sign-in (authorization code)"),
    "refresh_token_grant": gettext_lazy("After a refresh"),
    "client_credentials_grant": gettext_lazy("Of the client itself (client credentials)"),
    "device_authorization_grant": gettext_lazy("On a device (device code)"),
    "jwt_bearer_grant": gettext_lazy("For an assertion (JWT bearer)"),
    "implicit_grant": gettext_lazy("Without a code (implicit)"),
}
TOKENS = {
    "access_token_lifespan": gettext_lazy("Access token"),
    "id_token_lifespan": gettext_lazy("ID token"),
    "refresh_token_lifespan": gettext_lazy("Refresh token"),
}


class LifespanField(LineField):
    """A duration of Ory. Cleans to the text; None for the default of the server."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the durations: 90m is 1h30m0s."""
        try:
            return parse_duration((data or "").strip()) != parse_duration(initial or "")
        except ValueError:
            return super().has_changed(initial, data)

    def clean(self, value: Any) -> Any:
        """Return the text. Raises ValidationError for another format."""
        text = super().clean(value)
        try:
            is_valid = not text or parse_duration(text) > 0
        except ValueError:
            is_valid = False
        if not is_valid:
            raise forms.ValidationError(
                _("Enter a number with h, m or s, such as 90m, 1h30m or 720h. A day is 24h.")
            )
        return text or None


class LifespansForm(forms.Form):
    """The lifespans of one client."""

    version = VersionField(required=False)

    def __init__(self, row: OAuth2Client, data: Any = None) -> None:
        super().__init__(data)
        self.row = row
        #: The changes of others, if the client was changed after the form was opened.
        self.conflicts: list[Conflict] = []
        self.opened, self.is_current = load_opened(row, data)
        opened = get_client_lifespans(self.opened)
        for name in {**opened, **get_client_lifespans(row.data)}:
            self.fields[name] = LifespanField(label=get_lifespan_label(name), required=False, max_length=64)
            self.initial[name] = opened.get(name) or ""
        self.initial["version"] = sign_version(row, row.data)

    @property
    def groups(self) -> list[tuple[_StrPromise | str, list[Any]]]:
        """The fields by grant."""
        others = [name for name in self.fields if name != "version" and not name.startswith(tuple(GRANTS))]
        groups: list[tuple[_StrPromise | str, list[Any]]] = [
            (title, [self[name] for name in self.fields if name.startswith(grant)])
            for grant, title in GRANTS.items()
        ]
        return [group for group in [*groups, (_("Others"), [self[name] for name in others])] if group[1]]

    def clean(self) -> dict[str, Any]:
        """Drop the errors of lifespans that were not edited."""
        for name in self.fields.keys() - {*self.changed_data}:
            self.errors.pop(name, None)
        return self.cleaned_data

    @property
    def changes(self) -> dict[str, str | None]:
        """The edited lifespans."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def add_conflict(self) -> None:
        """Show the changes of others. The fields have the input where they were edited."""
        edited = self.changes
        self.row.refresh_from_db()
        conflicts = list_client_conflicts(self.opened, self.row.data, edited)
        self.conflicts = [each._replace(label=get_full_label(each.name, each.label)) for each in conflicts]
        current = get_client_lifespans(self.row.data)
        initial = {name: current.get(name) or "" for name in self.fields}
        self.data = keep_edits(self, edited, {**initial, "version": sign_version(self.row, self.row.data)})
        self.add_error(
            None,
            _(
                "It was changed in Ory after you opened this page, so nothing was changed now. Check the "
                "values below, and save again."
            ),
        )


def get_lifespan_label(name: str) -> _StrPromise | str:
    """Return the kind of token; the name for a lifespan of a newer server."""
    kinds = (label for suffix, label in TOKENS.items() if name.endswith(suffix))
    return next(kinds, name) if name.startswith(tuple(GRANTS)) else name


def get_full_label(name: str, default: str) -> str:
    """Return the grant and the kind of token; ``default`` for a member that is no known lifespan."""
    grant = next((title for grant, title in GRANTS.items() if name.startswith(grant)), None)
    return default if grant is None else f"{grant}: {get_lifespan_label(name)}"


def _view_lifespans(admin: OAuth2ClientAdmin, request: HttpRequest, row: OAuth2Client) -> HttpResponse:
    if request.method != "POST":
        row = refresh_client(row.alias, row.client_id)
    if row.missing_since:
        return admin.render_missing(request, row, "lifespans")
    form = LifespansForm(row, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            if not form.is_current:
                raise EditConflict
            if form.changes:
                change = set_client_lifespans(row.alias, row.client_id, form.changes, seen=row.data)
                text = "Changed " + ", ".join(form.changes) + "."
                write_log_entry(request.user.pk, row, CHANGE, text)
                for problem in change.problems:
                    messages.warning(request, problem)
                messages.success(
                    request, _("The lifespans were changed. Tokens that were issued before keep theirs.")
                )
        except EditConflict:
            form.add_conflict()
        else:
            return admin.redirect_to_page(request, row, "lifespans")
    return admin.render_row_page(request, row, "lifespans", "oauth2client/lifespans.html", form=form)


LIFESPANS_PAGE = RowPage[OAuth2Client](
    name="lifespans",
    title=gettext_lazy("Token lifespans"),
    permission="trust_oauth2client",
    view=_view_lifespans,
    is_available=lambda row: row.missing_since is None,
)
