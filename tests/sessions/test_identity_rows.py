"""What is kept of an identity."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from django_ory.sessions.identity_rows import identity_columns, identity_data, moment

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
