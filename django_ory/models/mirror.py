"""The mirror: rows with the last response of Ory, so that Django can link, list, search and sort.

Ory is the source of truth. Rows have few columns, and JSON without credentials. There is no column per
trait. Every row has the alias of its project, so one site can use several Ory projects.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .rows import Mirrored, ProjectRow


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
