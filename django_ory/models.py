"""The mirror: rows with the last response of Ory, so that Django can link, list, search and sort.

Ory is the source of truth. Rows have few columns, and JSON without credentials. There is no column per
trait. Every row has the alias of its project, so one site can use several Ory projects.

The other models are this site's own and have no counterpart in Ory.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .conf import DEFAULT_ALIAS

__all__ = [
    "AccountDeletion",
    "BulkJob",
    "BulkJobRow",
    "Identity",
    "Invitation",
    "OAuth2Client",
    "SyncProgress",
    "WebhookDelivery",
]


class ReadableJSON(json.JSONEncoder):
    """JSON without escapes for non-ASCII letters: SQLite stores JSON as text, and searches the text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "ensure_ascii": False})


class ProjectRow(models.Model):
    """A row of one project in ``settings.ORY``."""

    alias = models.CharField(
        _("Ory project"), max_length=64, default=DEFAULT_ALIAS, help_text=_("The key in settings.ORY.")
    )

    class Meta:
        abstract = True

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.log_name}>"  # in tracebacks: without personal data

    @property
    def log_name(self) -> str:
        """The name of the row in logs and in the admin's history, which is kept when the row is deleted.

        Contains no personal data: the number of the row.
        """
        return f"#{self.pk}"


class Mirrored(ProjectRow):
    """The columns that all mirrored resources have."""

    data = models.JSONField(
        _("data"),
        default=dict,
        blank=True,
        encoder=ReadableJSON,
        help_text=_("The last response of Ory, without secrets."),
    )
    created_at = models.DateTimeField(_("created in Ory"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated in Ory"), null=True, blank=True)
    synced_at = models.DateTimeField(_("last synced"), null=True, blank=True)
    missing_since = models.DateTimeField(
        _("missing since"),
        null=True,
        blank=True,
        help_text=_("When a complete sync did not find the resource in Ory any more."),
    )

    id_field: ClassVar[str]  #: the field with Ory's id of the resource

    class Meta(ProjectRow.Meta):
        abstract = True

    @property
    def log_name(self) -> str:
        """The id in Ory."""
        return str(getattr(self, self.id_field))


class Identity(Mirrored):
    """A Kratos identity, linked to at most one Django user."""

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        INACTIVE = "inactive", _("inactive")

    id_field = "identity_id"
    #: Whether ``str()`` is the id: set by ``django_ory.admin.personal_data.hide_personal_data``.
    hides_personal_data: bool = False
    identity_id = models.UUIDField(_("identity id"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="ory_identities",
        verbose_name=_("user"),
    )
    label = models.CharField(
        _("label"),
        max_length=320,
        blank=True,
        db_index=True,
        help_text=_("E-mail address, user name or phone number, for lists."),
    )
    user_synced_at = models.DateTimeField(
        _("user synced at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When the identity that the user's fields were set from was requested."),
    )
    user_digest = models.CharField(
        _("user digest"),
        max_length=64,
        blank=True,
        editable=False,
        help_text=_("Digest of the identity that the user's fields were set from."),
    )
    filled_fields = models.JSONField(
        _("filled fields"),
        default=list,
        blank=True,
        editable=False,
        help_text=_("Fields of the user that were set from traits."),
    )
    schema_id = models.CharField(_("schema"), max_length=255, blank=True)
    state = models.CharField(_("state"), max_length=32, default=State.ACTIVE)  # open: Ory may add states
    recent_sessions = models.JSONField(
        _("recent sessions"),
        default=list,
        blank=True,
        editable=False,
        help_text=_("Sessions for which user_logged_in was sent."),
    )

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [
            models.UniqueConstraint(fields=["alias", "identity_id"], name="django_ory_identity_unique"),
            models.UniqueConstraint(fields=["alias", "user"], name="django_ory_identity_user_unique"),
        ]
        indexes = [models.Index(fields=["alias", "state"], name="django_ory_identity_state")]
        ordering = ["label", "identity_id"]
        permissions = [
            ("sync_identity", "Can sync identities from Ory"),
            ("change_identity_state", "Can activate and deactivate identities in Ory"),
            ("link_identity", "Can link identities to other users"),
            ("view_personal_data", "Can see names, traits, addresses and responses of identities"),
            ("export_identity", "Can export identities"),
            ("verify_address", "Can mark addresses of identities as verified"),
            ("change_credentials", "Can set passwords and remove credentials of identities"),
            ("create_recovery", "Can create recovery links and codes"),
            ("view_session", "Can view sessions in Ory"),
            ("revoke_session", "Can revoke sessions in Ory"),
            ("view_message", "Can view mails and SMS that Ory has sent"),
            ("view_message_body", "Can read the texts of mails and SMS, with their codes and links"),
            ("view_consent", "Can view which OAuth2 clients users have allowed"),
            ("revoke_consent", "Can revoke consents of users"),
        ]

    def __str__(self) -> str:
        return (not self.hides_personal_data and self.label) or self.log_name

    @property
    def traits(self) -> dict[str, Any]:
        """The traits of the last response of Kratos."""
        traits = self.data.get("traits")
        return traits if isinstance(traits, dict) else {}


class OAuth2Client(Mirrored):
    """A Hydra OAuth2 client. Its secret is never stored."""

    id_field = "client_id"
    client_id = models.CharField(_("client id"), max_length=255)
    name = models.CharField(_("name"), max_length=255, blank=True, db_index=True)
    owner = models.CharField(_("owner"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("OAuth2 client")
        verbose_name_plural = _("OAuth2 clients")
        constraints = [
            models.UniqueConstraint(fields=["alias", "client_id"], name="django_ory_client_unique")
        ]
        ordering = ["name", "client_id"]
        permissions = [
            ("sync_oauth2client", "Can sync OAuth2 clients from Ory"),
            ("trust_oauth2client", "Can change where OAuth2 clients send users and how they are trusted"),
            ("rotate_client_secret", "Can rotate secrets of OAuth2 clients and see the new ones"),
            ("revoke_client_tokens", "Can revoke the tokens of OAuth2 clients"),
            ("view_jwk_set", "Can view the public parts of JSON Web Key sets"),
            ("change_jwk_set", "Can create, rotate and delete JSON Web Key sets"),
            ("view_trusted_issuer", "Can view trusted issuers of JWTs"),
            ("change_trusted_issuer", "Can add and delete trusted issuers of JWTs"),
            ("introspect_token", "Can introspect tokens"),
        ]

    def __str__(self) -> str:
        return self.name or self.client_id

    @property
    def log_name(self) -> str:
        """The client's name and id."""
        return f"{self.name} ({self.client_id})" if self.name else self.client_id


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


class SyncProgress(ProjectRow):
    """An unfinished sync of one kind of rows, so that the next sync continues after the last page."""

    kind = models.CharField(_("kind"), max_length=32, help_text=_("The model of the rows, in lower case."))
    started_at = models.DateTimeField(_("started at"))
    last_row = models.BigIntegerField(
        _("last row"), help_text=_("The newest row at the start. Later rows are never marked as missing.")
    )
    page_size = models.PositiveIntegerField(_("page size"))
    page_token = models.TextField(_("page token"), help_text=_("The token of the next page."))

    class Meta:
        verbose_name = _("sync progress")
        verbose_name_plural = _("sync progress")
        constraints = [
            models.UniqueConstraint(fields=["alias", "kind"], name="django_ory_sync_progress_unique")
        ]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.alias}: {self.kind}"


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
