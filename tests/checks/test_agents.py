"""The rules for OAuth2 clients that register themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_ory.checks import check_settings
from tests.support.kratos import ory_settings

if TYPE_CHECKING:
    from pytest_django import Settings

IDS = {f"django_ory.E08{number}" for number in range(5)}


def find(settings: Settings, **values: Any) -> dict[str, str]:
    settings.ORY = ory_settings(**values)
    return {each.id: each.msg for each in check_settings(None) if each.id in IDS and each.id is not None}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"OAUTH2_CLIENT_REGISTRATION": True},
        {"OAUTH2_CLIENT_DOCUMENT_HOSTS": ["*"]},
        {"OAUTH2_CLIENT_DOCUMENT_HOSTS": ["agent.example", ".agents.example"]},
        {"OAUTH2_CLIENT_REDIRECT_SCHEMES": ["com.example.app", "Cursor"]},
        {"OAUTH2_CLIENT_AUTH_METHODS": ["none", "client_secret_basic", "client_secret_post"]},
        {"OAUTH2_CLIENT_REGISTRATION_TOKENS": ["a" * 16]},
        {"HYDRA_ADMIN_URL": ""},
    ],
)
def test_valid_settings_have_no_finding(settings: Settings, values: dict[str, Any]) -> None:
    assert find(settings, **values) == {}


@pytest.mark.parametrize(
    ("values", "rule_id"),
    [
        ({"OAUTH2_CLIENT_REGISTRATION": True, "HYDRA_ADMIN_URL": ""}, "E080"),
        ({"OAUTH2_CLIENT_DOCUMENT_HOSTS": ["*"], "HYDRA_ADMIN_URL": ""}, "E080"),
        ({"OAUTH2_CLIENT_REDIRECT_SCHEMES": ["javascript"]}, "E081"),
        ({"OAUTH2_CLIENT_REDIRECT_SCHEMES": ["com.example.app", "https"]}, "E081"),
        ({"OAUTH2_CLIENT_REDIRECT_SCHEMES": ["com.example.app:"]}, "E081"),
        ({"OAUTH2_CLIENT_REDIRECT_SCHEMES": [""]}, "E081"),
        ({"OAUTH2_CLIENT_REDIRECT_SCHEMES": [1]}, "E081"),
        ({"OAUTH2_CLIENT_AUTH_METHODS": ["private_key_jwt"]}, "E082"),
        ({"OAUTH2_CLIENT_REGISTRATION_TOKENS": ["a" * 16, "short"]}, "E083"),
        ({"OAUTH2_CLIENT_DOCUMENT_HOSTS": ["https://agent.example"]}, "E084"),
        ({"OAUTH2_CLIENT_DOCUMENT_HOSTS": ["*.agent.example"]}, "E084"),
        ({"OAUTH2_CLIENT_DOCUMENT_HOSTS": ["agent.example", ""]}, "E084"),
    ],
)
def test_invalid_setting_has_one_finding(settings: Settings, values: dict[str, Any], rule_id: str) -> None:
    assert find(settings, **values).keys() == {f"django_ory.{rule_id}"}


def test_secret_is_not_in_the_finding(settings: Settings) -> None:
    assert "planted" not in str(find(settings, OAUTH2_CLIENT_REGISTRATION_TOKENS=["planted"]))
