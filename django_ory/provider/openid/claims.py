"""The claims of a consent, by granted scope, from the identity of the user.

They are part of the redirect URL and of every ID token, so they must be few and short.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from django_ory.adapter import OryAdapter
from django_ory.client import models as ory
from django_ory.traits import find_text, get_address, is_address_verified

#: The traits that can hold a claim (Core 5.1). The first one that exists counts.
PROFILE_TRAITS = {
    "name": ("name", "full_name", "display_name"),
    "given_name": ("given_name", "first_name", "name.first", "name.given"),
    "family_name": ("family_name", "last_name", "name.last", "name.family"),
    "preferred_username": ("preferred_username", "username"),
    "nickname": ("nickname",),
    "picture": ("picture", "avatar"),
    "website": ("website",),
    "zoneinfo": ("zoneinfo", "timezone"),
    "locale": ("locale",),
}
PHONE_TRAITS = ("phone_number", "phone")
#: The claim of a user field. The trait that USER_FIELDS maps to the field is tried first.
USER_FIELD_CLAIMS = {"first_name": "given_name", "last_name": "family_name", "username": "preferred_username"}
#: Claims that only Hydra sets. From a consent, Hydra ignores them but copies them into ``ext``.
RESERVED_CLAIMS = frozenset(
    {
        "acr", "amr", "at_hash", "aud", "auth_time", "azp", "c_hash", "client_id", "exp", "ext", "iat", "iss",
        "jti", "nbf", "nonce", "rat", "scope", "scp", "sid", "sub",
    }
)  # fmt: skip


def build_claims(
    identity: ory.Identity, *, user: AbstractBaseUser | None, scopes: Collection[str], adapter: OryAdapter
) -> dict[str, Any]:
    """Build the claims of the ID token for the granted ``scopes``, changed by the adapter."""
    claims: dict[str, Any] = {}
    traits = identity.traits if isinstance(identity.traits, dict) else {}
    if "profile" in scopes:
        claims |= _build_profile(traits, adapter.settings.user_fields)
    if "email" in scopes and (email := adapter.get_email(identity)):
        verified = is_address_verified(identity, email, via="email")
        claims |= {"email": email, "email_verified": verified}
    if "phone" in scopes and (phone := find_text(traits, PHONE_TRAITS) or get_address(identity, "sms")):
        verified = is_address_verified(identity, phone, via="sms")
        claims |= {"phone_number": phone, "phone_number_verified": verified}
    claims = dict(adapter.get_claims(identity=identity, user=user, scopes=frozenset(scopes), claims=claims))
    return {
        name: value for name, value in claims.items() if name not in RESERVED_CLAIMS and value is not None
    }


def _build_profile(traits: Mapping[str, Any], user_fields: Mapping[str, str]) -> dict[str, Any]:
    mapped = {
        claim: (user_fields[field],) for field, claim in USER_FIELD_CLAIMS.items() if field in user_fields
    }
    profile = {
        claim: find_text(traits, (*mapped.get(claim, ()), *paths)) for claim, paths in PROFILE_TRAITS.items()
    }
    profile["name"] = profile["name"] or f"{profile['given_name']} {profile['family_name']}".strip()
    # No updated_at: Kratos does not change it with the traits, so clients would keep outdated claims.
    return {claim: text for claim, text in profile.items() if text}
