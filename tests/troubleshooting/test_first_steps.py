"""Symptoms of the first steps: servers, settings, the development stack."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import RequestFactory

from django_ory.checks import check_settings
from django_ory.client import OryServiceNotConfigured
from django_ory.clients import get_client
from django_ory.devstack import DevstackError
from django_ory.devstack.errors import import_dev_package
from django_ory.devstack.ports import HOST, check_ports
from django_ory.middleware import OryMiddleware
from django_ory.testing import UnsupportedRequest
from tests.support.kratos import ory_settings

from .page import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from pytest_django import Settings

    from django_ory.testing import FakeOry
    from tests.support.fixtures import ChangeOry


def test_page_without_kratos_names_the_setting(
    show: Callable[..., str], ory: FakeOry, settings: Settings
) -> None:
    settings.DEBUG = True
    with ory.fault("kratos", "down"):
        expect("no-server", show("/auth/login/"))


def test_page_of_another_server_names_the_setting(
    show: Callable[..., str], client: Client, ory: FakeOry, caplog: pytest.LogCaptureFixture
) -> None:
    ory.respond("GET /sessions/whoami", json={"detail": "Not Found"}, status=404)
    client.cookies["ory_kratos_session"] = "x"
    show("/auth/login/")
    expect("other-server", caplog.text)


def test_redirect_of_the_admin_api_names_both_settings(
    show: Callable[..., str], client: Client, ory: FakeOry, caplog: pytest.LogCaptureFixture
) -> None:
    location = {"Location": "http://kratos.test:4433/sessions/whoami"}
    ory.respond("GET /sessions/whoami", status=307, headers=location)
    client.cookies["ory_kratos_session"] = "x"
    show("/auth/login/")
    expect("swapped-urls", caplog.text)


def test_none_in_a_setting_is_reported(settings: Settings) -> None:
    settings.ORY = ory_settings(API_KEY=None)
    expect("none", " ".join(message.msg for message in check_settings(None)))


def test_call_of_a_server_without_url_names_the_option(ory: FakeOry, change_ory: ChangeOry) -> None:
    change_ory(KRATOS_ADMIN_URL="")
    with pytest.raises(OryServiceNotConfigured) as raised:
        get_client().admin_list_identities()
    expect("no-service", str(raised.value))


@pytest.mark.django_db
def test_user_of_django_has_no_identity(ory: FakeOry, rf: RequestFactory) -> None:
    request: Any = rf.get("/")
    request.user = get_user_model()(pk=1)
    OryMiddleware(lambda request: None)(request)  # type: ignore[arg-type]
    with pytest.raises(AttributeError) as raised:
        _ = request.ory.identity.traits
    expect("no-traits", str(raised.value))


def test_port_in_use_names_the_option() -> None:
    with socket.socket() as used:
        used.bind((HOST, 0))
        used.listen()
        port = used.getsockname()[1]
        with pytest.raises(DevstackError) as raised:
            check_ports({"--kratos-public-port": ("Kratos' public API", port)})
    expect("port", str(raised.value))


def test_missing_package_of_the_stack_names_the_extra() -> None:
    with pytest.raises(DevstackError) as raised:
        import_dev_package("a_package_that_does_not_exist.part")
    expect("dev-extra", str(raised.value))


@pytest.mark.django_db
def test_identity_without_a_user_cannot_be_staff(ory: FakeOry) -> None:
    ory.create_identity({"email": "ann@example.org"})
    with pytest.raises(CommandError) as raised:
        call_command("ory_make_staff", "ann@example.org")
    expect("make-staff", str(raised.value))


def test_unknown_route_of_the_fake_server_names_the_way_out(ory: FakeOry) -> None:
    with pytest.raises(UnsupportedRequest) as raised:
        get_client().get_web_authn_java_script()
    expect("fake-route", str(raised.value))
