"""A site with web hooks, and posts as Kratos sends them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from tests.support.fixtures import change_ory, inside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.fixtures import ChangeOry

__all__ = ["change_ory", "inside"]

SECRET = "5d41402abc4b2a76b9719d911017c592"
FORMER_SECRET = f"former-{SECRET}"
HOOK = reverse("ory:kratos_hook", args=["default"])


def build_post(number: int = 1, event: str = "settings", **more: Any) -> dict[str, Any]:
    """The JSON of a web hook about the identity of ``make_identity(number)``."""
    return {"event": event, "identity_id": str(UUID(int=number)), **more}


@pytest.fixture(autouse=True)
def hooks(change_ory: ChangeOry) -> None:
    """A site with web hooks."""
    change_ory(WEBHOOK_SECRETS=[SECRET, FORMER_SECRET], BREAKER_SECONDS=0)


@pytest.fixture
def post(client: Client, caplog: pytest.LogCaptureFixture) -> Iterator[Any]:
    """Posts a web hook. No secret and no trait is logged."""

    def send(document: Any, *, secret: str = SECRET, url: str = HOOK, **options: Any) -> Any:
        body = document if isinstance(document, (str, bytes)) else json.dumps(document)
        content_type = options.pop("content_type", "application/json")
        return client.post(
            url, body, content_type=content_type, headers={"X-Webhook-Secret": secret}, **options
        )

    yield send
    assert not [word for word in (SECRET, "example.com", "Zoë") if word in caplog.text]
