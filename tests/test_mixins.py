"""The mixins. ``test_decorators`` has their responses in each state."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.views import View

from django_ory.authentication.requirements import Requirement
from django_ory.mixins import OrySessionRequiredMixin, OryUserRequiredMixin
from tests.support.fixtures import kratos
from tests.support.kratos import COOKIE

if TYPE_CHECKING:
    from django.http import HttpRequest

    from tests.support.kratos import Whoami

__all__ = ["kratos"]


class Everything(OryUserRequiredMixin, View):
    ory_aal = "aal2"
    ory_max_age = timedelta(minutes=10)
    ory_verified = True


def test_attributes_become_the_requirement() -> None:
    assert Everything().get_ory_requirement() == Requirement(
        aal="aal2", max_age=timedelta(minutes=10), verified=True, user=True
    )


class ByQuery(OrySessionRequiredMixin, View):
    def get_ory_requirement(self) -> Requirement:
        return Requirement(aal="aal2" if "export" in self.request.GET else "aal1")

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("in")


@pytest.mark.django_db
@pytest.mark.parametrize(("query", "status"), [({}, 200), ({"export": "1"}, 302)])
def test_requirement_may_depend_on_the_request(kratos: Whoami, query: dict[str, Any], status: int) -> None:
    kratos.signed_in()
    request = RequestFactory().get("/", query, headers={"cookie": COOKIE})
    assert ByQuery.as_view()(request).status_code == status
