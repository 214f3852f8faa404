"""The app's registration with Django."""

from __future__ import annotations

from django.apps import AppConfig, apps


class OryConfig(AppConfig):
    """``INSTALLED_APPS += ["django_ory"]`` is all that is needed."""

    name = "django_ory"
    label = "django_ory"
    verbose_name = "Ory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks  # noqa: F401 (registers the system checks)

        if apps.is_installed("drf_spectacular"):
            from .rest_framework import openapi  # noqa: F401 (registers the security schemes)
        from .provider import login_time, single_logout  # noqa: F401 (connect receivers)
