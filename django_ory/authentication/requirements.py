"""What a view demands and what is still missing. Plain values in, a verdict out; ``refusals`` makes the
response.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Literal

from .results import SessionState, WhoamiResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.client.models import Identity

__all__ = ["Requirement", "Verdict", "judge"]

#: A shorter demand could not be met: the way through Kratos and back takes time.
SHORTEST_MAX_AGE = timedelta(seconds=10)


class Verdict(Enum):
    """What a person must do before the view lets them in."""

    PASS = "pass"
    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    SIGN_IN_AGAIN = "sign_in_again"
    VERIFY_ADDRESS = "verify_address"
    VERIFY_ADDRESS_FOR_USER = "verify_address_for_user"  #: there is no Django user before that
    REFUSE = "refuse"  #: the Django user is inactive or missing
    TWO_ACCOUNTS = "two_accounts"  #: ``request.user`` is not the user of the Kratos session
    UNAVAILABLE = "unavailable"  #: wait


#: Verdicts that an older, remembered answer may be the reason for.
WORTH_ASKING_AGAIN = frozenset({Verdict.SECOND_FACTOR, Verdict.SIGN_IN_AGAIN, Verdict.VERIFY_ADDRESS})


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """A session, and whatever more is set here."""

    aal: Literal["aal1", "aal2"] = "aal1"
    max_age: timedelta | None = None  #: the longest time since the last sign-in
    verified: bool = False  #: the user's own e-mail address must be verified
    user: bool = False  #: a Django user must belong to it

    def __post_init__(self) -> None:
        if self.aal not in ("aal1", "aal2"):
            raise ValueError(f'aal must be "aal1" or "aal2", not {self.aal!r}')
        if self.max_age is not None and self.max_age < SHORTEST_MAX_AGE:
            raise ValueError(f"max_age must be {SHORTEST_MAX_AGE} or more: signing in takes that long")


def judge(
    requirement: Requirement, answer: WhoamiResult, *, now: float, is_verified: Callable[[Identity], bool]
) -> Verdict:
    """Return the first requirement that the session does not meet. The Django user is checked elsewhere.

    ``now``: seconds since the epoch. ``is_verified``: ``OryAdapter.is_verified`` of the project.
    """
    if answer.state is SessionState.UNAVAILABLE:
        return Verdict.UNAVAILABLE
    if answer.state is SessionState.AAL2_REQUIRED:
        return Verdict.SECOND_FACTOR
    if answer.session is None:
        return Verdict.SIGN_IN
    if requirement.aal == "aal2" and answer.session.authenticator_assurance_level not in ("aal2", "aal3"):
        return Verdict.SECOND_FACTOR
    if requirement.max_age is not None:
        age = answer.age(now)
        if age is None or age > requirement.max_age.total_seconds():
            return Verdict.SIGN_IN_AGAIN
    identity = answer.session.identity
    if requirement.verified and not (identity is not None and is_verified(identity)):
        return Verdict.VERIFY_ADDRESS
    return Verdict.PASS
