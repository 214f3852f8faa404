"""Login, consent, logout and device requests of Hydra: read, accept, reject.

A challenge is a bearer secret of a thousand characters and more. Only fields that are set are sent: Hydra up
to 2.3 rejects a body with an unknown key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import HYDRA_ADMIN

from .operation import Operations, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models


class OAuth2RequestOperations(Operations):
    """Operations of the login and consent provider."""

    @endpoint("GET /admin/oauth2/auth/requests/login", HYDRA_ADMIN, since="v2.0.3")
    def admin_get_o_auth2_login_request(self, *, login_challenge: str) -> models.OAuth2LoginRequest:
        """Read a login request.

        Raises ChallengeGone if it was accepted or rejected before (Hydra up to 2.1; later versions return the
        request until it expires), OryUnauthorized if it is older than ``ttl.login_consent_request``,
        OryNotFound for an unknown challenge.
        """

    get_o_auth2_login_request = admin_get_o_auth2_login_request

    @endpoint("PUT /admin/oauth2/auth/requests/login/accept", HYDRA_ADMIN, since="v2.0.3")
    def admin_accept_o_auth2_login_request(
        self, *, login_challenge: str, body: models.AcceptOAuth2LoginRequest | Mapping[str, Any]
    ) -> models.OAuth2RedirectTo:
        """Accept a login. Returns the URL to redirect the browser to.

        ``body``: ``subject`` is required; ``remember_for`` is in seconds. Raises OryBadRequest for an
        invalid body, OryUnauthorized for an expired challenge, OryNotFound, ChallengeGone.
        """

    accept_o_auth2_login_request = admin_accept_o_auth2_login_request

    @endpoint("PUT /admin/oauth2/auth/requests/login/reject", HYDRA_ADMIN, since="v2.0.3")
    def admin_reject_o_auth2_login_request(
        self, *, login_challenge: str, body: models.RejectOAuth2Request | Mapping[str, Any]
    ) -> models.OAuth2RedirectTo:
        """Reject a login. ``error`` and ``error_description`` are returned to the OAuth2 client.

        Raises OryBadRequest, OryUnauthorized for an expired challenge, OryNotFound, ChallengeGone.
        """

    reject_o_auth2_login_request = admin_reject_o_auth2_login_request

    @endpoint("GET /admin/oauth2/auth/requests/consent", HYDRA_ADMIN, since="v2.0.3")
    def admin_get_o_auth2_consent_request(self, *, consent_challenge: str) -> models.OAuth2ConsentRequest:
        """Read a consent request.

        Raises ChallengeGone if it was accepted or rejected before (Hydra up to 2.1), OryUnauthorized if it
        has expired, OryNotFound.
        """

    get_o_auth2_consent_request = admin_get_o_auth2_consent_request

    @endpoint("PUT /admin/oauth2/auth/requests/consent/accept", HYDRA_ADMIN, since="v2.0.3")
    def admin_accept_o_auth2_consent_request(
        self, *, consent_challenge: str, body: models.AcceptOAuth2ConsentRequest | Mapping[str, Any]
    ) -> models.OAuth2RedirectTo:
        """Grant scopes and audiences. Returns the URL to redirect the browser to.

        Hydra does not check that ``grant_scope`` was requested: the caller must. ``session`` has the claims
        of the tokens and must be sent every time. Raises OryBadRequest, OryUnauthorized, OryNotFound,
        ChallengeGone.
        """

    accept_o_auth2_consent_request = admin_accept_o_auth2_consent_request

    @endpoint("PUT /admin/oauth2/auth/requests/consent/reject", HYDRA_ADMIN, since="v2.0.3")
    def admin_reject_o_auth2_consent_request(
        self, *, consent_challenge: str, body: models.RejectOAuth2Request | Mapping[str, Any]
    ) -> models.OAuth2RedirectTo:
        """Reject a consent request. ``error`` and ``error_description`` are returned to the OAuth2 client.

        Raises OryBadRequest, OryUnauthorized for an expired challenge, OryNotFound, ChallengeGone.
        """

    reject_o_auth2_consent_request = admin_reject_o_auth2_consent_request

    @endpoint("GET /admin/oauth2/auth/requests/logout", HYDRA_ADMIN, since="v2.0.3")
    def admin_get_o_auth2_logout_request(self, *, logout_challenge: str) -> models.OAuth2LogoutRequest:
        """Read a logout request. ``request_url`` may be relative to Hydra's public URL.

        Raises ChallengeGone if the browser has already used its verifier, OryNotFound if unknown or rejected.
        """

    get_o_auth2_logout_request = admin_get_o_auth2_logout_request

    @endpoint("PUT /admin/oauth2/auth/requests/logout/accept", HYDRA_ADMIN, since="v2.0.3")
    def admin_accept_o_auth2_logout_request(self, *, logout_challenge: str) -> models.OAuth2RedirectTo:
        """Accept a logout. Returns the URL to redirect the browser to.

        Do not call this for a rejected challenge: Hydra would log out anyway. Raises OryNotFound.
        """

    accept_o_auth2_logout_request = admin_accept_o_auth2_logout_request

    @endpoint("PUT /admin/oauth2/auth/requests/logout/reject", HYDRA_ADMIN, since="v2.0.3")
    def admin_reject_o_auth2_logout_request(
        self, *, logout_challenge: str, body: models.RejectOAuth2Request | Mapping[str, Any] | None = None
    ) -> None:
        """Reject a logout. Hydra returns no URL.

        ``body`` is from the first version; Hydra ignores the value. Raises OryNotFound.
        """

    reject_o_auth2_logout_request = admin_reject_o_auth2_logout_request

    @endpoint("PUT /admin/oauth2/auth/requests/device/accept", HYDRA_ADMIN, since="v25.4.0")
    def accept_user_code_request(
        self, *, device_challenge: str, body: models.AcceptDeviceUserCodeRequest | Mapping[str, Any]
    ) -> models.OAuth2RedirectTo:
        """Accept the code of a device (RFC 8628). Returns the URL to redirect the browser to.

        Codes may be case-sensitive: strip separators, never change the case. Raises OryBadRequest for a
        wrong, used or expired code (the challenge stays usable), OryNotFound for an unknown challenge.
        """
