#!/usr/bin/env python
"""Commands of the second site, for example ``python client_site/manage.py runserver localhost:8001``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # this folder is the package client_site
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "client_site.settings")
    execute_from_command_line(sys.argv)
