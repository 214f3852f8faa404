"""Web hook deliveries: a read-only list, filtered by status, with an action that processes them again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, ngettext

from django_ory.admin.display import display_field, render_time
from django_ory.admin.rows import RowAdmin
from django_ory.mirror.webhooks.deliveries import replay_deliveries
from django_ory.mirror.webhooks.processing import process_deliveries, process_elsewhere
from django_ory.models import WebhookDelivery

#: The action processes deliveries for so long; the others stay pending.
MAX_ACTION_SECONDS = 10.0


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(RowAdmin):
    """Shows the deliveries of the projects with web hooks. They contain no personal data."""

    required_setting = "webhook_secrets"
    list_display = ("identity_id", "event", "status", "error", "received_at", "attempts", "posts")
    list_filter = ("status", "event", "received_at", "alias")
    search_fields = ("identity_id",)
    actions = ("process_again",)
    fields = (
        *("alias", "identity_id", "event", "received_at", "posts", "status", "processed_at", "attempts"),
        *("next_attempt", "error"),
    )
    readonly_fields = ("next_attempt",)

    next_attempt = display_field(
        gettext_lazy("next attempt at"),
        lambda row: (
            render_time(row.next_attempt_at) if row.status == WebhookDelivery.Status.PENDING else None
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: old deliveries are pruned by a command."""
        return False

    def has_process_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may process deliveries again."""
        return bool(request.user.has_perm("django_ory.process_webhookdelivery"))

    @admin.action(permissions=["process"], description=gettext_lazy("Process selected deliveries again"))
    def process_again(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        """Make the deliveries pending, and process them here unless a worker does."""
        aliases = sorted(set(queryset.order_by().values_list("alias", flat=True)))
        for row in queryset:
            self.log_change(request, row, "Processed again.")
        count = replay_deliveries(queryset)
        here = [alias for alias in aliases if not process_elsewhere(alias)]
        if here:
            process_deliveries(aliases=here, stop_after=MAX_ACTION_SECONDS)
        text = ngettext(
            "%(count)d delivery is processed again. Its status shows the result.",
            "%(count)d deliveries are processed again. Their status shows the result.",
            count,
        )
        messages.success(request, text % {"count": count})
