"""Lists of the admin need the same number of queries for every number of rows, and no call to Ory."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from django_ory.models import Identity, OAuth2Client

if TYPE_CHECKING:
    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db


def add_rows(first: int, last: int) -> None:
    numbers = range(first, last + 1)
    model = get_user_model()
    users = [model(**{model.USERNAME_FIELD: f"person{n}@example.com"}) for n in numbers]
    model.objects.bulk_create(users)
    saved = {user.get_username(): user for user in model.objects.all()}
    Identity.objects.bulk_create(
        Identity(
            identity_id=UUID(int=n),
            label=f"person{n}@example.com",
            schema_id="person",
            data={"traits": {"email": f"person{n}@example.com"}},
            user=saved[f"person{n}@example.com"],
        )
        for n in numbers
    )
    OAuth2Client.objects.bulk_create(OAuth2Client(client_id=str(n), name=f"App {n}") for n in numbers)


#: Names of lists, with filters, an order and a search.
LISTS = (
    *(("identity", query) for query in ("", "p=2", "q=person1", "state=active", "o=1", "user__isempty=0")),
    ("oauth2client", ""),
)


def count_queries(client: Client) -> dict[tuple[str, str], int]:
    """Open each list. Returns the numbers of queries."""
    counts = {}
    for name, query in LISTS:
        with CaptureQueriesContext(connection) as queries:
            response = client.get(f"{reverse(f'admin:django_ory_{name}_changelist')}?{query}")
        assert response.status_code == 200
        assert len(response.context["cl"].result_list) > 10
        counts[name, query] = len(queries)
    return counts


def test_lists_have_a_constant_number_of_queries(
    ory: FakeOry, admin: Client, subtests: pytest.Subtests
) -> None:
    add_rows(1, 120)
    few = count_queries(admin)
    add_rows(121, 1000)
    many = count_queries(admin)
    for each in LISTS:
        with subtests.test(each=each):
            assert few[each] == many[each] <= 8
    assert not ory.requests
