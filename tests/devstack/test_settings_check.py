from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import Ports
from django_ory.devstack.stack import project
from django_ory.devstack.stack.project import check_settings, ory_settings

README = {
    "KRATOS_PUBLIC_URL": "http://localhost:4433",
    "KRATOS_ADMIN_URL": "http://localhost:4434",
    "HYDRA_PUBLIC_URL": "http://localhost:4444",
    "HYDRA_ADMIN_URL": "http://localhost:4445",
}


@pytest.fixture(autouse=True)
def _written_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of the tests were not made by ``ory_settings``."""
    monkeypatch.setattr(project, "_ory_settings_calls", [])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"KRATOS_ADMIN_URL": "http://127.0.0.1:4434"},
        {"HYDRA_PUBLIC_URL": "", "HYDRA_ADMIN_URL": ""},
        {"KRATOS_PUBLIC_URL": "http://127.0.0.1:4433", "KRATOS_BROWSER_URL": "http://localhost:4433/"},
    ],
)
def test_settings_with_the_urls_of_the_servers_pass(changes: dict[str, Any]) -> None:
    with override_settings(ORY={"default": {**README, **changes}}):
        check_settings(Ports(), alias="default")


@pytest.mark.parametrize(
    ("changes", "ports", "problem"),
    [
        (
            {},
            Ports(kratos_public=7433),
            "KRATOS_PUBLIC_URL is http://localhost:4433.* at http://localhost:7433",
        ),
        (
            {},
            Ports(kratos_admin=7434),
            "KRATOS_ADMIN_URL is http://localhost:4434.* at http://localhost:7434",
        ),
        (
            {},
            Ports(hydra_public=7444),
            "HYDRA_PUBLIC_URL is http://localhost:4444.* at http://localhost:7444",
        ),
        ({}, Ports(hydra_admin=7445), "HYDRA_ADMIN_URL is http://localhost:4445.* at http://localhost:7445"),
        (
            {"KRATOS_PUBLIC_URL": "http://127.0.0.1:4433"},
            Ports(),
            "KRATOS_BROWSER_URL is http://127.0.0.1:4433",
        ),
        (
            {"KRATOS_PUBLIC_URL": "https://localhost:4433"},
            Ports(),
            "KRATOS_PUBLIC_URL is https://localhost:4433",
        ),
        ({"KRATOS_PUBLIC_URL": "http://kratos:4433"}, Ports(), "KRATOS_PUBLIC_URL is http://kratos:4433"),
    ],
)
def test_settings_with_other_urls_raise_the_remedy(
    changes: dict[str, Any], ports: Ports, problem: str
) -> None:
    with (
        override_settings(ORY={"default": {**README, **changes}}),
        pytest.raises(DevstackError, match=problem) as caught,
    ):
        check_settings(ports, alias="default")
    assert "ORY = ory_settings(BASE_DIR)" in str(caught.value)


def test_alias_selects_the_checked_settings() -> None:
    other = {**README, "KRATOS_PUBLIC_URL": "http://localhost:1"}
    with override_settings(ORY={"default": README, "acme": other}):
        check_settings(Ports(), alias="default")
        with pytest.raises(DevstackError, match=r'settings\.ORY\["acme"\] names other servers'):
            check_settings(Ports(), alias="acme")


def test_settings_of_ory_settings_pass_with_any_port() -> None:
    with override_settings(ORY=ory_settings(SITE_NAME="Cups")):
        check_settings(Ports(kratos_public=7433), alias="default")


def test_default_browser_url_is_reported_once() -> None:
    with override_settings(ORY={"default": README}), pytest.raises(DevstackError) as caught:
        check_settings(Ports(kratos_public=7433), alias="default")
    assert "KRATOS_BROWSER_URL" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://[", "http://localhost:port", "localhost:4433", "https://localhost:4433"]
)
def test_invalid_url_is_not_that_of_the_server(url: str) -> None:
    with (
        override_settings(ORY={"default": {**README, "KRATOS_PUBLIC_URL": url}}),
        pytest.raises(DevstackError, match="KRATOS_PUBLIC_URL is"),
    ):
        check_settings(Ports(), alias="default")
