"""A browser at the pages of the site, with responses of ``FakeOry``."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.fixtures import change_ory

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry

__all__ = ["change_ory"]


@pytest.fixture
def show(client: Client, db: None, ory: FakeOry) -> Callable[..., str]:
    """``show("/auth/login/")`` returns the text of a page, without entities."""

    def get(path: str, **options: Any) -> str:
        return html.unescape(client.get(path, **options).content.decode())

    return get
