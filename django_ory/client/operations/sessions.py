"""Kratos' sessions of all users, and the messages that Kratos sent. Admin API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import KRATOS_ADMIN

from .operation import Operations, Paging, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django_ory.client import models


class SessionOperations(Operations):
    """Sessions of all users."""

    @endpoint("GET /admin/sessions", KRATOS_ADMIN, paging=Paging.LINK, since="v0.11.1")
    def admin_list_sessions(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        active: bool | None = None,
        expand: Sequence[str] | None = None,
    ) -> list[models.Session]:
        """List all sessions. Ory's id is listSessions; ``list_sessions`` is the older one for own sessions.

        ``expand``: "identity" and "devices", which are None otherwise.
        Raises OryBadRequest for an invalid page token.
        """

    @endpoint("GET /admin/sessions/{id}", KRATOS_ADMIN, since="v0.11.1")
    def get_session(self, id: str, *, expand: Sequence[str] | None = None) -> models.Session:
        """Get a session. ``expand``: "identity" and "devices".

        Raises OryBadRequest for an invalid id, OryNotFound.
        """

    @endpoint("DELETE /admin/sessions/{id}", KRATOS_ADMIN, since="v0.11.1")
    def disable_session(self, id: str) -> None:
        """Revoke a session.

        Raises OryBadRequest for an invalid id, OryNotFound, OryUnauthorized (Ory Network).
        """

    @endpoint("PATCH /admin/sessions/{id}/extend", KRATOS_ADMIN, since="v0.10.1")
    def admin_extend_session(self, id: str) -> models.Session | None:
        """Extend a session from now on. Returns None if Kratos returns 204 (faster_session_extend).

        A revoked session is extended but stays inactive.
        Raises OryBadRequest for an invalid id, OryNotFound.
        """

    extend_session = admin_extend_session

    @endpoint("GET /admin/identities/{id}/sessions", KRATOS_ADMIN, paging=Paging.PAGES, since="v0.10.1")
    def admin_list_identity_sessions(
        self,
        id: str,
        *,
        per_page: int | None = None,
        page: int | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        active: bool | None = None,
    ) -> list[models.Session]:
        """List the sessions of an identity. ``page`` counts from 1; the Link header is wrong.

        ``page_size`` and ``page_token`` since v1.1. A missing identity has no sessions, although
        OryNotFound is documented. Raises OryBadRequest for an invalid id, OryUnauthorized (Ory Network).
        """

    list_identity_sessions = admin_list_identity_sessions

    @endpoint("DELETE /admin/identities/{id}/sessions", KRATOS_ADMIN, since="v0.10.1")
    def admin_delete_identity_sessions(self, id: str) -> None:
        """Revoke all sessions of an identity. Disabling the identity only hides them, so do both.

        Raises OryBadRequest for an invalid id, OryNotFound, OryUnauthorized (Ory Network).
        """

    delete_identity_sessions = admin_delete_identity_sessions

    @endpoint("POST /admin/sessions", KRATOS_ADMIN)
    def manage_sessions(
        self, *, body: models.ManageSessionsBody | Mapping[str, Any]
    ) -> models.ManageSessionsResponse:
        """Change sessions in bulk. Call again while ``more`` is true.

        Raises OryBadRequest, OryUnauthorized.
        """


class CourierOperations(Operations):
    """Mails and text messages."""

    @endpoint("GET /admin/courier/messages", KRATOS_ADMIN, paging=Paging.LINK, since="v0.11.1")
    def admin_list_courier_messages(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        status: str | None = None,
        recipient: str | None = None,
        per_page: int | None = None,
        page: int | None = None,
    ) -> list[models.Message]:
        """List messages, 10 per page without ``page_size``.

        ``status`` is queued, sent, processing or abandoned. Only v0.11.0 reads ``per_page`` and ``page``.
        Raises OryBadRequest for an unknown status.
        """

    list_courier_messages = admin_list_courier_messages

    @endpoint("GET /admin/courier/messages/{id}", KRATOS_ADMIN, since="v0.11.1")
    def get_courier_message(self, id: str) -> models.Message:
        """Get a message with all attempts to send it.

        Raises OryBadRequest for an invalid id, OryNotFound.
        """
