"""Fixtures of the development stack: fake servers, and no data of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_ory.devstack.config.rendering import render_config
from django_ory.devstack.config.server_plan import ServerPlan
from django_ory.devstack.config.site import SiteUrls
from django_ory.devstack.ports import Ports, find_free_ports
from django_ory.devstack.servers.specs import HYDRA, KRATOS
from django_ory.devstack.stack.plan import StackAddresses, write_configs
from tests.support.yaml_text import load_yaml

from .fakes import GO, SERVER, write_program

if TYPE_CHECKING:
    from pathlib import Path

    from django_ory.devstack.servers.specs import ServerSpec


def render(server: str, site: SiteUrls, plan: ServerPlan) -> Any:
    """The content of a server's configuration file."""
    return load_yaml(render_config(server, site, plan, title="Title"))


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Isolate the tests from the environment, the cache and the data folder of the developer."""
    for variable in (
        "DJANGO_ORY_KRATOS",
        "DJANGO_ORY_HYDRA",
        "DJANGO_ORY_DEV_SETTING",
        "DJANGO_ORY_DEV_FOLDER",
    ):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def fake_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[ServerSpec, Path]:
    """Fake programs for both servers, in the environment variables."""
    programs = {spec: write_program(tmp_path / "bin" / spec.name, SERVER) for spec in (KRATOS, HYDRA)}
    for spec, program in programs.items():
        monkeypatch.setenv(spec.variable, str(program))
    return programs


@pytest.fixture
def fake_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fake Go, alone on PATH with the shell. Returns the file that lists its builds."""
    write_program(tmp_path / "gobin" / "go", GO)
    (tmp_path / "gobin" / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path / "gobin"))
    log = tmp_path / "builds.log"
    monkeypatch.setenv("FAKE_GO_LOG", str(log))
    return log


@pytest.fixture
def site() -> SiteUrls:
    """The URLs of a site."""
    origin = "http://localhost:8000"
    names = ("login", "registration", "recovery", "verification", "settings", "error")
    provider = [f"oauth2_{name}" for name in ("login", "consent", "logout", "error", "device", "device_done")]
    return SiteUrls(
        url=origin,
        name="Cups & Co.",
        pages={name: f"{origin}/auth/{name}/" for name in (*names, *provider)},
        after_login=f"{origin}/welcome/",
        after_logout=f"{origin}/",
        return_urls=("http://shop.localhost/",),
        mail_address="cups@example.com",
        mail_name="Cups",
    )


@pytest.fixture
def server_plan() -> ServerPlan:
    """The values for the configuration of a server on this machine."""
    return ServerPlan(
        public_url="http://localhost:4433",
        admin_url="http://localhost:4434",
        public_port=4433,
        admin_port=4434,
        server_version=(1, 3, 1),
        dev=True,
        dsn="memory",
        secrets={"cookie": "c" * 32, "cipher": "p" * 32, "system": "s" * 32},
        smtp_url="smtp://localhost:1025/",
    )


@pytest.fixture
def plan(tmp_path: Path, site: SiteUrls) -> StackAddresses:
    """A stack on free ports with its configuration files."""
    ports = dict(zip(Ports.__dataclass_fields__, find_free_ports(5), strict=True))
    plan = StackAddresses(folder=tmp_path / "stack", site_url="http://localhost:8000", ports=Ports(**ports))
    write_configs(plan, site)
    return plan
