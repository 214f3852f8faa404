"""What jobs may do for users: rows of this site, which users see in their account."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .rows import ProjectRow


class JobGrant(ProjectRow):
    """A job that gets access tokens for a user, without the user's browser. Contains no token and no key.

    A revoked row stays, so that the job gets no more tokens.
    """

    issuer_id = models.UUIDField(
        _("issuer id"), default=uuid4, unique=True, editable=False, help_text=_("Part of the issuer's name.")
    )
    subject = models.CharField(_("subject"), max_length=255)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("user"),
    )
    client_id = models.CharField(_("client id"), max_length=255)
    job = models.CharField(_("job"), max_length=100)
    title = models.CharField(_("title"), max_length=200, blank=True, help_text=_("Shown to the user."))
    scope = models.JSONField(_("scopes"), default=list)
    audience = models.JSONField(_("audience"), default=list)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    trust_id = models.CharField(
        _("id of the trusted issuer"), max_length=64, blank=True, editable=False, help_text=_("At Hydra.")
    )
    trust_kid = models.CharField(_("key id"), max_length=128, blank=True, editable=False)
    trust_scope = models.JSONField(_("scopes at Hydra"), default=list, editable=False)
    trust_expires_at = models.DateTimeField(
        _("end of the trust"), null=True, blank=True, editable=False, help_text=_("At Hydra.")
    )

    class Meta:
        verbose_name = _("job of a user")
        verbose_name_plural = _("jobs of users")
        constraints = [
            models.UniqueConstraint(
                fields=["alias", "subject", "client_id", "job"], name="django_ory_job_grant_unique"
            )
        ]
        ordering = ["-created_at"]
        default_permissions = ("view",)
        permissions = [
            ("issue_token_for_user", "Can let jobs get access tokens for users"),
            ("revoke_job", "Can revoke jobs of users"),
        ]

    def __str__(self) -> str:
        return self.title or self.job
