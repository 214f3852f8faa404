"""Consents, logins and access tokens of Hydra: list, revoke, introspect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_ory.client.services import HYDRA_ADMIN

from .operation import Operations, Paging, endpoint

if TYPE_CHECKING:
    from django_ory.client import models


class OAuth2SessionOperations(Operations):
    """Consents, logins and tokens, for administrators."""

    @endpoint("GET /admin/oauth2/auth/sessions/consent", HYDRA_ADMIN, paging=Paging.OFFSETS, since="v2.0.3")
    def admin_list_o_auth2_subject_consent_sessions(
        self,
        *,
        subject: str,
        login_session_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        link: str | None = None,
        x_total_count: str | None = None,
    ) -> list[models.OAuth2ConsentSession]:
        """List the consents of a subject, one row per consent that was given and not skipped.

        ``link`` and ``x_total_count`` are response headers that the first version documented as parameters.
        Raises OryBadRequest for an empty subject.
        """

    list_o_auth2_consent_sessions = admin_list_o_auth2_subject_consent_sessions

    @endpoint("DELETE /admin/oauth2/auth/sessions/consent", HYDRA_ADMIN, since="v2.0.3")
    def admin_revoke_o_auth2_consent_sessions(
        self,
        *,
        subject: str | None = None,
        client: str | None = None,
        all: bool | None = None,
        consent_request_id: str | None = None,
    ) -> None:
        """Revoke consents, with their access and refresh tokens.

        One of: ``subject`` and ``client``; ``subject`` and ``all=True``; ``consent_request_id`` (v25.4).
        Anything else is OryBadRequest from v25.4 on.
        """

    revoke_o_auth2_consent_sessions = admin_revoke_o_auth2_consent_sessions

    @endpoint("DELETE /admin/oauth2/auth/sessions/login", HYDRA_ADMIN, since="v2.0.3")
    def admin_revoke_o_auth2_login_sessions(
        self, *, subject: str | None = None, sid: str | None = None
    ) -> None:
        """Revoke Hydra's own login sessions.

        All of ``subject``, or the one with ``sid`` (v2.1), which notifies its clients through the back
        channel. Tokens stay valid. Raises OryBadRequest with neither.
        """

    revoke_o_auth2_login_sessions = admin_revoke_o_auth2_login_sessions

    @endpoint("DELETE /admin/oauth2/tokens", HYDRA_ADMIN, since="v2.0.3")
    def admin_delete_o_auth2_token(self, *, client_id: str) -> None:
        """Delete all access tokens of a client. Its refresh tokens stay.

        Raises OryBadRequest without a client id. An unknown one is a success.
        """

    delete_o_auth2_token = admin_delete_o_auth2_token

    @endpoint(
        "POST /admin/oauth2/introspect", HYDRA_ADMIN, content="form", since="v2.0.3", has_user_data=True
    )
    def admin_introspect_o_auth2_token(
        self, *, token: str, scope: str | None = None
    ) -> models.IntrospectedOAuth2Token:
        """Introspect a token (RFC 7662). An invalid token has ``active=False``.

        Refresh tokens are active as well: check ``token_use``. ``scope`` (space separated) makes a token
        without that scope inactive; omit ``scope`` to tell a missing scope from an invalid token.
        """

    introspect_o_auth2_token = admin_introspect_o_auth2_token
