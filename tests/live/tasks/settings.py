"""The site of the workers: PostgreSQL, and the queue in the variable ``SITE_TASKS``."""

from __future__ import annotations

import json
import os

import django

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS as UNIT_APPS

HAS_TASKS = django.VERSION >= (6, 0)
INSTALLED_APPS = [*UNIT_APPS, *(["django_tasks_db"] if HAS_TASKS else [])]
DATABASES = {"default": json.loads(os.environ["SITE_DATABASE"])}
ORY = json.loads(os.environ["SITE_ORY"])
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
