"""``ory:password_migration``: checks the passwords of imported users for Kratos at their first sign-in."""
