"""The login sessions that Hydra remembers."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .rows import ProjectRow


class HydraSession(ProjectRow):
    """A login session at Hydra (``sid``), and the Kratos session that it began with.

    Hydra lists no login sessions, and notifies clients only if a session is ended by its ``sid``. The row is
    deleted when Hydra has ended the session. Contains no personal data.
    """

    sid = models.CharField(_("session id at Hydra"), max_length=128)
    subject = models.CharField(_("subject"), max_length=255)
    session_id = models.UUIDField(_("session id at Kratos"), null=True, blank=True)
    expires_at = models.DateTimeField(
        _("expires at"), null=True, blank=True, help_text=_("When the session of the site expires.")
    )
    ended_at = models.DateTimeField(
        _("ended at"),
        null=True,
        blank=True,
        help_text=_("When the user signed out. The row waits for Hydra to end its session."),
    )
    checked_at = models.DateTimeField(_("checked at"), default=timezone.now)

    class Meta:
        verbose_name = _("session at Hydra")
        verbose_name_plural = _("sessions at Hydra")
        constraints = [
            models.UniqueConstraint(fields=["alias", "sid"], name="django_ory_hydra_session_unique")
        ]
        indexes = [
            models.Index(fields=["alias", "subject"], name="django_ory_hydra_subject"),
            models.Index(fields=["alias", "session_id"], name="django_ory_hydra_kratos"),
            models.Index(fields=["alias", "checked_at"], name="django_ory_hydra_checked"),
        ]
        ordering = ["-checked_at"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.log_name
