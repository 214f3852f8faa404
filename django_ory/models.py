"""The mirror: what Ory said last, kept so that Django can link, list, search and sort.

Ory is the source of truth. Few columns, the rest JSON as Ory sent it (never a credential), no column per
trait. Every row carries the alias, so several Ory projects can live in one site.
"""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .conf import DEFAULT_ALIAS

__all__ = ["Identity", "OAuth2Client"]


class ReadableJSON(json.JSONEncoder):
    """JSON with the letters of every language as they are: SQLite keeps it as text, and searches in that."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "ensure_ascii": False})


class Mirrored(models.Model):
    """What every mirrored resource has."""

    alias = models.CharField(
        _("Ory project"), max_length=64, default=DEFAULT_ALIAS, help_text=_("The key in settings.ORY.")
    )
    data = models.JSONField(
        _("data"),
        default=dict,
        blank=True,
        encoder=ReadableJSON,
        help_text=_("What Ory answered last, without secrets."),
    )
    created_at = models.DateTimeField(_("created in Ory"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated in Ory"), null=True, blank=True)
    synced_at = models.DateTimeField(_("last synced"), null=True, blank=True)
    missing_since = models.DateTimeField(
        _("missing since"),
        null=True,
        blank=True,
        help_text=_("Set when a complete sync no longer found it in Ory."),
    )

    class Meta:
        abstract = True

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.log_name}>"  # in tracebacks: without personal data

    @property
    def log_name(self) -> str:
        """The name of the row in the admin's history and in logs, without personal data.

        The history is kept when the row is deleted.
        """
        raise NotImplementedError


class Identity(Mirrored):
    """A Kratos identity, and the Django user it is linked to."""

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        INACTIVE = "inactive", _("inactive")

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
        help_text=_("E-mail, user name or phone, for lists."),
    )
    user_synced_at = models.DateTimeField(
        _("user synced at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When Kratos was asked for what the user's fields were taken from."),
    )
    user_digest = models.CharField(
        _("user digest"),
        max_length=64,
        blank=True,
        editable=False,
        help_text=_("Digest of the identity that the user's fields were taken from."),
    )
    filled_fields = models.JSONField(
        _("filled fields"),
        default=list,
        blank=True,
        editable=False,
        help_text=_("Fields of the user that were filled from traits."),
    )
    schema_id = models.CharField(_("schema"), max_length=255, blank=True)
    state = models.CharField(_("state"), max_length=32, default=State.ACTIVE)  # open: Ory may add states
    recent_sessions = models.JSONField(
        _("recent sessions"),
        default=list,
        blank=True,
        editable=False,
        help_text=_("Ids whose sign-in was announced."),
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
        ]

    def __str__(self) -> str:
        return self.label or self.log_name

    @property
    def log_name(self) -> str:
        """The identity's id."""
        return str(self.identity_id)

    @property
    def traits(self) -> dict[str, Any]:
        """The traits as Kratos sent them last."""
        traits = self.data.get("traits")
        return traits if isinstance(traits, dict) else {}


class OAuth2Client(Mirrored):
    """A Hydra OAuth2 client. There is no column for its secret, and there must never be one."""

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
        ]

    def __str__(self) -> str:
        return self.name or self.client_id

    @property
    def log_name(self) -> str:
        """The client's name and id."""
        return f"{self.name} ({self.client_id})" if self.name else self.client_id
