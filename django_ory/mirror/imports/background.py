"""The import of users as a task, for workers that run it instead of the command."""

from __future__ import annotations

import logging
from typing import Any

from .findings import ImportInterrupted
from .users import UserImport, UserImportOptions

logger = logging.getLogger("django_ory.import")

CONTINUE_SECONDS = 60.0


def run_user_import(alias: str, **options: Any) -> float | None:
    """Import the users without an identity, as ``ory_import_users`` does. The log has the counts.

    Args:
        alias: The key in ``settings.ORY``.
        options: The other options of ``UserImportOptions``.

    Returns:
        None at the end. If Kratos fails: the seconds after which a new run continues.

    Raises:
        InvalidImport: The options do not fit Kratos or the user model.
        OryError: Kratos failed before the first user. Nothing was changed.
    """
    users = UserImport(UserImportOptions(alias=alias, **options))
    if not users.check() and not users.options.skip_invalid:
        logger.warning(
            "No user was imported (project %s): %d of them cannot be. Run ory_import_users --dry-run with "
            "--report FILE to find these, or use skip_invalid.",
            *(alias, users.summary.counts["invalid"]),
        )
        return None
    try:
        summary = users.run()
    except ImportInterrupted as error:
        # Only the class: the text can quote a trait.
        name = type(error.__cause__ or error).__name__
        logger.warning(
            "Import of users interrupted (project %s): %s. It continues in %d seconds.",
            *(alias, name, CONTINUE_SECONDS),
        )
        return CONTINUE_SECONDS
    counts = ", ".join(f"{name} {count}" for name, count in sorted(summary.counts.items()))
    logger.info("Users imported (project %s): %s.", alias, counts)
    return None
