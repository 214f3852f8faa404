"""The admin pages of identities: find, look, activate, deactivate, refresh, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.models import DELETION
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from django_ory.mirror import identities
from django_ory.models import Identity

from .changes import Change, refreshing
from .display import lines, pretty_json
from .filters import LinkedFilter, PresenceFilter
from .mirrored import MirroredAdmin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest
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
    changes: ClassVar[Sequence[Change[Any]]] = (
        Change[Identity](
            name="activate",
            permission="change_state",
            button=gettext_lazy("Activate"),
            action=gettext_lazy("Activate selected identities"),
            done=ngettext_lazy(
                "%(count)d identity was activated.", "%(count)d identities were activated.", "count"
            ),
            run=_set_state(Identity.State.ACTIVE),
            log="Activated in Ory.",
            offered=lambda row: row.state != Identity.State.ACTIVE,
        ),
        Change[Identity](
            name="deactivate",
            permission="change_state",
            button=gettext_lazy("Deactivate and end sessions"),
            action=gettext_lazy("Deactivate selected identities and end their sessions"),
            done=ngettext_lazy(
                "%(count)d identity was deactivated.", "%(count)d identities were deactivated.", "count"
            ),
            run=_set_state(Identity.State.INACTIVE),
            log="Deactivated in Ory, sessions ended.",
            refusal=_not_yourself,
        ),
        refreshing(lambda row: identities.refresh_identity(row.alias, row.identity_id)),
    )
    deletion = Change[Identity](
        name="delete",
        permission="delete",
        done=ngettext_lazy("%(count)d identity was deleted.", "%(count)d identities were deleted.", "count"),
        run=_delete,
        log="Deleted in Ory.",
        flag=DELETION,
        refusal=_not_yourself,
    )

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

    @admin.display(description=gettext_lazy("name"), ordering="label")
    def name(self, row: Identity) -> str:
        return str(row)

    @admin.display(description=gettext_lazy("user"), ordering="user", empty_value="-")
    def linked_user(self, row: Identity) -> str | None:
        # The user name is the identity's id unless a trait fills it: people look for a name.
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
