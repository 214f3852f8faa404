"""Signatures that were verified a moment ago, so that a client's next request with the token costs less.

The result depends on the text of the token and on the key alone, so an entry is never outdated. An entry is
used only while Hydra publishes its key. Issuer, audience, times and scopes are checked in every request.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django_ory.resilience.expiring_map import ExpiringMap

if TYPE_CHECKING:
    from jwt import PyJWK

#: With the longest tokens a process keeps 12 MB, with usual ones 1 MB. Only valid tokens take a place.
MAX_SIGNATURES = 2_000
MAX_SIGNATURE_AGE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """The key that a token was signed with. ``payload``: the claims as JSON, read anew by every request, so
    that no view can change the claims of another request.
    """

    key_id: str
    key: PyJWK
    payload: bytes = field(repr=False)


class SignatureCache:
    """The last verified tokens of this process, by their SHA-256."""

    def __init__(self) -> None:
        self._entries: ExpiringMap[VerifiedSignature] = ExpiringMap(max_size=MAX_SIGNATURES)

    def get(self, token: str) -> VerifiedSignature | None:
        """The verified signature of exactly this token."""
        return self._entries.get(_hash(token))

    def add(self, token: str, *, key_id: str, key: PyJWK, payload: bytes) -> None:
        """Keep the result of a successful verification."""
        entry = VerifiedSignature(key_id, key, payload)
        self._entries.set(_hash(token), entry, seconds=MAX_SIGNATURE_AGE_SECONDS)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
