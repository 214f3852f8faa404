"""The admin pages of identities: list, view, activate, deactivate, refresh, delete, link a user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.models import DELETION
from django.contrib.auth import get_permission_codename, get_user_model
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from django_ory.accounts.deletion import end_restore_link
from django_ory.admin.actions import OryAction, refresh_action
from django_ory.admin.display import LinkedFilter, PresenceFilter, display_field, render_json, render_lines
from django_ory.admin.mirrored import MirroredAdmin
from django_ory.admin.personal_data import get_user_name
from django_ory.admin.row_pages import RowPage
from django_ory.admin.takeover import is_own_account
from django_ory.authentication.logout import end_sessions
from django_ory.mirror import identities
from django_ory.mirror.sessions import describe_failures
from django_ory.models import Identity
from django_ory.users.linking import relink_identity

from .editing import IdentityEditing
from .export import EXPORT
from .linking import IdentityLinkForm, get_link_denial
from .live_data import LiveDataMixin
from .lookup import LookupMixin
from .pages import IDENTITY_PAGES

ACTIVE, INACTIVE = Identity.State.ACTIVE, Identity.State.INACTIVE


def _deny_own_account(request: HttpRequest, row: Identity) -> str:
    return _("You cannot do this to your own account.") if is_own_account(request, row) else ""


def _deactivate(row: Identity) -> tuple[str, ...]:
    end_restore_link(row.identity_id, alias=row.alias)  # it would activate the identity again
    return identities.set_identity_state(row.alias, row.identity_id, INACTIVE).problems


def _end_sessions(row: Identity) -> tuple[str, ...]:
    failures = end_sessions(row.identity_id, alias=row.alias)
    if error := failures.get("kratos"):
        raise error
    return describe_failures(failures)


def _refresh(row: Identity) -> Identity:
    return identities.refresh_identity(row.alias, row.identity_id)


def _render_addresses(row: Identity) -> SafeString | str:
    states = {True: _("verified"), False: _("not verified")}
    return render_lines(
        f"{item.get('value')} ({states[bool(item.get('verified'))]})"
        for item in row.data.get("verifiable_addresses") or []
    )


@admin.register(Identity)
class IdentityAdmin(LiveDataMixin, IdentityEditing, LookupMixin):
    """Shows, creates, changes, activates, deactivates, deletes and links identities."""

    required_setting = "kratos_admin_url"
    command = "ory_sync_identities"
    sync = staticmethod(identities.sync_identities)
    refresh_row = staticmethod(_refresh)
    ory_actions: ClassVar[Sequence[OryAction[Any]]] = (
        OryAction[Identity](
            name="activate",
            permission="change_state",
            button_label=gettext_lazy("Activate"),
            action_label=gettext_lazy("Activate selected identities"),
            success_message=ngettext_lazy(
                "%(count)d identity was activated.", "%(count)d identities were activated.", "count"
            ),
            run=lambda row: identities.set_identity_state(row.alias, row.identity_id, ACTIVE).problems,
            log="Activated in Ory.",
            is_available=lambda row: row.state != ACTIVE,
        ),
        OryAction[Identity](
            name="deactivate",
            permission="change_state",
            button_label=gettext_lazy("Deactivate and end sessions"),
            action_label=gettext_lazy("Deactivate selected identities and end their sessions"),
            success_message=ngettext_lazy(
                "%(count)d identity was deactivated.", "%(count)d identities were deactivated.", "count"
            ),
            run=_deactivate,
            log="Deactivated in Ory, sessions ended.",
            denial_reason=_deny_own_account,
        ),
        OryAction[Identity](
            name="end_sessions",
            permission="revoke_session",
            button_label=gettext_lazy("End all sessions"),
            action_label=gettext_lazy("End all sessions of selected identities"),
            success_message=ngettext_lazy(
                "The sessions of %(count)d identity were ended.",
                "The sessions of %(count)d identities were ended.",
                "count",
            ),
            run=_end_sessions,
            log="Sessions ended.",
            is_available=lambda row: row.missing_since is None,
        ),
        refresh_action(
            _refresh,
            ngettext_lazy(
                "%(count)d identity was refreshed.", "%(count)d identities were refreshed.", "count"
            ),
        ),
    )
    selection_actions = (EXPORT,)
    deletion = OryAction[Identity](
        name="delete",
        permission="delete",
        action_label=gettext_lazy("Delete selected %(verbose_name_plural)s"),
        success_message=ngettext_lazy(
            "%(count)d identity was deleted.", "%(count)d identities were deleted.", "count"
        ),
        run=lambda row: identities.delete_identity(row.alias, row.identity_id).problems,
        log="Deleted in Ory.",
        flag=DELETION,
        denial_reason=_deny_own_account,
    )

    row_pages = IDENTITY_PAGES
    personal_fields = frozenset({"label", "data", "traits_json", "addresses", "data_json"})
    personal_alternatives: ClassVar[dict[str, str]] = {
        "name": "plain_name",
        "user": "plain_user",
        "linked_user": "plain_user",
    }
    list_display = ("name", "state", "linked_user", *MirroredAdmin.list_display)
    list_filter = (
        *("state", "schema_id", ("user", LinkedFilter), ("missing_since", PresenceFilter), "alias"),
    )
    list_select_related = ("user",)
    search_fields = ("label", "identity_id", "data__traits")
    search_help_text = gettext_lazy("Searches ids and all traits.")
    fieldsets = (
        (None, {"fields": ("name", "identity_id", "alias", "state", "schema_label", "user")}),
        (gettext_lazy("Traits"), {"fields": ("traits_json",)}),
        (gettext_lazy("Addresses"), {"fields": ("addresses",)}),
        # No updated_at: Kratos does not change the value when traits or the state change.
        (gettext_lazy("In Ory"), {"fields": ("created_at", "synced_at", "missing_since")}),
        (gettext_lazy("Full response from Ory"), {"fields": ("data_json",), "classes": ("collapse",)}),
    )

    name = display_field(gettext_lazy("name"), str, ordering="label")
    linked_user = display_field(
        gettext_lazy("user"), lambda row: get_user_name(row, row.user), ordering="user"
    )
    plain_name = display_field(gettext_lazy("name"), str)  # without an order, which would reveal names
    plain_user = display_field(gettext_lazy("user"), lambda row: get_user_name(row, row.user))
    traits_json = display_field(gettext_lazy("traits"), lambda row: render_json(row.traits))
    addresses = display_field(gettext_lazy("addresses"), _render_addresses)
    data_json = display_field(gettext_lazy("response"), lambda row: render_json(row.data))

    def has_revoke_session_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may end sessions."""
        return bool(request.user.has_perm("django_ory.revoke_session"))

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may export identities: that permission, and the one to see their data."""
        return bool(request.user.has_perms(("django_ory.export_identity", "django_ory.view_personal_data")))

    def has_link_permission(self, request: HttpRequest, row: Identity | None = None) -> bool:
        """Return whether the user has ``link_identity`` and may view this identity and the list of users."""
        options = get_user_model()._meta
        view_users = f"{options.app_label}.{get_permission_codename('view', options)}"
        has_permissions = request.user.has_perms(("django_ory.link_identity", view_users))
        return bool(has_permissions and self.has_view_permission(request, row))

    def has_page_permission(self, request: HttpRequest, row: Any, page: RowPage[Any]) -> bool:
        """Return whether the user may see a page; to link users, they must be allowed to view users."""
        is_permitted = page.name != "link" or self.has_link_permission(request, row)
        return is_permitted and super().has_page_permission(request, row, page)

    def link_view(self, request: HttpRequest, row: Identity) -> HttpResponse:
        """Show the form, then the confirmation, then link. Ory is not changed."""
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
        return self.render_row_page(
            request,
            row,
            "link",
            "identity/link.html",
            title=_("Confirm the new user") if is_valid else _("Change linked user"),
            form=form,
            user_name=get_user_name(row, row.user),
            new_user=user,
            new_user_name=get_user_name(row, user),
            is_confirmed_next=is_valid,
            media=self.media + form.media,
            url=self.row_url(row),
        )

    def _link(self, request: HttpRequest, row: Identity, user: Any) -> None:
        before = row.user_id
        try:
            relink_identity(row, user)
        except IntegrityError:
            messages.error(request, _("This user was linked to another identity in the meantime."))
            return
        # Keys only, without personal data: the history outlives the user.
        self.log_change(request, row, f"Linked to user {user and user.pk} instead of {before}.")
        text = _("The identity is linked to %(user)s.") if user else _("The identity was unlinked.")
        messages.success(request, text % {"user": get_user_name(row, user)} if user else text)
