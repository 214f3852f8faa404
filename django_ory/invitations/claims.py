"""Claims an invitation for one sign-up, before Kratos creates the identity.

Kratos repeats a post after a lost answer, and users send a form twice. So a claim is bound to the traits, and
the same traits may claim again: Kratos rejects a second identity with the same identifiers. Other traits can
claim the invitation only if Kratos has rejected the first ones, because an older identity has their
identifier.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from django_ory.adapter import get_adapter
from django_ory.client import OryError, OryUsageError
from django_ory.client.models import Identity
from django_ory.clients import get_client
from django_ory.models import Invitation
from django_ory.resilience.log_throttle import throttled_log
from django_ory.traits import emails_equal

from .invitations import find_by_grant, find_refusal
from .refusals import Refusal
from .signups import SignUp

logger = logging.getLogger("django_ory.invitations")

SIGNUP_SALT = "django_ory.invitation.signup"
MAX_LABEL_LENGTH = 320


def claim_invitation(signup: SignUp) -> Refusal | None:
    """Use the invitation of a sign-up. Returns the reason for a refusal, or None if Kratos may continue."""
    if not signup.grant:
        return Refusal.MISSING
    invitation = find_by_grant(signup.grant, alias=signup.alias)
    refusal = find_refusal(invitation)
    if invitation is None or refusal not in (None, Refusal.USED):
        return refusal
    adapter, identity = get_adapter(signup.alias), signup.identity
    label = adapter.get_identity_label(identity)[:MAX_LABEL_LENGTH]
    if not label:
        _warn_about_label(signup.alias)
        return Refusal.NO_IDENTIFIER
    if invitation.email and not emails_equal(adapter.get_email(identity), invitation.email):
        return Refusal.OTHER_EMAIL
    digest, former = _build_digest(signup), invitation.signup_digest
    if former not in ("", digest):
        try:
            if not is_claim_void(invitation):
                return Refusal.USED
        except (OryError, OryUsageError) as error:
            logger.warning("Invitation %s could not be checked: %s", invitation.log_name, error)
            return Refusal.UNAVAILABLE
    # One conditional update, so that of two sign-ups at the same moment only one gets the invitation.
    rows = Invitation.objects.filter(
        pk=invitation.pk,
        token_hash=invitation.token_hash,
        revoked_at=None,
        signup_digest__in={former, digest},
    )
    is_claimed = rows.update(
        signup_digest=digest,
        signup_schema=signup.schema_id,
        used_by=label,
        used_at=timezone.now(),
        flow_issued_at=signup.issued_at if settings.USE_TZ else timezone.make_naive(signup.issued_at),
    )
    return None if is_claimed else Refusal.USED


def is_claim_void(invitation: Invitation) -> bool:
    """Return whether Kratos has rejected the sign-up that has claimed the invitation. Makes a call.

    True if an identity of the same schema had the identifier before the sign-up began. In all other cases the
    identity may exist. Raises OryError.
    """
    if invitation.flow_issued_at is None:
        return False
    client = get_client(invitation.alias)
    found = client.admin_list_identities(credentials_identifier=invitation.used_by)
    return bool(found) and all(_is_older(each, invitation) for each in found)


def _is_older(identity: Identity, invitation: Invitation) -> bool:
    issued_at: Any = invitation.flow_issued_at
    issued_at = issued_at if settings.USE_TZ else timezone.make_aware(issued_at)
    return (
        identity.schema_id == invitation.signup_schema
        and identity.created_at is not None
        and identity.created_at < issued_at
    )


def _build_digest(signup: SignUp) -> str:
    """Return a keyed hash of the traits, so that the database does not reveal them."""
    content = json.dumps([signup.schema_id, signup.traits], sort_keys=True)
    return salted_hmac(SIGNUP_SALT, content, algorithm="sha256").hexdigest()


def _warn_about_label(alias: str) -> None:
    throttled_log.warn(
        logger,
        ("invitation label", alias),
        "Sign-up refused (project %s): the traits have no identifier, so an invitation could be used twice. "
        "Override get_identity_label in your subclass of OryAdapter.",
        alias,
    )
