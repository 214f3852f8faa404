"""``example_project/compose.yaml``: checked by docker, where it has the plugin, and against our own kinds."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from django_ory.devstack.kinds import KINDS, ServerKind
from django_ory.devstack.plan import Ports

FILE = Path(__file__).parents[2] / "example_project" / "compose.yaml"


@pytest.fixture(scope="module")
def compose() -> Any:
    """The file with its anchors resolved: by docker if it can, else by YAML itself."""
    docker = shutil.which("docker")
    if docker is not None:
        command = [docker, "compose", "--file", str(FILE)]
        if subprocess.run([*command, "version"], capture_output=True, check=False).returncode == 0:
            done = subprocess.run([*command, "config"], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
    return yaml.safe_load(FILE.read_text())


def test_images_are_official_and_of_our_versions(compose: Any) -> None:
    images = {service["image"].partition(":")[0] for service in compose["services"].values()}
    assert images == {"oryd/kratos", "oryd/hydra", "postgres", "axllent/mailpit"}
    for kind in KINDS.values():
        assert compose["services"][kind.name]["image"] == f"oryd/{kind.name}:{kind.version}"
        assert compose["services"][f"{kind.name}-migrate"]["image"] == f"oryd/{kind.name}:{kind.version}"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_servers_are_reachable_from_this_machine_only_at_their_usual_ports(
    compose: Any, kind: ServerKind
) -> None:
    service = compose["services"][kind.name]
    assert service["ports"] == [f"127.0.0.1:{port}:{port}" for port in Ports().of(kind)]
    assert (
        service["environment"]["SERVE_PUBLIC_HOST"] == service["environment"]["SERVE_ADMIN_HOST"] == "0.0.0.0"
    )


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_servers_start_after_their_migrations_with_the_files_of_ory_config(
    compose: Any, kind: ServerKind
) -> None:
    service = compose["services"][kind.name]
    assert set(kind.serve) <= set(service["command"])
    assert f"ory_config {kind.name} --dev > .ory/compose-{kind.name}.yaml" in FILE.read_text()
    (volume,) = service["volumes"]
    assert volume == f"./.ory/compose-{kind.name}.yaml:{service['command'][-1]}:ro"
    assert service["depends_on"] == {f"{kind.name}-migrate": {"condition": "service_completed_successfully"}}
    migrate = compose["services"][f"{kind.name}-migrate"]
    assert migrate["command"] == ["migrate", "sql", "--read-from-env", "--yes"]
    assert migrate["environment"]["DSN"].startswith("postgres://")


def test_everything_that_is_named_exists(compose: Any) -> None:
    for service in compose["services"].values():
        assert set(service.get("depends_on", {})) <= set(compose["services"])
        assert {config["source"] for config in service.get("configs", ())} <= set(compose["configs"])
