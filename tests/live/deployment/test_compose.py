"""The commands, variables and files of ``ory_config compose`` with the servers of this machine.

There is no Docker in the tests. Addresses in the network of the containers are replaced by free ports.
"""

from __future__ import annotations

import io
import os
import subprocess
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml
from django.core.management import call_command

from django_ory.devstack.ports import Ports, find_free_ports
from django_ory.devstack.servers.binaries import find_server
from django_ory.devstack.servers.process import ChildProcess, tail
from django_ory.devstack.servers.specs import SERVERS
from tests.live.services import postgres_server
from tests.live.tokens.traffic import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.live

SITE = "https://www.example.org"
AUTH = "https://auth.example.org"
START_SECONDS = 60


class Containers:
    """Runs the services of the file as processes of this machine."""

    def __init__(self, folder: Path, *, postgres_port: int) -> None:
        self.folder = folder
        self.compose = yaml.safe_load((folder / "compose.yaml").read_text())
        self.ports = Ports(**dict(zip(Ports.__dataclass_fields__, find_free_ports(5), strict=True)))
        self._postgres_port = postgres_port

    def read_variables(self, service: str) -> dict[str, str]:
        """Return the environment of a service."""
        variables: dict[str, str] = {}
        for file in self.compose["services"][service]["env_file"]:
            lines = (self.folder / file).read_text().splitlines()
            variables |= dict(line.split("=", 1) for line in lines)
        variables |= self.compose["services"][service].get("environment", {})
        return {name: self._replace_hosts(value) for name, value in variables.items()}

    def build_command(self, service: str) -> list[str]:
        """Return the command of a service of Kratos or Hydra with the binary of this machine."""
        spec = SERVERS[service.partition("-")[0]]
        files = {
            config["target"]: str(self.folder / f"{spec.name}.yml") for config in self._get_configs(service)
        }
        arguments = self.compose["services"][service]["command"]
        return [str(find_server(spec)), *(files.get(argument, argument) for argument in arguments)]

    def build_environment(self, service: str) -> dict[str, str]:
        """Return the variables of a service, with the free ports of the server."""
        public, admin = self.ports.get_pair(service.partition("-")[0])
        ports = {"SERVE_PUBLIC_PORT": str(public), "SERVE_ADMIN_PORT": str(admin)}
        return {"SERVE_PUBLIC_HOST": "127.0.0.1", **ports, **self.read_variables(service)}

    def get_health_url(self, service: str) -> str:
        """Return the URL of the health check of a server, at its free port."""
        url: str = self.compose["services"][service]["healthcheck"]["test"][-1]
        usual, port = (ports.get_pair(service)[0] for ports in (Ports(), self.ports))
        assert f":{usual}/" in url
        return url.replace(f":{usual}/", f":{port}/")

    def _get_configs(self, service: str) -> list[dict[str, str]]:
        configs: list[dict[str, str]] = self.compose["services"][service]["configs"]
        return configs

    def _replace_hosts(self, value: str) -> str:
        value = value.replace("@postgres:5432/", f"@127.0.0.1:{self._postgres_port}/")
        return value.replace("0.0.0.0", "127.0.0.1")


@pytest.fixture
def containers(settings: Any, tmp_path: Path) -> Iterator[Containers]:
    """A folder with all files that the guide lets the reader print, and a running PostgreSQL."""
    settings.ORY = {
        "default": {
            "KRATOS_PUBLIC_URL": "http://kratos:4433",
            "KRATOS_BROWSER_URL": AUTH,
            "KRATOS_ADMIN_URL": "http://kratos:4434",
            "HYDRA_PUBLIC_URL": "http://hydra:4444",
            "HYDRA_BROWSER_URL": AUTH,
            "HYDRA_ADMIN_URL": "http://hydra:4445",
        }
    }
    call_command("ory_secrets", str(tmp_path / "secrets"), "--compose", stdout=io.StringIO())
    for name, file in (("kratos", "kratos.yml"), ("hydra", "hydra.yml"), ("compose", "compose.yaml")):
        with (tmp_path / file).open("w") as output:
            call_command("ory_config", name, "--site-url", SITE, stdout=output)
    [port] = find_free_ports(1)
    with postgres_server(port=port) as database:
        made = Containers(tmp_path, postgres_port=port)
        (tmp_path / "databases.sql").write_text(made.compose["configs"]["databases"]["content"])
        subprocess.run(
            ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file", tmp_path / "databases.sql"],
            env={
                "PATH": os.environ["PATH"],
                "PGHOST": database["HOST"],
                "PGPORT": database["PORT"],
                "PGUSER": database["USER"],
                **made.read_variables("postgres"),
            },
            check=True,
        )
        yield made


def test_servers_of_the_file_migrate_start_and_are_healthy(containers: Containers) -> None:
    """The roles of PostgreSQL and the variables of the servers have the same passwords."""
    for name in SERVERS:
        migrate = subprocess.run(
            containers.build_command(f"{name}-migrate"),
            env=containers.build_environment(f"{name}-migrate"),
            capture_output=True,
            text=True,
            check=False,
        )
        assert migrate.returncode == 0, migrate.stdout + migrate.stderr
    with ExitStack() as closing:
        running = {}
        for service in (*SERVERS, "kratos-courier"):
            log = containers.folder / f"{service}.log"
            child = ChildProcess(
                containers.build_command(service), log=log, env=containers.build_environment(service)
            )
            closing.callback(child.stop)
            running[service] = child
        session = closing.enter_context(requests.Session())
        session.trust_env = False

        def is_healthy(name: str) -> bool:
            assert running[name].get_returncode() is None, tail(containers.folder / f"{name}.log")
            try:
                answer = session.get(containers.get_health_url(name), timeout=5)
            except requests.ConnectionError:
                return False
            return answer.status_code == 200

        for name in SERVERS:
            wait_until(partial(is_healthy, name), seconds=START_SECONDS)
        courier = containers.folder / "kratos-courier.log"
        wait_until(lambda: "Courier worker started" in courier.read_text(), seconds=START_SECONDS)

        # The sign-in page of the file is that of the site, for browsers behind the proxy.
        flow = session.get(
            f"http://127.0.0.1:{containers.ports.kratos_public}/self-service/login/browser",
            headers={"X-Forwarded-Proto": "https"},
            allow_redirects=False,
            timeout=10,
        )
        assert flow.headers["Location"].startswith(f"{SITE}/auth/login/?flow=")
        assert "Secure" in flow.headers["Set-Cookie"]
        assert "Domain=example.org" in flow.headers["Set-Cookie"]
        discovered = session.get(
            f"http://127.0.0.1:{containers.ports.hydra_public}/.well-known/openid-configuration",
            headers={"X-Forwarded-Proto": "https"},
            timeout=30,
        )
        assert discovered.json()["issuer"] == AUTH
        assert running["kratos-courier"].get_returncode() is None, tail(courier)
