"""``{{ ory }}`` in templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.test import RequestFactory

from django_ory.authentication.request import get_ory
from django_ory.context_processors import ory as processor
from tests.support.fixtures import kratos
from tests.support.kratos import COOKIE

if TYPE_CHECKING:
    from tests.support.kratos import Whoami

__all__ = ["kratos"]


def test_context_contains_request_ory_without_a_call(kratos: Whoami) -> None:
    request = RequestFactory().get("/", headers={"cookie": COOKIE})
    assert processor(request)["ory"] is get_ory(request)
    assert not kratos.calls
