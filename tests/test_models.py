"""The models."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_ory.models import Identity, OAuth2Client, SyncProgress
from django_ory.models.rows import store_row
from tests.support.kratos import IDENTITY_ID


@pytest.mark.parametrize(
    ("row", "name", "log_name"),
    [
        (Identity(identity_id=IDENTITY_ID, label="ann@example.org"), "ann@example.org", IDENTITY_ID),
        (Identity(identity_id=IDENTITY_ID), IDENTITY_ID, IDENTITY_ID),
        (OAuth2Client(client_id="shop", name="Book shop"), "Book shop", "Book shop (shop)"),
        (OAuth2Client(client_id="shop"), "shop", "shop"),
    ],
)
def test_name_is_readable_and_log_name_is_not_personal(
    row: Identity | OAuth2Client, name: str, log_name: str
) -> None:
    assert str(row) == name
    assert row.log_name == log_name
    assert repr(row) == f"<{type(row).__name__}: {log_name}>"


@pytest.mark.parametrize(
    ("data", "traits"), [({}, {}), ({"traits": None}, {}), ({"traits": {"email": "x"}}, {"email": "x"})]
)
def test_traits_of_malformed_data_are_empty(data: dict[str, Any], traits: dict[str, Any]) -> None:
    assert Identity(data=data).traits == traits


def test_no_column_for_a_client_secret() -> None:
    names = {field.name for field in OAuth2Client._meta.get_fields()}
    assert not {name for name in names if "secret" in name or "token" in name}


@pytest.mark.django_db
def test_stored_row_is_written_before_it_is_read() -> None:
    """On SQLite, a transaction that reads first fails if another process writes meanwhile."""
    key = {"alias": "default", "kind": "x"}
    for number in (1, 2):
        values = {"started_at": timezone.now(), "last_row": number, "page_size": 1, "page_token": ""}
        with CaptureQueriesContext(connection) as queries:
            store_row(SyncProgress.objects.all(), key, values)
        assert queries[0]["sql"].startswith("UPDATE")
        assert SyncProgress.objects.get(**key).last_row == number
    assert len(queries) == 1


@pytest.mark.django_db
def test_row_that_another_process_has_just_inserted_is_updated(monkeypatch: pytest.MonkeyPatch) -> None:
    key = {"alias": "default", "kind": "x"}
    values = {"started_at": timezone.now(), "page_size": 1, "page_token": ""}
    rows = SyncProgress.objects.all()
    original = type(rows).get_or_create

    def insert_before(self: Any, **options: Any) -> Any:
        SyncProgress.objects.create(**key, **values, last_row=1)
        return original(self, **options)

    monkeypatch.setattr(type(rows), "get_or_create", insert_before)
    store_row(rows, key, {**values, "last_row": 2})
    assert SyncProgress.objects.get(**key).last_row == 2
