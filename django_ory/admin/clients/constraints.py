"""Combinations of values with which an OAuth2 client cannot work, although Hydra accepts them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.utils.functional import _StrPromise

__all__ = ["CLIENT_CONSTRAINTS", "ClientConstraint"]


@dataclass(frozen=True, kw_only=True)
class ClientConstraint:
    """What must not be, the field it is shown at, and why."""

    broken: Callable[[dict[str, Any]], bool]
    field: str
    why: _StrPromise


def _origin(uri: str) -> tuple[str, str]:
    try:
        parts = urlsplit(uri)
    except ValueError:  # Hydra may have what Python cannot read
        return "", uri
    return parts.scheme, parts.netloc


def _responses(data: dict[str, Any]) -> set[str]:
    return {part for response in data["response_types"] for part in response.split()}


CLIENT_CONSTRAINTS = (
    ClientConstraint(
        broken=lambda d: (
            bool({"authorization_code", "implicit"} & set(d["grant_types"])) and not d["redirect_uris"]
        ),
        field="redirect_uris",
        why=gettext_lazy("The grant types authorization_code and implicit need a redirect URI."),
    ),
    ClientConstraint(
        broken=lambda d: "authorization_code" in d["grant_types"] and "code" not in _responses(d),
        field="response_types",
        why=gettext_lazy("The grant type authorization_code needs the response type code."),
    ),
    ClientConstraint(
        broken=lambda d: "implicit" not in d["grant_types"] and bool({"token", "id_token"} & _responses(d)),
        field="response_types",
        why=gettext_lazy("Response types with token or id_token need the grant type implicit."),
    ),
    ClientConstraint(
        broken=lambda d: (
            "refresh_token" in d["grant_types"]
            and not {"offline", "offline_access"} & set(d["scope"].split())
        ),
        field="scope",
        why=gettext_lazy("The grant type refresh_token needs the scope offline_access."),
    ),
    ClientConstraint(
        broken=lambda d: (
            d["token_endpoint_auth_method"] == "none" and "client_credentials" in d["grant_types"]
        ),
        field="token_endpoint_auth_method",
        why=gettext_lazy("A public client cannot authenticate, so it cannot use client_credentials."),
    ),
    ClientConstraint(
        broken=lambda d: (
            d["token_endpoint_auth_method"] == "private_key_jwt" and not (d["jwks_uri"] or d.get("jwks"))
        ),
        field="jwks_uri",
        why=gettext_lazy("private_key_jwt needs the JWKS URI of the client."),
    ),
    ClientConstraint(
        broken=lambda d: (
            not {_origin(uri) for uri in d["post_logout_redirect_uris"]}
            <= {_origin(uri) for uri in d["redirect_uris"]}
        ),
        field="post_logout_redirect_uris",
        why=gettext_lazy("Scheme, host and port must be those of one of the redirect URIs."),
    ),
)
