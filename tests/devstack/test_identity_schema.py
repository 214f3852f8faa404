from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from django_ory.devstack.config.identity_schema import schema_url
from django_ory.devstack.errors import DevstackError

if TYPE_CHECKING:
    from pathlib import Path

EMAIL = {"type": "string", "format": "email"}


def person(**changes: Any) -> dict[str, Any]:
    traits = {"type": "object", "properties": {"email": EMAIL, **changes.pop("properties", {})}}
    return {"type": "object", "properties": {"traits": traits}, **changes}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "person.json"


def test_default_schema_is_embedded() -> None:
    url = schema_url()
    schema = json.loads(base64.b64decode(url.removeprefix("base64://")))
    assert set(schema["properties"]["traits"]["properties"]) == {"email", "name"}


def test_file_is_embedded_unchanged_and_url_is_kept(file: Path) -> None:
    file.write_text(json.dumps(person(), indent=3))
    assert schema_url(str(file)) == "base64://" + base64.b64encode(file.read_bytes()).decode()
    assert schema_url("https://example.com/s.json") == "https://example.com/s.json"


@pytest.mark.parametrize("content", [None, "{"])
def test_unreadable_file_raises_its_name(file: Path, content: str | None) -> None:
    if content is not None:
        file.write_text(content)
    with pytest.raises(DevstackError, match=r"Cannot read the identity schema .*person\.json"):
        schema_url(str(file))


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ([], "must be a JSON object"),
        ({"type": "object"}, "The traits are missing"),
        ({"properties": {"email": EMAIL}}, "The traits are missing"),
        *(
            (person(**{"$schema": draft}), 'at # is .* "http://json-schema.org/draft-07/schema#"')
            for draft in (
                "https://json-schema.org/draft/2020-12/schema",
                "https://json-schema.org/draft/2019-09/schema",
                "http://json-schema.org/draft-07/schema",  # Kratos compares text
                "https://json-schema.org/draft-07/schema#",
                "",
                7,
            )
        ),
        (person(properties={"home": {"$schema": "x"}}), "at #/properties/traits/properties/home is"),
        *(
            (
                person(properties={"home": {"$ref": reference}}),
                "#/properties/traits/properties/home .* another file",
            )
            for reference in (
                "address.json",
                "./address.json#/x",
                "/schemas/address.json",
                "file:///address.json",
                "",
            )
        ),
        (person(allOf=[{"$ref": "other.json"}]), "#/allOf/0 .* another file"),
    ],
)
def test_unusable_schema_raises_the_reason(file: Path, schema: Any, reason: str) -> None:
    file.write_text(json.dumps(schema))
    with pytest.raises(DevstackError, match=reason):
        schema_url(str(file))


@pytest.mark.parametrize(
    "schema",
    [
        person(),
        person(**{"": "http://json-schema.org/draft-07/schema#"}),
        *(
            person(**{"$schema": f"http://json-schema.org/{draft}schema#"})
            for draft in ("draft-07/", "draft-06/", "draft-04/", "")
        ),
        person(properties={"home": {"$ref": "#/definitions/address"}}, definitions={"address": {}}),
        person(properties={"home": {"$ref": "https://example.com/address.json"}}),
        person(properties={"$ref": EMAIL, "$schema": EMAIL}),  # traits of these names
    ],
)
def test_usable_schema_is_accepted(file: Path, schema: Any) -> None:
    file.write_text(json.dumps(schema))
    assert schema_url(str(file)).startswith("base64://")
