"""``ory:password_migration``: checks the passwords of imported users for Kratos at their first sign-in."""

from __future__ import annotations

#: The header with a secret of ``PASSWORD_MIGRATION_SECRETS``. Here, because settings modules import it.
MIGRATION_SECRET_HEADER = "X-Password-Migration-Secret"
