"""The assurance of a session: ``acr``, ``amr``, stepping up and reauthentication."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .authorization import AuthorizationRequest

#: The reference of RFC 8176 section 2 for each method of Kratos. Other methods (oidc, saml) keep their name.
AMR_REFERENCES = {
    "password": "pwd",
    "totp": "otp",
    "lookup_secret": "otp",
    "code": "otp",
    "code_recovery": "otp",
    "link_recovery": "otp",
    "webauthn": "hwk",
    "passkey": "hwk",
}


@dataclass(frozen=True, kw_only=True)
class BrowserSession:
    """The session of the browser: of Kratos, or of Django with ``session_id`` "".

    ``authenticated_at`` and ``second_factor_at``: when the user last gave each factor. The user can repeat
    either of them, and the session keeps its level.
    """

    subject: str
    session_id: str = ""
    authenticated_at: datetime | None
    expires_at: datetime | None
    second_factor_at: datetime | None = None
    aal: str = "aal1"
    methods: tuple[str, ...] = ()


def build_amr(
    methods: Iterable[str], *, aal: str, amr_references: Mapping[str, str] = AMR_REFERENCES
) -> list[str]:
    """Build the ``amr`` claim: each reference once, in order of use, and ``mfa`` for two factors.

    ``amr_references``: the reference of each method. Other methods keep their name.
    """
    references = dict.fromkeys(amr_references.get(method, method) for method in methods if method)
    if aal == "aal2":
        references["mfa"] = None
    return list(references)


def get_step_up(
    requested: Iterable[str], *, aal: str, acr_values: Mapping[str, str]
) -> Literal["aal2"] | None:
    """Return the level to step up to; None if the client prefers the level ``aal`` or has no preference.

    The first known value counts (Core 3.1.2.1: in order of preference). Unknown values are ignored, because
    ``acr_values`` is a voluntary claim. ``acr_values`` maps each level of Kratos to its acr value.
    """
    levels = {acr: level for level, acr in acr_values.items()}
    preferred = next((levels[value] for value in requested if value in levels), None)
    return "aal2" if preferred == "aal2" and aal not in {"aal2", "aal3"} else None


def is_acr_met(requested: Iterable[str], *, aal: str, acr_values: Mapping[str, str]) -> bool:
    """Return whether the level ``aal`` is one of those that the client requests, or a higher one."""
    levels = {acr: level for level, acr in acr_values.items()}
    wanted = [levels[value] for value in requested if value in levels]
    return any(aal >= level for level in wanted)  # "aal1" < "aal2" < "aal3"


def required_reauthentication(
    authorization: AuthorizationRequest, session: BrowserSession, *, now: datetime, seen_at: float | None
) -> Literal["aal1", "aal2"] | None:
    """Return the level of the factor to give again, the first one first; None if both are recent enough.

    ``seen_at``: the Unix time at which the challenge was first seen. A factor given later is always fresh.
    """
    if not authorization.needs_fresh_login and authorization.max_age is None:
        return None
    since = float("inf") if seen_at is None else seen_at
    if not authorization.needs_fresh_login and authorization.max_age is not None:
        since = min(since, now.timestamp() - authorization.max_age)
    if session.authenticated_at is None or session.authenticated_at.timestamp() < since:
        return "aal1"
    is_stale = session.second_factor_at is not None and session.second_factor_at.timestamp() < since
    return "aal2" if is_stale else None
