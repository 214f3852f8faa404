from __future__ import annotations

import threading
from typing import Any

import pytest

from django_ory.schemas.fetch import get_schema_store
from django_ory.testing import FakeOry

from .published import EMAIL, schema, text


@pytest.fixture
def two() -> Any:
    schemas = {"person": schema({"email": EMAIL}), "robot": schema({"serial": text()})}
    with FakeOry(schemas=schemas) as ory:
        yield ory


def count(ory: FakeOry) -> int:
    return sum("/schemas" in request.path for request in ory.requests)


def test_schemas_are_fetched_once(two: FakeOry) -> None:
    store = get_schema_store("default")
    assert list(store.get_all()) == ["person", "robot"]
    robot = store.get("robot")
    assert robot is not None
    assert robot.traits.fields[0].path == ("serial",)
    assert count(two) == 1


def test_concurrent_requests_cause_one_call(two: FakeOry) -> None:
    found: list[Any] = []
    threads = [
        threading.Thread(target=lambda: found.append(get_schema_store().get("person"))) for _ in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=30)
    assert len(found) == 8
    assert None not in found
    assert count(two) == 1


def test_missing_schema_is_asked_for_once(two: FakeOry) -> None:
    store = get_schema_store()
    assert [store.get("other"), store.get("other"), store.get("")] == [None, None, None]
    assert count(two) == 2


def test_schema_is_fetched_alone_where_the_list_fails(two: FakeOry) -> None:
    two.respond("GET /schemas", status=500, json={})
    assert get_schema_store().get("robot") is not None


@pytest.mark.parametrize(
    "answer", [{"status": 502}, {"json": {"a": 1}}, {"json": [{"id": "person", "schema": []}]}]
)
def test_unusable_response_is_logged_once_and_cached(
    two: FakeOry, caplog: pytest.LogCaptureFixture, answer: dict[str, Any]
) -> None:
    two.respond("GET /schemas", **answer)
    store = get_schema_store()
    assert store.get_all() == store.get_all() == {}
    assert count(two) == 1
    assert caplog.text.count("Identity schema") == 1


def test_failure_is_forgotten_after_a_while(two: FakeOry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_ory.schemas.fetch.SCHEMA_FAILURE_SECONDS", 0.0)
    two.respond("GET /schemas", json={})
    store = get_schema_store()
    assert [store.get_all(), store.get_all()] == [{}, {}]
    assert count(two) == 2


def test_last_schemas_are_used_while_kratos_fails(two: FakeOry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_ory.schemas.fetch.SCHEMA_SECONDS", 0.0)
    store = get_schema_store()
    assert list(store.get_all()) == ["person", "robot"]
    two.respond("GET /schemas", status=500, json={})
    assert list(store.get_all()) == ["person", "robot"]
    assert count(two) == 2


def test_unreadable_schema_is_logged_and_left_out(caplog: pytest.LogCaptureFixture) -> None:
    with FakeOry(schemas={"person": schema({"email": EMAIL}), "broken": {"type": "object"}}):
        assert list(get_schema_store().get_all()) == ["person"]
    assert "Identity schema broken of project default ignored: it has no properties.traits" in caplog.text
