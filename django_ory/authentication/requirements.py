"""The requirements of a view, and which of them a session does not meet. Plain values in, a decision out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Literal

from django_ory.client.models import Identity

from .results import SessionState, WhoamiResult

#: A shorter ``max_age`` could not be met: signing in and returning takes time.
MIN_MAX_AGE = timedelta(seconds=10)


class AccessDecision(Enum):
    """Whether a request may reach the view; if not, what the user must do first."""

    ALLOW = "allow"
    LOGIN = "login"
    SECOND_FACTOR = "second_factor"
    REAUTHENTICATE = "reauthenticate"
    VERIFY_ADDRESS = "verify_address"
    VERIFY_ADDRESS_FOR_USER = "verify_address_for_user"  #: there is no Django user before that
    DENY = "deny"  #: the Django user is inactive or missing
    TWO_ACCOUNTS = "two_accounts"  #: ``request.user`` is not the user of the Kratos session
    UNAVAILABLE = "unavailable"  #: the session is unknown, because Kratos is unavailable


#: Decisions that another whoami call may change if they were made from a cached session.
MAY_BE_OUTDATED = frozenset(
    {AccessDecision.SECOND_FACTOR, AccessDecision.REAUTHENTICATE, AccessDecision.VERIFY_ADDRESS}
)


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """A Kratos session, and what else a view requires.

    Raises ValueError for an unknown ``aal`` and for a ``max_age`` of less than 10 seconds.
    """

    aal: Literal["aal1", "aal2"] = "aal1"
    max_age: timedelta | None = None  #: the longest time since the last sign-in
    verified: bool = False  #: the user's own e-mail address must be verified
    user: bool = False  #: the identity must have an active Django user

    def __post_init__(self) -> None:
        if self.aal not in ("aal1", "aal2"):
            raise ValueError(f'aal must be "aal1" or "aal2", not {self.aal!r}')
        if self.max_age is not None and self.max_age < MIN_MAX_AGE:
            raise ValueError(f"max_age must be {MIN_MAX_AGE} or more: signing in takes that long")


def evaluate(
    requirement: Requirement, answer: WhoamiResult, *, now: float, is_verified: Callable[[Identity], bool]
) -> AccessDecision:
    """Return the decision for the first requirement that the session does not meet; the Django user is not
    checked.

    Args:
        answer: the result of whoami.
        now: seconds since the epoch.
        is_verified: ``OryAdapter.is_verified`` of the project.
    """
    if answer.state is SessionState.UNAVAILABLE:
        return AccessDecision.UNAVAILABLE
    if answer.state is SessionState.AAL2_REQUIRED:
        return AccessDecision.SECOND_FACTOR
    if answer.session is None:
        return AccessDecision.LOGIN
    if requirement.aal == "aal2" and answer.session.authenticator_assurance_level not in ("aal2", "aal3"):
        return AccessDecision.SECOND_FACTOR
    if requirement.max_age is not None:
        age = answer.age(now)
        if age is None or age > requirement.max_age.total_seconds():
            return AccessDecision.REAUTHENTICATE
    identity = answer.session.identity
    if requirement.verified and not (identity is not None and is_verified(identity)):
        return AccessDecision.VERIFY_ADDRESS
    return AccessDecision.ALLOW
