"""The states of the gallery: each one renders, and a page view costs one call to Kratos."""

from __future__ import annotations

from collections import Counter

import pytest
from django.test import Client
from django.utils import translation

from django_ory.testing import FakeOry
from tests.provider.provider_site import ProviderSite
from tests.selfservice.conftest import Kratos
from tests.templates.every_page import PAGES

from .states import STATES, URLCONF

pytestmark = [pytest.mark.django_db, pytest.mark.urls(URLCONF)]

#: Calls to Kratos of one page view: the flow, and the session where the browser has one.
WHOAMI = "GET /sessions/whoami"
HYDRA = "/admin/oauth2/"
#: Two page views, and calls that the client repeats because Kratos is unavailable.
OTHER_CALLS = ("login.restarted", "logout.failed", "unavailable")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", STATES)
def test_state_has_its_status_and_one_heading(ory: FakeOry, name: str, language: str) -> None:
    with translation.override(language):
        response = STATES[name].open(ory)
    assert response.status_code == STATES[name].status
    html = response.content.decode()
    assert html.count("<h1") == 1
    assert "Message 1" not in html  # the text of a message without one of ours


def test_every_template_of_a_page_has_a_state() -> None:
    used: set[str | None] = set()
    for state in STATES.values():
        with FakeOry() as ory:
            used.update(template.name for template in state.open(ory).templates)
    assert {f"ory/{name}" for name in PAGES} <= used


@pytest.mark.parametrize("name", [name for name in STATES if name not in OTHER_CALLS])
def test_page_view_costs_one_call_to_kratos_and_one_for_the_session(ory: FakeOry, name: str) -> None:
    client = Client()
    browser = Kratos(ory, client), ProviderSite(ory, client)
    STATES[name].visit(*browser)  # caches the schemas and the available flows
    before = len(ory.requests)
    STATES[name].visit(*browser)
    calls = Counter(f"{each.method} {each.path}" for each in ory.requests[before:])
    assert calls.pop(WHOAMI, 0) <= 1
    to_kratos = [path for path in calls.elements() if HYDRA not in path]
    assert len(to_kratos) <= 1, calls
    assert calls.total() - len(to_kratos) <= 1, calls
