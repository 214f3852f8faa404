"""Accounts that users delete, and invitations to sign up."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .rows import ProjectRow


class AccountDeletion(ProjectRow):
    """A deletion that a user has requested and that is not finished. Contains no personal data.

    The row is written before the first change in Ory and deleted with the last one, so that
    ``ory_delete_due_accounts`` can continue an interrupted deletion.
    """

    identity_id = models.UUIDField(_("identity id"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("user"),
    )
    requested_at = models.DateTimeField(_("requested at"), default=timezone.now)
    due_at = models.DateTimeField(_("due at"), db_index=True)
    deactivated_at = models.DateTimeField(
        _("deactivated at"),
        null=True,
        blank=True,
        help_text=_("When the identity was deactivated and all sessions had ended."),
    )
    started_at = models.DateTimeField(
        _("started at"),
        null=True,
        blank=True,
        help_text=_("When the deletion began. From then on it cannot be canceled."),
    )

    class Meta:
        verbose_name = _("account deletion")
        verbose_name_plural = _("account deletions")
        constraints = [
            models.UniqueConstraint(fields=["alias", "identity_id"], name="django_ory_deletion_unique")
        ]
        ordering = ["due_at"]

    def __str__(self) -> str:
        return str(self.identity_id)


class Invitation(ProjectRow):
    """An invitation to sign up, for one account. The token of its link is not stored, only a keyed hash."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        USED = "used", _("used")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("revoked")

    email = models.EmailField(
        _("email address"),
        max_length=320,
        blank=True,
        help_text=_("Only this address can sign up. Empty: any address."),
    )
    token_hash = models.CharField(_("hash of the token"), max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    expires_at = models.DateTimeField(_("expires at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True, editable=False)
    used_by = models.CharField(_("used by"), max_length=320, blank=True, editable=False)
    signup_digest = models.CharField(
        _("digest of the sign-up"),
        max_length=64,
        blank=True,
        editable=False,
        help_text=_("Keyed hash of the identifiers, to recognize a sign-up that is sent twice."),
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at"]
        permissions = [("revoke_invitation", "Can revoke invitations and send them again")]

    def __str__(self) -> str:
        return self.email or self.log_name

    @property
    def status(self) -> Invitation.Status:
        """The state: revoked, used, expired or open, in this order."""
        if self.revoked_at is not None:
            return self.Status.REVOKED
        if self.signup_digest:
            return self.Status.USED
        return self.Status.OPEN if timezone.now() < self.expires_at else self.Status.EXPIRED
