"""The login, consent, logout and device requests that Hydra hands to the site: read, accept, reject.

A challenge is a bearer secret of a thousand characters and more. Everything here is sent as it is set: Hydra
up to 2.3 refuses a body with a key it does not know, so leave out what you have no value for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client import models
from django_ory.client.services import HYDRA_ADMIN

from .operation import Operations, operation

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OAuth2RequestOperations"]


class OAuth2RequestOperations(Operations):
    """What the login and consent provider does."""

    @operation
    def admin_get_o_auth2_login_request(self, *, login_challenge: str) -> models.OAuth2LoginRequest:
        """Read a login request.

        Raises ChallengeGone if it was already answered (Hydra up to 2.1; later ones answer again until it
        expires), OryUnauthorized if it is older than ``ttl.login_consent_request``, OryNotFound if it is
        unknown.
        Source: Hydra, GET /admin/oauth2/auth/requests/login; first in v2.0.3.
        """
        return self._send(
            "GET /admin/oauth2/auth/requests/login",
            HYDRA_ADMIN,
            models.OAuth2LoginRequest,
            query={"login_challenge": login_challenge},
        )

    get_o_auth2_login_request = admin_get_o_auth2_login_request

    @operation
    def admin_accept_o_auth2_login_request(
        self, *, login_challenge: str, body: models.AcceptOAuth2LoginRequest | Mapping[str, Any]
    ) -> models.OAuth2RedirectTo:
        """Say that the subject has logged in, and learn where the browser must go.

        ``body``: ``subject`` is required; ``remember_for`` is in seconds. Raises OryBadRequest for a body
        Hydra does not take, OryUnauthorized for an expired challenge, OryNotFound, ChallengeGone.
        Source: Hydra, PUT /admin/oauth2/auth/requests/login/accept; first in v2.0.3.
        """
        return self._send(
            "PUT /admin/oauth2/auth/requests/login/accept",
            HYDRA_ADMIN,
            models.OAuth2RedirectTo,
            query={"login_challenge": login_challenge},
            body=body,
        )

    accept_o_auth2_login_request = admin_accept_o_auth2_login_request

    @operation
    def admin_reject_o_auth2_login_request(
        self, *, login_challenge: str, body: models.RejectOAuth2Request | Mapping[str, Any]
    ) -> models.OAuth2RedirectTo:
        """Refuse the login. The browser takes ``error`` and ``error_description`` to the OAuth2 client.

        Raises OryBadRequest, OryUnauthorized for an expired challenge, OryNotFound, ChallengeGone.
        Source: Hydra, PUT /admin/oauth2/auth/requests/login/reject; first in v2.0.3.
        """
        return self._send(
            "PUT /admin/oauth2/auth/requests/login/reject",
            HYDRA_ADMIN,
            models.OAuth2RedirectTo,
            query={"login_challenge": login_challenge},
            body=body,
        )

    reject_o_auth2_login_request = admin_reject_o_auth2_login_request

    @operation
    def admin_get_o_auth2_consent_request(self, *, consent_challenge: str) -> models.OAuth2ConsentRequest:
        """Read a consent request.

        Raises ChallengeGone if it was already answered (Hydra up to 2.1), OryUnauthorized if it has expired,
        OryNotFound.
        Source: Hydra, GET /admin/oauth2/auth/requests/consent; first in v2.0.3.
        """
        return self._send(
            "GET /admin/oauth2/auth/requests/consent",
            HYDRA_ADMIN,
            models.OAuth2ConsentRequest,
            query={"consent_challenge": consent_challenge},
        )

    get_o_auth2_consent_request = admin_get_o_auth2_consent_request

    @operation
    def admin_accept_o_auth2_consent_request(
        self, *, consent_challenge: str, body: models.AcceptOAuth2ConsentRequest | Mapping[str, Any]
    ) -> models.OAuth2RedirectTo:
        """Grant scopes and audiences, and learn where the browser must go.

        Hydra does not check that ``grant_scope`` was requested: the caller must. ``session`` holds the claims
        of the tokens and must be sent every time. Raises OryBadRequest, OryUnauthorized, OryNotFound,
        ChallengeGone.
        Source: Hydra, PUT /admin/oauth2/auth/requests/consent/accept; first in v2.0.3.
        """
        return self._send(
            "PUT /admin/oauth2/auth/requests/consent/accept",
            HYDRA_ADMIN,
            models.OAuth2RedirectTo,
            query={"consent_challenge": consent_challenge},
            body=body,
        )

    accept_o_auth2_consent_request = admin_accept_o_auth2_consent_request

    @operation
    def admin_reject_o_auth2_consent_request(
        self, *, consent_challenge: str, body: models.RejectOAuth2Request | Mapping[str, Any]
    ) -> models.OAuth2RedirectTo:
        """Refuse consent. The browser takes ``error`` and ``error_description`` to the OAuth2 client.

        Raises OryBadRequest, OryUnauthorized for an expired challenge, OryNotFound, ChallengeGone.
        Source: Hydra, PUT /admin/oauth2/auth/requests/consent/reject; first in v2.0.3.
        """
        return self._send(
            "PUT /admin/oauth2/auth/requests/consent/reject",
            HYDRA_ADMIN,
            models.OAuth2RedirectTo,
            query={"consent_challenge": consent_challenge},
            body=body,
        )

    reject_o_auth2_consent_request = admin_reject_o_auth2_consent_request

    @operation
    def admin_get_o_auth2_logout_request(self, *, logout_challenge: str) -> models.OAuth2LogoutRequest:
        """Read a logout request. ``request_url`` may be relative: it belongs to Hydra's public URL.

        Raises ChallengeGone if the browser has already used its verifier, OryNotFound if unknown or rejected.
        Source: Hydra, GET /admin/oauth2/auth/requests/logout; first in v2.0.3.
        """
        return self._send(
            "GET /admin/oauth2/auth/requests/logout",
            HYDRA_ADMIN,
            models.OAuth2LogoutRequest,
            query={"logout_challenge": logout_challenge},
        )

    get_o_auth2_logout_request = admin_get_o_auth2_logout_request

    @operation
    def admin_accept_o_auth2_logout_request(self, *, logout_challenge: str) -> models.OAuth2RedirectTo:
        """Confirm the logout, and learn where the browser must go.

        Never call it for a challenge that was rejected: Hydra would log out all the same. Raises OryNotFound.
        Source: Hydra, PUT /admin/oauth2/auth/requests/logout/accept; first in v2.0.3.
        """
        return self._send(
            "PUT /admin/oauth2/auth/requests/logout/accept",
            HYDRA_ADMIN,
            models.OAuth2RedirectTo,
            query={"logout_challenge": logout_challenge},
        )

    accept_o_auth2_logout_request = admin_accept_o_auth2_logout_request

    @operation
    def admin_reject_o_auth2_logout_request(
        self, *, logout_challenge: str, body: models.RejectOAuth2Request | Mapping[str, Any] | None = None
    ) -> None:
        """Refuse the logout. Hydra names no place to go afterwards.

        ``body`` is of the first version; Hydra ignores it. Raises OryNotFound.
        Source: Hydra, PUT /admin/oauth2/auth/requests/logout/reject; first in v2.0.3.
        """
        return self._send(
            "PUT /admin/oauth2/auth/requests/logout/reject",
            HYDRA_ADMIN,
            None,
            query={"logout_challenge": logout_challenge},
            body=body,
        )

    reject_o_auth2_logout_request = admin_reject_o_auth2_logout_request

    @operation
    def accept_user_code_request(
        self, *, device_challenge: str, body: models.AcceptDeviceUserCodeRequest | Mapping[str, Any]
    ) -> models.OAuth2RedirectTo:
        """Accept the code that a device shows (RFC 8628), and learn where the browser must go.

        Codes may be case-sensitive: strip separators, never change the case. Raises OryBadRequest for a
        wrong, used or expired code (the challenge stays usable), OryNotFound for an unknown challenge.
        Source: Hydra, PUT /admin/oauth2/auth/requests/device/accept; first in v25.4.0.
        """
        return self._send(
            "PUT /admin/oauth2/auth/requests/device/accept",
            HYDRA_ADMIN,
            models.OAuth2RedirectTo,
            query={"device_challenge": device_challenge},
            body=body,
        )
