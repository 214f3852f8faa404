from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from django_ory.http.foreign_documents import ForeignDocument
from django_ory.provider.agents import documents
from tests.support.fixtures import ChangeOry, change_ory, inside, kratos

__all__ = ["change_ory", "inside", "kratos"]

DOCUMENT_URL = "https://app.example/client.json"
CALLBACK = "https://app.example/callback"


@pytest.fixture
def post(client: Client) -> Callable[..., Any]:
    """Post a registration as JSON."""

    def send(content: Any, **headers: Any) -> Any:
        return client.post(
            "/auth/oauth2/register/", data=content, content_type="application/json", headers=headers
        )

    return send


@pytest.fixture
def open_registration(change_ory: ChangeOry, db: None) -> None:
    change_ory(
        OAUTH2_CLIENT_REGISTRATION=True,
        OAUTH2_RESOURCES={"/mcp": {"scopes": ["orders.read"]}},
    )


class Documents:
    """The documents of foreign hosts, by URL. A value that is an exception is raised."""

    def __init__(self) -> None:
        self.by_url: dict[str, Any] = {}
        self.fetched: list[str] = []

    def add(self, url: str = DOCUMENT_URL, *, max_age: int | None = None, **values: Any) -> None:
        content = {"client_id": url, "client_name": "Example agent", "redirect_uris": [CALLBACK], **values}
        self.by_url[url] = ForeignDocument(content=content, max_age=max_age)

    def fetch(self, url: str) -> ForeignDocument:
        self.fetched.append(url)
        found = self.by_url[url]
        if isinstance(found, Exception):
            raise found
        assert isinstance(found, ForeignDocument)
        return found


@pytest.fixture
def foreign_documents(monkeypatch: pytest.MonkeyPatch) -> Documents:
    found = Documents()
    monkeypatch.setattr(documents, "fetch_json_document", found.fetch)
    return found
