"""The pages of a bulk action: the confirmation, the progress, and the result of each row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.contrib.admin.utils import model_format_dict
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from django_ory.admin.actions import ACTION_SECONDS
from django_ory.admin.row_pages import RowPagesAdmin
from django_ory.mirror.tasks import enqueue_task, has_queue
from django_ory.models import BulkJob, BulkJobRow

from .drafts import MAX_JOB_ROWS, TooManyRows, create_job, repeat_job
from .running import UNFINISHED, run_job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse, HttpResponseBase
    from django.urls import URLPattern

    from django_ory.admin.actions import OryAction

State, Outcome = BulkJob.State, BulkJobRow.Outcome

MAX_NAMED_ROWS = 10  # on the confirmation
MAX_REQUEST_ROWS = 1000  # more are left to the queue, if there is one
ROWS_PER_PAGE = 100
RELOAD_SECONDS = 5


def get_job_url(job: BulkJob) -> str:
    """Return the URL of the page of a job; "" if its model is not in the admin any more."""
    name = f"admin:{job.model.replace('.', '_')}_bulk"
    try:
        return reverse(name, args=[job.pk], current_app=job.site)
    except NoReverseMatch:
        return ""


class BulkActionsAdmin(RowPagesAdmin):
    """Runs actions on selections of a list, after a confirmation, with a result for each row."""

    selection_actions: ClassVar[Sequence[OryAction[Any]]] = ()  #: only in the list, without buttons on pages

    def get_bulk_actions(self) -> list[OryAction[Any]]:
        """Return the actions that can run on a selection."""
        return [*(action for action in self.ory_actions if action.action_label), *self.selection_actions]

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of the pages of jobs."""
        name, view = f"{self.opts.app_label}_{self.opts.model_name}_bulk", self.admin_site.admin_view
        return [
            path("bulk/<int:job_id>/", view(self.job_view), name=name),
            path("bulk/<int:job_id>/<slug:button>/", view(self.job_button_view), name=f"{name}_do"),
            *super().get_urls(),
        ]

    def choose_rows(
        self, request: HttpRequest, queryset: QuerySet[Any], action: OryAction[Any]
    ) -> HttpResponse | None:
        """Store the selected rows, possibly of all pages, and redirect to the confirmation."""
        try:
            job = create_job(self, request, action.name, queryset)
        except TooManyRows:
            text = _("At most %(count)d objects can be selected. Use the filters of the list.")
            messages.error(request, text % {"count": MAX_JOB_ROWS})
            return None
        return self.redirect_to_job(request, job)

    def redirect_to_job(self, request: HttpRequest, job: BulkJob) -> HttpResponseRedirect:
        """Redirect to the page of a job. Keeps the filters of the list."""
        return self.redirect_back(request, self.url("bulk", job.pk))

    def get_job(self, request: HttpRequest, job_id: int) -> tuple[BulkJob, OryAction[Any] | None]:
        """Return a job of this list and its action; None if the user may not run the action.

        Raises Http404, and PermissionDenied for jobs of other users without ``view_bulkjob``.
        """
        job = BulkJob.objects.filter(
            pk=job_id, site=self.admin_site.name, model=self.opts.label_lower
        ).first()
        if job is None:
            raise Http404
        is_own = job.user_id is not None and job.user_id == request.user.pk
        if not is_own and not request.user.has_perm("django_ory.view_bulkjob"):
            raise PermissionDenied
        action = next((each for each in self.get_bulk_actions() if each.name == job.action), None)
        is_permitted = is_own and action is not None and self.has_permission_for(request, action)
        return job, action if is_permitted else None

    def job_view(self, request: HttpRequest, job_id: int) -> HttpResponse:
        """Show the confirmation of a draft, or the results."""
        job, action = self.get_job(request, job_id)
        if job.state == State.DRAFT:
            if action is None:
                raise PermissionDenied
            return self._show_confirmation(request, job, action)
        return self._show_results(request, job, action)

    def job_button_view(self, request: HttpRequest, job_id: int, button: str) -> HttpResponseBase:
        """POST: a button on the page of a job. Only the user who has chosen the rows has buttons."""
        handlers: dict[str, Callable[..., HttpResponseBase]] = {
            "start": self._start,
            "continue": self._continue,
            "cancel": self._cancel,
            "repeat": self._repeat,
        }
        if button not in handlers:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        job, action = self.get_job(request, job_id)
        if action is None:
            raise PermissionDenied
        if button == "start" and action.respond is not None:
            return action.respond(self, request, job)
        return handlers[button](request, job)

    def _start(self, request: HttpRequest, job: BulkJob) -> HttpResponseBase:
        """Run the first part of a draft. A second POST of the confirmation starts nothing."""
        if BulkJob.objects.filter(pk=job.pk, state=State.DRAFT).update(state=State.OPEN):
            is_large = job.rows.count() > MAX_REQUEST_ROWS
            self._run(job, seconds=0.0 if is_large and has_queue() else ACTION_SECONDS)
        return self.redirect_to_job(request, job)

    def _continue(self, request: HttpRequest, job: BulkJob) -> HttpResponseBase:
        self._run(job, seconds=ACTION_SECONDS)
        return self.redirect_to_job(request, job)

    def _run(self, job: BulkJob, *, seconds: float) -> None:
        delay = run_job(job.pk, seconds=seconds, is_forced=True) if seconds else 0.0
        if delay is not None:
            enqueue_task("run_job", delay=delay, job_id=job.pk)

    def _cancel(self, request: HttpRequest, job: BulkJob) -> HttpResponseBase:
        """End a job. A draft is deleted; results are kept."""
        jobs = BulkJob.objects.filter(pk=job.pk)
        if jobs.filter(state=State.DRAFT).delete()[0]:
            return self.redirect_back(request, self.url("changelist"))
        jobs.filter(state=State.OPEN).update(state=State.CANCELED, finished_at=timezone.now())
        return self.redirect_to_job(request, job)

    def _repeat(self, request: HttpRequest, job: BulkJob) -> HttpResponseBase:
        """Choose the rows of an ended job that have not succeeded, for a new confirmation."""
        if job.state not in (State.DRAFT, State.OPEN):
            job = repeat_job(self, request, job)
        return self.redirect_to_job(request, job)

    def _show_confirmation(self, request: HttpRequest, job: BulkJob, action: OryAction[Any]) -> HttpResponse:
        count = job.rows.count()
        return self._render_job(
            request,
            job,
            action.confirmation_template,
            title=_("Are you sure?"),
            count=count,
            rows=self._name_rows(request, job.rows.all()[:MAX_NAMED_ROWS]),
            unnamed=max(0, count - MAX_NAMED_ROWS),
        )

    def _show_results(
        self, request: HttpRequest, job: BulkJob, action: OryAction[Any] | None
    ) -> HttpResponse:
        found = dict(job.rows.values_list("outcome").annotate(count=Count("pk")).order_by())
        counts = [(value, label, found.get(value, 0)) for value, label in Outcome.choices if found.get(value)]
        selected = request.GET.get("outcome", "")
        rows = job.rows.filter(outcome=selected) if selected in Outcome.values else job.rows.all()
        page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("p"))
        is_running = job.locked_until is not None and job.locked_until > timezone.now()
        has_ended = job.state != State.OPEN
        response = self._render_job(
            request,
            job,
            "job/results.html",
            title=_("Results"),
            counts=counts,
            total=sum(found.values()),
            finished=sum(count for value, count in found.items() if value not in UNFINISHED),
            page=page,
            rows=self._name_rows(request, page.object_list),
            selected=selected,
            can_continue=action is not None and not has_ended and not is_running,
            can_cancel=action is not None and not has_ended,
            can_repeat=action is not None and has_ended and bool(found.keys() - {Outcome.DONE}),
            is_running=is_running,
            is_queued=not has_ended and has_queue(),
        )
        if not has_ended and (is_running or has_queue()):
            response["Refresh"] = str(RELOAD_SECONDS)
        return response

    def _name_rows(self, request: HttpRequest, rows: Iterable[BulkJobRow]) -> list[dict[str, Any]]:
        """Return the rows with links and names. ``get_queryset`` hides names of people."""
        items = list(rows)
        found = self.get_queryset(request).defer("data").in_bulk([int(item.object_id) for item in items])
        named = found if self.has_view_permission(request) else {}
        return [
            {
                "item": item,
                "name": str(row) if row else item.name,
                "url": self.row_url(row) if row else "",
            }
            for item in items
            for row in [named.get(int(item.object_id))]
        ]

    def _render_job(
        self, request: HttpRequest, job: BulkJob, template: str, *, title: str, **context: Any
    ) -> HttpResponse:
        labels = {each.name: each.action_label for each in self.get_bulk_actions()}
        label = str(labels.get(job.action, job.action)) % model_format_dict(self.opts)
        return self.render_page(
            request,
            job,
            template,
            title=title,
            subtitle=label,
            job=job,
            action_label=label,
            breadcrumbs=[
                *self.list_breadcrumbs(),
                (label, ""),
            ],
            preserved_filters=self.get_preserved_filters(request),
            list_url=self.url("changelist"),
            url=self.url("bulk", job.pk),
            buttons={
                name: self.url("bulk_do", job.pk, name) for name in ("start", "continue", "cancel", "repeat")
            },
            **context,
        )
