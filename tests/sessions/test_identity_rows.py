"""What is kept of an identity."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from django_ory.sessions.identity_rows import Seen, identity_columns, identity_data, moment

from .stand_in import an_identity


def test_no_secret_is_kept() -> None:
    identity = an_identity(
        credentials={"password": {"type": "password", "config": {"hashed_password": "hush"}}},
        metadata_admin={"note": "hush"},
        something_new="kept",
    )
    data = identity_data(identity)
    assert "hush" not in str(data)
    assert data["something_new"] == "kept"


def test_columns_that_are_too_long_are_cut() -> None:
    columns = identity_columns(
        "default", an_identity(schema_id="s" * 300, state="x" * 50, traits={"email": "e" * 400})
    )
    assert (len(columns["schema_id"]), len(columns["state"]), len(columns["label"])) == (255, 32, 320)


@pytest.mark.parametrize("use_tz", [True, False])
def test_times(settings: Any, use_tz: bool) -> None:
    settings.USE_TZ = use_tz
    at = moment(datetime(2026, 1, 1, tzinfo=UTC))
    assert at is not None
    assert (at.tzinfo is not None) is use_tz
    assert moment(None) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"traits": {"email": "new@example.org"}},
        {"state": "inactive"},
        {"metadata_public": {"staff": True}},
        {"verifiable_addresses": []},
        {"external_id": "42"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_change_is_seen_in_the_content(changes: dict[str, Any]) -> None:
    """Kratos does not move ``updated_at`` when traits or the state change."""
    assert Seen("default", an_identity(), 1.0).digest == Seen("default", an_identity(), 2.0).digest
    assert Seen("default", an_identity(**changes), 1.0).digest != Seen("default", an_identity(), 1.0).digest


@pytest.mark.parametrize("use_tz", [True, False])
def test_when_it_was_seen(settings: Any, use_tz: bool) -> None:
    settings.USE_TZ = use_tz
    assert (Seen("default", an_identity(), 1.0).at.tzinfo is not None) is use_tz
