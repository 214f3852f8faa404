"""The fake Hydra: its stores under one router."""

from __future__ import annotations

from functools import cached_property

from .authorization import AuthorizationStore
from .clients import ClientStore
from .devices import DeviceStore
from .http import FakeRequest, FakeResponse, Router, json_response
from .issuers import IssuerStore
from .key_sets import KeySetStore
from .tokens import TokenStore

__all__ = ["FakeHydra"]


class FakeHydra:
    """An in-memory Hydra v2.3.0: public and admin API. ``devices`` can turn the device flow on."""

    def __init__(self, *, public_url: str) -> None:
        self.public_url = public_url
        self.clients = ClientStore(public_url=public_url)
        self.issuers = IssuerStore()
        self.tokens = TokenStore(self.clients, self.issuers, public_url=public_url)
        self.authorization = AuthorizationStore(self.clients, self.tokens, public_url=public_url)
        self.devices = DeviceStore(self.clients, self.authorization, self.tokens, public_url=public_url)
        self.key_sets = KeySetStore()

    @cached_property
    def router(self) -> Router:
        """The routes of all stores, built at the first request."""
        return Router(
            {
                **self.clients.routes(),
                **self.authorization.routes(),
                **self.tokens.routes(),
                **self.devices.routes(),
                **self.key_sets.routes(),
                **self.issuers.routes(),
                "GET /.well-known/openid-configuration": self._discover,
            }
        )

    def _discover(self, request: FakeRequest) -> FakeResponse:
        url = self.public_url
        devices = {"device_authorization_endpoint": f"{url}/oauth2/device/auth"}
        return json_response(
            {
                **(devices if self.devices.page_url else {}),
                "issuer": url,
                "authorization_endpoint": f"{url}/oauth2/auth",
                "token_endpoint": f"{url}/oauth2/token",
                "jwks_uri": f"{url}/.well-known/jwks.json",
                "userinfo_endpoint": f"{url}/userinfo",
                "revocation_endpoint": f"{url}/oauth2/revoke",
                "end_session_endpoint": f"{url}/oauth2/sessions/logout",
                "subject_types_supported": ["public"],
                "response_types_supported": ["code"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "client_secret_basic",
                    "none",
                ],
                "scopes_supported": ["offline_access", "offline", "openid"],
                "claims_supported": ["sub"],
            }
        )
