"""Claims an invitation for one sign-up, before Kratos creates the identity.

Kratos repeats a post after a lost answer, and users send a form twice. So a claim is bound to the
identifiers of the sign-up, and the same identifiers may claim again: Kratos creates one identity with them.
They may do so for some minutes only, because the user can change the identifiers of the new account.
A sign-up with an identifier in use does not claim, because Kratos would reject the identity.
"""

from __future__ import annotations

import json
import logging
from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import salted_hmac

from django_ory.adapter import get_adapter
from django_ory.client import OryError, OryUsageError
from django_ory.clients import get_client
from django_ory.http.redirects import INVITATION_PARAMETER
from django_ory.models import Invitation
from django_ory.schemas.fetch import get_schema_store
from django_ory.traits import emails_equal
from django_ory.validation.submissions import Submission

from .invitations import find_by_grant, find_refusal
from .refusals import Refusal

logger = logging.getLogger("django_ory.invitations")

SIGNUP_SALT = "django_ory.invitation.signup"
MAX_LABEL_LENGTH = 320
#: The number of identifiers that are looked up, each with one call.
MAX_IDENTIFIERS = 5
#: How long after a claim the same sign-up may be repeated.
REPEAT_TIME = timedelta(minutes=10)


def claim_invitation(signup: Submission) -> Refusal | None:
    """Use the invitation of a sign-up. Returns the reason for a refusal, or None if Kratos may continue."""
    grant = signup.get_parameter(INVITATION_PARAMETER)
    if not grant:
        return Refusal.MISSING
    invitation = find_by_grant(grant, alias=signup.alias)
    refusal = find_refusal(invitation)
    if invitation is None or refusal not in (None, Refusal.USED):
        return refusal
    adapter, identity = get_adapter(signup.alias), signup.identity
    if invitation.email and not emails_equal(adapter.get_email(identity), invitation.email):
        return Refusal.OTHER_EMAIL
    identifiers = read_identifiers(signup)
    try:
        if _is_in_use(identifiers, alias=signup.alias):
            return Refusal.TAKEN
    except (OryError, OryUsageError) as error:
        logger.warning("Invitation %s could not be checked: %s", invitation.log_name, error)
        return Refusal.UNAVAILABLE
    digest = _build_digest(signup, identifiers)
    # One conditional update, so that of two sign-ups at the same moment only one gets the invitation.
    rows = Invitation.objects.filter(pk=invitation.pk, token_hash=invitation.token_hash, revoked_at=None)
    label, now = adapter.get_identity_label(identity)[:MAX_LABEL_LENGTH], timezone.now()
    if rows.filter(signup_digest="").update(signup_digest=digest, used_by=label, used_at=now):
        return None
    is_repeated = rows.filter(signup_digest=digest, used_at__gt=now - REPEAT_TIME).exists()
    return None if is_repeated else Refusal.USED


def read_identifiers(signup: Submission) -> list[str]:
    """Return the values that the user will sign in with, in lower case as in Kratos.

    Empty if the schema has no identifiers, as with sign-in through other providers only, or is not available.
    """
    schema = get_schema_store(signup.alias).get(signup.schema_id)
    return schema.read_identifiers(signup.traits) if schema is not None else []


def _is_in_use(identifiers: list[str], *, alias: str) -> bool:
    """Return whether an identity has one of the identifiers. Raises OryError."""
    client = get_client(alias)
    return any(
        client.admin_list_identities(credentials_identifier=each) for each in identifiers[:MAX_IDENTIFIERS]
    )


def _build_digest(signup: Submission, identifiers: list[str]) -> str:
    """Return a keyed hash, so that the database does not reveal the values.

    Without identifiers, only the same form with the same traits is the same sign-up.
    """
    content = identifiers or [signup.flow_id, signup.schema_id, signup.traits]
    text = json.dumps(content, sort_keys=True)
    return salted_hmac(SIGNUP_SALT, text, algorithm="sha256").hexdigest()
