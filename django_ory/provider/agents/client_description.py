"""The description that a client gives of itself (RFC 7591 section 2), checked and limited.

Only the members below are read. All others are ignored, among them those with which a client would trust
itself (``skip_consent``, ``owner``, ``metadata``, ``audience``), and the URLs that Hydra would request
(``jwks_uri``, ``sector_identifier_uri``, ``request_uris``, ``backchannel_logout_uri``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django_ory.http.redirects import web_url
from django_ory.provider.client_profile import clean_name

from .policy import ClientPolicy
from .redirect_uris import find_redirect_problem

MAX_REDIRECT_URIS = 10
MAX_CLIENT_LINK_LENGTH = 500
#: Items that a list may have, and characters of a scope, before the rest of the description is read.
MAX_DESCRIBED_ITEMS = 50
MAX_SCOPE_TEXT_LENGTH = 5_000

CLIENT_LINKS = ("client_uri", "logo_uri", "policy_uri", "tos_uri")
AGENT_GRANT_TYPES = ("authorization_code", "refresh_token")

DescriptionErrorCode = Literal["invalid_redirect_uri", "invalid_client_metadata"]


class InvalidDescription(ValueError):
    """The description is not accepted. The text is for the developer of the client."""

    def __init__(self, code: DescriptionErrorCode, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class ClientDescription:
    """A client within the limits of a policy."""

    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    auth_method: str = "none"
    name: str = ""
    links: Mapping[str, str] = field(default_factory=dict)

    def build_body(self) -> dict[str, Any]:
        """Return the members for Hydra. All of them, so that an update also clears members."""
        return {
            "client_name": self.name,
            "redirect_uris": list(self.redirect_uris),
            "grant_types": list(self.grant_types),
            "response_types": ["code"],
            "scope": " ".join(self.scopes),
            "audience": list(self.audience),
            "token_endpoint_auth_method": self.auth_method,
            **{name: self.links.get(name, "") for name in CLIENT_LINKS},
        }


def parse_description(
    values: Mapping[str, Any], *, policy: ClientPolicy, origin: str = ""
) -> ClientDescription:
    """Return the description of a client within the limits of a policy.

    A client gets all scopes and audiences of the policy: it requests some of them at a time, and the user
    consents to those. The policy also replaces an authentication method that it does not allow.

    Args:
        values: the JSON object from the client.
        policy: the limits.
        origin: the only allowed origin of redirect URIs with https; "": every origin.

    Raises InvalidDescription.
    """
    methods = _read_list(values, "grant_types") or AGENT_GRANT_TYPES
    grant_types = tuple(each for each in AGENT_GRANT_TYPES if each in methods)
    if "authorization_code" not in grant_types:
        raise InvalidDescription("invalid_client_metadata", "grant_types must contain authorization_code.")
    response_types = _read_list(values, "response_types")
    if response_types and "code" not in response_types:
        raise InvalidDescription("invalid_client_metadata", "response_types must contain code.")
    requested_scopes = _read_text(values, "scope", max_length=MAX_SCOPE_TEXT_LENGTH).split()
    if requested_scopes and not set(requested_scopes) & set(policy.scopes):
        raise InvalidDescription("invalid_client_metadata", "None of the scopes can be requested here.")
    auth_method = _read_text(values, "token_endpoint_auth_method", max_length=100)
    return ClientDescription(
        redirect_uris=_read_redirect_uris(values, policy=policy, origin=origin),
        grant_types=grant_types,
        scopes=policy.scopes,
        audience=policy.audience,
        auth_method=auth_method if auth_method in policy.auth_methods else policy.auth_methods[0],
        name=clean_name(_read_text(values, "client_name", max_length=1_000)),
        links={name: link for name in CLIENT_LINKS if (link := _read_link(values, name))},
    )


def _read_redirect_uris(values: Mapping[str, Any], *, policy: ClientPolicy, origin: str) -> tuple[str, ...]:
    uris = values.get("redirect_uris")
    if not isinstance(uris, list) or not uris:
        raise InvalidDescription("invalid_redirect_uri", "redirect_uris must be a list of URIs.")
    if len(uris) > MAX_REDIRECT_URIS:
        text = f"redirect_uris must not have more than {MAX_REDIRECT_URIS} URIs."
        raise InvalidDescription("invalid_redirect_uri", text)
    for uri in uris:
        if problem := find_redirect_problem(uri, schemes=policy.redirect_schemes, origin=origin):
            raise InvalidDescription("invalid_redirect_uri", problem)
    return tuple(dict.fromkeys(uris))


def _read_list(values: Mapping[str, Any], name: str) -> list[str]:
    found = values.get(name) or []
    if (
        not isinstance(found, list)
        or len(found) > MAX_DESCRIBED_ITEMS
        or not all(isinstance(each, str) for each in found)
    ):
        raise InvalidDescription("invalid_client_metadata", f"{name} must be a short list of texts.")
    return found


def _read_text(values: Mapping[str, Any], name: str, *, max_length: int) -> str:
    found = values.get(name) or ""
    if not isinstance(found, str) or len(found) > max_length:
        text = f"{name} must be text of at most {max_length} characters."
        raise InvalidDescription("invalid_client_metadata", text)
    return found


def _read_link(values: Mapping[str, Any], name: str) -> str:
    """Return an https URL, or "" for a value that no page may link to."""
    link = web_url(_read_text(values, name, max_length=MAX_CLIENT_LINK_LENGTH))
    return link if link.startswith("https://") and link.isascii() else ""
