"""Somebody signed out here, and their browser never visited Kratos to end it: they can sign in again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from django_ory.selfservice.decisions.flows import (
    BrowserState,
    FlowRequest,
    RedirectToLogin,
    StartFlow,
    decide_without_flow,
)
from django_ory.selfservice.flow_types import LOGIN, SETTINGS
from tests.authentication.fixtures import change_ory, kratos
from tests.authentication.stand_in import COOKIE

if TYPE_CHECKING:
    from django.test import Client

    from tests.authentication.fixtures import ChangeOry
    from tests.authentication.stand_in import StandIn

__all__ = ["change_ory", "kratos"]

BARRED = BrowserState(barred=True)


def test_kratos_is_asked_for_a_fresh_sign_in() -> None:
    """It would take a plain one for done, and send them back at once."""
    assert decide_without_flow(LOGIN, FlowRequest(), BARRED) == StartFlow(LOGIN, {"refresh": "true"})
    wanted = FlowRequest(parameters={"aal": "aal2", "organization": "o"})
    assert decide_without_flow(LOGIN, wanted, BARRED) == StartFlow(
        LOGIN, {"organization": "o", "refresh": "true"}
    )
    assert isinstance(decide_without_flow(SETTINGS, FlowRequest(), BARRED), RedirectToLogin)


@pytest.mark.django_db
@pytest.mark.urls("tests.authentication.urls")
def test_the_page_and_the_way_to_sign_in_agree(
    client: Client, kratos: StandIn, change_ory: ChangeOry
) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    kratos.mock.get(
        "http://kratos.test:4433/self-service/logout/browser",
        json={"logout_url": "http://kratos.test:4433/self-service/logout?token=t", "logout_token": "t"},
    )
    signed_in = {"cookie": COOKIE}
    assert client.get("/session/", headers=signed_in).status_code == 200
    assert client.post("/auth/logout/", headers=signed_in).status_code == 303
    page = client.get("/session/", headers=signed_in)
    assert page.status_code == 302
    start = urlsplit(client.get(page["Location"], headers=signed_in)["Location"])
    assert start.netloc == "kratos.test:4433"
    assert parse_qs(start.query)["refresh"] == ["true"]
