"""The admin pages of OAuth2 clients. A client secret is shown once, when it is created."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import DELETION
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from django_ory.admin.actions import OryAction, refresh_action
from django_ory.admin.display import PresenceFilter
from django_ory.admin.mirrored import MirroredAdmin
from django_ory.admin.row_pages import RowPage
from django_ory.mirror import clients
from django_ory.mirror.errors import ORY_ERRORS, UNADDRESSABLE, error_text
from django_ory.models import Mirrored, OAuth2Client

from .fieldsets import (
    ADD_FIELDSETS,
    EDIT_FIELDSETS,
    READ_ONLY_FIELDSETS,
    TRUST_FIELDS,
    TRUST_FIELDS_OF_NEW_CLIENTS,
    TRUST_NEEDED,
    VIEW_FIELDSETS,
    ClientDisplay,
)
from .forms import ClientEditForm, ClientForm
from .pages import CLIENT_PAGES
from .values import get_initial, get_values

DUPLICATE = "duplicate"  #: the parameter of the page to add: the number of the row to copy


def _delete(row: OAuth2Client) -> tuple[str, ...]:
    clients.delete_client(row.alias, row.client_id)
    return ()


def _refresh(row: OAuth2Client) -> OAuth2Client:
    return clients.refresh_client(row.alias, row.client_id)


@admin.register(OAuth2Client)
class OAuth2ClientAdmin(ClientDisplay, MirroredAdmin):
    """Creates, changes and deletes OAuth2 clients in Hydra."""

    required_setting = "hydra_admin_url"
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

    row_pages = CLIENT_PAGES
    form = ClientForm
    edit_form = ClientEditForm
    list_display = ("label", "client_id", "owner", *MirroredAdmin.list_display)
    list_filter = (("missing_since", PresenceFilter), "alias")
    search_fields = ("name", "client_id", "owner", "data__redirect_uris")
    search_help_text = gettext_lazy("Searches names, ids, owners and redirect URIs.")
    fieldsets = VIEW_FIELDSETS
    change_form_template = "admin/django_ory/oauth2client/change_form.html"

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

    def has_page_permission(self, request: HttpRequest, row: Any, page: RowPage[Any]) -> bool:
        """Return whether the user may see a page. Lifespans need the permission to change the client."""
        is_permitted = page.name != "lifespans" or self.has_change_permission(request, row)
        return is_permitted and super().has_page_permission(request, row, page)

    def get_fieldsets(self, request: HttpRequest, obj: OAuth2Client | None = None) -> Any:
        """Return the fields of the form to add or to change, or of the read-only page."""
        if obj is not None and not self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        denied = self._denied_fields(request, obj)
        return [
            (title, {**options, "description": TRUST_NEEDED} if denied & {*options["fields"]} else options)
            for title, options in (ADD_FIELDSETS if obj is None else EDIT_FIELDSETS)
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
        return TRUST_FIELDS if obj is not None else TRUST_FIELDS_OF_NEW_CLIENTS

    def get_form(
        self, request: HttpRequest, obj: OAuth2Client | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return a form without the fields that the user may not set: a request could contain them."""
        form: type[forms.ModelForm[OAuth2Client]] = self.edit_form if change else self.form
        if change and not self.has_change_permission(request, obj):
            form = forms.ModelForm
        else:
            values: dict[str, Any] = dict.fromkeys(self._denied_fields(request, obj))
            if not change and (source := self._get_source(request)):
                values["source"] = source.data
            form = type(form.__name__, (form,), values)
        return super().get_form(request, obj, change, **{**kwargs, "form": form})

    def _get_source(self, request: HttpRequest) -> OAuth2Client | None:
        """Return the client that the query names as the one to copy, if the user may see it."""
        row = self.get_object(request, request.GET.get(DUPLICATE, ""))
        return row if row is not None and self.has_view_permission(request, row) else None

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return the values of the client to copy."""
        if DUPLICATE not in request.GET:
            return super().get_changeform_initial_data(request)
        if (source := self._get_source(request)) is None:
            return {}
        values = get_initial(get_values(source.data))
        return {**values, "alias": source.alias, "client_name": _("%(name)s (copy)") % {"name": source}}

    @method_decorator([sensitive_post_parameters(), sensitive_variables()])
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
        context: dict[str, Any] = {**buttons, **(extra_context or {})}
        if object_id is not None and self.has_add_permission(request):
            query = urlencode({DUPLICATE: unquote(object_id)})
            context["ory_duplicate_url"] = f"{self.url('add')}?{query}"
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
        for problem in (*form.change.problems, *form.list_warnings()):
            messages.warning(request, problem)

    def response_add(
        self, request: HttpRequest, obj: OAuth2Client, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Return the page with the secret, which is in no other response, no message and no session."""
        return self._render_new_secret(request, obj, _("OAuth2 client created"))

    def response_change(self, request: HttpRequest, obj: OAuth2Client) -> HttpResponse:
        """Return Django's response, or the page with the secret if the client has a new one."""
        if request.ory_client_secret:  # type: ignore[attr-defined]
            return self._render_new_secret(request, obj, _("OAuth2 client changed"))
        return super().response_change(request, obj)

    def _render_new_secret(self, request: HttpRequest, row: OAuth2Client, title: str) -> HttpResponse:
        return self.render_secret(request, row, request.ory_client_secret, title=title)  # type: ignore[attr-defined]

    def render_secret(
        self, request: HttpRequest, row: OAuth2Client, secret: str, *, title: str, notes: Sequence[str] = ()
    ) -> HttpResponse:
        """Return the page with a secret. It must be the response to the POST that created the secret."""
        context = {"title": title, "secret": secret, "notes": notes}
        return self.render_page(request, row, "oauth2client/secret.html", **context)

    def render_missing(self, request: HttpRequest, row: OAuth2Client, name: str) -> HttpResponse:
        """Return a page of a client that Hydra does not have."""
        reason = _("This object no longer exists in Ory.")
        return self.render_row_page(request, row, name, "row_page.html", status=404, unavailable=reason)
