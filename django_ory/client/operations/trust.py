"""Issuers of JWTs that Hydra accepts as grants (RFC 7523)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import HYDRA_ADMIN

from .operation import Operations, Paging, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models


class TrustOperations(Operations):
    """Trusted issuers, for administrators."""

    @endpoint("GET /admin/trust/grants/jwt-bearer/issuers", HYDRA_ADMIN, paging=Paging.LINK, since="v2.0.3")
    def admin_list_trusted_o_auth2_jwt_grant_issuers(
        self,
        *,
        issuer: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        max_items: int | None = None,
        default_items: int | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> list[models.TrustedOAuth2JwtGrantIssuer]:
        """List the trusted issuers.

        ``max_items``, ``default_items``, ``limit`` and ``offset`` are documented in the first version; no
        Hydra reads them.
        """

    list_trusted_o_auth2_jwt_grant_issuers = admin_list_trusted_o_auth2_jwt_grant_issuers

    @endpoint("POST /admin/trust/grants/jwt-bearer/issuers", HYDRA_ADMIN, since="v2.0.3")
    def admin_trust_o_auth2_jwt_grant_issuer(
        self, *, body: models.TrustOAuth2JwtGrantIssuer | Mapping[str, Any]
    ) -> models.TrustedOAuth2JwtGrantIssuer:
        """Trust an issuer. With ``allow_any_subject`` the issuer can act for every subject.

        Raises OryBadRequest for a key without ``kid``, or both or neither of ``subject`` and
        ``allow_any_subject``; OryConflict if the issuer is already trusted.
        """

    trust_o_auth2_jwt_grant_issuer = admin_trust_o_auth2_jwt_grant_issuer

    @endpoint("GET /admin/trust/grants/jwt-bearer/issuers/{id}", HYDRA_ADMIN, since="v2.0.3")
    def admin_get_trusted_o_auth2_jwt_grant_issuer(self, id: str) -> models.TrustedOAuth2JwtGrantIssuer:
        """Read a trusted issuer. Raises OryNotFound."""

    get_trusted_o_auth2_jwt_grant_issuer = admin_get_trusted_o_auth2_jwt_grant_issuer

    @endpoint("DELETE /admin/trust/grants/jwt-bearer/issuers/{id}", HYDRA_ADMIN, since="v2.0.3")
    def admin_delete_trusted_o_auth2_jwt_grant_issuer(self, id: str) -> None:
        """Remove a trusted issuer. Raises OryNotFound."""

    delete_trusted_o_auth2_jwt_grant_issuer = admin_delete_trusted_o_auth2_jwt_grant_issuer
