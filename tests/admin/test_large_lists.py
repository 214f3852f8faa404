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


@pytest.mark.parametrize("query", ["", "p=2", "q=person1", "state=active", "o=1", "user__isempty=0"])
def test_list_of_identities_has_a_constant_number_of_queries(ory: FakeOry, admin: Client, query: str) -> None:
    url = f"{reverse('admin:django_ory_identity_changelist')}?{query}"
    counts = []
    for first, last in ((1, 120), (121, 1000)):
        add_rows(first, last)
        with CaptureQueriesContext(connection) as queries:
            response = admin.get(url)
        assert response.status_code == 200
        assert len(response.context["cl"].result_list) > 10
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8
    assert not ory.requests


def test_list_of_clients_has_a_constant_number_of_queries(ory: FakeOry, admin: Client) -> None:
    url = reverse("admin:django_ory_oauth2client_changelist")
    counts = []
    for first, last in ((1, 120), (121, 1000)):
        add_rows(first, last)
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8
    assert not ory.requests
