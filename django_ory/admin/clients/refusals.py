"""Finds the field of the form to which a refusal of Hydra belongs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from .client_fields import ClientFields

if TYPE_CHECKING:
    from collections.abc import Collection

#: The text of RFC 7591 before Hydra's own reason.
_PREAMBLE = re.compile(
    r"The value of one of the Client Metadata fields is invalid and the server has rejected this request\. "
    r"Note that an Authorization Server MAY choose to substitute a valid value for any requested parameter "
    r"of a Client's Metadata\.\s*"
)
#: Words of Hydra's reasons that name no field -> the field. The first match counts.
_FIELDS_BY_WORDS = {
    "redirect ur": "redirect_uris",
    "origin url": "allowed_cors_origins",
    "subject type": "subject_type",
    "access token strategy": "access_token_strategy",
    "private key authentication": "token_endpoint_auth_signing_alg",
    "jwks": "jwks_uri",
    "response_type": "response_types",
    "grant_type": "grant_types",
}
#: ``redirect_uris`` is a part of ``post_logout_redirect_uris``, so longer names are looked for first.
_NAMES_BY_LENGTH = sorted(ClientFields.base_fields, key=len, reverse=True)


def find_refused_field(reason: str, changed: Collection[str]) -> tuple[str | None, str]:
    """Return the field that a reason of Hydra names, and the reason without its general preamble.

    Args:
        reason: The sentences of Hydra, or of the mirror.
        changed: The fields that were sent.

    Returns:
        The name of the field, None if the reason belongs to the whole form; the message.
    """
    message, replaced = _PREAMBLE.subn("", reason)
    if replaced and not message:  # Hydra 2.3 gives no reason if it cannot read the list of this URL
        if "sector_identifier_uri" in changed:
            text = _("Ory could not read this URL, or its list does not contain all redirect URIs.")
            return "sector_identifier_uri", text
        return None, _("Ory rejected the values without a reason.")
    lowered = message.lower()
    for name in _NAMES_BY_LENGTH:
        if re.search(rf"\b{name}\b", lowered):
            return name, message
    return next((name for words, name in _FIELDS_BY_WORDS.items() if words in lowered), None), message
