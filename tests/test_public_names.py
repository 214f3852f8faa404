"""What projects may rely on: the public names, the settings, the checks, the migrations; all documented."""

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
#: Modules whose names stand elsewhere.
ELSEWHERE = {"django_ory.urls", "django_ory.client.models", "django_ory.tokens.urls"}
#: What Django or the app itself imports.
INTERNAL = {"apps", "traits", "user_fields", "user_names"}


@pytest.mark.parametrize("module", sorted(LISTED.keys() - ELSEWHERE))
def test_the_page_lists_what_a_module_gives(module: str) -> None:
    public = set(import_module(module).__all__)
    assert LISTED[module] == public - set(errors.__all__)
    assert all(hasattr(import_module(module), name) for name in public)


def test_every_module_at_the_door_is_listed() -> None:
    doors = {path.stem for path in (ROOT / "django_ory").glob("*.py")} - {"__init__"} - INTERNAL
    rooms = {
        "admin",
        "client",
        "devstack",
        "authentication",
        "http",
        "mirror",
        "rest_framework",
        "testing",
        "tokens",
    }
    assert doors == {module.split(".")[1] for module in LISTED} - rooms


def test_models_are_importable_by_name() -> None:
    models = import_module("django_ory.client.models")
    assert all(hasattr(models, name) for name in models.__all__)


def test_every_key_says_what_it_is() -> None:
    assert [key for key, field in KEYS.items() if len(field.metadata.get("help", "")) < 10] == []
    assert "{ory-settings}" in (ROOT / "docs/settings.md").read_text()


def test_every_check_says_what_it_finds_and_has_an_id_of_its_own() -> None:
    assert [rule.id for rule in RULES.values() if not rule.summary.endswith(".")] == []
    assert "{ory-checks}" in (ROOT / "docs/checks.md").read_text()


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "django_ory", check=True, dry_run=True, verbosity=0)
