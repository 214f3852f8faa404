"""``insert_rows`` writes the same rows as Django does."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from django_ory.mirror.insert import insert_rows
from django_ory.models import Identity

pytestmark = pytest.mark.django_db


def insert(*labels: str | None) -> None:
    rows = [
        {"identity_id": UUID(int=number), "label": label, "data": {"traits": {"name": "Zoë"}}}
        for number, label in enumerate(labels)
    ]
    insert_rows(Identity, rows, common={"alias": "acme", "synced_at": timezone.now()}, using="default")


def test_rows_have_the_same_values_as_rows_of_django() -> None:
    insert("a")
    [mine] = Identity.objects.values()
    Identity.objects.all().delete()
    Identity.objects.create(
        **{key: value for key, value in mine.items() if key in ("identity_id", "label", "data", "synced_at")},
        alias="acme",
    )
    [djangos] = Identity.objects.values()
    assert {**mine, "id": None} == {**djangos, "id": None}
    assert Identity.objects.filter(data__traits__icontains="Zoë").exists()


@pytest.mark.parametrize("labels", [("a", None), (None,)])
def test_invalid_row_inserts_none(labels: tuple[str | None, ...]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(*labels)
    assert not Identity.objects.exists()


def test_existing_row_raises() -> None:
    insert("a")
    with pytest.raises(IntegrityError), transaction.atomic():
        insert("b")


def test_no_rows_is_no_error() -> None:
    insert()
