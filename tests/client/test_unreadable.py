"""Unreadable data of one user: listings are read item by item, and single resources are repaired."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
import responses

from django_ory.client import OryClient, OryDecodeError
from django_ory.client.json_values import MAX_REPAIRED_BYTES, clean_json, repair_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_ory.client import models

ADMIN = "http://kratos.test/admin"
ORY = OryClient(kratos_public_url="http://kratos.test", kratos_admin_url="http://kratos.test")

# A stored member of the traits, and the value after the repair; ... without a possible repair.
REPAIRED: dict[str, tuple[str, Any]] = {
    "half a surrogate pair": (r'"A\ud800"', "A\ufffd"),
    "the other half": (r'"\udc00B"', "\ufffdB"),
    "a whole pair beside a half": (r'"\ud83d\ude00\ud800"', "😀\ufffd"),
    "half a pair in a name": (r'{"a\ud800": 1}', {"a\ufffd": 1}),
    "an escaped backslash, and a half": (r'"\\ud800\ud800"', "\\ud800\ufffd"),
    "250 levels": ("[" * 250 + "]" * 250, None),
    "5000 digits": ("1" * 5000, None),
    "5000 digits below zero": ("-" + "1" * 5000, None),
    "a brace in a text": (r'"]}{\"\ud800"', ']}{"\ufffd'),
}
UNREADABLE: dict[str, str] = {
    "120,000 levels": "[" * 120_000 + "]" * 120_000,
    "too large to be repaired": r'"\ud800' + "x" * MAX_REPAIRED_BYTES + '"',
}


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def identity(number: int, traits: str = "{}", **members: Any) -> bytes:
    more = "".join(f', "{name}": {json.dumps(value)}' for name, value in members.items())
    return (
        f'{{"id": "{number}", "schema_id": "person", "state": "inactive", "traits": {{"any": {traits}}},'
        f' "created_at": "2026-01-02T03:04:05Z"{more}}}'
    ).encode()


def listed(mock: responses.RequestsMock, *items: bytes) -> list[models.Identity]:
    mock.get(f"{ADMIN}/identities", body=b" [" + b",\n".join(items) + b"]\n", content_type="application/json")
    return ORY.admin_list_identities()


def depth(value: Any) -> int:
    levels = 0
    while value:
        value, levels = value[0], levels + 1
    return levels


@pytest.mark.parametrize(("text", "value"), REPAIRED.values(), ids=list(REPAIRED))
def test_item_is_repaired_and_the_others_are_read(
    text: str, value: Any, mock: responses.RequestsMock
) -> None:
    one, odd, two = listed(mock, identity(1, "1"), identity(2, text), identity(3, "3"))
    assert [each.traits for each in (one, two)] == [{"any": 1}, {"any": 3}]
    assert (odd.id, odd.state, odd.is_unreadable) == ("2", "inactive", False)
    if text.startswith("["):
        assert 50 < depth(odd.traits["any"]) < 64
    else:
        assert odd.traits == {"any": value}
    assert json.loads(odd.model_dump_json())["traits"] == odd.traits


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=list(UNREADABLE))
def test_item_that_cannot_be_repaired_has_its_id_and_no_traits(
    text: str, mock: responses.RequestsMock
) -> None:
    one, odd, two = listed(mock, identity(1), identity(2, text), identity(3))
    assert (one.is_unreadable, odd.is_unreadable, two.is_unreadable) == (False, True, False)
    assert (odd.id, odd.schema_id, odd.state, odd.traits) == ("2", "person", "inactive", None)
    assert odd.created_at is not None
    assert odd.verifiable_addresses == []


@pytest.mark.parametrize(
    "members",
    [
        {"verifiable_addresses": "none"},
        {"recovery_addresses": [5]},
        {"credentials": []},
        {"state_changed_at": "yesterday"},
        {"state": {"is": "odd"}},
    ],
    ids=str,
)
def test_item_with_a_member_of_a_wrong_type_has_its_id_and_no_traits(
    members: dict[str, Any], mock: responses.RequestsMock
) -> None:
    odd, one = listed(mock, identity(2, "2", **members), identity(1, "1"))
    assert (odd.id, odd.traits, odd.is_unreadable) == ("2", None, True)
    assert one.traits == {"any": 1}


@pytest.mark.parametrize("raw", [b'{"id": {"a": 1}}', b'{"id": null}', b'{"traits": {"id": "1"}}', b"{}"])
def test_item_without_an_id_has_an_empty_one(raw: bytes, mock: responses.RequestsMock) -> None:
    odd, one = listed(mock, raw, identity(1))
    assert (odd.id, odd.is_unreadable) == ("", True)
    assert one.id == "1"


def test_id_is_never_that_of_a_nested_object(mock: responses.RequestsMock) -> None:
    """The traits come first here, and they hold text that looks like an id."""
    raw = b'{"traits": {"id": "9", "t": "\\", \\"id\\": \\"8\\""}, "x": "id", "id" : "2", "state": []}'
    odd, _ = listed(mock, raw, identity(1))
    assert (odd.id, odd.is_unreadable) == ("2", True)


@pytest.mark.parametrize(
    "body", [b"[{}]", b'[{"a": 1}, {}]', b"[1]", b'["x"]', b"[null]", b"[[]]", b'{"id": "1"}', b'[{"id": "1"']
)
def test_list_of_other_things_is_a_decode_error(body: bytes, mock: responses.RequestsMock) -> None:
    mock.get(f"{ADMIN}/identities", body=body)
    with pytest.raises(OryDecodeError):
        ORY.admin_list_identities()


def test_clients_are_identified_by_their_client_id(mock: responses.RequestsMock) -> None:
    ory = OryClient(hydra_admin_url="http://hydra.test")
    mock.get(
        "http://hydra.test/admin/clients", body=b'[{"client_id": "a", "contacts": {}}, {"client_id": "b"}]'
    )
    odd, one = ory.admin_list_o_auth2_clients()
    assert (odd.client_id, odd.is_unreadable, one.client_id) == ("a", True, "b")


def test_list_of_items_without_an_id_is_repaired(mock: responses.RequestsMock) -> None:
    ory = OryClient(hydra_admin_url="http://hydra.test")
    url = "http://hydra.test/admin/oauth2/auth/sessions/consent"
    mock.get(url, body=rb'[{"context": {"a": "\ud800"}}]')
    assert ory.admin_list_o_auth2_subject_consent_sessions(subject="x")[0].context == {"a": "\ufffd"}
    mock.get(url, body=rb'[{"context": "\ud800", "grant_scope": 5}]')
    with pytest.raises(OryDecodeError):
        ory.admin_list_o_auth2_subject_consent_sessions(subject="x")


@pytest.mark.parametrize(("text", "value"), REPAIRED.values(), ids=list(REPAIRED))
def test_session_of_such_a_user_is_repaired(text: str, value: Any, mock: responses.RequestsMock) -> None:
    mock.get("http://kratos.test/sessions/whoami", body=b'{"id": "s", "identity": %s}' % identity(2, text))
    person = ORY.to_session(cookie="a=b").identity
    assert person is not None
    assert person.id == "2"
    assert value is None or person.traits == {"any": value}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=list(UNREADABLE))
def test_resource_that_cannot_be_repaired_is_a_decode_error(text: str, mock: responses.RequestsMock) -> None:
    mock.get(f"{ADMIN}/identities/2", body=identity(2, text))
    with pytest.raises(OryDecodeError):
        ORY.admin_get_identity("2")


@pytest.mark.parametrize(
    "text",
    [
        "[" + ",".join(["[]"] * 1_300_000) + r',"\ud800"]',
        "[" * 2_000_000 + "]" * 2_000_000,
        "[" * 300 + ",".join(["[[]]"] * 800_000) + "]" * 300,
        "[" + ",".join(['""'] * 1_300_000) + r',"\ud800"]',
    ],
    ids=["flat", "deep", "deep and flat", "strings"],
)
def test_megabytes_of_brackets_do_not_take_long(text: str, mock: responses.RequestsMock) -> None:
    """A page of a listing with the largest identity that Kratos accepts."""
    odd = identity(2, text)
    started = time.process_time()
    items = listed(mock, identity(1), odd, identity(3))
    assert [item.is_unreadable for item in items] == [False, True, False]
    assert time.process_time() - started < 4


@pytest.mark.parametrize(
    "raw",
    [
        identity(2, '"\xff"').decode().encode("latin-1"),
        b'{"id": "2", "state": "\xff\xfe", "traits": {"id": "9"}}',
        b'{"id": "2", "state": "\\ud800%b", "traits": [1]}' % (b"x" * MAX_REPAIRED_BYTES),
        b'{"id": "2", "state": [], "count": %b}' % (b"9" * 5000),
    ],
    ids=["invalid UTF-8", "invalid UTF-8 at the top", "large text at the top", "many digits at the top"],
)
def test_item_that_is_no_valid_json_text_is_unreadable_alone(
    raw: bytes, mock: responses.RequestsMock
) -> None:
    odd, one = listed(mock, raw, identity(1))
    assert (odd.id, odd.is_unreadable) == ("2", True)
    assert (one.id, one.is_unreadable) == ("1", False)


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        ("a\x00b", "ab"),
        ("\ud800", "\ufffd"),
        ("😀", "😀"),
        ({"a\x00": ["\x00", {"\x00": "\ud800"}]}, {"a": ["", {"": "\ufffd"}]}),
        (float("inf"), None),
        (float("-inf"), None),
        (float("nan"), None),
        (1.5, 1.5),
        (10**300, 10**300),
        (10**309, None),
        (-(10**309), None),
        (True, True),
        (None, None),
    ],
)
def test_clean_json_has_only_values_that_databases_store(value: Any, clean: Any) -> None:
    assert clean_json(value) == clean
    assert clean_json([value]) == [clean]


def test_clean_json_has_at_most_64_levels() -> None:
    value: Any = []
    for _ in range(150):
        value = [value]
    assert depth(clean_json(value)) == 64
    assert depth(clean_json(clean_json(value))) == 64


@pytest.mark.parametrize("content", [b"", b"{", b"nul", b"\xff", b"<html>", b"[" * 100_000])
def test_repair_of_anything_but_json_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        repair_json(content)
