"""A signed-in user of a site where accounts can be deleted and data downloaded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from django_ory.adapter import OryAdapter
from django_ory.client import models
from django_ory.models import Identity
from django_ory.testing import FakeOry
from tests.support.fixtures import inside

__all__ = ["Member", "adapter", "count_calls", "inside", "member"]

EMAIL = "ann@example.org"


class ClosingAdapter(OryAdapter):
    """``grace``, ``denial`` and ``error`` are those of the test."""

    grace = timedelta(0)
    denial = ""
    error: Exception | None = None

    def get_deletion_grace(self, identity: Any, user: Any) -> timedelta:
        return self.grace

    def get_deletion_denial(self, identity: Any, user: Any) -> Any:
        return self.denial or super().get_deletion_denial(identity, user)

    def close_user(self, user: AbstractBaseUser) -> None:
        if self.error is not None:
            raise self.error
        super().close_user(user)


@pytest.fixture
def adapter(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> type[ClosingAdapter]:
    """Turns both pages on, and returns the adapter of the site."""
    changes = {
        "ACCOUNT_DELETION": True,
        "DATA_DOWNLOAD": True,
        "ADAPTER": f"{__name__}.ClosingAdapter",
        "SITE_NAME": "Cups & Co.",
    }
    settings.ORY = {**settings.ORY, "default": {**settings.ORY["default"], **changes}}
    for name in ("grace", "denial", "error"):
        monkeypatch.setattr(ClosingAdapter, name, getattr(ClosingAdapter, name))
    return ClosingAdapter


class Member:
    """A user with an account, in a browser."""

    def __init__(self, ory: FakeOry, client: Client) -> None:
        self.ory, self.client = ory, client
        self.identity: models.Identity = ory.create_identity({"email": EMAIL, "name": {"first": "Ann"}})
        self.sign_in()
        client.get(reverse("ory:account"))
        self.user = get_user_model()._default_manager.get(ory_identities__identity_id=UUID(self.identity.id))

    def sign_in(self, **options: Any) -> None:
        self.ory.login(self.client, self.identity, **options)

    def post(self, name: str, **data: str) -> Any:
        return self.client.post(reverse(f"ory:{name}"), data)

    def delete(self) -> Any:
        return self.post("account_delete", confirm="true")

    def get_state(self) -> str:
        """Return the state of the identity in Kratos; "" after the deletion."""
        stored = self.ory.kratos.identities.identities.get(self.identity.id)
        return stored["state"] if stored else ""

    def has_row(self) -> bool:
        return Identity.objects.filter(identity_id=UUID(self.identity.id)).exists()


@pytest.fixture
def member(ory: FakeOry, client: Client, adapter: type[ClosingAdapter], db: None) -> Member:
    return Member(ory, client)


@pytest.fixture
def count_calls(ory: FakeOry) -> Callable[[str], int]:
    """Counts the requests of a method and a part of the path."""
    return lambda method, part="": sum(  # type: ignore[misc]
        1 for request in ory.requests if request.method == method and part in request.path
    )
