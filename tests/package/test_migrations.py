"""Released migrations are never edited: a site that has applied one would not get the change."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

MIGRATIONS = Path(__file__).parents[2] / "django_ory" / "migrations"
#: The start of the SHA-256 of each migration of a release. A new release adds its own.
RELEASED = {
    "0001_initial": "3cc46c9a2d046c6c",
    "0002_deletions_and_invitations": "725e5c797751e242",
    "0003_admin_permissions": "36f168edf18b3ce7",
    "0004_bulk_jobs": "6529bd308a419ce2",
    "0005_sync_progress": "e2b21c1fc1017347",
    "0006_webhook_deliveries": "daaacf0b815ff260",
    "0007_job_grants": "90c353b29903ad8a",
    "0008_hydra_sessions": "bc025d0a8e143fd6",
}


@pytest.mark.parametrize("name", RELEASED)
def test_released_migration_is_unchanged(name: str) -> None:
    digest = hashlib.sha256((MIGRATIONS / f"{name}.py").read_bytes()).hexdigest()
    assert digest.startswith(RELEASED[name]), "Write a new migration instead."
