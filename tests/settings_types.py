"""For mypy only: the settings of the unit suite with the example site's app, so that its models are known."""

from __future__ import annotations

from pathlib import Path

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS as UNIT_APPS

DATA = Path()
INSTALLED_APPS = [*UNIT_APPS, "example_project.lending"]
