"""``ory_check`` on real servers, with URLs of the wrong API."""

from __future__ import annotations

import json
from io import StringIO
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command

if TYPE_CHECKING:
    from pytest_django import Settings

    from django_ory.devstack import StackAddresses

pytestmark = pytest.mark.live

SERVICES = {
    "kratos_public": "Kratos' public API",
    "kratos_admin": "Kratos' admin API",
    "hydra_public": "Hydra's public API",
    "hydra_admin": "Hydra's admin API",
}


def check(service: str, url: str, settings: Settings) -> dict[str, Any]:
    settings.ORY = {"default": {f"{service.upper()}_URL": url}}
    out = StringIO()
    try:
        call_command("ory_check", "--json", stdout=out)
    except CommandError:
        pass
    result: dict[str, Any] = json.loads(out.getvalue())["results"][0]
    return result


@pytest.mark.parametrize("service", SERVICES)
def test_right_api_passes(ory_stack: StackAddresses, settings: Settings, service: str) -> None:
    assert check(service, getattr(ory_stack, f"{service}_url"), settings)["ok"] is True


@pytest.mark.parametrize(("expected", "actual"), list(permutations(SERVICES, 2)))
def test_wrong_api_fails_with_its_name(
    ory_stack: StackAddresses, settings: Settings, expected: str, actual: str
) -> None:
    result = check(expected, getattr(ory_stack, f"{actual}_url"), settings)
    assert result["ok"] is False
    assert result["detail"].endswith(f" is {SERVICES[actual]}, not {SERVICES[expected]}")
