"""Bulk actions of the admin, and their results."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class BulkJob(models.Model):
    """An action of staff on a number of rows. Contains no personal data. Deleted some weeks later.

    The rows are chosen once, when the job is created, and each has its own result. ``lock`` and
    ``locked_until`` let one process at a time work on a job, and another one continue after a crash.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("not confirmed")
        OPEN = "open", _("in progress")
        DONE = "done", _("finished")
        STOPPED = "stopped", _("stopped")
        CANCELED = "canceled", _("canceled")

    site = models.CharField(_("admin site"), max_length=100, editable=False)
    model = models.CharField(_("model"), max_length=100, editable=False)
    action = models.CharField(_("action"), max_length=100, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("user"),
    )
    language = models.CharField(_("language"), max_length=16, editable=False)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.DRAFT)
    reason = models.TextField(
        _("reason"), blank=True, editable=False, help_text=_("Why the job stopped or waits.")
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, editable=False)
    failures = models.PositiveSmallIntegerField(
        _("failures"), default=0, editable=False, help_text=_("Failed attempts in a row to reach Ory.")
    )
    retry_at = models.DateTimeField(_("next attempt at"), null=True, editable=False)
    lock = models.UUIDField(_("lock"), null=True, editable=False)
    locked_until = models.DateTimeField(_("locked until"), null=True, editable=False)

    class Meta:
        verbose_name = _("bulk action")
        verbose_name_plural = _("bulk actions")
        default_permissions = ("view",)
        indexes = [models.Index(fields=["state", "retry_at"], name="django_ory_job_state")]
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.log_name

    @property
    def log_name(self) -> str:
        """The name of the action and the number of the job."""
        return f"{self.action} #{self.pk}"


class BulkJobRow(models.Model):
    """The result of a bulk job for one row."""

    class Outcome(models.TextChoices):
        PENDING = "pending", _("not done yet")
        STARTED = "started", _("started")
        DONE = "done", _("done")
        INCOMPLETE = "incomplete", _("incomplete")
        FAILED = "failed", _("failed")

    job = models.ForeignKey(
        BulkJob, on_delete=models.CASCADE, related_name="rows", verbose_name=_("bulk action")
    )
    object_id = models.CharField(_("row"), max_length=64)
    name = models.CharField(_("name"), max_length=200, help_text=_("The name of the row in logs."))
    outcome = models.CharField(_("result"), max_length=16, choices=Outcome.choices, default=Outcome.PENDING)
    reason = models.TextField(_("reason"), blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)

    class Meta:
        verbose_name = _("result of a bulk action")
        verbose_name_plural = _("results of bulk actions")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["job", "object_id"], name="django_ory_job_row_unique")]
        indexes = [models.Index(fields=["job", "outcome"], name="django_ory_job_outcome")]
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
