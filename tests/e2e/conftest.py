"""The example site with a real Kratos and a real Hydra, in a real browser."""

from __future__ import annotations

from contextlib import ExitStack
from importlib.metadata import distributions
from typing import TYPE_CHECKING, Any

import pytest
import requests

from django_ory.client import OryClient
from django_ory.devstack import OryStack
from django_ory.devstack.ports import Ports, find_free_ports

from .browser_fixtures import (
    browser,
    chromium,
    member,
    open_context,
    program,
    pytest_runtest_makereport,
    visitor,
)
from .page_checker import PageChecker
from .scheduling import BrowserScheduling
from .servers import build_client_site, build_example_site
from .upstream import UpstreamProvider, build_provider_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xdist.remote import Producer

    from django_ory.devstack import StackAddresses

    from .servers import ServedSite

__all__ = ["browser", "chromium", "member", "open_context", "program", "pytest_runtest_makereport", "visitor"]


def pytest_report_header() -> str:
    """Name the versions of the libraries of other projects that sign in with the provider."""
    found = {each.name: each.version for each in distributions()}
    names = ("Django", "Authlib", "mcp")
    return "clients: " + ", ".join(f"{name} {found.get(name, 'is not installed')}" for name in names)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> BrowserScheduling:
    return BrowserScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder: they need the browser."""
    for item in items:
        if "tests/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def ory_stack() -> Iterator[OryStack]:
    """Kratos, Hydra and a mailbox of this worker, whose site URL only this worker serves."""
    with OryStack() as stack:
        yield stack


@pytest.fixture(scope="session")
def toolshelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., ServedSite]]:
    """Serves Toolshelf at the site URL of a stack, with a separate database: ``toolshelf(ory_stack)``.

    Other arguments are variables of its environment.
    """
    with ExitStack() as closing:

        def serve(stack: StackAddresses, **variables: str) -> ServedSite:
            served = build_example_site(stack, folder=tmp_path_factory.mktemp("toolshelf"), **variables)
            closing.callback(served.stop)
            served.start()
            return served

        yield serve


@pytest.fixture(scope="session")
def site(ory_stack: StackAddresses, toolshelf: Callable[..., ServedSite]) -> ServedSite:
    """Toolshelf with the shared stack."""
    return toolshelf(ory_stack)


@pytest.fixture(scope="session")
def upstream(
    toolshelf: Callable[..., ServedSite],
) -> Iterator[tuple[OryStack, UpstreamProvider]]:
    """A stack with the methods that the shared stack does not have, and the upstream provider of its Kratos.

    Passkeys, security keys as second factor, an OpenID provider, and links by mail instead of codes.
    The sign-up has one step.
    """
    upstream_port, *others = find_free_ports(6)
    ports = Ports(**dict(zip(Ports.__dataclass_fields__, others, strict=True)))
    with ExitStack() as closing:
        provider = closing.enter_context(UpstreamProvider(ports, port=upstream_port))
        selfservice = {
            "flows": {
                "registration": {"enable_legacy_one_step": True},
                "recovery": {"use": "link"},
                "verification": {"use": "link"},
            },
            "methods": {
                "passkey": {"enabled": True},
                "webauthn": {"enabled": True},
                "oidc": build_provider_config(ports),
            },
        }
        overrides = {"kratos": {"selfservice": selfservice}, "hydra": provider.hydra_config}
        stack = closing.enter_context(OryStack(ports=ports, config_overrides=overrides))
        provider.register()
        toolshelf(stack)
        yield stack, provider


@pytest.fixture(scope="session")
def stoppable_site(toolshelf: Callable[..., ServedSite]) -> Iterator[tuple[OryStack, ServedSite]]:
    with OryStack() as stack:
        yield stack, toolshelf(stack)


@pytest.fixture
def stoppable(stoppable_site: tuple[OryStack, ServedSite]) -> Iterator[tuple[OryStack, ServedSite]]:
    """A stack and Toolshelf for tests that stop Kratos."""
    yield stoppable_site
    kratos = stoppable_site[0].kratos
    kratos.start()  # unless the test has done it
    kratos.wait_ready()


@pytest.fixture(scope="session")
def workshop(ory_stack: StackAddresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    """The site Fix-it Friday, registered at Hydra like staff do."""
    url = f"http://localhost:{find_free_ports(1)[0]}"
    body: dict[str, Any] = {
        "client_name": "Fix-it Friday",
        "redirect_uris": [f"{url}/callback/"],
        "post_logout_redirect_uris": [f"{url}/"],
        "backchannel_logout_uri": f"{url}/oidc/backchannel-logout/",
        "backchannel_logout_session_required": True,
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "scope": "openid profile email",
        "token_endpoint_auth_method": "client_secret_basic",
    }
    # Hydra creates its signing keys on the first request, which can exceed the timeout of a page.
    requests.get(f"{ory_stack.hydra_public_url}/.well-known/jwks.json", timeout=60).raise_for_status()
    with OryClient(hydra_admin_url=ory_stack.hydra_admin_url, timeout=10.0) as client:
        made = client.admin_create_o_auth2_client(body=body)
    oidc = {
        "OIDC_CLIENT_ID": made.client_id or "",
        "OIDC_CLIENT_SECRET": made.client_secret or "",
        "OIDC_DISCOVERY_URL": f"{ory_stack.hydra_public_url}/.well-known/openid-configuration",
    }
    served = build_client_site(url, oidc=oidc, folder=tmp_path_factory.mktemp("workshop"))
    served.start()
    yield served
    served.stop()


@pytest.fixture
def page_checker() -> Iterator[PageChecker]:
    """Checks pages. Problems fail the test at the end."""
    checker = PageChecker()
    yield checker
    assert not checker.problems, "\n".join(checker.problems)
