"""Web hooks of Kratos that are to be processed."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .rows import ProjectRow


class WebhookDelivery(ProjectRow):
    """A web hook of Kratos: an identity that is to be read again. Contains no personal data.

    The row is written before the response to Kratos. Posts of the same identity and event within a minute
    are one row.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        DONE = "done", _("processed")
        FAILED = "failed", _("failed")

    event = models.CharField(_("event"), max_length=32, help_text=_("The flow that Kratos has completed."))
    identity_id = models.UUIDField(_("identity id"))
    received_at = models.DateTimeField(_("received at"), default=timezone.now)
    posts = models.PositiveIntegerField(
        _("posts"), default=1, help_text=_("Posts within a minute are one delivery.")
    )
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(
        _("next attempt at"), default=timezone.now, help_text=_("While pending.")
    )
    lock = models.UUIDField(
        _("lock"),
        null=True,
        editable=False,
        help_text=_("Of the process that works on the delivery, until the next attempt."),
    )
    processed_at = models.DateTimeField(_("processed at"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("web hook delivery")
        verbose_name_plural = _("web hook deliveries")
        indexes = [
            models.Index(fields=["status", "next_attempt_at"], name="django_ory_delivery_due"),
            models.Index(fields=["alias", "identity_id"], name="django_ory_delivery_identity"),
        ]
        ordering = ["-received_at"]
        default_permissions = ("view",)
        permissions = [("process_webhookdelivery", "Can process web hook deliveries again")]

    def __str__(self) -> str:
        return f"{self.event} {self.identity_id}"
