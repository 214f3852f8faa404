"""The findings of an import: a code for programs, and a text that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["FINDING_TEXTS", "ImportFinding", "ImportInterrupted", "InvalidImport"]

#: By code. The first group prevents the import of a user, the second one does not.
FINDING_TEXTS: Mapping[str, str] = {
    "no_identifier": (
        "There is nothing to sign in with: the traits have no identifier. Set the e-mail address, or "
        "override OryAdapter.get_import_traits."
    ),
    "duplicate_identifier": (
        "Several users have the same identifier in Kratos, which ignores case. Change or delete all but one."
    ),
    "identifier_in_use": (
        "Another identity in Kratos has this identifier. If both belong to the same person, link the "
        "identity to the user in the admin."
    ),
    "invalid_traits": (
        "The identity schema does not allow these traits. Change the user, USER_FIELDS or the schema."
    ),
    "hash_not_accepted": (
        "Kratos cannot check this password hash. Set PASSWORD_MIGRATION_SECRETS and "
        "PASSWORD_MIGRATION_UNTIL, so that Kratos asks this site at the first sign-in."
    ),
    "refused": "Kratos refused the identity.",
    "row_not_written": (
        "The identity exists in Kratos, but could not be linked: its row belongs to another user, or the "
        "user was deleted. Link or delete the identity in the admin."
    ),
    "identity_missing": (
        "The user is linked to an identity that Kratos does not have. Delete its row in the admin and import "
        "again."
    ),
    # The user is imported.
    "no_password": "The user has no password: the recovery page or another provider is the way to sign in.",
    "password_hook": "Kratos asks this site for the password at the first sign-in.",
    "address_not_verified": (
        'Kratos did not accept the address as verified. Check "verification" in the identity schema.'
    ),
    "second_factor": "The second factor cannot be imported. The user must set it up again.",
    "provider_not_mapped": (
        "The account at this provider was not imported. Name the provider of Kratos with --provider."
    ),
    "password_changed": "The password was changed during the import. Kratos has the former one.",
}


@dataclass(frozen=True, kw_only=True)
class ImportFinding:
    """One finding about a user, without values of the user. ``details``: other user ids, names of traits."""

    code: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the finding for a report."""
        return {"code": self.code, **self.details, "text": FINDING_TEXTS[self.code]}


class InvalidImport(ValueError):
    """The import cannot start. The text says what to do."""


class ImportInterrupted(Exception):
    """The server failed in the middle. Everything before is complete; a new run continues."""
