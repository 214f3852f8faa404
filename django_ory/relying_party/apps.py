"""The registration of this app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class RelyingPartyConfig(AppConfig):
    """``INSTALLED_APPS += ["django_ory.relying_party"]``."""

    name = "django_ory.relying_party"
    label = "ory_relying_party"
    verbose_name = "Single logout"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks, libraries  # noqa: F401 (registers the checks, connects receivers)
