"""The permissions of the models."""

from __future__ import annotations

from django.apps import apps

from .markdown import entry


def list_permissions() -> dict[str, str]:
    """Return the names of the permissions, such as ``django_ory.sync_identity``, with their titles."""
    found = {}
    for model in apps.get_app_config("django_ory").get_models():
        options = model._meta
        for action in options.default_permissions:
            title = f"Can {action} {options.verbose_name_plural}"
            found[f"django_ory.{action}_{options.model_name}"] = title
        found |= {f"django_ory.{name}": str(title) for name, title in options.permissions}
    return found


def lines() -> list[str]:
    """Return an entry for each permission."""
    found = []
    for name, title in sorted(list_permissions().items()):
        found += entry(f"`{name}`", f"{title}.")
    return found
