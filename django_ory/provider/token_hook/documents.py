"""The document that Hydra posts to ``oauth2.token_hook`` and ``oauth2.refresh_token_hook``.

The first has ``request``, the second ``requester``; the rest is the same. Both contain claims and, for the
JWT bearer grant, the assertion. So neither a text of an exception nor a ``repr`` has a value of a document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["InvalidTokenRequest", "TokenRequest"]

MAX_HOOK_TEXT_LENGTH = 2_048


class InvalidTokenRequest(ValueError):
    """The document is not one of Hydra. The text has no value of the document."""


@dataclass(frozen=True, kw_only=True)
class TokenRequest:
    """A token that Hydra is about to issue.

    ``scope``: the granted scopes. Hydra leaves them out for an authorization code.
    ``access_claims``: of the access token, without those that Hydra sets itself.
    ``id_claims``: of the ID token, with ``sid`` and others of Hydra.
    """

    client_id: str
    grant_type: str
    subject: str = field(repr=False)
    scope: tuple[str, ...] = ()
    access_claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    id_claims: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def from_json(cls, document: Any) -> TokenRequest:
        """Read the document. Raises InvalidTokenRequest."""
        root = _read_object(document, "the document")
        request = _read_object(root.get("request") or root.get("requester"), "request")
        session = _read_object(root.get("session"), "session")
        id_token = _read_object(session.get("id_token"), "session.id_token")
        id_claims = _read_object(id_token.get("id_token_claims") or {}, "session.id_token.id_token_claims")
        grant_types = _read_texts(request.get("grant_types"), "grant_types")
        if len(grant_types) != 1:
            raise InvalidTokenRequest("grant_types has not exactly one entry")
        return cls(
            client_id=_read_text(request.get("client_id"), "client_id"),
            grant_type=grant_types[0],
            subject=_read_text(id_token.get("subject") or root.get("subject") or "", "subject"),
            scope=_read_texts(request.get("granted_scopes"), "granted_scopes"),
            access_claims=_read_object(session.get("extra") or {}, "session.extra"),
            id_claims=_read_object(id_claims.get("ext") or {}, "session.id_token.id_token_claims.ext"),
        )


def _read_object(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidTokenRequest(f"{name} is not an object")
    return value


def _read_text(value: Any, name: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_HOOK_TEXT_LENGTH:
        raise InvalidTokenRequest(f"{name} is not a text of at most {MAX_HOOK_TEXT_LENGTH} characters")
    return value


def _read_texts(value: Any, name: str) -> tuple[str, ...]:
    """Return a list of texts. Null is an empty list."""
    if not isinstance(value or [], list):
        raise InvalidTokenRequest(f"{name} is not a list")
    return tuple(_read_text(each, name) for each in value or [])
