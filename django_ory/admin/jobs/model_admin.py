"""The list of bulk actions. Their pages are beside the list in which the rows were chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import HttpResponseRedirect
from django.urls import NoReverseMatch
from django.utils.translation import gettext_lazy

from django_ory.admin.display import display_field
from django_ory.admin.rows import RowAdmin
from django_ory.conf import OryConfigurationError, aliases
from django_ory.models import BulkJob

from .pages import get_job_url

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@admin.register(BulkJob)
class BulkJobAdmin(RowAdmin):
    """Lists bulk actions."""

    list_display = ("title", "user", "state", "created_at", "finished_at")
    list_filter = ("state",)
    list_select_related = ("user",)
    title = display_field(gettext_lazy("action"), str, ordering="pk")

    def configured(self) -> list[str]:
        """Return all projects: a job may have rows of several."""
        try:
            return list(aliases())
        except OryConfigurationError:  # reported by a system check
            return []

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
        if job is None:
            return self.missing_row(request)
        try:
            return HttpResponseRedirect(get_job_url(job))
        except NoReverseMatch:  # the model is not in the admin any more
            return HttpResponseRedirect(self.url("changelist"))
