"""The choice of the device grant, by the responses of ``GET /oauth2/device/verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from django_ory.mirror.clients import sync_clients
from django_ory.models import OAuth2Client
from django_ory.provider.device_grant import is_device_grant_available
from tests.support.resources import add_clients, make_client

if TYPE_CHECKING:
    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

VERIFY = "GET /oauth2/device/verify"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"

#: Hydra v26.2.0 with and without ``urls.device.verification``.
CONFIGURED: dict[str, Any] = {
    "status": 302,
    "headers": {"Location": "https://site.example/device?device_challenge=c"},
}
NOT_CONFIGURED: dict[str, Any] = {
    "status": 302,
    "headers": {"Location": "http://hydra.test:4444/oauth2/fallbacks/device?device_challenge=c"},
}


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (CONFIGURED, True),
        (NOT_CONFIGURED, False),
        ({"status": 404, "body": "404 page not found\n"}, False),  # v2.3.0
        ({"status": 302, "headers": {"Location": "http://[broken"}}, False),
        ({"status": 200, "body": "<html>"}, False),
        ({"status": 500, "json": {"error": "error"}}, False),
        ({"fault": "down"}, False),
    ],
)
def test_device_grant_is_available_with_a_page_for_the_code(
    ory: FakeOry, response: Any, expected: bool
) -> None:
    ory.respond(VERIFY, **response)
    assert is_device_grant_available(["default"]) is expected


def test_device_grant_is_not_available_without_the_public_url(settings: Any) -> None:
    settings.ORY = {"default": {"HYDRA_ADMIN_URL": "http://hydra.test:4445"}}
    assert not is_device_grant_available(["default"])
    assert not is_device_grant_available([])


@pytest.mark.parametrize(("response", "expected"), [(CONFIGURED, True), (NOT_CONFIGURED, False)])
def test_forms_offer_the_available_grants(admin: Client, ory: FakeOry, response: Any, expected: bool) -> None:
    ory.respond(VERIFY, **response)
    add_clients(ory, make_client("a"))
    sync_clients("default")
    change = reverse("admin:django_ory_oauth2client_change", args=[OAuth2Client.objects.get().pk])
    for url in (reverse("admin:django_ory_oauth2client_add"), change):
        assert (f'value="{GRANT}"' in admin.get(url).content.decode()) is expected


def test_form_keeps_the_grant_of_a_client_that_has_it(admin: Client, ory: FakeOry) -> None:
    ory.respond(VERIFY, **NOT_CONFIGURED)
    add_clients(ory, make_client("a", grant_types=[GRANT]))
    sync_clients("default")
    url = reverse("admin:django_ory_oauth2client_change", args=[OAuth2Client.objects.get().pk])
    assert f'value="{GRANT}"' in admin.get(url).content.decode()
