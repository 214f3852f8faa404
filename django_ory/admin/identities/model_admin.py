"""The admin pages of identities: list, view, activate, deactivate, refresh, delete, link a user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.models import DELETION
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_permission_codename, get_user_model
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from django_ory.admin.actions import OryAction, refreshing
from django_ory.admin.display import lines, pretty_json
from django_ory.admin.filters import LinkedFilter, PresenceFilter
from django_ory.admin.mirrored import MirroredAdmin
from django_ory.mirror import identities
from django_ory.models import Identity
from django_ory.users.linking import relink_identity

from .linking import IdentityLinkForm, get_link_denial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from django.utils.safestring import SafeString

__all__ = ["IdentityAdmin"]


def _set_state(state: Identity.State) -> Any:
    def run(row: Identity) -> tuple[str, ...]:
        return identities.set_identity_state(row.alias, row.identity_id, state).problems

    return run


def _delete(row: Identity) -> tuple[str, ...]:
    return identities.delete_identity(row.alias, row.identity_id).problems


def _not_yourself(request: HttpRequest, row: Identity) -> str:
    return (
        _("You cannot do this to your own account.")
        if row.user_id is not None and row.user_id == request.user.pk
        else ""
    )


@admin.register(Identity)
class IdentityAdmin(MirroredAdmin):
    """Identities are made by registration or in Kratos, so there is no "Add"."""

    service = "kratos_admin_url"
    command = "ory_sync_identities"
    sync = staticmethod(identities.sync_identities)
    changes: ClassVar[Sequence[OryAction[Any]]] = (
        OryAction[Identity](
            name="activate",
            permission="change_state",
            button=gettext_lazy("Activate"),
            action=gettext_lazy("Activate selected identities"),
            success_message=ngettext_lazy(
                "%(count)d identity was activated.", "%(count)d identities were activated.", "count"
            ),
            run=_set_state(Identity.State.ACTIVE),
            log="Activated in Ory.",
            is_available=lambda row: row.state != Identity.State.ACTIVE,
        ),
        OryAction[Identity](
            name="deactivate",
            permission="change_state",
            button=gettext_lazy("Deactivate and end sessions"),
            action=gettext_lazy("Deactivate selected identities and end their sessions"),
            success_message=ngettext_lazy(
                "%(count)d identity was deactivated.", "%(count)d identities were deactivated.", "count"
            ),
            run=_set_state(Identity.State.INACTIVE),
            log="Deactivated in Ory, sessions ended.",
            denial_reason=_not_yourself,
        ),
        refreshing(lambda row: identities.refresh_identity(row.alias, row.identity_id)),
    )
    deletion = OryAction[Identity](
        name="delete",
        permission="delete",
        success_message=ngettext_lazy(
            "%(count)d identity was deleted.", "%(count)d identities were deleted.", "count"
        ),
        run=_delete,
        log="Deleted in Ory.",
        flag=DELETION,
        denial_reason=_not_yourself,
    )

    change_form_template = "admin/django_ory/identity/change_form.html"
    list_display = ("name", "state", "linked_user", *MirroredAdmin.list_display)
    list_filter = ("state", "schema_id", LinkedFilter, PresenceFilter, "alias")
    list_select_related = ("user",)
    search_fields = ("label", "identity_id", "data__traits")
    search_help_text = gettext_lazy("Searches ids and all traits.")
    fieldsets = (
        (None, {"fields": ("name", "identity_id", "alias", "state", "schema_id", "user")}),
        (gettext_lazy("Traits"), {"fields": ("traits_json", "addresses")}),
        # No updated_at: Kratos leaves it alone when traits or the state change.
        (gettext_lazy("In Ory"), {"fields": ("created_at", "synced_at", "missing_since")}),
        (gettext_lazy("Full response from Ory"), {"fields": ("data_json",), "classes": ("collapse",)}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody, not even a superuser."""
        return False

    def has_change_state_permission(self, request: HttpRequest) -> bool:
        """Who has the permission ``change_identity_state`` may activate and deactivate."""
        return bool(request.user.has_perm("django_ory.change_identity_state"))

    def has_link_permission(self, request: HttpRequest, row: Identity | None = None) -> bool:
        """Whether the user has ``link_identity`` and may see this identity and the list of users."""
        view_user = get_permission_codename("view", get_user_model()._meta)
        return bool(
            self.has_view_permission(request, row)
            and request.user.has_perms(
                ("django_ory.link_identity", f"{get_user_model()._meta.app_label}.{view_user}")
            )
        )

    def get_urls(self) -> list[URLPattern]:
        """Return the URLs of all mirrored resources, and that of the form that links another user."""
        view = self.admin_site.admin_view(self.link_view)
        return [path("<path:object_id>/link/", view, name="django_ory_identity_link"), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Return Django's page with a link to the form that links another user."""
        url = self.url("link", object_id) if self.has_link_permission(request) else ""
        return super().change_view(
            request, object_id, form_url, {"ory_link_url": url, **(extra_context or {})}
        )

    def link_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the form, then the confirmation, then link. Changes nothing in Ory."""
        row = self.get_object(request, unquote(object_id))
        if not self.has_link_permission(request, row):
            raise PermissionDenied
        if row is None:
            return self.missing_row(request)
        if reason := get_link_denial(request, row.user):
            messages.error(request, reason)
            return self.redirect_back(request, self.row_url(row))
        data = request.POST if request.method == "POST" else None
        form = IdentityLinkForm(data, request=request, row=row, site=self.admin_site)
        is_valid = form.is_valid()
        user = form.cleaned_data.get("user") if is_valid else None
        if is_valid and request.POST.get("confirm"):
            self._link(request, row, user)
            return self.redirect_back(request, self.row_url(row))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Confirm the change of the user") if is_valid else _("Change linked user"),
            "opts": self.opts,
            "has_view_permission": True,
            "original": row,
            "form": form,
            "new_user": user,
            "is_confirmed_next": is_valid,
            "media": self.media + form.media,
            "url": self.row_url(row),
        }
        return TemplateResponse(request, "admin/django_ory/identity/link.html", context)

    def _link(self, request: HttpRequest, row: Identity, user: Any) -> None:
        before = row.user_id
        try:
            relink_identity(row, user)
        except IntegrityError:
            messages.error(request, _("This user was linked to another identity meanwhile."))
            return
        # Keys only: the history outlives the user.
        self.log_change(request, row, f"Linked to user {user and user.pk} instead of {before}.")
        text = _("The identity is linked to %(user)s.") if user else _("The identity was unlinked.")
        messages.success(request, text % {"user": user} if user else text)

    @admin.display(description=gettext_lazy("name"), ordering="label")
    def name(self, row: Identity) -> str:
        return str(row)

    @admin.display(description=gettext_lazy("user"), ordering="user", empty_value="-")
    def linked_user(self, row: Identity) -> str | None:
        user = row.user
        return (user.get_full_name() if hasattr(user, "get_full_name") else "") or str(user) if user else None

    @admin.display(description=gettext_lazy("traits"))
    def traits_json(self, row: Identity) -> SafeString:
        return pretty_json(row.traits)

    @admin.display(description=gettext_lazy("addresses"))
    def addresses(self, row: Identity) -> SafeString | str:
        found = row.data.get("verifiable_addresses") or []
        return lines(
            f"{item.get('value')} ({_('verified') if item.get('verified') else _('not verified')})"
            for item in found
        )

    @admin.display(description=gettext_lazy("response"))
    def data_json(self, row: Identity) -> SafeString:
        return pretty_json(row.data)
