"""Combinations of values that Hydra accepts and that cannot work for an OAuth2 client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext_lazy

from .uris import parse_uri

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.utils.functional import _StrPromise


class ClientConstraint(NamedTuple):
    """A condition for the values of a client."""

    field: str  #: the field that shows the message
    message: _StrPromise
    is_violated: Callable[[dict[str, Any]], bool]


def _get_origin(uri: str) -> tuple[str, str]:
    parts = parse_uri(uri)
    return (parts.scheme, parts.netloc) if parts else ("", uri)


def _has_foreign_logout_uri(values: dict[str, Any]) -> bool:
    own = set(map(_get_origin, values["redirect_uris"]))
    return not own.issuperset(map(_get_origin, values["post_logout_redirect_uris"]))


def _get_response_parts(values: dict[str, Any]) -> set[str]:
    return {part for response in values["response_types"] for part in response.split()}


CLIENT_CONSTRAINTS = (
    ClientConstraint(
        "redirect_uris",
        gettext_lazy("The grant types authorization_code and implicit need a redirect URI."),
        lambda v: not (v["redirect_uris"] or {"authorization_code", "implicit"}.isdisjoint(v["grant_types"])),
    ),
    ClientConstraint(
        "response_types",
        gettext_lazy("The grant type authorization_code needs the response type code."),
        lambda v: "authorization_code" in v["grant_types"] and "code" not in _get_response_parts(v),
    ),
    ClientConstraint(
        "response_types",
        gettext_lazy("Response types with token or id_token need the grant type implicit."),
        lambda v: (
            "implicit" not in v["grant_types"]
            and not {"token", "id_token"}.isdisjoint(_get_response_parts(v))
        ),
    ),
    ClientConstraint(
        "scope",
        gettext_lazy("The grant type refresh_token needs the scope offline_access."),
        lambda v: (
            "refresh_token" in v["grant_types"]
            and {"offline", "offline_access"}.isdisjoint(v["scope"].split())
        ),
    ),
    ClientConstraint(
        "token_endpoint_auth_method",
        gettext_lazy("A public client cannot authenticate, so it cannot use client_credentials."),
        lambda v: v["token_endpoint_auth_method"] == "none" and "client_credentials" in v["grant_types"],
    ),
    ClientConstraint(
        "jwks_uri",
        gettext_lazy("private_key_jwt needs the public keys of the client: a JWKS URI, or a JWKS."),
        lambda v: v["token_endpoint_auth_method"] == "private_key_jwt" and not (v["jwks_uri"] or v["jwks"]),
    ),
    ClientConstraint(
        "jwks",
        gettext_lazy("Enter a JWKS URI or a JWKS, not both."),
        lambda v: bool(v["jwks_uri"] and v["jwks"]),
    ),
    ClientConstraint(
        "sector_identifier_uri",
        gettext_lazy(
            "The subject type pairwise needs exactly one redirect URI, or a sector identifier URI. Otherwise "
            "no user can sign in."
        ),
        lambda v: (
            v["subject_type"] == "pairwise"
            and not v["sector_identifier_uri"]
            and len(v["redirect_uris"]) != 1
        ),
    ),
    ClientConstraint(
        "subject_type",
        gettext_lazy(
            "The subject type pairwise needs opaque access tokens: a JWT would contain the real id."
        ),
        lambda v: v["subject_type"] == "pairwise" and v["access_token_strategy"] == "jwt",
    ),
    ClientConstraint(
        "backchannel_logout_uri",
        gettext_lazy(
            "The back-channel logout URI of a client without a secret or keys must start with https://."
        ),
        lambda v: (
            v["token_endpoint_auth_method"] == "none" and v["backchannel_logout_uri"].startswith("http://")
        ),
    ),
    ClientConstraint(
        "post_logout_redirect_uris",
        gettext_lazy("Scheme, host and port must be those of one of the redirect URIs."),
        _has_foreign_logout_uri,
    ),
)
