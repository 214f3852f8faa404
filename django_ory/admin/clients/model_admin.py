"""The admin pages of OAuth2 clients: find, look, create with the secret shown once, change, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import DELETION
from django.contrib.admin.utils import unquote
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from django_ory.admin.actions import OryAction, refreshing
from django_ory.admin.display import lines, pretty_json
from django_ory.admin.filters import PresenceFilter
from django_ory.admin.mirrored import MirroredAdmin
from django_ory.mirror import clients
from django_ory.mirror.errors import ORY_ERRORS, UNADDRESSABLE, error_text
from django_ory.models import OAuth2Client

from .forms import ClientEditForm, ClientForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString

    from django_ory.models import Mirrored

__all__ = ["OAuth2ClientAdmin"]


def _delete(row: OAuth2Client) -> tuple[str, ...]:
    clients.delete_client(row.alias, row.client_id)
    return ()


def _list_of(name: str, description: Any) -> Any:
    @admin.display(description=description)
    def show(self: OAuth2ClientAdmin, row: OAuth2Client) -> SafeString | str:
        return lines(row.data.get(name) or [])

    return show


#: The fields that decide where tokens and codes of users are sent. A change needs the permission
#: ``trust_oauth2client``, because remembered consents of a client apply to its new values without asking.
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
FACTS: Any = (
    (gettext_lazy("In Ory"), {"fields": ("created_at", "updated_at", "synced_at", "missing_since")}),
    (gettext_lazy("Full response from Ory"), {"fields": ("data_json",), "classes": ("collapse",)}),
)


@admin.register(OAuth2Client)
class OAuth2ClientAdmin(MirroredAdmin):
    """OAuth2 clients are made, changed and deleted in Hydra; a secret is shown once, and never again."""

    service = "hydra_admin_url"
    command = "ory_sync_clients"
    sync = staticmethod(clients.sync_clients)
    changes: ClassVar[Sequence[OryAction[Any]]] = (
        refreshing(lambda row: clients.refresh_client(row.alias, row.client_id)),
    )
    deletion = OryAction[OAuth2Client](
        name="delete",
        permission="delete",
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
    list_filter = (PresenceFilter, "alias")
    search_fields = ("name", "client_id", "owner", "data__redirect_uris")
    search_help_text = gettext_lazy("Searches names, ids, owners and redirect URIs.")
    add_fieldsets = (
        (None, {"fields": ("alias", "client_id", "client_name", "owner")}),
        (gettext_lazy("Grants"), {"fields": ("grant_types", "response_types", "scope", "audience")}),
        (gettext_lazy("Addresses"), {"fields": ("redirect_uris", "post_logout_redirect_uris")}),
        (gettext_lazy("Trust"), {"fields": ("token_endpoint_auth_method", "jwks_uri", "skip_consent")}),
    )
    edit_fieldsets = (
        (None, {"fields": ("version", "client_name", "owner", "client_id", "alias")}),
        *add_fieldsets[1:],
        *FACTS,
    )
    fieldsets = (
        (None, {"fields": ("label", "client_id", "alias", "owner")}),
        (gettext_lazy("Grants"), {"fields": ("grant_types", "response_types", "scope", "audience")}),
        (gettext_lazy("Addresses"), {"fields": ("redirect_uris", "post_logout_redirect_uris")}),
        (gettext_lazy("Trust"), {"fields": ("token_endpoint_auth_method", "jwks_uri", "skip_consent")}),
        *FACTS,
    )

    grant_types = _list_of("grant_types", gettext_lazy("grant types"))
    response_types = _list_of("response_types", gettext_lazy("response types"))
    audience = _list_of("audience", gettext_lazy("audience"))
    redirect_uris = _list_of("redirect_uris", gettext_lazy("redirect URIs"))
    post_logout_redirect_uris = _list_of(
        "post_logout_redirect_uris", gettext_lazy("post-logout redirect URIs")
    )

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def label(self, row: OAuth2Client) -> str:
        """The name, or the id of a client without one."""
        return str(row)

    @admin.display(description=gettext_lazy("client authentication method"))
    def token_endpoint_auth_method(self, row: OAuth2Client) -> str:
        """The authentication method; Hydra leaves out its default."""
        return row.data.get("token_endpoint_auth_method") or "client_secret_basic"

    @admin.display(description=gettext_lazy("JWKS URI"))
    def jwks_uri(self, row: OAuth2Client) -> str:
        """The URL of the client's public keys."""
        return row.data.get("jwks_uri") or "-"

    @admin.display(description=gettext_lazy("scopes"))
    def scope(self, row: OAuth2Client) -> SafeString | str:
        """One per line."""
        return lines((row.data.get("scope") or "").split())

    @admin.display(description=gettext_lazy("skips the consent page"))
    def skip_consent(self, row: OAuth2Client) -> str:
        """Whether users are not asked. In words: Django's red icon would look like a fault."""
        return _("Yes") if row.data.get("skip_consent") else _("No")

    @admin.display(description=gettext_lazy("response"))
    def data_json(self, row: OAuth2Client) -> SafeString:
        """The whole answer, without secrets."""
        return pretty_json(row.data)

    def has_trust_permission(self, request: HttpRequest) -> bool:
        """Whether the user has ``trust_oauth2client``, which the fields in ``TRUST_FIELDS`` need."""
        return bool(request.user.has_perm("django_ory.trust_oauth2client"))

    def has_change_permission(self, request: HttpRequest, obj: Mirrored | None = None) -> bool:
        """Whether the user has ``change_oauth2client``, and ``trust_oauth2client`` for a trusted client.

        A trusted client gets data of users who were never asked.
        """
        if not request.user.has_perm("django_ory.change_oauth2client"):
            return False
        if obj is None:
            return True
        there = obj.missing_since is None and obj.alias in self.configured()
        return there and (not obj.data.get("skip_consent") or self.has_trust_permission(request))

    def get_fieldsets(self, request: HttpRequest, obj: OAuth2Client | None = None) -> Any:
        """The form to add or to change, or the page to look at."""
        if obj is None:
            hidden = self._denied_fields(request, obj)
            return [
                (title, {**options, "fields": [name for name in options["fields"] if name not in hidden]})
                for title, options in self.add_fieldsets
            ]
        if self.has_change_permission(request, obj):
            denied = self._denied_fields(request, obj)
            return [
                (
                    title,
                    {**options, "description": TRUST_NEEDED} if denied & {*options["fields"]} else options,
                )
                for title, options in self.edit_fieldsets
            ]
        return super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: OAuth2Client | None = None) -> Any:
        """Beside a form to change: what only Hydra decides, and what this user may not change."""
        if obj is None:
            return ()
        facts = [name for _title, options in FACTS for name in options["fields"]]
        return ("client_id", "alias", *facts, *sorted(self._denied_fields(request, obj)))

    def _denied_fields(self, request: HttpRequest, obj: OAuth2Client | None) -> frozenset[str]:
        """The fields that this user may not set. A new client has no consents that could be misused."""
        if self.has_trust_permission(request):
            return frozenset()
        return TRUST_FIELDS if obj is not None else frozenset({"skip_consent"})

    def get_form(
        self, request: HttpRequest, obj: OAuth2Client | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The form without the fields that this user may not set: they could be posted all the same."""
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
        """Django's, without the transaction that it opens for a POST; a form to change starts from Hydra."""
        if object_id is not None and request.method == "GET":
            self._read_again(request, self.get_object(request, unquote(object_id)))
        buttons = {"show_save_and_add_another": False, "show_save_and_continue": object_id is not None}
        context = {**buttons, **(extra_context or {})}
        response: HttpResponse = self._changeform_view(request, object_id, form_url, context)  # type: ignore[attr-defined]
        return response

    def _read_again(self, request: HttpRequest, row: OAuth2Client | None) -> None:
        if row is None or not self.has_change_permission(request, row):
            return
        try:
            clients.refresh_client(row.alias, row.client_id)
        except UNADDRESSABLE as error:  # the page is as current as it can be
            messages.warning(request, error_text(error))
        except ORY_ERRORS as error:
            text = _("This page may be out of date. %(why)s")
            messages.warning(request, text % {"why": error_text(error)})

    def save_model(self, request: HttpRequest, obj: OAuth2Client, form: Any, change: bool) -> None:
        """Writes nothing: the form has told Hydra, and the row is from Hydra's answer."""
        request.ory_client_secret = form.change.secret  # type: ignore[attr-defined]
        for problem in form.change.problems:
            messages.warning(request, problem)

    def response_add(
        self, request: HttpRequest, obj: OAuth2Client, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The page that shows the secret: it is in this answer only, in no message and no session."""
        return self._secret_page(request, obj, _("OAuth2 client created"))

    def response_change(self, request: HttpRequest, obj: OAuth2Client) -> HttpResponse:
        """Django's, or the page with the secret if the client has a new one."""
        if request.ory_client_secret:  # type: ignore[attr-defined]
            return self._secret_page(request, obj, _("OAuth2 client changed"))
        return super().response_change(request, obj)

    def _secret_page(self, request: HttpRequest, row: OAuth2Client, title: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "original": row,
            "has_view_permission": self.has_view_permission(request, row),
            "secret": request.ory_client_secret,  # type: ignore[attr-defined]
            "url": self.row_url(row),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/django_ory/oauth2client/secret.html", context)
