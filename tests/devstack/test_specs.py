from __future__ import annotations

import pytest

from django_ory.devstack.servers.specs import HYDRA, KRATOS, SERVERS, ServerSpec


def test_versions_come_from_go_mod() -> None:
    assert (KRATOS.version, HYDRA.version) == ("v1.3.1", "v2.3.0")


@pytest.mark.parametrize("spec", SERVERS.values(), ids=SERVERS)
def test_go_module_is_part_of_the_package(spec: ServerSpec) -> None:
    assert {file.name for file in spec.source.iterdir()} >= {"go.mod", "go.sum", "main.go"}
    assert f'"{spec.module}/cmd"' in (spec.source / "main.go").read_text()
