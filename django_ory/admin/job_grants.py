"""Jobs of users: a read-only list, with an action that revokes jobs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, ngettext

from django_ory.models import JobGrant
from django_ory.provider.job_tokens.revocation import revoke_job

from .display import display_field
from .rows import RowAdmin

#: Revoked by one action, each with a call to Hydra.
MAX_REVOKED_JOBS = 100


class RevokedFilter(admin.SimpleListFilter):
    """Filters jobs that are revoked, or not."""

    title = gettext_lazy("revoked")
    parameter_name = "revoked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", gettext_lazy("No")), ("yes", gettext_lazy("Yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[JobGrant]) -> QuerySet[JobGrant]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(revoked_at__isnull=self.value() == "no")


@admin.register(JobGrant)
class JobGrantAdmin(RowAdmin):
    """Shows the jobs of the projects with ``JOB_TOKEN_KEYS``, without the names of users."""

    required_setting = "job_token_keys"
    list_display = ("name", "client_id", "subject", "last_used_at", "revoked_at")
    list_filter = (RevokedFilter, "client_id", "alias")
    search_fields = ("job", "client_id", "subject")
    actions = ("revoke",)
    fields = (
        *("alias", "job", "title", "client_id", "subject", "scope", "audience"),
        *("created_at", "last_used_at", "revoked_at"),
    )

    name = display_field(gettext_lazy("job"), str, ordering="job")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: without its row, a revoked job could get tokens again."""
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may revoke jobs."""
        return bool(request.user.has_perm("django_ory.revoke_job"))

    @admin.action(permissions=["revoke"], description=gettext_lazy("Revoke selected jobs"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[JobGrant]) -> None:
        """Revoke jobs for good."""
        rows = list(queryset.filter(revoked_at=None)[:MAX_REVOKED_JOBS])
        for row in rows:
            revoke_job(row)
            self.log_change(request, row, "Revoked.")
        text = ngettext("%(count)d job was revoked.", "%(count)d jobs were revoked.", len(rows))
        messages.success(request, text % {"count": len(rows)})
