from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import django_ory
from django_ory.devstack.errors import DevstackError
from django_ory.devstack.stack.project import (
    FOLDER_VARIABLE,
    URLS_VARIABLE,
    data_folder,
    exclusive_folder,
    make_folder,
    ory_settings,
    reset_folder,
    save_state,
)

ELSEWHERE = {"default": {"KRATOS_PUBLIC_URL": "http://localhost:1"}}


def test_data_folder_is_beside_manage_py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert data_folder() == tmp_path / ".ory"  # no manage.py: where the program was started
    assert data_folder(tmp_path / "base") == tmp_path / "base" / ".ory"
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "site" / "manage.py"), "ory_dev"])
    assert data_folder() == tmp_path / "site" / ".ory"
    monkeypatch.setenv("DJANGO_ORY_DEV_FOLDER", str(tmp_path / "chosen"))
    assert data_folder(tmp_path / "base") == tmp_path / "chosen"


def test_setting_without_a_stack_has_default_ports() -> None:
    assert ory_settings(SITE_NAME="Cups") == {
        "default": {
            "KRATOS_PUBLIC_URL": "http://localhost:4433",
            "KRATOS_ADMIN_URL": "http://localhost:4434",
            "HYDRA_PUBLIC_URL": "http://localhost:4444",
            "HYDRA_ADMIN_URL": "http://localhost:4445",
            "SITE_NAME": "Cups",
        }
    }
    assert "SITE_NAME" not in ory_settings()["default"]


def test_setting_is_read_from_the_state_file(tmp_path: Path) -> None:
    folder = data_folder(tmp_path)
    folder.mkdir()
    save_state(ELSEWHERE, folder=folder)
    assert ory_settings(tmp_path) == ELSEWHERE
    assert ory_settings(tmp_path, TIMEOUT=1)["default"] == {**ELSEWHERE["default"], "TIMEOUT": 1}


def test_environment_wins_over_the_state_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data_folder(tmp_path).mkdir()
    save_state({"default": {}}, folder=data_folder(tmp_path))
    monkeypatch.setenv(URLS_VARIABLE, json.dumps(ELSEWHERE))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "stack"))
    assert ory_settings(tmp_path) == ELSEWHERE
    assert data_folder() == tmp_path / "stack"


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"default": "x"}), json.dumps({"other": {}})])
def test_invalid_setting_raises_its_source(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("DJANGO_ORY_DEV_SETTING", text)
    with pytest.raises(DevstackError, match="The environment variable DJANGO_ORY_DEV_SETTING is not"):
        ory_settings()


def test_reset_deletes_data_folders_only(tmp_path: Path) -> None:
    precious = tmp_path / "home"
    (precious / "photos").mkdir(parents=True)
    with pytest.raises(DevstackError, match="is not a data folder of ory_dev"):
        reset_folder(precious)
    assert (precious / "photos").exists()
    save_state(ELSEWHERE, folder=precious)
    reset_folder(precious)
    assert list(precious.iterdir()) == []
    reset_folder(tmp_path / "never" / "existed")
    ours = tmp_path / ".ory"
    (ours / "mails").mkdir(parents=True)
    (ours / "elsewhere").symlink_to(tmp_path)
    reset_folder(ours)
    assert list(ours.iterdir()) == []
    assert tmp_path.exists()


def test_reset_reports_undeletable_data(tmp_path: Path) -> None:
    (tmp_path / ".ory").touch()
    with pytest.raises(DevstackError, match=r"Could not delete the data in .*\.ory: .*Not a directory"):
        reset_folder(tmp_path / ".ory")


def test_folder_in_use_is_rejected(tmp_path: Path) -> None:
    folder = tmp_path / "chosen"
    with exclusive_folder(folder):
        (folder / "setting.json").touch()
        reset_folder(folder)
        with (
            pytest.raises(DevstackError, match=r"Another ory_dev uses .*chosen.* DJANGO_ORY_DEV_FOLDER"),
            exclusive_folder(folder),
        ):
            pass
    with exclusive_folder(folder):
        reset_folder(folder)  # accepted with nothing but the lock inside


@pytest.mark.parametrize(("name", "ignored"), [(".ory", True), ("existing", False)])
def test_only_own_folders_get_a_gitignore(tmp_path: Path, name: str, ignored: bool) -> None:
    (tmp_path / name).mkdir()
    make_folder(tmp_path / name)
    assert (tmp_path / name / ".gitignore").exists() is ignored


def test_existing_gitignore_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / ".ory"
    make_folder(folder)
    (folder / ".gitignore").write_text("mails/\n")
    make_folder(folder)
    reset_folder(folder)
    assert (folder / ".gitignore").read_text() == "mails/\n"


def test_locked_folder_has_a_gitignore(tmp_path: Path) -> None:
    with exclusive_folder(tmp_path / ".ory"):
        assert (tmp_path / ".ory" / ".gitignore").exists()


def test_settings_module_can_import_the_stack() -> None:
    """At that time there are no settings, so nothing may import a model."""
    code = "from django_ory.devstack import OryStack, ory_settings; print(ory_settings()['default'])"
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    paths = [str(Path(django_ory.__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "http://localhost:4433" in done.stdout
