"""The admin pages of OAuth2 clients. A client secret is shown once, when it is created."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import DELETION
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from django_ory.admin.actions import OryAction, refresh_action
from django_ory.admin.display import PresenceFilter, display_field, render_json, render_lines
from django_ory.admin.mirrored import MirroredAdmin
from django_ory.mirror import clients
from django_ory.mirror.errors import ORY_ERRORS, UNADDRESSABLE, error_text
from django_ory.models import Mirrored, OAuth2Client

from .forms import ClientEditForm, ClientForm

#: The fields that decide where tokens and codes of users are sent. A change needs the permission
#: ``trust_oauth2client``, because stored consents of a client apply to its new values without asking.
TRUST_FIELDS = frozenset(
    {
        "grant_types",
        "jwks_uri",
        "post_logout_redirect_uris",
        "redirect_uris",
        "response_types",
        "skip_consent",
        "token_endpoint_auth_method",
    }
)
TRUST_NEEDED = gettext_lazy(
    "Read-only fields can be changed with the permission “Can change where OAuth2 clients send users and how "
    "they are trusted”."
)
READ_ONLY_FIELDSETS: Any = (
    (gettext_lazy("In Ory"), {"fields": ("created_at", "updated_at", "synced_at", "missing_since")}),
    (gettext_lazy("Full response from Ory"), {"fields": ("data_json",), "classes": ("collapse",)}),
)


def _delete(row: OAuth2Client) -> tuple[str, ...]:
    clients.delete_client(row.alias, row.client_id)
    return ()


def _refresh(row: OAuth2Client) -> OAuth2Client:
    return clients.refresh_client(row.alias, row.client_id)


def _render_list(value: Any) -> Any:
    return render_lines(value or [])


def _display_value(name: str, render: Callable[[Any], Any] = lambda value: value or "-") -> Any:
    """Return a read-only field with the label of the form."""
    return display_field(ClientForm.base_fields[name].label, lambda row: render(row.data.get(name)))


@admin.register(OAuth2Client)
class OAuth2ClientAdmin(MirroredAdmin):
    """Creates, changes and deletes OAuth2 clients in Hydra."""

    service = "hydra_admin_url"
    command = "ory_sync_clients"
    sync = staticmethod(clients.sync_clients)
    refresh_row = staticmethod(_refresh)
    ory_actions: ClassVar[Sequence[OryAction[Any]]] = (
        refresh_action(
            _refresh,
            ngettext_lazy("%(count)d client was refreshed.", "%(count)d clients were refreshed.", "count"),
        ),
    )
    deletion = OryAction[OAuth2Client](
        name="delete",
        permission="delete",
        action_label=gettext_lazy("Delete selected %(verbose_name_plural)s"),
        success_message=ngettext_lazy(
            "%(count)d client was deleted.", "%(count)d clients were deleted.", "count"
        ),
        run=_delete,
        log="Deleted in Ory.",
        flag=DELETION,
    )

    form = ClientForm
    edit_form = ClientEditForm
    list_display = ("label", "client_id", "owner", *MirroredAdmin.list_display)
    list_filter = (("missing_since", PresenceFilter), "alias")
    search_fields = ("name", "client_id", "owner", "data__redirect_uris")
    search_help_text = gettext_lazy("Searches names, ids, owners and redirect URIs.")
    value_fieldsets: Any = (
        (gettext_lazy("Grants"), {"fields": ("grant_types", "response_types", "scope", "audience")}),
        (gettext_lazy("Redirects"), {"fields": ("redirect_uris", "post_logout_redirect_uris")}),
        (gettext_lazy("Trust"), {"fields": ("token_endpoint_auth_method", "jwks_uri", "skip_consent")}),
    )
    add_fieldsets = ((None, {"fields": ("alias", "client_id", "client_name", "owner")}), *value_fieldsets)
    edit_fieldsets = (
        (None, {"fields": ("version", "client_name", "owner", "client_id", "alias")}),
        *value_fieldsets,
        *READ_ONLY_FIELDSETS,
    )
    fieldsets = (
        (None, {"fields": ("label", "client_id", "alias", "owner")}),
        *value_fieldsets,
        *READ_ONLY_FIELDSETS,
    )

    label = display_field(gettext_lazy("name"), str, ordering="name")
    grant_types = _display_value("grant_types", _render_list)
    response_types = _display_value("response_types", _render_list)
    audience = _display_value("audience", _render_list)
    redirect_uris = _display_value("redirect_uris", _render_list)
    post_logout_redirect_uris = _display_value("post_logout_redirect_uris", _render_list)
    scope = _display_value("scope", lambda value: render_lines((value or "").split()))
    token_endpoint_auth_method = _display_value(  # Hydra may omit its default
        "token_endpoint_auth_method", lambda value: value or "client_secret_basic"
    )
    jwks_uri = _display_value("jwks_uri")
    skip_consent = _display_value(  # in words: Django's red icon would look like an error
        "skip_consent", lambda value: _("Yes") if value else _("No")
    )
    data_json = display_field(gettext_lazy("response"), lambda row: render_json(row.data))

    def has_trust_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may change the fields in ``TRUST_FIELDS``."""
        return bool(request.user.has_perm("django_ory.trust_oauth2client"))

    def has_change_permission(self, request: HttpRequest, obj: Mirrored | None = None) -> bool:
        """Return whether the user has ``change_oauth2client``; a trusted client needs ``trust_oauth2client``.

        A trusted client skips the consent page, so its users were never asked.
        """
        if not request.user.has_perm("django_ory.change_oauth2client"):
            return False
        if obj is None:
            return True
        exists = obj.missing_since is None and obj.alias in self.configured()
        return exists and (not obj.data.get("skip_consent") or self.has_trust_permission(request))

    def get_fieldsets(self, request: HttpRequest, obj: OAuth2Client | None = None) -> Any:
        """Return the fields of the form to add or to change, or of the read-only page."""
        if obj is not None and not self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        denied = self._denied_fields(request, obj)
        return [
            (title, {**options, "description": TRUST_NEEDED} if denied & {*options["fields"]} else options)
            for title, options in (self.add_fieldsets if obj is None else self.edit_fieldsets)
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: OAuth2Client | None = None) -> Any:
        """Return the fields that only Hydra sets, and those that the user may not set."""
        denied = sorted(self._denied_fields(request, obj))
        if obj is None:
            return denied
        return ["client_id", "alias", *flatten_fieldsets(READ_ONLY_FIELDSETS), *denied]

    def _denied_fields(self, request: HttpRequest, obj: OAuth2Client | None) -> frozenset[str]:
        """Return the fields that the user may not set. A new client has no consents yet."""
        if self.has_trust_permission(request):
            return frozenset()
        return TRUST_FIELDS if obj is not None else frozenset({"skip_consent"})

    def get_form(
        self, request: HttpRequest, obj: OAuth2Client | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return a form without the fields that the user may not set: a request could contain them."""
        form: type[forms.ModelForm[OAuth2Client]] = self.edit_form if change else self.form
        if change and not self.has_change_permission(request, obj):
            form = forms.ModelForm
        else:
            form = type(form.__name__, (form,), dict.fromkeys(self._denied_fields(request, obj)))
        return super().get_form(request, obj, change, **{**kwargs, "form": form})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Refresh the row for a form to change, and call Django's view without its transaction."""
        if object_id is not None and request.method == "GET":
            self._refresh(request, self.get_object(request, unquote(object_id)))
        buttons = {"show_save_and_add_another": False, "show_save_and_continue": object_id is not None}
        context = {**buttons, **(extra_context or {})}
        response: HttpResponse = self._changeform_view(request, object_id, form_url, context)  # type: ignore[attr-defined]
        return response

    def _refresh(self, request: HttpRequest, row: OAuth2Client | None) -> None:
        if row is None or not self.has_change_permission(request, row):
            return
        try:
            clients.refresh_client(row.alias, row.client_id)
        except UNADDRESSABLE as error:  # no response could be newer than the row
            messages.warning(request, error_text(error))
        except ORY_ERRORS as error:
            text = _("This page may be out of date. %(reason)s")
            messages.warning(request, text % {"reason": error_text(error)})

    def save_model(self, request: HttpRequest, obj: OAuth2Client, form: Any, change: bool) -> None:
        """Write nothing: the form has changed Hydra, and the row is from the response."""
        request.ory_client_secret = form.change.secret  # type: ignore[attr-defined]
        for problem in form.change.problems:
            messages.warning(request, problem)

    def response_add(
        self, request: HttpRequest, obj: OAuth2Client, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Return the page with the secret, which is in no other response, no message and no session."""
        return self._render_secret(request, obj, _("OAuth2 client created"))

    def response_change(self, request: HttpRequest, obj: OAuth2Client) -> HttpResponse:
        """Return Django's response, or the page with the secret if the client has a new one."""
        if request.ory_client_secret:  # type: ignore[attr-defined]
            return self._render_secret(request, obj, _("OAuth2 client changed"))
        return super().response_change(request, obj)

    def _render_secret(self, request: HttpRequest, row: OAuth2Client, title: str) -> HttpResponse:
        secret = request.ory_client_secret  # type: ignore[attr-defined]
        return self.render_page(request, row, "oauth2client/secret.html", title=title, secret=secret)
