"""``EndedSession``: a logout that this site has accepted."""

from __future__ import annotations

from django.db import models


class EndedSession(models.Model):
    """A session at Hydra, or all sessions of a user until a time, that ended by a logout token.

    Django sessions are compared with these rows at their next request, because not every session engine can
    find the sessions of a user. Only digests are stored. A row is also the proof that its token was used.
    """

    token_digest = models.CharField(max_length=64, unique=True, help_text="Of alias and jti.")
    target_digest = models.CharField(max_length=64, help_text="Of alias and sid, or alias and sub.")
    issued_at = models.FloatField(help_text="The iat of the token, in seconds since the epoch.")
    expires_at = models.DateTimeField(
        db_index=True, help_text="When no Django session can exist any more that the row ends."
    )

    class Meta:
        indexes = [models.Index(fields=["target_digest", "issued_at"], name="ory_ended_session_target")]

    def __str__(self) -> str:
        return f"#{self.pk}"
