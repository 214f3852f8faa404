"""Builds the URL of a sign-in at a client, as the client itself would."""

from __future__ import annotations

import base64
import hashlib
import secrets
from urllib.parse import urlencode, urlsplit, urlunsplit

#: Bytes of state and nonce. Hydra rejects a state of less than eight characters.
RANDOM_BYTES = 32


def build_authorization_url(
    endpoint: str,
    *,
    client_id: str,
    redirect_uri: str,
    response_type: str,
    scope: str = "",
    prompt: str = "",
) -> str:
    """Return the URL of an authorization request (RFC 6749 section 4.1.1) with new random values.

    With a code, the URL has a PKCE challenge (RFC 7636). Its verifier is forgotten, so the code of this
    sign-in can never be exchanged for a token.

    Args:
        endpoint: The authorization endpoint. A query is kept.
        client_id: The id of the client.
        redirect_uri: One of the redirect URIs of the client.
        response_type: Such as ``"code"`` or ``"code id_token"``.
        scope: The requested scopes, separated by spaces.
        prompt: Such as ``"login"``, to sign in again.
    """
    values = {
        "client_id": client_id,
        "response_type": response_type,
        "redirect_uri": redirect_uri,
        "scope": scope,
        "state": secrets.token_urlsafe(RANDOM_BYTES),
        "prompt": prompt,
    }
    if "openid" in scope.split():
        values["nonce"] = secrets.token_urlsafe(RANDOM_BYTES)
    if "code" in response_type.split():
        digest = hashlib.sha256(secrets.token_urlsafe(RANDOM_BYTES).encode()).digest()
        values["code_challenge"] = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        values["code_challenge_method"] = "S256"
    parts = urlsplit(endpoint)
    query = urlencode({name: value for name, value in values.items() if value})
    return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))
