"""System checks of the app for a second site."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks

from tests.tokens.signing import ISSUER

from .conftest import CLIENT_ID

TAG = "ory_relying_party"
OURS = "django_ory.relying_party.middleware.ProviderLogoutMiddleware"


def list_ids() -> list[str]:
    return [str(message.id).rpartition(".")[2] for message in run_checks(tags=[TAG])]


def test_complete_site_has_no_message() -> None:
    assert list_ids() == []


@pytest.mark.parametrize(
    ("projects", "found"),
    [
        ({}, ["E002"]),
        ({"default": {"HYDRA_PUBLIC_URL": ISSUER}}, ["E002"]),
        ({"default": {"LOGOUT_CLIENT_IDS": [CLIENT_ID]}}, ["E002"]),
        ({"default": {"LOGOUT_CLIENT_IDS": CLIENT_ID}}, ["E001"]),
        ("invalid", ["E001"]),
    ],
)
def test_missing_settings_are_an_error(settings: Any, projects: Any, found: list[str]) -> None:
    settings.ORY = projects
    assert list_ids() == found


def test_missing_middleware_is_an_error(settings: Any) -> None:
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != OURS]
    assert list_ids() == ["E004"]


def test_middleware_before_sessions_is_an_error(settings: Any) -> None:
    settings.MIDDLEWARE = [OURS, *(each for each in settings.MIDDLEWARE if each != OURS)]
    assert list_ids() == ["E004"]


def test_missing_urls_are_a_warning(settings: Any) -> None:
    settings.ROOT_URLCONF = "django_ory.urls"
    assert list_ids() == ["W005"]
