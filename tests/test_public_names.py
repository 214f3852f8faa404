"""The public interface: names, settings, checks and migrations are complete and documented."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import call_command

from django_ory.checks import RULES
from django_ory.client import errors
from django_ory.conf import KEYS

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/reference/public-names.md").read_text()
LISTED = {
    module: set(re.findall(r"`(\w+)`", names))
    for module, names in re.findall(r"^\| `([\w.]+)` \| (.*) \|$", PAGE, re.MULTILINE)
}
#: Modules with names on other pages.
ON_OTHER_PAGES = {
    "django_ory.urls",
    "django_ory.client.models",
    "django_ory.tasks",
    "django_ory.tokens.urls",
    "django_ory.relying_party.urls",
}
#: Modules for Django or the app itself.
INTERNAL = {
    *("apps", "client_metadata", "django_tasks", "provider_adapter", "setting_fields", "traits"),
    *("user_fields", "user_names", "user_subjects"),
}


@pytest.mark.parametrize("module", sorted(LISTED.keys() - ON_OTHER_PAGES))
def test_page_lists_the_names_of_a_module(module: str) -> None:
    public = set(import_module(module).__all__)
    assert LISTED[module] == public - set(errors.__all__)
    assert all(hasattr(import_module(module), name) for name in public)


def test_every_top_level_module_is_listed() -> None:
    modules = {path.stem for path in (ROOT / "django_ory").glob("*.py")} - {"__init__"} - INTERNAL
    packages = {
        "accounts",
        "invitations",
        "admin",
        "client",
        "courier",
        "devstack",
        "authentication",
        "http",
        "mirror",
        "models",
        "provider",
        "relying_party",
        "rest_framework",
        "selfservice",
        "testing",
        "tokens",
    }
    assert modules == {module.split(".")[1] for module in LISTED} - packages


IMPORT = re.compile(r"^(?:>>> )?from (django_ory[\w.]*) import (\([^)]*\)|[^\n]*)", re.MULTILINE)


@pytest.mark.parametrize(
    "page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: str(page.relative_to(ROOT))
)
def test_pages_import_public_names_only(page: Path) -> None:
    imported = {
        (module, name)
        for module, names in IMPORT.findall(page.read_text())
        for name in re.findall(r"\w+", names.partition("#")[0])
    }
    public = {(module, name) for module, names in LISTED.items() for name in names}
    errors_of_client = {("django_ory.client", name) for name in errors.__all__}
    assert imported - public - errors_of_client == set()


def test_models_are_importable_by_name() -> None:
    models = import_module("django_ory.client.models")
    assert all(hasattr(models, name) for name in models.__all__)


def test_every_key_has_a_help_text() -> None:
    assert [key for key, field in KEYS.items() if len(field.metadata.get("help", "")) < 10] == []
    assert "{ory-settings} Servers" in (ROOT / "docs/settings.md").read_text()


def test_every_check_has_a_summary() -> None:
    assert [rule.id for rule in RULES.values() if not rule.summary.endswith(".")] == []
    assert "{ory-check-list} E" in (ROOT / "docs/checks.md").read_text()


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "django_ory", check=True, dry_run=True, verbosity=0)
