"""The classes work in ``REST_FRAMEWORK``, which DRF imports while its views are loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

SETTINGS = """
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "django_ory"],
    ORY={"default": {"HYDRA_ADMIN_URL": "http://hydra.test"}},
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["django_ory.rest_framework.authentication.OryAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["django_ory.rest_framework.permissions.IsUser"],
        "DEFAULT_THROTTLE_CLASSES": ["django_ory.rest_framework.throttling.PrincipalRateThrottle"],
        "EXCEPTION_HANDLER": "django_ory.rest_framework.handlers.exception_handler",
    },
)
import django
django.setup()
from rest_framework.views import APIView
assert APIView.authentication_classes[0].__name__ == "OryAuthentication"
assert APIView.settings.EXCEPTION_HANDLER.__module__ == "django_ory.rest_framework.handlers"
print("loaded")
"""


def test_classes_are_loaded_from_the_settings() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SETTINGS], cwd=ROOT, text=True, capture_output=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("loaded", "")
