"""Arbitrary answers only raise documented errors, and texts of errors contain no part of the body."""

from __future__ import annotations

import inspect
import json
import pickle
import re
from typing import TYPE_CHECKING, Any, cast

import responses
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from urllib3 import HTTPHeaderDict

from django_ory.client import OryAPIError, OryClient, OryDecodeError, OryError, models
from django_ory.client.error_responses import build_error
from django_ory.client.pagination import NextLink, next_link
from django_ory.client.responses import decode
from django_ory.client.transport import Reply

from .calls import ARGUMENTS, call
from .every_model import MODELS
from .spec import MODERN, SEED, Operation

if TYPE_CHECKING:
    from pydantic import BaseModel

# Names that Ory uses, so that arbitrary objects reach deeper than their first field.
FIELDS = sorted(
    {field for model in MODELS for field in model.model_fields} | {"error", "ui", "node_type", "code"}
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["input", "img", "set_ory_session_token", "2026-01-02T03:04:05Z", "0001-01-01", "planted"]
    )
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=12,
)
JSON = VALUES.map(lambda value: json.dumps(value).encode())  # by Python's encoder, including NaN
BODIES = JSON | st.binary(max_size=60)
STATUSES = st.sampled_from([300, 302, 400, 401, 403, 404, 409, 410, 418, 422, 429, 500, 503, 599])
QUICK = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_no_model_is_left_out() -> None:
    def below(model: type[BaseModel]) -> set[type[BaseModel]]:
        return {model}.union(*(below(child) for child in model.__subclasses__()))

    assert {model for model in below(models.OryModel) if not model.__name__.startswith("_")} == set(MODELS)


# Some fields of a model, chosen by number, and their values: each example is a body of every model.
MEMBERS: st.SearchStrategy[list[tuple[int, Any]]] = st.lists(
    st.tuples(st.integers(0, 250), SCALARS | st.just([]) | st.just({})), max_size=6
)


@settings(QUICK, max_examples=50, database=None)
@given(body=MEMBERS | BODIES, or_empty=st.booleans(), many=st.booleans())
def test_every_model_accepts_or_rejects_any_body(
    body: list[tuple[int, Any]] | bytes, *, or_empty: bool, many: bool
) -> None:
    for model in (*MODELS, dict[str, Any]):
        note(f"model: {model}")
        content = body if isinstance(body, bytes) else build_body(model, body)
        check_body(model, content, or_empty=or_empty, many=many)


def check_body(model: Any, content: bytes, *, or_empty: bool, many: bool) -> None:
    reply = Reply(200, HTTPHeaderDict(), b"[%s]" % content if many else content)
    caught: OryDecodeError | None = None
    try:
        repr(decode(list[model] if many else model, reply, operation="GET /x", or_empty=or_empty))
    except OryDecodeError as error:
        caught = error
    assert caught is None or (caught.__cause__ and str(caught).startswith("GET /x: 200 with a"))


def build_body(model: Any, members: list[tuple[int, Any]]) -> bytes:
    """Build the JSON text of an object whose names are fields of the model."""
    fields = sorted(getattr(model, "model_fields", ())) or FIELDS
    return json.dumps({fields[number % len(fields)]: value for number, value in members}).encode()


@QUICK
@given(
    body=VALUES,
    status=STATUSES,
    headers=st.dictionaries(st.sampled_from(["Retry-After", "Location"]), st.text()),
)
def test_any_body_and_status_make_an_error(body: Any, status: int, headers: dict[str, str]) -> None:
    error = build_error(status, body, headers, "POST /self-service/login")
    assert isinstance(error, OryAPIError)
    assert error.status == status
    assert str(error).isprintable()
    for name, _ in inspect.getmembers(type(error), lambda member: isinstance(member, property)):
        getattr(error, name)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@settings(QUICK, max_examples=400)
@given(
    operation=st.sampled_from([*SEED, *MODERN]),
    content=BODIES,
    status=STATUSES | st.sampled_from([200, 201, 204]),
    kind=st.sampled_from(["application/json", "text/html", "application/jwt", ""]),
)
def test_any_response_to_any_operation(operation: Operation, content: bytes, status: int, kind: str) -> None:
    with OryClient(**cast("dict[str, Any]", ARGUMENTS)) as ory, responses.RequestsMock() as mock:
        mock.add(operation.method, re.compile(".*"), body=content, status=status, content_type=kind)
        text = "an answer"
        try:
            repr(call(ory, operation, everything=True))
        except OryError as error:
            text = str(error)
            assert text.startswith(f"{operation.method} ")
        assert text.isprintable()


@QUICK
@given(link=st.text() | st.from_regex(r"<.*>; rel=\"?next\"?", fullmatch=True))
def test_any_link_header(link: str) -> None:
    assert isinstance(next_link({"Link": link}), NextLink)
