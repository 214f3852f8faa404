"""Kratos' public API around a session: who is asking, my sessions, logout."""

from __future__ import annotations

from django_ory.client import models
from django_ory.client.services import KRATOS_PUBLIC
from .operation import Operations, operation

__all__ = ["SessionOperations"]


class SessionOperations(Operations):
    """Who is asking."""

    @operation
    def to_session(
        self,
        *,
        x_session_token: str | None = None,
        cookie: str | None = None,
        tokenize_as: str | None = None,
    ) -> models.Session:
        """Who is asking: the session of a cookie or of a session token.

        ``cookie`` is a Cookie header as the browser sent it. ``tokenize_as`` names a template of Kratos' configuration; the
        answer then has a JWT in ``tokenized`` (v1.1). Raises OryUnauthorized without a valid session, AAL2Required.
        Source: Kratos, GET /sessions/whoami; first in v0.10.1.
        """
        return self._send(
            "GET /sessions/whoami",
            KRATOS_PUBLIC,
            models.Session,
            query={"tokenize_as": tokenize_as},
            headers={"X-Session-Token": x_session_token, "Cookie": cookie},
        )
