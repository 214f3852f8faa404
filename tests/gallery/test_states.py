"""The states of the gallery: each one renders, and a page view costs one call to Kratos."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import translation

from .states import STATES, URLCONF

if TYPE_CHECKING:
    from django_ory.testing import FakeOry

pytestmark = [pytest.mark.django_db, pytest.mark.urls(URLCONF)]

#: Pages of the account area: their data, and the session.
TWO_CALLS = ("settings", "sessions")
HYDRA = ("/admin/oauth2/", "/admin/clients/")
#: The consent page needs the request, the present client and earlier consents.
MAX_CONSENT_CALLS = 3
#: States of an unavailable Kratos: the client repeats a call.
REPEATED_CALLS = ("logout.failed", "unavailable")


def check_page(name: str, response: Any) -> None:
    """Check the status, and what all pages have in common."""
    assert STATES[name].status in (None, response.status_code)
    html = response.content.decode()
    assert html.count("<h1") == 1
    assert "Message 1" not in html  # the text of a message without one of ours


@pytest.mark.parametrize("name", STATES)
def test_state_has_its_status_and_one_heading_from_right_to_left(ory: FakeOry, name: str) -> None:
    with translation.override("ar"):
        response = STATES[name].open(ory)
    check_page(name, response)


@pytest.mark.parametrize("name", STATES)
def test_state_has_its_status_and_one_heading_and_costs_one_call_to_kratos(ory: FakeOry, name: str) -> None:
    client = Client()
    with translation.override("en"):
        opened = STATES[name].open(ory, client)  # caches the schemas and the available flows
    check_page(name, opened)
    if name in REPEATED_CALLS:
        return
    request = opened.wsgi_request
    if "flow" in request.GET:
        client.get(request.path, {"refresh": "true"})  # the start of the flow, which redirects to Kratos
    before = len(ory.requests)
    client.get(request.get_full_path())
    calls = Counter(f"{each.method} {each.path}" for each in ory.requests[before:])
    to_kratos = [call for call in calls.elements() if not any(path in call for path in HYDRA)]
    assert len(to_kratos) <= (2 if name.startswith(TWO_CALLS) else 1), calls
    limit = MAX_CONSENT_CALLS if name.startswith("oauth2-consent") else 1
    assert calls.total() - len(to_kratos) <= limit, calls
