"""Hydra's keys, and the issuers of JWTs that Hydra accepts as grants (RFC 7523).

Responses with keys contain private parts. There is no list of sets. ``hydra.openid.id-token`` and
``hydra.jwt.access-token`` sign tokens: the newest key of a set does, and all of them verify.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import HYDRA_ADMIN

from .operation import Operations, Paging, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models


class JwkOperations(Operations):
    """Key sets, for administrators."""

    @endpoint("POST /admin/keys/{set}", HYDRA_ADMIN, since="v2.0.3")
    def admin_create_json_web_key_set(
        self, set: str, *, body: models.CreateJsonWebKeySet | Mapping[str, Any]
    ) -> models.JsonWebKeySet:
        """Add a key to a set, for example to rotate keys. Creates the set if it is missing.

        The response contains only the new key. Raises OryBadRequest for an unknown algorithm, OryConflict for
        a ``kid`` in use.
        """

    create_json_web_key_set = admin_create_json_web_key_set

    @endpoint("GET /admin/keys/{set}", HYDRA_ADMIN, since="v2.0.3")
    def admin_get_json_web_key_set(self, set: str) -> models.JsonWebKeySet:
        """Read a set, private parts included. Raises OryNotFound."""

    get_json_web_key_set = admin_get_json_web_key_set

    @endpoint("PUT /admin/keys/{set}", HYDRA_ADMIN, since="v2.0.3")
    def admin_update_json_web_key_set(
        self, set: str, *, body: models.JsonWebKeySet | Mapping[str, Any]
    ) -> models.JsonWebKeySet:
        """Replace a set. An empty one deletes the set.

        Raises OryBadRequest for an invalid key.
        """

    set_json_web_key_set = admin_update_json_web_key_set

    @endpoint("DELETE /admin/keys/{set}", HYDRA_ADMIN, since="v2.0.3")
    def admin_delete_json_web_key_set(self, set: str) -> None:
        """Delete a set. A missing set is no error.

        Hydra replaces its own sets by new ones, and tokens signed with the old keys become invalid.
        """

    delete_json_web_key_set = admin_delete_json_web_key_set

    @endpoint("GET /admin/keys/{set}/{kid}", HYDRA_ADMIN, since="v2.0.3")
    def admin_get_json_web_key(self, set: str, kid: str) -> models.JsonWebKeySet:
        """Read one key, as a set of one, private parts included. Raises OryNotFound."""

    get_json_web_key = admin_get_json_web_key

    @endpoint("PUT /admin/keys/{set}/{kid}", HYDRA_ADMIN, since="v2.0.3")
    def admin_update_json_web_key(
        self, set: str, kid: str, *, body: models.JsonWebKey | Mapping[str, Any]
    ) -> models.JsonWebKey:
        """Replace one key. Hydra uses the ``kid`` of the body and ignores the one in the path.

        Raises OryBadRequest for an invalid key.
        """

    set_json_web_key = admin_update_json_web_key

    @endpoint("DELETE /admin/keys/{set}/{kid}", HYDRA_ADMIN, since="v2.0.3")
    def admin_delete_json_web_key(self, set: str, kid: str) -> None:
        """Delete one key. A missing key is no error."""

    delete_json_web_key = admin_delete_json_web_key


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
