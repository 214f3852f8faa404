"""The stored data of an identity."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from django_ory.users.rows import (
    IdentitySnapshot,
    identity_columns,
    to_database_time,
    without_identity_secrets,
)
from tests.support.kratos import build_identity


def test_secrets_are_not_stored() -> None:
    identity = build_identity(
        credentials={"password": {"type": "password", "config": {"hashed_password": "hush"}}},
        metadata_admin={"note": "hush"},
        something_new="kept",
    )
    data = without_identity_secrets(identity)
    assert "hush" not in str(data)
    assert data["something_new"] == "kept"


def test_long_values_are_shortened() -> None:
    columns = identity_columns(
        "default", build_identity(schema_id="s" * 300, state="x" * 50, traits={"email": "e" * 400})
    )
    assert (len(columns["schema_id"]), len(columns["state"]), len(columns["label"])) == (255, 32, 320)


@pytest.mark.parametrize("use_tz", [True, False])
def test_database_time_follows_use_tz(settings: Any, use_tz: bool) -> None:
    settings.USE_TZ = use_tz
    at = to_database_time(datetime(2026, 1, 1, tzinfo=UTC))
    assert at is not None
    assert (at.tzinfo is not None) is use_tz
    assert to_database_time(None) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"traits": {"email": "new@example.org"}},
        {"state": "inactive"},
        {"metadata_public": {"staff": True}},
        {"verifiable_addresses": []},
        {"external_id": "42"},
        {"organization_id": "7a9d5f0e-1f0e-4d5e-8b64-0d2f2d1c0a11"},
        {"schema_id": "customer"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_changed_content_changes_the_digest(changes: dict[str, Any]) -> None:
    """Kratos does not move ``updated_at`` when traits or the state change."""
    assert (
        IdentitySnapshot("default", build_identity(), 1.0).digest
        == IdentitySnapshot("default", build_identity(), 2.0).digest
    )
    assert (
        IdentitySnapshot("default", build_identity(**changes), 1.0).digest
        != IdentitySnapshot("default", build_identity(), 1.0).digest
    )


@pytest.mark.parametrize("use_tz", [True, False])
def test_snapshot_time_follows_use_tz(settings: Any, use_tz: bool) -> None:
    settings.USE_TZ = use_tz
    assert (IdentitySnapshot("default", build_identity(), 1.0).database_time.tzinfo is not None) is use_tz


def test_digest_of_reordered_traits_is_the_same() -> None:
    """Kratos returns the keys of the traits in any order."""
    one = build_identity(traits={"email": "ann@example.org", "name": {"first": "Ann", "last": "Lee"}})
    other = build_identity(traits={"name": {"last": "Lee", "first": "Ann"}, "email": "ann@example.org"})
    assert IdentitySnapshot("default", one, 1.0).digest == IdentitySnapshot("default", other, 1.0).digest


@pytest.mark.parametrize(
    "traits",
    [
        {"name": "a\x00b"},
        {"names": ["a\x00b", ["\x00"]]},
        {"a\x00b": "c"},
        {"name": {"inner": [{"deep\x00": "\x00"}]}},
        {"name": "\ud800"},
        {"na\udfffme": ["\ud800"]},
    ],
)
def test_stored_data_contain_no_nul_and_no_surrogate(traits: dict[str, Any]) -> None:
    data = without_identity_secrets(build_identity(traits=traits, metadata_public=traits))
    text = json.dumps(data)  # ``str`` would show a NUL as its escape
    assert "\\u0000" not in text
    assert "\\ud" not in text
    json.dumps(data, ensure_ascii=False).encode()
    assert data["traits"]


def test_stored_label_contains_no_nul_and_no_surrogate() -> None:
    columns = identity_columns("default", build_identity(traits={"email": "a\x00\ud800@example.org"}))
    assert columns["label"] == "a\ufffd@example.org"
