"""The consent policy of a client, from its metadata and the settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from django_ory.adapter import get_adapter
from django_ory.client.models import OAuth2Client
from django_ory.client_metadata import SELF_REGISTERED
from django_ory.consent_policy import MAX_REMEMBER_SECONDS, ConsentPolicy, read_consent_policy


def get_policy(metadata: Any = None, **values: Any) -> ConsentPolicy:
    return get_adapter().get_consent_policy(OAuth2Client(client_id="app", metadata=metadata, **values))


def test_client_without_metadata_has_the_default_policy() -> None:
    assert get_policy() == ConsentPolicy(
        is_first_party=False, remember="ask", remember_seconds=0, required_scope=frozenset(), default_scope=()
    )


def test_settings_are_the_policy_of_all_clients(settings: Any) -> None:
    settings.ORY = {
        "default": {
            "FIRST_PARTY_CLIENTS": ["app"],
            "CONSENT_REMEMBER": "always",
            "CONSENT_REMEMBER_SECONDS": 60,
            "CONSENT_DEFAULT_SCOPE": ["openid", "email"],
        }
    }
    expected = ConsentPolicy(
        is_first_party=True, remember="always", remember_seconds=60, default_scope=("openid", "email")
    )
    assert get_policy() == expected
    other = OAuth2Client(client_id="other")
    assert get_adapter().get_consent_policy(other) == replace(expected, is_first_party=False)


def test_metadata_override_the_settings(settings: Any) -> None:
    settings.ORY = {"default": {"CONSENT_REMEMBER": "always", "CONSENT_REMEMBER_SECONDS": 60}}
    metadata = {
        "django_ory": {
            "remember": "never",
            "remember_seconds": 0,
            "required_scope": "email photos",
            "default_scope": ["openid", 7],
        }
    }
    assert get_policy(metadata) == ConsentPolicy(
        remember="never", required_scope=frozenset({"email", "photos"}), default_scope=("openid",)
    )


@pytest.mark.parametrize(
    "values",
    [
        {"remember": "sometimes"},
        {"remember": ["never"]},
        {"remember": True},
        {"remember_seconds": "60"},
        {"remember_seconds": -1},
        {"remember_seconds": True},
        {"required_scope": 7},
        {"default_scope": {"openid": True}},
        {"is_first_party": True},
    ],
)
def test_invalid_metadata_are_ignored(values: dict[str, Any]) -> None:
    assert get_policy({"django_ory": values}) == ConsentPolicy()


def test_endless_time_is_limited() -> None:
    assert get_policy({"django_ory": {"remember_seconds": 10**30}}).remember_seconds == MAX_REMEMBER_SECONDS


@pytest.mark.parametrize(("skip_consent", "expected"), [(True, True), (False, False), (None, False)])
def test_client_with_skip_consent_is_first_party(skip_consent: bool | None, expected: bool) -> None:
    assert get_policy(skip_consent=skip_consent).is_first_party is expected


def test_metadata_of_an_unverified_client_are_ignored() -> None:
    metadata = {
        "django_ory": {**SELF_REGISTERED["django_ory"], "remember": "always", "required_scope": "email"}
    }
    assert get_policy(metadata) == ConsentPolicy()
    client = OAuth2Client(client_id="app", metadata=metadata)
    policy = read_consent_policy(client, settings=get_adapter().settings, is_verified=True)
    assert policy.remember == "always"
