"""Sphinx configuration. The reference pages are made from the code by the extensions in ``_ext``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django  # noqa: E402

import django_ory  # noqa: E402

django.setup()

project = "django_ory"
author = "The django_ory maintainers"
copyright = "2026, the django_ory maintainers"
version = release = django_ory.__version__

extensions = ["myst_parser", "sphinx_copybutton", "ory_reference.directives"]
exclude_patterns = ["_build", "_ext"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = True

html_theme = "furo"
html_title = "django_ory"
html_static_path: list[str] = []
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
