"""The admin pages of OAuth2 clients: find, look, create with the secret shown once, refresh, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.models import DELETION
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from django_ory.mirror import clients
from django_ory.models import OAuth2Client

from .changes import Change, refreshing
from .client_form import ClientForm
from .display import lines, pretty_json
from .filters import PresenceFilter
from .mirrored import MirroredAdmin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString

__all__ = ["OAuth2ClientAdmin"]


def _delete(row: OAuth2Client) -> tuple[str, ...]:
    clients.delete_client(row.alias, row.client_id)
    return ()


def _list_of(name: str, description: Any) -> Any:
    @admin.display(description=description)
    def show(self: OAuth2ClientAdmin, row: OAuth2Client) -> SafeString | str:
        return lines(row.data.get(name) or [])

    return show


@admin.register(OAuth2Client)
class OAuth2ClientAdmin(MirroredAdmin):
    """OAuth2 clients are made and deleted here. What Hydra knows is shown; a secret once, and never again."""

    service = "hydra_admin_url"
    command = "ory_sync_clients"
    sync = staticmethod(clients.sync_clients)
    changes: ClassVar[Sequence[Change[Any]]] = (
        refreshing(lambda row: clients.refresh_client(row.alias, row.client_id)),
    )
    deletion = Change[OAuth2Client](
        name="delete",
        permission="delete",
        done=ngettext_lazy("%(count)d client was deleted.", "%(count)d clients were deleted.", "count"),
        run=_delete,
        log="Deleted in Ory.",
        flag=DELETION,
    )

    form = ClientForm
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
    fieldsets = (
        (None, {"fields": ("label", "client_id", "alias", "owner")}),
        (gettext_lazy("Grants"), {"fields": ("grant_types", "response_types", "scope", "audience")}),
        (gettext_lazy("Addresses"), {"fields": ("redirect_uris", "post_logout_redirect_uris")}),
        (gettext_lazy("Trust"), {"fields": ("kind", "skip_consent")}),
        (gettext_lazy("In Ory"), {"fields": ("created_at", "updated_at", "synced_at", "missing_since")}),
        (gettext_lazy("Everything Ory answered"), {"fields": ("data_json",), "classes": ("collapse",)}),
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
        return row.name or row.client_id

    @admin.display(description=gettext_lazy("how it proves who it is"))
    def kind(self, row: OAuth2Client) -> str:
        """The authentication method; Hydra leaves out its default."""
        return row.data.get("token_endpoint_auth_method") or "client_secret_basic"

    @admin.display(description=gettext_lazy("scopes"))
    def scope(self, row: OAuth2Client) -> SafeString | str:
        """One a line."""
        return lines((row.data.get("scope") or "").split())

    @admin.display(description=gettext_lazy("skips the consent page"))
    def skip_consent(self, row: OAuth2Client) -> str:
        """Whether people are not asked. In words: Django's red icon would look like a fault."""
        return _("Yes") if row.data.get("skip_consent") else _("No")

    @admin.display(description=gettext_lazy("answer"))
    def data_json(self, row: OAuth2Client) -> SafeString:
        """The whole answer, without secrets."""
        return pretty_json(row.data)

    def has_trust_permission(self, request: HttpRequest) -> bool:
        """Who has the permission ``trust_oauth2client`` may let a client skip the consent page."""
        return bool(request.user.has_perm("django_ory.trust_oauth2client"))

    def get_fieldsets(self, request: HttpRequest, obj: OAuth2Client | None = None) -> Any:
        """The form to add, or the page to look at."""
        if obj is not None:
            return super().get_fieldsets(request, obj)
        hidden = set() if self.has_trust_permission(request) else {"skip_consent"}
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name not in hidden]})
            for title, options in self.add_fieldsets
        ]

    def get_form(
        self, request: HttpRequest, obj: OAuth2Client | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Without the privileged field for those who may not set it; it could be posted all the same."""
        form: type[forms.ModelForm[OAuth2Client]] = forms.ModelForm if change else self.form
        if not change and not self.has_trust_permission(request):
            form = type("ClientForm", (self.form,), {"skip_consent": None})
        return super().get_form(request, obj, change, **{**kwargs, "form": form})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Django's, without the transaction that it opens for a POST, and with one button to save."""
        buttons = {"show_save_and_add_another": False, "show_save_and_continue": False}
        context = {**buttons, **(extra_context or {})}
        response: HttpResponse = self._changeform_view(request, object_id, form_url, context)  # type: ignore[attr-defined]
        return response

    def save_model(self, request: HttpRequest, obj: OAuth2Client, form: Any, change: bool) -> None:
        """Writes nothing: the form has made it in Hydra, and the row from Hydra's answer."""
        request.ory_client_secret = form.change.secret  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: OAuth2Client, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The page that shows the secret: it is in this answer only, in no message and no session."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("OAuth2 client created"),
            "original": obj,
            "has_view_permission": self.has_view_permission(request, obj),
            "secret": request.ory_client_secret,  # type: ignore[attr-defined]
            "url": self.row_url(obj),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/django_ory/oauth2client/created.html", context)
