"""``{{ ory }}`` in templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.test import RequestFactory

from django_ory.authentication.request import get_ory
from django_ory.context_processors import ory as processor
from tests.authentication.fixtures import kratos
from tests.authentication.stand_in import COOKIE

if TYPE_CHECKING:
    from tests.authentication.stand_in import StandIn

__all__ = ["kratos"]


def test_context_contains_request_ory_without_a_call(kratos: StandIn) -> None:
    request = RequestFactory().get("/", headers={"cookie": COOKIE})
    assert processor(request)["ory"] is get_ory(request)
    assert not kratos.calls
