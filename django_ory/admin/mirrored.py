"""The base class of the admin pages of mirrored rows: buttons, actions, sync and deletion.

The views run without a database transaction, unlike Django's own: they call Ory, and a rollback cannot undo a
change in Ory. If the database fails after the change, the next sync writes the row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected as confirm_deletion
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseNotAllowed
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.http.views import disable_atomic_requests
from django_ory.mirror.errors import (
    ORY_ERRORS,
    error_text,
    format_continuation,
    format_counts,
    format_failed,
    format_unreadable,
)

from .actions import ACTION_SECONDS, OryAction, Outcome, report, run_action
from .jobs.pages import BulkActionsAdmin
from .live.index import LIVE_PAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse, HttpResponseBase
    from django.urls import URLPattern

    from django_ory.mirror.report import SyncReport
    from django_ory.models import Mirrored


MAX_CHECKED_ROWS = 1000  # for related rows; each row is checked again before its deletion


class MirroredAdmin(BulkActionsAdmin):
    """Shows rows, and changes them in Ory by the actions and pages of the subclass.

    ``ory_actions``: changes without a form. ``row_pages``: pages of a row (``RowPage`` has an example).
    """

    command: ClassVar[str]  #: the management command that syncs without a time limit
    sync: ClassVar[Callable[..., SyncReport]]
    deletion: ClassVar[OryAction[Any]]

    list_display: tuple[str, ...] = ("in_ory", "synced_at")  # after the columns of the subclass
    show_full_result_count = False
    change_list_template = "admin/django_ory/change_list.html"

    def __init__(self, model: type[Mirrored], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        if self.actions is not None:  # None disables all actions
            given = [action for action in self.actions if action != "delete_selected"]
            self.actions = [*given, *map(_list_action, super().get_bulk_actions()), "delete_selected"]

    @admin.display(description=gettext_lazy("in Ory"), boolean=True, ordering="missing_since")
    def in_ory(self, row: Mirrored) -> bool:
        return row.missing_since is None

    def has_sync_permission(self, request: HttpRequest) -> bool:
        """Return whether the user has the permission ``sync_<model>``."""
        return bool(request.user.has_perm(f"{self.opts.app_label}.sync_{self.opts.model_name}"))

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of the live pages, of the sync and of the actions."""
        name, view = f"{self.opts.app_label}_{self.opts.model_name}", self.admin_site.admin_view
        urls = [
            *(page.build_url(self) for page in LIVE_PAGES.get(self.opts.model_name or "", ())),
            path("sync/", view(self.sync_view), name=f"{name}_sync"),
            path("<path:object_id>/do/<slug:name>/", view(self.action_view), name=f"{name}_do"),
            *super().get_urls(),
        ]
        disable_atomic_requests(urls)
        return urls

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Reject filters by the response of Ory in the URL: not every database supports all of them."""
        return lookup.split("__")[0] != "data" and super().lookup_allowed(lookup, value, request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the button that syncs."""
        show = self.has_sync_permission(request) and self.configured()
        context = {"ory_sync_url": self.url("sync") if show else ""}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def sync_view(self, request: HttpRequest) -> HttpResponseBase:
        """POST: sync every alias, within the time limit of a request."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_sync_permission(request):
            raise PermissionDenied
        configured = self.configured()
        for alias in configured:
            try:
                result = type(self).sync(alias, stop_after=ACTION_SECONDS / len(configured))
            except ORY_ERRORS as error:
                text = _("Sync failed (project %(alias)s): %(reason)s No row was marked as missing.")
                messages.error(request, text % {"alias": alias, "reason": error_text(error)})
            else:
                self.report_sync(request, result)
        return self.redirect_back(request, self.url("changelist"))

    def report_sync(self, request: HttpRequest, result: SyncReport) -> None:
        """Add messages with the counts of a sync."""
        counts = format_counts(result)
        if result.continued_from is not None:
            messages.info(request, format_continuation(result))
        if result.unreadable:
            messages.warning(request, format_unreadable(result))
        if result.failed:
            messages.error(request, format_failed(result))
        if result.complete:
            messages.success(request, counts)
        else:
            rest = _(
                "The time limit was reached. Sync again to continue, or sync the rest with manage.py "
                "%(command)s --alias %(alias)s"
            )
            messages.warning(request, f"{counts} {rest % {'command': self.command, 'alias': result.alias}}")

    def action_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponseBase:
        """POST: run one action on one row."""
        action = next((action for action in self.ory_actions if action.name == name), None)
        if action is None:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_permission_for(request, action):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self.missing_row(request)
        self.run_and_report(request, action, row)
        return self.redirect_back(request, self.row_url(row))

    def run_and_report(self, request: HttpRequest, action: OryAction[Any], row: Any) -> Outcome:
        """Run one action on one row, and add messages with the result."""
        outcome = run_action(action, request, row)
        report(action, request, row, outcome, url=self.row_url(row))
        return outcome

    def get_bulk_actions(self) -> list[OryAction[Any]]:
        """Return the actions that can run on a selection."""
        return [*super().get_bulk_actions(), self.deletion]

    @admin.action(permissions=["delete"], description=gettext_lazy("Delete selected %(verbose_name_plural)s"))
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Show the confirmation, or Django's page if related rows prevent the deletion."""
        if not self.can_delete(request, list(queryset.order_by("pk")[:MAX_CHECKED_ROWS])):
            return confirm_deletion(self, request, queryset)
        return self.choose_rows(request, queryset, self.deletion)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show Django's confirmation; a POST deletes in Ory first."""
        if request.method != "POST":
            return super().delete_view(request, object_id, extra_context)
        row = self.get_object(request, unquote(object_id))
        if not self.has_delete_permission(request, row):
            raise PermissionDenied
        if row is None:
            return self.missing_row(request)
        if not self.can_delete(request, [row]):
            return self.redirect_back(request, self.url("delete", quote(row.pk)))
        outcome = self.run_and_report(request, self.deletion, row)
        return self.redirect_back(request, self.row_url(row) if outcome.failure else self.url("changelist"))

    def can_delete(self, request: HttpRequest, rows: Sequence[Any] | QuerySet[Any]) -> bool:
        """Return False if protected rows point to these; Django's confirmation lists them.

        Raises PermissionDenied if related rows would be deleted, too, and the user may not delete them.
        """
        _tree, _counts, lacking, protected = self.get_deleted_objects(rows, request)
        if lacking and not protected:
            raise PermissionDenied
        return not protected

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete in Ory first, for code that calls Django's hook. Raises the errors of ``ORY_ERRORS``."""
        self.deletion.run(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete one by one, like ``delete_model``."""
        for obj in queryset:
            self.delete_model(request, obj)


def _list_action(action: OryAction[Any]) -> Callable[..., HttpResponse | None]:
    @admin.action(permissions=[action.permission], description=action.action_label)
    def run(modeladmin: MirroredAdmin, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return modeladmin.choose_rows(request, queryset, action)

    run.__name__ = action.name
    return run
