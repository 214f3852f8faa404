"""Examples on the settings page are valid, together with the settings that their texts name."""

from __future__ import annotations

import ast
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.contrib.auth.models import User

from django_ory.adapter import OryAdapter
from django_ory.checks import check_deployment, check_settings
from django_ory.checks.rules import default_value
from django_ory.checks.settings import CHOICES, MINIMUMS
from django_ory.conf import KEYS, get_settings
from django_ory.consent_policy import REMEMBER_CHOICES
from django_ory.tokens.scopes import SCOPE_STRATEGIES
from tests.support.kratos import ory_settings

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings

SECRET = "s" * 32
#: Key -> the other settings that its text names.
NEEDED: dict[str, dict[str, Any]] = {
    "API_KEY": {"KRATOS_ADMIN_URL": "https://kratos", "HYDRA_ADMIN_URL": "https://hydra"},
    "COURIER_URL": {"COURIER_SECRETS": [SECRET]},
    "INVITATION_HOOK_URL": {"INVITATION_SECRETS": [SECRET]},
    "PASSWORD_MIGRATION_SECRETS": {"PASSWORD_MIGRATION_UNTIL": "2027-03-31"},
    "PASSWORD_MIGRATION_URL": {
        "PASSWORD_MIGRATION_SECRETS": [SECRET],
        "PASSWORD_MIGRATION_UNTIL": "2027-03-31",
    },
    "TOKEN_HOOK_URL": {"TOKEN_HOOK_SECRETS": [SECRET]},
    "WEBHOOK_URL": {"WEBHOOK_SECRETS": [SECRET]},
}


@pytest.fixture(autouse=True)
def _site(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The site of the examples: www.example.org, with an adapter and a second cache."""
    redis = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://x"}
    settings.ALLOWED_HOSTS = [".example.org", "web.internal", "localhost"]
    settings.CACHES = {"default": redis, "sessions": redis}
    module = ModuleType("mysite.ory")
    module.Adapter = type("Adapter", (OryAdapter,), {})  # type: ignore[attr-defined]
    monkeypatch.setattr("django_ory.checks.project.get_user_model", lambda: User)
    monkeypatch.setattr("django_ory.checks.tasks.find_spec", lambda name: object())  # Celery
    monkeypatch.setitem(sys.modules, "mysite", ModuleType("mysite"))
    monkeypatch.setitem(sys.modules, "mysite.ory", module)


def find_problems(settings: Settings, key: str, value: Any) -> list[str]:
    """Check a project with one more setting, and return the messages about this setting."""
    settings.ORY = ory_settings(**NEEDED.get(key, {}), **{key: value})
    found = [*check_settings(None), *check_deployment(None)]
    return [f"{each.id}: {each.msg}" for each in found if key in each.msg]


@pytest.mark.parametrize("key", KEYS)
def test_example_of_a_setting_is_valid(settings: Settings, tmp_path: Path, key: str) -> None:
    value = ast.literal_eval(KEYS[key].metadata["example"])
    if key == "JOB_TOKEN_KEYS":  # the path of a file
        (tmp_path / "job-token.pem").write_bytes(
            ec.generate_private_key(ec.SECP256R1()).private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            )
        )
        (tmp_path / "job-token.pem").chmod(0o600)
        value = [path.replace("/etc/site", str(tmp_path)) for path in value]
    assert find_problems(settings, key, value) == []
    assert getattr(get_settings(), key.lower()) == value
    assert value != default_value(key)


def test_invalid_value_instead_of_an_example_is_found(settings: Settings) -> None:
    assert find_problems(settings, "KRATOS_NETWORKS", ["kratos"]) != []
    assert find_problems(settings, "TIMEOUT", 30) != []


def test_choices_are_those_of_the_code() -> None:
    assert set(CHOICES["CONSENT_REMEMBER"]) == set(REMEMBER_CHOICES)
    assert set(CHOICES["OAUTH2_SCOPE_STRATEGY"]) == set(SCOPE_STRATEGIES)
    assert len(CHOICES) == 10


def test_every_number_has_a_minimum() -> None:
    numbers = {key for key in KEYS if type(default_value(key)) in (int, float)}
    assert numbers == MINIMUMS.keys()
    assert [key for key, least in MINIMUMS.items() if default_value(key) < least] == []
