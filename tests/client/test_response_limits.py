"""The size of a response is limited per operation: users choose how large a session or a flow is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest

from django_ory.client import OryBadRequest, OryClient, OryDecodeError, OryResponseTooLarge

from .calls import ARGUMENTS, call
from .spec import MODERN, SEED, Operation

if TYPE_CHECKING:
    from django_ory.testing import FakeOry

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


def client(**options: Any) -> OryClient:
    return OryClient(**cast("dict[str, Any]", ARGUMENTS), **options)


def answer(ory: FakeOry, operation: Operation, *, length: int) -> None:
    body = json.dumps(operation.answer()).encode().ljust(length)
    status = operation.success if operation.success < 300 else 200
    ory.respond(
        f"{operation.method} *", body=body, status=status, headers={"Content-Type": "application/json"}
    )


def test_sessions_and_flows_are_limited() -> None:
    names = {operation.name for operation in LIMITED}
    assert {"to_session", "get_self_service_login_flow", "get_self_service_error"} <= names
    assert len(names) > 25


def test_session_or_flow_of_more_than_1_mib_is_too_large(ory: FakeOry, subtests: pytest.Subtests) -> None:
    with client() as limited:
        for operation in LIMITED:
            with subtests.test(operation=operation.name):
                answer(ory, operation, length=MIB + 1)
                with pytest.raises(OryResponseTooLarge, match=f"larger than {MIB} bytes") as caught:
                    call(limited, operation, everything=True)
                assert caught.value.operation == f"{operation.method} {operation.path}"


def test_session_or_flow_of_1_mib_is_read(ory: FakeOry, subtests: pytest.Subtests) -> None:
    with client() as limited:
        for operation in LIMITED:
            with subtests.test(operation=operation.name):
                answer(ory, operation, length=MIB)
                assert call(limited, operation, everything=True) is not None


def test_other_operations_have_the_limit_of_the_client(ory: FakeOry, subtests: pytest.Subtests) -> None:
    with client() as limited:
        for operation in OTHERS:
            with subtests.test(operation=operation.name):
                answer(ory, operation, length=MIB + 1)
                assert call(limited, operation, everything=True) is not None


def test_lower_limit_of_the_client_applies_to_every_operation(ory: FakeOry) -> None:
    ory.respond("GET /sessions/whoami", body=b'{"id": "1"}'.ljust(101))
    with (
        client(max_response_bytes=100) as limited,
        pytest.raises(OryResponseTooLarge, match="larger than 100 bytes"),
    ):
        limited.to_session()


def test_flow_with_messages_that_is_too_large_is_still_a_bad_request(ory: FakeOry) -> None:
    body = json.dumps({"id": "1", "ui": {"nodes": []}, "more": "x" * 2 * MIB})
    ory.respond("POST /self-service/login", body=body, status=400)
    with client() as limited, pytest.raises(OryBadRequest) as caught:
        limited.update_login_flow(flow="1", body={"method": "password"})
    assert caught.value.flow is None
    assert not isinstance(caught.value, OryDecodeError)
