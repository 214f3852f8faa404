"""What the admin pages of all mirrored resources share: read-only pages, buttons, actions, sync, deletion.

Django's own views for adding and deleting hold a database transaction open while they work. These talk to Ory
meanwhile, so they run without: what Ory did, no rollback could take back. If the database fails after Ory
said yes, the next sync brings the row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected as confirm_deletion
from django.contrib.admin.models import ADDITION, CHANGE
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db import connections, transaction
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.mirror.errors import ORY_ERRORS, error_text, format_unreadable

from .actions import SECONDS, OryAction, report, run_action, write_log_entry
from .services import configured_aliases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from django.contrib.admin.models import LogEntry
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse, HttpResponseBase
    from django.urls import URLPattern

    from django_ory.mirror.rows import SyncReport
    from django_ory.models import Mirrored

    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

__all__ = ["MirroredAdmin"]


class MirroredAdmin(ModelAdmin):
    """Rows are looked at here and changed in Ory. Subclasses name what can be done in ``changes``."""

    service: ClassVar[str]  #: the field of OrySettings without which there is nothing to show
    command: ClassVar[str]  #: the management command that syncs without a time limit
    sync: ClassVar[Callable[..., SyncReport]]
    changes: ClassVar[Sequence[OryAction[Any]]]  #: buttons on the page of a row, and actions of the list
    deletion: ClassVar[OryAction[Any]]

    list_display: tuple[str, ...] = ("in_ory", "synced_at")  # after the columns of the subclass
    list_per_page = 50
    show_full_result_count = False
    change_list_template = "admin/django_ory/change_list.html"

    class Media:
        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("ory/admin.css",)}

    def __init__(self, model: type[Mirrored], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        if self.actions is not None:  # None turns all actions off
            given = [action for action in self.actions if action != "delete_selected"]
            self.actions = [*given, *(_action(change) for change in self.changes), "delete_selected"]

    @admin.display(description=gettext_lazy("in Ory"), boolean=True, ordering="missing_since")
    def in_ory(self, row: Mirrored) -> bool:
        """Whether Ory still has it."""
        return row.missing_since is None

    def has_change_permission(self, request: HttpRequest, obj: Mirrored | None = None) -> bool:
        """Nobody: an edit of the row alone would be a lie until the next sync overwrites it."""
        return False

    def has_sync_permission(self, request: HttpRequest) -> bool:
        """Who has the permission ``sync_<model>`` may sync."""
        return bool(request.user.has_perm(f"{self.opts.app_label}.sync_{self.opts.model_name}"))

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """No entry in the index if no alias has the service."""
        return super().get_model_perms(request) if self.configured() else {}

    def configured(self) -> list[str]:
        """The aliases that have this service."""
        return configured_aliases(self.service)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Without the alias where there is only one."""
        return [
            name for name in super().get_list_filter(request) if name != "alias" or len(self.configured()) > 1
        ]

    def get_urls(self) -> list[URLPattern]:
        """Django's, a POST to sync, and a POST for each change of a row."""
        name, view = f"{self.opts.app_label}_{self.opts.model_name}", self.admin_site.admin_view
        urls = [
            path("sync/", view(self.sync_view), name=f"{name}_sync"),
            path("<path:object_id>/do/<slug:change>/", view(self.action_view), name=f"{name}_do"),
            *super().get_urls(),
        ]
        for url in urls:
            for database in connections:  # for projects with ATOMIC_REQUESTS
                transaction.non_atomic_requests(using=database)(url.callback)
        return urls

    def url(self, page: str, *args: object) -> str:
        """The address of one of this model's admin pages."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=args, current_app=self.admin_site.name)

    def row_url(self, row: Mirrored) -> str:
        """The address of a row's page."""
        return self.url("change", quote(row.pk))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's, with a button to sync."""
        show = self.has_sync_permission(request) and self.configured()
        context = {"ory_sync_url": self.url("sync") if show else ""}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Django's, with a button for each change that this user may make to this row.

        None beside a form: Enter presses the first button, and that must be the one that saves.
        """
        row = context.get("original")
        has_form = row is None or self.has_change_permission(request, row)
        context["ory_buttons"] = [
            {"label": change.button, "url": self.url("do", context["object_id"], change.name)}
            for change in (() if has_form else self.changes)
            if self.has_permission_for(request, change) and change.is_available(row)
        ]
        return super().render_change_form(request, context, *args, **kwargs)

    def has_permission_for(self, request: HttpRequest, change: OryAction[Any]) -> bool:
        """Whether this user may make this change."""
        return bool(getattr(self, f"has_{change.permission}_permission")(request))

    def sync_view(self, request: HttpRequest) -> HttpResponseBase:
        """POST: sync every alias, for as long as a request may take."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_sync_permission(request):
            raise PermissionDenied
        found = self.configured()
        for alias in found:
            try:
                report = type(self).sync(alias, stop_after=SECONDS / len(found))
            except ORY_ERRORS as error:
                text = _("%(alias)s was not synced, and nothing was marked missing. %(why)s")
                messages.error(request, text % {"alias": alias, "why": error_text(error)})
            else:
                self.tell_sync(request, report)
        return self.redirect_back(request, self.url("changelist"))

    def tell_sync(self, request: HttpRequest, report: SyncReport) -> None:
        """Say in a message what a sync did."""
        counts = _(
            "%(alias)s: %(seen)d seen, %(created)d created, %(updated)d updated, %(unchanged)d unchanged, "
            "%(missing)d marked missing."
        ) % vars(report)
        if report.unreadable:
            messages.warning(request, format_unreadable(report))
        if report.complete:
            messages.success(request, counts)
        else:
            rest = _("The time ran out. Run manage.py %(command)s --alias %(alias)s for the rest.")
            messages.warning(request, f"{counts} {rest % {'command': self.command, 'alias': report.alias}}")

    def action_view(self, request: HttpRequest, object_id: str, change: str) -> HttpResponseBase:
        """POST: make one change to one row."""
        chosen = next((item for item in self.changes if item.name == change), None)
        if chosen is None:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_permission_for(request, chosen):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self.missing_row(request)
        report(chosen, request, run_action(chosen, request, [row], count=1), url=self.row_url)
        return self.redirect_back(request, self.row_url(row))

    def do_selected(self, request: HttpRequest, queryset: QuerySet[Any], change: OryAction[Any]) -> None:
        """Make one change to the selected rows, which may be all across pages."""
        keys = list(queryset.order_by("pk").values_list("pk", flat=True))
        report(
            change, request, run_action(change, request, self._each(keys), count=len(keys)), url=self.row_url
        )

    def _each(self, keys: list[Any]) -> Iterator[Any]:
        for key in keys:
            yield from self.model._default_manager.filter(pk=key)

    @admin.action(permissions=["delete"], description=gettext_lazy("Delete selected %(verbose_name_plural)s"))
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Django's confirmation, then our deletion: Django's own logs before it deletes."""
        if not request.POST.get("post") or not self.can_delete(request, queryset):
            return confirm_deletion(self, request, queryset)
        self.do_selected(request, queryset, self.deletion)
        return None

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's confirmation; the POST deletes in Ory first."""
        if request.method != "POST":
            return super().delete_view(request, object_id, extra_context)
        row = self.get_object(request, unquote(object_id))
        if not self.has_delete_permission(request, row):
            raise PermissionDenied
        if row is None:
            return self.missing_row(request)
        if not self.can_delete(request, [row]):
            return self.redirect_back(request, self.url("delete", quote(row.pk)))
        outcome = run_action(self.deletion, request, [row], count=1)
        report(self.deletion, request, outcome, url=self.row_url)
        return self.redirect_back(request, self.row_url(row) if outcome.failures else self.url("changelist"))

    def can_delete(self, request: HttpRequest, rows: Sequence[Any] | QuerySet[Any]) -> bool:
        """Whether the rows can be deleted. False if other rows hold on to them: the confirmation says so.

        Raises PermissionDenied if others would go with them that this user may not delete.
        """
        _tree, _counts, lacking, protected = self.get_deleted_objects(rows, request)
        if lacking and not protected:
            raise PermissionDenied
        return not protected

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Ory first, for those who call Django's hook themselves. Raises what Ory refuses."""
        self.deletion.run(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Likewise, one by one."""
        for obj in queryset:
            self.delete_model(request, obj)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        """Add Django's entry to the history, without personal data."""
        return write_log_entry(request.user.pk, obj, ADDITION, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        """Add Django's entry to the history, without personal data."""
        return write_log_entry(request.user.pk, obj, CHANGE, message)

    def missing_row(self, request: HttpRequest) -> HttpResponseRedirect:
        """To the list, for a row that somebody deleted meanwhile."""
        messages.warning(request, _("It no longer exists."))
        return self.redirect_back(request, self.url("changelist"))

    def redirect_back(self, request: HttpRequest, url: str) -> HttpResponseRedirect:
        """A redirect that keeps the filters of the list."""
        kept: Any = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return HttpResponseRedirect(add_preserved_filters(kept, url))


def _action(change: OryAction[Any]) -> Callable[..., None]:
    @admin.action(permissions=[change.permission], description=change.action)
    def run(modeladmin: MirroredAdmin, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        modeladmin.do_selected(request, queryset, change)

    run.__name__ = change.name
    return run
