"""Records the answers of a server, with all values that change between runs replaced."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django_ory.client import OryAPIError

if TYPE_CHECKING:
    from django_ory.client import OryClient
    from django_ory.client.services import Service
    from django_ory.client.transport import Call, Reply, Transport

__all__ = ["Answer", "Recorder", "find_differences", "normalize"]

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_ORIGIN = re.compile(r"https?://[^/?#]+")
_CODE = re.compile(r"\d{6}")
_RANDOM_EMAIL = re.compile(r"u[0-9a-f]{10}@")
_LONG = re.compile(r"[A-Za-z0-9+/=_.~-]{20,}")
#: Texts for developers, which FakeOry words in its own way or leaves out.
_FREE_TEXT = frozenset({"reason", "error_description", "hint", "docs", "reject_reason", "version"})
#: FakeOry signs no tokens.
_NOT_IMITATED = frozenset({"id_token"})
#: Properties of the caller's machine.
_CALLER = frozenset({"ip_address", "user_agent"})
#: Groups of nodes that FakeOry's flows do not have; those of the development stack do.
_OTHER_METHODS = frozenset({"webauthn", "passkey", "oidc"})


@dataclass(frozen=True)
class Answer:
    """One answer: route, status, normalized body and relevant headers."""

    operation: str
    status: int
    content: Any
    links: tuple[str, ...] = ()  #: the ``rel`` values of the Link header of other pages
    sets_session_cookie: bool = False


def find_differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Return the differences of two normalized values: ``["/ui/nodes/0/type: 'input' != 'text'"]``."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            line
            for key in sorted({*one, *other})
            for line in find_differences(
                one.get(key, "<missing>"), other.get(key, "<missing>"), f"{path}/{key}"
            )
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            line
            for index, (left, right) in enumerate(zip(one, other, strict=True))
            for line in find_differences(left, right, f"{path}/{index}")
        ]
    return [] if one == other else [f"{path}: {one!r} != {other!r}"]


def normalize(value: Any, name: str = "") -> Any:
    """Return a JSON value without ids, times, origins, secrets and numbers of seconds."""
    if isinstance(value, dict):
        return {
            _UUID.sub("<id>", key): normalize(item, key)
            for key, item in sorted(value.items())
            if key not in _FREE_TEXT | _NOT_IMITATED
        }
    if isinstance(value, list):
        return [
            normalize(item)
            for item in value
            if not (name == "nodes" and isinstance(item, dict) and item["group"] in _OTHER_METHODS)
        ]
    if isinstance(value, str):
        if name in _CALLER or (name == "value" and len(value) > 40):
            return f"<{name}>"
        text = _TIME.sub("<time>", _UUID.sub("<id>", _RANDOM_EMAIL.sub("u@", value)))
        if _CODE.fullmatch(text):
            return "<code>"
        if _ORIGIN.match(text):
            return _ORIGIN.sub("<origin>", text).partition("?")[0]
        return text if "@" in text else _LONG.sub("<long>", text)
    if isinstance(value, int) and not isinstance(value, bool) and value > 1000:
        return "<number>"
    return value


@dataclass
class Recorder:
    """A transport that records all answers."""

    transport: Transport
    answers: list[Answer] = field(default_factory=list)

    @classmethod
    def attach(cls, client: OryClient) -> Recorder:
        """Record all answers that this client receives from now on."""
        recorder = cls(client._transport)
        client._transport = recorder  # type: ignore[assignment]
        client.__dict__.pop("with_http_info", None)
        return recorder

    def send(self, call: Call) -> Reply:
        """Send the request and record the answer."""
        try:
            reply = self.transport.send(call)
        except OryAPIError as error:
            self.answers.append(Answer(call.operation, error.status, normalize(error.body)))
            raise
        content: Any = reply.content.decode()
        with suppress(ValueError):
            content = json.loads(reply.content)
        links = tuple(rel for rel in ("next",) if f'rel="{rel}"' in reply.headers.get("Link", ""))
        has_cookie = any("ory_kratos_session=" in line for line in reply.headers.getlist("Set-Cookie"))
        self.answers.append(Answer(call.operation, reply.status, normalize(content), links, has_cookie))
        return reply

    def shares_project_url(self, service: Service) -> bool:
        """Return the result of the transport."""
        return self.transport.shares_project_url(service)

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()
