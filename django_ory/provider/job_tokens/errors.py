"""The reasons for which a job gets no token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["DenialReason", "TokenDenied"]

DenialReason = Literal[
    "turned_off",
    "permission_denied",
    "account_inactive",
    "user_not_allowed",
    "client_not_prepared",
    "scope_not_allowed",
    "audience_not_allowed",
    "job_revoked",
]

DENIAL_TEXTS: dict[DenialReason, str] = {
    "turned_off": "JOB_TOKEN_KEYS is not set, so jobs get no tokens for users.",
    "permission_denied": "The issuing user needs the permission django_ory.issue_token_for_user.",
    "account_inactive": "The user has no active account.",
    "user_not_allowed": "allow_token_for_user of the adapter does not allow it. Default: no staff.",
    "client_not_prepared": "The client is missing, is not only for jobs, or does not have the present "
    "key: run manage.py ory_trust_issuer with the id of a client of its own.",
    "scope_not_allowed": "A scope is not registered for the client, or none was requested.",
    "audience_not_allowed": "An audience is not registered for the client, or none was requested.",
    "job_revoked": "The user or staff have revoked the job. It gets no more tokens.",
}


@dataclass(frozen=True)
class TokenDenied(Exception):
    """A job gets no token. Repeating the call does not help.

    ``reason``: a stable code.
    """

    reason: DenialReason

    def __str__(self) -> str:
        return DENIAL_TEXTS[self.reason]
