from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack.configuration import ServerPlan, duration, random_secrets, schema_url
from django_ory.devstack.errors import DevstackError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("seconds", "text"), [(1209600, "336h"), (90, "90s"), (1800, "30m"), (3600, "1h"), (0, "0s")]
)
def test_durations_are_written_as_ory_reads_them(seconds: int, text: str) -> None:
    assert duration(seconds) == text


def test_secrets_are_long_enough_and_differ() -> None:
    one, other = random_secrets(), random_secrets()
    assert {len(secret) for secret in one.values()} == {32}
    assert len({*one.values(), *other.values()}) == 6


def test_a_plan_does_not_show_its_secrets(server_plan: ServerPlan) -> None:
    plan = replace(server_plan, dsn="postgres://ory:hush@db/", smtp_url="smtp://ory:hush@mail/")
    assert plan.secrets is not None
    assert not any(secret in repr(plan) for secret in ("hush", *plan.secrets.values()))
    assert "http://localhost:4433" in repr(plan)


def test_the_default_schema_is_embedded() -> None:
    url = schema_url()
    schema = json.loads(base64.b64decode(url.removeprefix("base64://")))
    assert set(schema["properties"]["traits"]["properties"]) == {"email", "name"}


def test_a_schema_file_is_embedded_and_a_url_kept(tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    file.write_text("{}")
    assert schema_url(str(file)) == "base64://" + base64.b64encode(b"{}").decode()
    assert schema_url("https://example.com/s.json") == "https://example.com/s.json"


@pytest.mark.parametrize("content", [None, "{"])
def test_a_schema_that_cannot_be_used_is_named(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "schema.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(DevstackError, match=r"schema\.json cannot be used"):
        schema_url(str(file))
