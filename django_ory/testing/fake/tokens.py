"""Codes and tokens of the fake Hydra, which issues no ID tokens."""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django_ory.client.durations import parse_duration
from django_ory.tokens.grant_types import CLIENT_ASSERTION_TYPE, DEVICE_CODE, JWT_BEARER

from .assertions import AssertionReader, read_unverified_claims
from .errors import HydraError
from .http import FakeRequest, FakeResponse, Handler, json_response, no_content
from .signing_keys import SigningKeys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .authorization import StoredRequest
    from .clients import ClientStore
    from .issuers import IssuerStore

__all__ = ["StoredToken", "TokenStore"]

ACCESS_TOKEN_SECONDS = 3600
REFRESH_TOKEN_SECONDS = 30 * 24 * 3600


@dataclass(repr=False)
class StoredToken:
    """An access or refresh token. ``family``: the grant it belongs to."""

    value: str
    use: str
    client_id: str
    subject: str
    scope: list[str]
    audience: list[str]
    expires_at: int
    issued_at: int
    claims: dict[str, Any] | None
    family: str
    id_claims: dict[str, Any] = field(default_factory=dict)


class TokenStore:
    """The codes and tokens of one fake Hydra, and the endpoints that issue and check them."""

    def __init__(self, clients: ClientStore, issuers: IssuerStore, *, public_url: str) -> None:
        self.clients = clients
        self.issuers = issuers
        self.assertions = AssertionReader(token_url=f"{public_url}/oauth2/token")
        self.public_url = public_url
        self.keys = SigningKeys()
        self.codes: dict[str, StoredRequest] = {}  #: code -> accepted consent request
        self.device_codes: dict[str, StoredRequest | None] = {}  #: device code -> accepted consent request
        self.tokens: dict[str, StoredToken] = {}

    def routes(self) -> dict[str, Handler]:
        """The routes for tokens."""
        return {
            "POST /admin/oauth2/introspect": self._introspect,
            "DELETE /admin/oauth2/tokens": self._delete_tokens,
            "POST /oauth2/token": self._issue_tokens,
            "POST /oauth2/revoke": self._revoke_token,
            "GET /userinfo": self._userinfo,
            "GET /.well-known/jwks.json": lambda request: json_response(self.keys.get_public_keys()),
        }

    def add_code(self, consent: StoredRequest) -> str:
        """An authorization code for an accepted consent request."""
        code = f"ory_ac_{secrets.token_urlsafe(32)}"
        self.codes[code] = consent
        return code

    def add_token(
        self,
        client_id: str,
        *,
        subject: str = "",
        scope: Sequence[str] = (),
        audience: Sequence[str] = (),
        claims: dict[str, Any] | None = None,
        use: str = "access_token",
        family: str = "",
        id_claims: dict[str, Any] | None = None,
        expires_in: int | None = None,
        as_jwt: bool | None = None,
    ) -> StoredToken:
        """A token, by default in the form of the client's ``access_token_strategy``. Without a subject it
        belongs to the client itself (client credentials).
        """
        is_access = use == "access_token"
        lifetime = (
            (ACCESS_TOKEN_SECONDS if is_access else REFRESH_TOKEN_SECONDS)
            if expires_in is None
            else expires_in
        )
        now = int(time.time())
        value = (
            f"{'ory_at_' if is_access else 'ory_rt_'}{secrets.token_urlsafe(32)}.{secrets.token_urlsafe(32)}"
        )
        token = StoredToken(
            value=value,
            use=use,
            client_id=client_id,
            subject=subject or client_id,
            scope=list(scope),
            audience=list(audience),
            expires_at=now + lifetime,
            issued_at=now,
            claims=claims,
            family=family or value,
            id_claims=id_claims or {},
        )
        if as_jwt is None:
            client = self.clients.clients.get(client_id, {})
            as_jwt = client.get("access_token_strategy") == "jwt"
        if is_access and as_jwt:
            token.value = self.keys.sign(self._build_jwt_claims(token))
        self.tokens[token.value] = token
        return token

    def _build_jwt_claims(self, token: StoredToken) -> dict[str, Any]:
        return {
            "aud": token.audience,
            "client_id": token.client_id,
            "exp": token.expires_at,
            "ext": token.claims or {},
            "iat": token.issued_at,
            "iss": self.public_url,
            "jti": secrets.token_hex(16),
            "nbf": token.issued_at,
            "scp": token.scope,
            "sub": token.subject,
        }

    def revoke_families(self, families: set[str]) -> None:
        """Revoke all tokens of these grants."""
        self.tokens = {key: token for key, token in self.tokens.items() if token.family not in families}

    def _introspect(self, request: FakeRequest) -> FakeResponse:
        token = self.tokens.get(request.form.get("token", ""))
        if token is None or token.expires_at <= time.time():
            return json_response({"active": False})
        content = {
            "active": True,
            "scope": " ".join(token.scope),
            "client_id": token.client_id,
            "sub": token.subject,
            "exp": token.expires_at,
            "iat": token.issued_at,
            "nbf": token.issued_at,
            "aud": token.audience,
            "iss": self.public_url,
            "token_type": "Bearer",
            "token_use": token.use,
        }
        if token.claims is not None:
            content["ext"] = token.claims
        return json_response(content)

    def _delete_tokens(self, request: FakeRequest) -> FakeResponse:
        client_id = request.get_query("client_id")
        self.tokens = {
            key: token
            for key, token in self.tokens.items()
            if token.client_id != client_id or token.use != "access_token"
        }
        return no_content()

    def _authenticate_client(self, request: FakeRequest) -> str:
        form = request.form
        if form.get("client_assertion_type") == CLIENT_ASSERTION_TYPE:
            return self._read_client_assertion(form.get("client_assertion", ""))
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        if request.get_header("Authorization").startswith("Basic "):
            decoded = base64.b64decode(request.get_header("Authorization")[6:]).decode()
            client_id, _, secret = decoded.partition(":")
        if client_id not in self.clients.clients or self.clients.secrets.get(client_id, "") != secret:
            raise HydraError(
                401,
                "invalid_client",
                "Client authentication failed.",
            )
        return client_id

    def _issue_tokens(self, request: FakeRequest) -> FakeResponse:
        client_id, form = self._authenticate_client(request), request.form
        grant = form.get("grant_type", "")
        if grant == "client_credentials":
            scope = form.get("scope", "").split()
            token = self.add_token(client_id, scope=scope)
            return json_response(_build_answer(token))
        if grant == JWT_BEARER:
            return json_response(self._issue_for_assertion(client_id, form))
        if grant == "authorization_code":
            consent = self.codes.pop(form.get("code", ""), None)
            if consent is None or consent.content["client"]["client_id"] != client_id:
                raise _invalid_grant()
            return json_response(self.issue_for_consent(client_id, consent))
        if grant == DEVICE_CODE:
            code = form.get("device_code", "")
            if code not in self.device_codes:
                raise _invalid_grant()
            if (consent := self.device_codes[code]) is None:
                raise HydraError(400, "authorization_pending", "The user has not entered the code yet.")
            if consent.content["client"]["client_id"] != client_id:
                raise _invalid_grant()
            del self.device_codes[code]
            return json_response(self.issue_for_consent(client_id, consent))
        if grant == "refresh_token":
            old = self.tokens.pop(form.get("refresh_token", ""), None)
            if old is None or old.use != "refresh_token" or old.client_id != client_id:
                raise _invalid_grant()
            self.revoke_families({old.family})
            return json_response(
                self._issue_pair(
                    client_id, old.subject, old.scope, old.audience, old.claims, old.family, old.id_claims
                )
            )
        raise HydraError(400, "unsupported_grant_type", "The authorization grant type is not supported.")

    def _read_client_assertion(self, token: str) -> str:
        """The id of a client with ``private_key_jwt``."""
        for client_id, client in self.clients.clients.items():
            if client.get("token_endpoint_auth_method") == "private_key_jwt":
                keys = (client.get("jwks") or {}).get("keys") or []
                try:
                    claims = self.assertions.read(token, keys, error="invalid_client")
                except HydraError:
                    continue
                if claims["iss"] == claims["sub"] == client_id:
                    return client_id
        raise HydraError(401, "invalid_client", "Client authentication failed.")

    def _issue_for_assertion(self, client_id: str, form: Mapping[str, str]) -> dict[str, Any]:
        """The answer to an assertion of a trusted issuer. The scopes of the client are not checked."""
        client = self.clients.clients[client_id]
        if JWT_BEARER not in client["grant_types"]:
            raise HydraError(400, "unauthorized_client", "The client may not use this grant.")
        unverified = read_unverified_claims(form.get("assertion", ""))
        found = self.issuers.find(str(unverified.get("iss")), str(unverified.get("sub")))
        if found is None:
            raise HydraError(400, "invalid_grant", "No public JWK was registered for issuer and subject.")
        issuer, key = found
        claims = self.assertions.read(form["assertion"], [key], error="invalid_grant")
        scope = form.get("scope", "").split()
        if not set(scope) <= set(issuer["scope"] or ()):
            raise HydraError(400, "invalid_scope", "The issuer is not allowed to request this scope.")
        lifespan = client.get("jwt_bearer_grant_access_token_lifespan")
        seconds = parse_duration(lifespan) // 10**9 if lifespan else ACCESS_TOKEN_SECONDS
        token = self.add_token(
            client_id, subject=claims["sub"], scope=scope, audience=claims["aud"], expires_in=seconds
        )
        return _build_answer(token)

    def issue_for_consent(self, client_id: str, consent: StoredRequest) -> dict[str, Any]:
        """The tokens of an accepted consent request, as the token endpoint answers."""
        accepted = consent.accepted or {}
        session = accepted.get("session") or {}
        return self._issue_pair(
            client_id,
            consent.content["subject"],
            accepted.get("grant_scope") or [],
            accepted.get("grant_access_token_audience") or [],
            session.get("access_token") or {},
            consent.challenge,
            session.get("id_token") or {},
        )

    def _issue_pair(
        self,
        client_id: str,
        subject: str,
        scope: list[str],
        audience: list[str],
        claims: dict[str, Any] | None,
        family: str,
        id_claims: dict[str, Any],
    ) -> dict[str, Any]:
        shared: dict[str, Any] = {
            "subject": subject,
            "scope": scope,
            "audience": audience,
            "claims": claims,
            "family": family,
            "id_claims": id_claims,
        }
        content = _build_answer(self.add_token(client_id, **shared))
        if "offline" in scope or "offline_access" in scope:
            content["refresh_token"] = self.add_token(client_id, use="refresh_token", **shared).value
        return content

    def _revoke_token(self, request: FakeRequest) -> FakeResponse:
        client_id = self._authenticate_client(request)
        token = self.tokens.get(request.form.get("token", ""))
        if token is not None and token.client_id == client_id:
            self.revoke_families({token.family})
        return FakeResponse(200)

    def _userinfo(self, request: FakeRequest) -> FakeResponse:
        token = self.tokens.get(request.get_header("Authorization").removeprefix("Bearer "))
        if token is None or token.use != "access_token" or token.expires_at <= time.time():
            raise HydraError(
                401,
                "request_unauthorized",
                "The request could not be authorized.",
            )
        claims = {"sub": token.subject, "iss": self.public_url, "aud": [token.client_id]}
        return json_response({**token.id_claims, **claims})


def _build_answer(token: StoredToken) -> dict[str, Any]:
    """The answer of the token endpoint with an access token."""
    return {
        "access_token": token.value,
        "expires_in": token.expires_at - token.issued_at - 1,
        "scope": " ".join(token.scope),
        "token_type": "bearer",
    }


def _invalid_grant() -> HydraError:
    return HydraError(400, "invalid_grant", "The authorization code or refresh token is invalid.")
