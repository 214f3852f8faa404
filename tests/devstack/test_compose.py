"""``example_project/compose.yaml``: checked by docker, if installed, and against the server specs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from django_ory.devstack.ports import Ports
from django_ory.devstack.servers.specs import SERVERS, ServerSpec
from tests.support.yaml_text import load_yaml

FILE = Path(__file__).parents[2] / "example_project" / "compose.yaml"


@pytest.fixture(scope="module")
def compose() -> Any:
    """The file with resolved anchors: by docker if possible, otherwise by the YAML parser."""
    docker = shutil.which("docker")
    if docker is not None:
        command = [docker, "compose", "--file", str(FILE)]
        if subprocess.run([*command, "version"], capture_output=True, check=False).returncode == 0:
            done = subprocess.run([*command, "config"], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
    return load_yaml(FILE.read_text())


def test_images_are_official_and_have_our_versions(compose: Any) -> None:
    images = {service["image"].partition(":")[0] for service in compose["services"].values()}
    assert images == {"oryd/kratos", "oryd/hydra", "postgres", "axllent/mailpit"}
    for spec in SERVERS.values():
        assert compose["services"][spec.name]["image"] == f"oryd/{spec.name}:{spec.version}"
        assert compose["services"][f"{spec.name}-migrate"]["image"] == f"oryd/{spec.name}:{spec.version}"


@pytest.mark.parametrize("spec", SERVERS.values(), ids=SERVERS)
def test_servers_listen_on_this_machine_only_with_default_ports(compose: Any, spec: ServerSpec) -> None:
    service = compose["services"][spec.name]
    assert service["ports"] == [f"127.0.0.1:{port}:{port}" for port in Ports().get_pair(spec.name)]
    assert (
        service["environment"]["SERVE_PUBLIC_HOST"] == service["environment"]["SERVE_ADMIN_HOST"] == "0.0.0.0"
    )


@pytest.mark.parametrize("spec", SERVERS.values(), ids=SERVERS)
def test_servers_start_after_migrations_with_files_of_ory_config(compose: Any, spec: ServerSpec) -> None:
    service = compose["services"][spec.name]
    assert set(spec.serve) <= set(service["command"])
    assert f"ory_config {spec.name} --dev > .ory/compose-{spec.name}.yaml" in FILE.read_text()
    (volume,) = service["volumes"]
    assert volume == f"./.ory/compose-{spec.name}.yaml:{service['command'][-1]}:ro"
    assert service["depends_on"] == {f"{spec.name}-migrate": {"condition": "service_completed_successfully"}}
    migrate = compose["services"][f"{spec.name}-migrate"]
    assert migrate["command"] == ["migrate", "sql", "--read-from-env", "--yes"]
    assert migrate["environment"]["DSN"].startswith("postgres://")


def test_referenced_services_and_configs_exist(compose: Any) -> None:
    for service in compose["services"].values():
        assert set(service.get("depends_on", {})) <= set(compose["services"])
        assert {config["source"] for config in service.get("configs", ())} <= set(compose["configs"])
