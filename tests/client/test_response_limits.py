"""The size of a response is limited per operation: users choose how large a session or a flow is."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

import pytest
import responses

from django_ory.client import OryBadRequest, OryClient, OryDecodeError, OryResponseTooLarge

from .calls import ARGUMENTS, call
from .spec import MODERN, SEED, Operation

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 1024 * 1024
# Schemas and key sets are the operator's. A page of sessions may be long; the caller chooses its length.
UNLIMITED = {"list_sessions", "list_identity_schemas", "get_identity_schema"}
JSON_OPERATIONS = [each for each in (*SEED, *MODERN) if each.returns not in (None, "string")]
LIMITED = [
    each
    for each in JSON_OPERATIONS
    if (each.service == "kratos_public" and each.name not in UNLIMITED)
    or each.name == "admin_introspect_o_auth2_token"
]
OTHERS = [each for each in JSON_OPERATIONS if each not in LIMITED]


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def client(**options: Any) -> OryClient:
    return OryClient(**cast("dict[str, Any]", ARGUMENTS), **options)


def answer(mock: responses.RequestsMock, operation: Operation, *, length: int) -> None:
    body = json.dumps(operation.answer()).encode().ljust(length)
    status = operation.success if operation.success < 300 else 200
    mock.add(operation.method, re.compile(".*"), body=body, status=status, content_type="application/json")


def test_sessions_and_flows_are_limited() -> None:
    names = {operation.name for operation in LIMITED}
    assert {"to_session", "get_self_service_login_flow", "get_self_service_error"} <= names
    assert len(names) > 25


@pytest.mark.parametrize("operation", LIMITED, ids=lambda operation: operation.name)
def test_session_or_flow_of_more_than_1_mib_is_too_large(
    operation: Operation, mock: responses.RequestsMock
) -> None:
    answer(mock, operation, length=MIB + 1)
    with client() as ory, pytest.raises(OryResponseTooLarge, match=f"larger than {MIB} bytes") as caught:
        call(ory, operation, everything=True)
    assert caught.value.operation == f"{operation.method} {operation.path}"


@pytest.mark.parametrize("operation", LIMITED, ids=lambda operation: operation.name)
def test_session_or_flow_of_1_mib_is_read(operation: Operation, mock: responses.RequestsMock) -> None:
    answer(mock, operation, length=MIB)
    with client() as ory:
        assert call(ory, operation, everything=True) is not None


@pytest.mark.parametrize("operation", OTHERS, ids=lambda operation: operation.name)
def test_other_operations_have_the_limit_of_the_client(
    operation: Operation, mock: responses.RequestsMock
) -> None:
    answer(mock, operation, length=MIB + 1)
    with client() as ory:
        assert call(ory, operation, everything=True) is not None


def test_lower_limit_of_the_client_applies_to_every_operation(mock: responses.RequestsMock) -> None:
    mock.get("http://kratos-public.test/sessions/whoami", body=b'{"id": "1"}'.ljust(101))
    with (
        client(max_response_bytes=100) as ory,
        pytest.raises(OryResponseTooLarge, match="larger than 100 bytes"),
    ):
        ory.to_session()


def test_flow_with_messages_that_is_too_large_is_still_a_bad_request(mock: responses.RequestsMock) -> None:
    body = json.dumps({"id": "1", "ui": {"nodes": []}, "more": "x" * 2 * MIB})
    mock.post("http://kratos-public.test/self-service/login", body=body, status=400)
    with client() as ory, pytest.raises(OryBadRequest) as caught:
        ory.update_login_flow(flow="1", body={"method": "password"})
    assert caught.value.flow is None
    assert not isinstance(caught.value, OryDecodeError)
