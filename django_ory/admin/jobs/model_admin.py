"""The list of bulk actions. Their pages are beside the list in which the rows were chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from django_ory.admin.display import display_field
from django_ory.admin.rows import RowAdmin
from django_ory.models import BulkJob

from .pages import get_job_url

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def link_job(job: BulkJob) -> SafeString | str:
    """Return the name of a job with a link to its page."""
    url = get_job_url(job)
    return format_html('<a href="{}">{}</a>', url, job) if url else str(job)


@admin.register(BulkJob)
class BulkJobAdmin(RowAdmin):
    """Lists bulk actions. All projects use them: a job may have rows of several."""

    list_display = ("title", "user", "state", "created_at", "finished_at")
    list_filter = ("state",)
    list_select_related = ("user",)
    list_display_links = None
    title = display_field(gettext_lazy("action"), link_job, ordering="pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: the lists of other models add jobs."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: old jobs are deleted automatically."""
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Redirect to the page of the job, which checks the permission."""
        job = self.get_object(request, unquote(object_id))
        url = get_job_url(job) if job else ""
        return HttpResponseRedirect(url) if url else self.missing_row(request)
