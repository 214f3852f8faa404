"""The claims of both tokens, by granted scope, from the identity or the Django user of the subject.

They are part of the redirect URL and of every token, so they must be few and short.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.serializers.json import DjangoJSONEncoder

from django_ory.adapter import OryAdapter
from django_ory.client import models as ory
from django_ory.traits import find_text, get_address, is_address_verified

logger = logging.getLogger("django_ory.provider")

#: Longer claims of one token are logged: Hydra sends them in the URL that completes the consent.
MAX_CLAIMS_LENGTH = 2_500
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


@dataclass(frozen=True, kw_only=True)
class GrantClaims:
    """The claims of the tokens of one grant. Those of the ID token are also those of userinfo."""

    id_token: dict[str, Any]
    access_token: dict[str, Any]


def build_grant_claims(
    *,
    identity: ory.Identity | None,
    user: AbstractBaseUser | None,
    client: ory.OAuth2Client,
    scopes: Collection[str],
    adapter: OryAdapter,
) -> GrantClaims:
    """Build the claims for the granted ``scopes``, changed by the adapter.

    Standard claims come from the identity, or from the user if there is no identity. Without both there are
    none, and the adapter is not called.

    Args:
        identity: The identity of the subject of the grant, never that of the browser's session.
        user: The Django user of the subject.
        client: The client that gets the tokens.
        scopes: The granted scopes.
        adapter: The adapter of the Ory project.
    """
    if identity is None and user is None:
        return GrantClaims(id_token={}, access_token={})
    if identity is not None:
        claims = _build_identity_claims(identity, scopes=scopes, adapter=adapter)
    else:
        claims = _build_user_claims(user, scopes=scopes, adapter=adapter)
    account: dict[str, Any] = {
        "identity": identity,
        "user": user,
        "client": client,
        "scopes": frozenset(scopes),
    }
    return GrantClaims(
        id_token=_select_claims(adapter.get_claims(**account, claims=claims), client=client),
        access_token=_select_claims(adapter.get_access_token_claims(**account), client=client),
    )


def _select_claims(claims: Mapping[str, Any], *, client: ory.OAuth2Client) -> dict[str, Any]:
    """Return the claims as JSON values, without those of Hydra. Times, UUIDs and translated texts are texts.

    Raises:
        TypeError: The adapter returned a value that JSON does not have.
        ValueError: The adapter returned a number that JSON does not have.
    """
    selected = {
        name: value for name, value in claims.items() if name not in RESERVED_CLAIMS and value is not None
    }
    text = json.dumps(selected, cls=DjangoJSONEncoder, allow_nan=False)
    if len(text) > MAX_CLAIMS_LENGTH:
        logger.warning(
            "The claims of a token for client %s have %d characters. They are sent in a URL, and servers "
            "reject URLs of more than about 4,000. Return less from get_claims and get_access_token_claims.",
            client.client_id,
            len(text),
        )
    return dict(json.loads(text))


def _build_identity_claims(
    identity: ory.Identity, *, scopes: Collection[str], adapter: OryAdapter
) -> dict[str, Any]:
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
    return claims


def _build_user_claims(user: Any, *, scopes: Collection[str], adapter: OryAdapter) -> dict[str, Any]:
    """Build the claims from the fields of a Django user, whose site alone knows whether it verified them."""
    claims: dict[str, Any] = {}
    email_field = user.get_email_field_name()
    if "profile" in scopes:
        claims |= {claim: getattr(user, field, "") for field, claim in USER_FIELD_CLAIMS.items()}
        claims["name"] = " ".join(filter(None, (claims["given_name"], claims["family_name"])))
        if email_field != user.USERNAME_FIELD:
            claims["preferred_username"] = user.get_username()
    if "email" in scopes and (email := getattr(user, email_field, "")):
        claims |= {"email": email, "email_verified": adapter.has_verified_email(user)}
    return {claim: value for claim, value in claims.items() if value != ""}


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
