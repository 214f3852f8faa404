"""Hydra v2.3.0 has no device flow: the pages, the admin and ``ory_check`` state that."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command

from django_ory.client import RouteNotFound
from django_ory.clients import get_client
from django_ory.provider.device_grant import is_device_grant_available

from .browser import Browser

if TYPE_CHECKING:
    from django_ory.devstack import StackAddresses

pytestmark = pytest.mark.live


def test_older_hydra_cannot_connect_devices(stack: StackAddresses) -> None:
    with pytest.raises(RouteNotFound):
        get_client().accept_user_code_request(device_challenge="c", body={"user_code": "code"})
    assert get_client().discover_oidc_configuration().device_authorization_endpoint is None
    assert not is_device_grant_available(["default"])

    page = Browser(stack.site_url).open(f"{stack.site_url}/auth/oauth2/device/")
    assert (page.status, "Devices cannot be connected" in page.text) == (404, True)
    page.open(f"{stack.site_url}/auth/oauth2/device/?device_challenge=c&user_code=code")
    assert page.status == 200
    page.press("", user_code="code")
    assert (page.status, "Devices cannot be connected" in page.text) == (404, True)


def test_check_states_that_hydra_is_older(stack: StackAddresses) -> None:
    out = io.StringIO()
    try:
        call_command("ory_check", "--json", stdout=out)
    except CommandError:  # other checks depend on the host of the site
        assert '"ok": false' in out.getvalue()
    (found,) = [
        each for each in json.loads(out.getvalue())["results"] if each["check"] == "OAuth2 device page"
    ]
    assert found["ok"] is None
    assert "needs v25.4 or later" in found["detail"]
