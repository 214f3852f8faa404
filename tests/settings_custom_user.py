"""The unit suite with a user model that has no username, a UUID key and the e-mail as its name."""

from __future__ import annotations

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.accounts"]
AUTH_USER_MODEL = "accounts.Person"
