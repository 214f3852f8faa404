from __future__ import annotations

from uuid import UUID

import pytest

from django_ory.client.identifiers import parse_uuid

ID = "9f425a8d-7efc-4768-8f23-7647a74fdf13"


@pytest.mark.parametrize("text", [ID, ID.upper()])
def test_uuid_is_parsed_in_both_cases(text: str) -> None:
    assert parse_uuid(text) == UUID(ID)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        ID[:-1],
        ID + "0",
        ID + "\n",
        f" {ID}",
        f"{{{ID}}}",
        f"urn:uuid:{ID}",
        ID.replace("-", ""),
        None,
        5,
        [ID],
    ],
)
def test_anything_else_is_none(value: object) -> None:
    assert parse_uuid(value) is None
