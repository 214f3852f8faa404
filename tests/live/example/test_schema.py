"""The API of the example with requests that schemathesis derives from its OpenAPI schema."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok

from django_ory.client import OryClient
from django_ory.devstack import OryStack
from tests.e2e.servers import ServedSite
from tests.live.provider.conftest import PASSWORD, Person

from .command_line import CommandLine

pytestmark = pytest.mark.live

EXAMPLES = 6  # of each operation, credential and mode: about 400 requests in total


@pytest.fixture(scope="module")
def schema(toolshelf: ServedSite) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{toolshelf.url}/api/schema/")


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.trust_env = False
        yield made


@pytest.fixture
def headers(
    request: pytest.FixtureRequest,
    stack: OryStack,
    environment: dict[str, str],
    command_line: CommandLine,
) -> dict[str, str]:
    """The header of a credential."""
    match request.param:
        case "nothing":
            return {}
        case "invalid token":
            return {"Authorization": "Bearer ory_at_unknown"}
        case "session token":
            return {"X-Session-Token": create_session_token(stack, command_line.member)}
        case "token of a user":
            assert command_line.run("loans")[0] == 0
            (token,) = json.loads(command_line.token_file.read_text()).values()
            return {"Authorization": f"Bearer {token}"}
        case _:
            return {"Authorization": f"Bearer {create_client_token(environment)}"}


def create_session_token(stack: OryStack, member: Person) -> str:
    body = {"method": "password", "identifier": member.email, "password": PASSWORD}
    with OryClient(kratos_public_url=stack.kratos_public_url, timeout=10.0) as client:
        flow = client.create_native_login_flow()
        return str(client.update_login_flow(flow=flow.id, body=body).session_token)


def create_client_token(environment: dict[str, str]) -> str:
    response = requests.post(
        environment["REMINDERS_TOKEN_URL"],
        data={
            "grant_type": "client_credentials",
            "scope": "loans.overdue",
            "audience": environment["TOOLSHELF_API"],
        },
        auth=("toolshelf-reminders", environment["REMINDERS_CLIENT_SECRET"]),
        timeout=10,
    )
    return str(response.json()["access_token"])


#: The operations that a credential passes. Requests that fit the schema must reach them.
PUBLIC = {"GET /api/tools/"}
ALLOWED = {
    "nothing": PUBLIC,
    "invalid token": PUBLIC,
    "session token": PUBLIC | {"GET /api/loans/", "GET /api/key-box/"},
    "token of a user": PUBLIC | {"GET /api/loans/", "GET /api/key-box/"},
    "token of a client": PUBLIC | {"GET /api/loans/overdue/"},
}


@pytest.mark.parametrize(("headers", "allowed"), ALLOWED.items(), indirect=["headers"], ids=ALLOWED)
def test_generated_requests_cause_no_server_error(
    schema: schemathesis.BaseSchema,
    session: requests.Session,
    toolshelf: ServedSite,
    headers: dict[str, str],
    allowed: set[str],
) -> None:
    session.headers.update(headers)
    results = list(schema.get_all_operations())
    operations = [result.ok() for result in results if isinstance(result, Ok)]
    assert len(operations) == len(results)
    seen = {operation.label: call_operation(operation, session) for operation in operations}

    assert {label for label, statuses in seen.items() if statuses[200]} >= allowed
    assert "Traceback" not in toolshelf.read_log()


def call_operation(
    operation: schemathesis.APIOperation[Any, Any, Any, Any], session: requests.Session
) -> Counter[int]:
    """Return the status codes of requests that fit the schema and of some that do not."""
    statuses: Counter[int] = Counter()
    options = settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )

    def call(case: Case[Any]) -> None:
        response = case.call(session=session, timeout=30)
        assert response.status_code < 500, (case.as_curl_command(), response.text)
        if response.status_code < 300:
            operation.validate_response(response, case=case)
        statuses[response.status_code] += 1

    options(given(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))(call))()
    with suppress(Unsatisfiable):  # an operation without parameters accepts every request
        options(given(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))(call))()
    return statuses
