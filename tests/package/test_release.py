"""The workflows: pinned actions. That which publishes: the least permissions, and only what was checked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

WORKFLOW = Path(__file__).parents[2] / ".github" / "workflows" / "release.yml"
PERMISSIONS = {
    "build": {"contents": "read"},
    "attest": {"attestations": "write", "id-token": "write"},
    "publish": {"id-token": "write"},
}


@pytest.fixture
def workflow() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text())
    return loaded


@pytest.mark.parametrize("path", sorted(WORKFLOW.parent.glob("*.yml")), ids=lambda path: path.name)
def test_actions_are_pinned_by_hash_and_name_their_version(path: Path) -> None:
    actions = re.findall(r"uses: (.+)", path.read_text())
    assert actions
    pinned = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [action for action in actions if not pinned.fullmatch(action)] == []


def test_jobs_have_no_other_permissions(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == PERMISSIONS


def test_only_distributions_that_were_checked_and_attested_are_published(workflow: dict[str, Any]) -> None:
    jobs = workflow["jobs"]
    commands = [step["run"] for step in jobs["build"]["steps"] if "run" in step]
    assert "python -m pip install tox && python -m tox run -e package -- dist" in commands
    assert [command for command in commands if "-m build" in command] == []
    assert (jobs["attest"]["needs"], jobs["publish"]["needs"]) == ("build", "attest")
    (publish,) = (step for step in jobs["publish"]["steps"] if "pypi-publish" in step["uses"])
    assert publish["with"] == {"attestations": True}
