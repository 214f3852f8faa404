"""No HTTP inside a database transaction, not even in a project with ATOMIC_REQUESTS."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from django_ory.models import Identity, OAuth2Client
from tests.support.resources import add_clients, add_identities, make_client, make_identity

if TYPE_CHECKING:
    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db(transaction=True)


def test_identity_views_call_ory_outside_of_transactions(
    inside: list[bool], admin: Client, ory: FakeOry
) -> None:
    add_identities(ory, make_identity(1))
    admin.post(reverse("admin:django_ory_identity_sync"))
    row = Identity.objects.get(identity_id=UUID(int=1))
    admin.post(reverse("admin:django_ory_identity_do", args=[row.pk, "deactivate"]))
    data = {"action": "activate", "_selected_action": [row.pk]}
    response = admin.post(reverse("admin:django_ory_identity_changelist"), data)
    admin.post(f"{response['Location']}start/")
    admin.post(reverse("admin:django_ory_identity_delete", args=[row.pk]), {"post": "yes"})
    assert inside == [False] * 9


def test_client_views_call_ory_outside_of_transactions(
    inside: list[bool], admin: Client, ory: FakeOry
) -> None:
    add_clients(ory, make_client("a"))
    admin.post(reverse("admin:django_ory_oauth2client_sync"))
    data = {
        "alias": "default",
        "client_id": str(uuid4()),
        "client_name": "Reports",
        "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "client_secret_basic",
    }
    admin.post(reverse("admin:django_ory_oauth2client_add"), data)
    assert OAuth2Client.objects.count() == 2
    page = reverse("admin:django_ory_oauth2client_change", args=[OAuth2Client.objects.get(client_id="a").pk])
    form = admin.get(page).context["adminform"].form
    kept = {name: form[name].value() or "" for name in form.fields if name != "skip_consent"}
    admin.post(page, {**kept, "response_types": ["code"], "client_name": "New"})
    assert ory.hydra.clients.clients["a"]["client_name"] == "New"
    assert inside == [False] * 8
