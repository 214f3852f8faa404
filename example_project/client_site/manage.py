#!/usr/bin/env python
"""``python client_site/manage.py runserver 8001`` starts Fix-it Friday; ``settings.py`` has its variables."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    sys.path[0] = str(
        Path(__file__).resolve().parent.parent
    )  # so that this folder is the package client_site
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "client_site.settings")
    execute_from_command_line(sys.argv)
