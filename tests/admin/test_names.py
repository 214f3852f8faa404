"""The names of identities and clients in titles, breadcrumbs and confirmations: readable, no UUIDs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.urls import reverse

from django_ory.mirror.clients import sync_clients
from django_ory.mirror.identities import sync_identities
from django_ory.models import Identity, OAuth2Client
from tests.support.resources import add_clients, add_identities, make_client, make_identity

if TYPE_CHECKING:
    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

CLIENT_ID = str(UUID(int=7))


@pytest.fixture(params=["identity", "oauth2client"])
def row(request: pytest.FixtureRequest, ory: FakeOry) -> Identity | OAuth2Client:
    add_identities(ory, make_identity(7))
    add_clients(ory, make_client(CLIENT_ID, client_name="Bookshop"))
    sync_identities("default")
    sync_clients("default")
    return (Identity if request.param == "identity" else OAuth2Client).objects.get()


def get_parts(html: str) -> dict[str, str]:
    """The texts that name the object of a page."""
    patterns = {
        "title": r"<title>(.*?)</title>",
        "breadcrumbs": r'(?:<div|<ol|<nav)[^>]*class="breadcrumbs"[^>]*>(.*?)</(?:div|ol|nav)>',
        "headings": r'<div id="content"[^>]*>(.*?)<(?:form|div id="content-main")',
    }
    found = {name: re.search(pattern, html, re.DOTALL) for name, pattern in patterns.items()}
    return {name: match[1] for name, match in found.items() if match}


@pytest.mark.parametrize("page", ["change", "history", "delete"])
def test_titles_and_breadcrumbs_name_the_row(admin: Client, row: Identity | OAuth2Client, page: str) -> None:
    name = "person7@example.com" if isinstance(row, Identity) else "Bookshop"
    url = reverse(f"admin:django_ory_{row._meta.model_name}_{page}", args=[row.pk])
    parts = get_parts(admin.get(url).content.decode())
    assert {"title", "breadcrumbs"} <= parts.keys()
    texts = " ".join(parts.values())
    assert name in texts
    assert name in parts["breadcrumbs"]
    assert CLIENT_ID not in texts


@pytest.mark.parametrize("many", [False, True])
def test_confirmation_of_a_deletion_names_the_row(
    admin: Client, row: Identity | OAuth2Client, many: bool
) -> None:
    name = "person7@example.com" if isinstance(row, Identity) else "Bookshop"
    prefix = f"admin:django_ory_{row._meta.model_name}"
    if many:
        chosen = {"action": "delete_selected", "_selected_action": [row.pk]}
        html = admin.post(reverse(f"{prefix}_changelist"), chosen, follow=True).content.decode()
    else:
        html = admin.get(reverse(f"{prefix}_delete", args=[row.pk])).content.decode()
    assert "Are you sure" in html
    assert name in html
    assert CLIENT_ID not in html
