"""OAuth2 subjects of Django users, for a provider without Kratos. They reveal nothing and can be reversed.

A UUID as primary key is its own subject. A number is encrypted, because clients could otherwise count and
guess accounts. The cipher is a Feistel network with HMAC-SHA256 as its round function (Luby and Rackoff), so
a subject needs no table. Half of the block is zero: any other text is not decrypted to a key.
"""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from .client.identifiers import parse_uuid

ROUNDS = 8
HALF_BYTES = 8
MAX_KEY = 2**63 - 1  #: the largest primary key of a database
MIN_SUBJECT_KEY_LENGTH = 32


def encrypt_key(key: int, *, secret: str) -> str:
    """Return the subject of a primary key, in the form of a UUID.

    Args:
        key: From 0 to ``MAX_KEY``.
        secret: At least ``MIN_SUBJECT_KEY_LENGTH`` characters. Another secret makes other subjects.

    Raises ValueError for a key out of range.
    """
    if not 0 <= key <= MAX_KEY:
        raise ValueError(f"The primary key {key} is not from 0 to {MAX_KEY}.")
    left, right = bytes(HALF_BYTES), key.to_bytes(HALF_BYTES, "big")
    for number in range(ROUNDS):
        left, right = right, _mix(left, right, number, secret)
    return str(UUID(bytes=left + right))


def decrypt_key(subject: str, *, secret: str) -> int | None:
    """Return the primary key of a subject; None if the subject was not made with this secret."""
    block = parse_uuid(subject)
    if block is None or str(block) != subject:  # a user has one subject, in lower case
        return None
    left, right = block.bytes[:HALF_BYTES], block.bytes[HALF_BYTES:]
    for number in reversed(range(ROUNDS)):
        left, right = _mix(right, left, number, secret), left
    key = int.from_bytes(right, "big")
    return key if left == bytes(HALF_BYTES) and key <= MAX_KEY else None


def _mix(half: bytes, other: bytes, number: int, secret: str) -> bytes:
    """Return ``half``, changed by a keyed hash of the other half."""
    message = b"django_ory.subject\0" + bytes([number]) + other
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    return bytes(one ^ two for one, two in zip(half, digest[:HALF_BYTES], strict=True))
