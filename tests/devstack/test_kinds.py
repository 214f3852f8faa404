from __future__ import annotations

import pytest

from django_ory.devstack.kinds import HYDRA, KINDS, KRATOS, ServerKind


def test_versions_are_those_of_the_go_modules() -> None:
    assert (KRATOS.version, HYDRA.version) == ("v1.3.1", "v2.3.0")
    assert HYDRA.version_flag == "-X github.com/ory/hydra/v2/driver/config.Version=v2.3.0"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_go_module_ships_with_the_package(kind: ServerKind) -> None:
    assert {file.name for file in kind.source.iterdir()} >= {"go.mod", "go.sum", "main.go"}
    assert f'"{kind.module}/cmd"' in (kind.source / "main.go").read_text()
