"""The claims that go with a consent: per granted scope, from the identity that the consent is about, and few.

They travel in the redirect's URL and come back in every token, so this is not the place for a whole profile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.traits import find_text, get_address, is_address_verified

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.contrib.auth.base_user import AbstractBaseUser

    from django_ory.adapter import OryAdapter
    from django_ory.client.models import Identity

__all__ = ["consent_claims"]

#: Claim (Core 5.1) -> where in the traits it may lie, first one found.
PROFILE = {
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
PHONE = ("phone_number", "phone")
#: Field of the user model in USER_FIELDS -> the claim that the project has thereby placed.
PLACED = {"first_name": "given_name", "last_name": "family_name", "username": "preferred_username"}
#: Hydra's own. Set by anybody else they are ignored at the top level but linger in ``ext``.
RESERVED = frozenset(
    {
        "acr", "amr", "at_hash", "aud", "auth_time", "azp", "c_hash", "client_id", "exp", "ext", "iat", "iss",
        "jti", "nbf", "nonce", "rat", "scope", "scp", "sid", "sub",
    }
)  # fmt: skip


def consent_claims(
    identity: Identity, *, user: AbstractBaseUser | None, scopes: Collection[str], adapter: OryAdapter
) -> dict[str, Any]:
    """The ID token's claims for the granted ``scopes``, after the adapter, without Hydra's own."""
    claims: dict[str, Any] = {}
    traits = identity.traits if isinstance(identity.traits, dict) else {}
    if "profile" in scopes:
        claims |= _profile(traits, adapter.settings.user_fields)
    if "email" in scopes and (email := adapter.get_email(identity)):
        verified = is_address_verified(identity, email, via="email")
        claims |= {"email": email, "email_verified": verified}
    if "phone" in scopes and (phone := find_text(traits, PHONE) or get_address(identity, "sms")):
        verified = is_address_verified(identity, phone, via="sms")
        claims |= {"phone_number": phone, "phone_number_verified": verified}
    claims = dict(adapter.get_claims(identity=identity, user=user, scopes=frozenset(scopes), claims=claims))
    return {name: value for name, value in claims.items() if name not in RESERVED and value is not None}


def _profile(traits: Mapping[str, Any], user_fields: Mapping[str, str]) -> dict[str, Any]:
    placed = {claim: (user_fields[field],) for field, claim in PLACED.items() if field in user_fields}
    found = {claim: find_text(traits, (*placed.get(claim, ()), *paths)) for claim, paths in PROFILE.items()}
    found["name"] = found["name"] or " ".join(filter(None, (found["given_name"], found["family_name"])))
    # No updated_at: Kratos leaves it alone when traits change, and clients would keep the old ones.
    return {claim: text for claim, text in found.items() if text}
