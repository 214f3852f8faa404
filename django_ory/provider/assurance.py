"""How strongly somebody signed in: OpenID Connect's ``acr`` and ``amr`` from Kratos' levels and methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["amr", "wanted_aal"]

#: Kratos' method -> RFC 8176 section 2. A method that is not listed (oidc, saml) keeps its name: RFC 8176 has
#: none.
AMR = {
    "password": "pwd",
    "totp": "otp",
    "lookup_secret": "otp",
    "code": "otp",
    "code_recovery": "otp",
    "link_recovery": "otp",
    "webauthn": "hwk",
    "passkey": "hwk",
}
LEVELS = ("aal0", "aal1", "aal2", "aal3")


def amr(methods: Iterable[str], *, aal: str) -> list[str]:
    """The ``amr`` claim: each reference once, in the order of use; ``mfa`` when there were two factors."""
    found = dict.fromkeys(AMR.get(method, method) for method in methods if method)
    if aal == "aal2":
        found["mfa"] = None
    return list(found)


def wanted_aal(acr_values: Iterable[str], *, aal: str, acrs: dict[str, str]) -> str | None:
    """The level to step up to, or None if the session (at ``aal``) already is what the client prefers.

    ``acrs`` says which acr value stands for which level. The first value that we know counts (Core 3.1.2.1:
    in order of preference); values that we do not know are passed over, since ``acr_values`` is a voluntary
    claim.
    """
    level = next((acrs[value] for value in acr_values if value in acrs), None)
    if level is None or level not in LEVELS:
        return None
    return level if LEVELS.index(level) > (LEVELS.index(aal) if aal in LEVELS else 0) else None
