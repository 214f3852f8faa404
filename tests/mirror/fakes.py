"""The admin APIs of Kratos and Hydra for unit tests: lists of dictionaries behind ``responses``."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import responses

if TYPE_CHECKING:
    from requests import PreparedRequest

KRATOS = "http://kratos.test:4434/admin"
HYDRA = "http://hydra.test:4445/admin"
SECRET = "s3cret-that-nobody-may-keep"

Answer = tuple[int, dict[str, str], str]


def identity(number: int, **values: Any) -> dict[str, Any]:
    """An identity as Kratos' admin API tells it, with a credential that must not be kept."""
    return {
        "id": str(uuid.UUID(int=number)),
        "schema_id": "default",
        "schema_url": "http://kratos.test:4433/schemas/default",
        "state": "active",
        "traits": {"email": f"person{number}@example.com", "name": {"first": "Zoë"}},
        "verifiable_addresses": [
            {"id": "a", "value": f"person{number}@example.com", "verified": True, "via": "email"}
        ],
        "metadata_admin": {"note": SECRET},
        "credentials": {"password": {"type": "password", "config": {"hashed_password": SECRET}}},
        "created_at": "2026-01-02T03:04:05.123456789Z",
        "updated_at": "2026-01-02T03:04:05Z",
        **values,
    }


def oauth2_client(client_id: str, **values: Any) -> dict[str, Any]:
    """A client as Hydra's admin API tells it."""
    return {
        "client_id": client_id,
        "client_name": f"Shop {client_id}",
        "redirect_uris": ["https://shop.example/callback"],
        "grant_types": ["authorization_code"],
        "scope": "openid",
        "token_endpoint_auth_method": "client_secret_basic",
        "jwks": {},
        "metadata": {},
        "created_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-01-02T03:04:05Z",
        **values,
    }


class FakeOry:
    """What both have in common: resources by id, key set pages, switches to fail."""

    def __init__(self, base: str, kind: str, key: str) -> None:
        self.things: dict[str, dict[str, Any]] = {}
        self.key = key
        self.requests: list[str] = []
        self.fail: dict[str, Answer | Exception] = {}  #: "METHOD path-regex" -> answer
        self.during_page: dict[str, Any] = {}  #: page token -> called before that page is answered
        self.under_way: dict[
            str, Any
        ] = {}  #: "METHOD path-regex" -> called once while the answer is under way
        prefix = re.escape(f"{base}/{kind}")
        self.routes = re.compile(rf"^{prefix}(/[^?]*)?(\?.*)?$")
        for method in ("GET", "POST", "PATCH", "DELETE"):
            responses.add_callback(method, self.routes, callback=self.answer)

    def add(self, *things: dict[str, Any]) -> None:
        self.things.update({thing[self.key]: thing for thing in things})

    def answer(self, request: PreparedRequest) -> Answer:
        answer = self.answer_now(request)
        for pattern in [pattern for pattern in self.under_way if re.search(pattern, self.requests[-1])]:
            self.under_way.pop(pattern)()
        return answer

    def answer_now(self, request: PreparedRequest) -> Answer:
        url = urlsplit(str(request.url))
        call = f"{request.method} {url.path}"
        self.requests.append(f"{call}?{url.query}" if url.query else call)
        for pattern, answer in self.fail.items():
            if re.search(pattern, self.requests[-1]):
                if isinstance(answer, Exception):
                    raise answer
                return answer
        tail = url.path.split("/")[3:]
        if not tail:
            return (
                self.list(url.query)
                if request.method == "GET"
                else self.create(json.loads(request.body or "{}"))
            )
        if tail[0] not in self.things:
            return self.error(404, "Unable to locate the resource")
        if request.method == "GET":
            return self.json(self.things[tail[0]])
        if request.method == "PATCH":
            for step in json.loads(request.body or "[]"):
                self.things[tail[0]][step["path"].strip("/")] = step["value"]
            return self.json(self.things[tail[0]])
        if len(tail) == 1:
            del self.things[tail[0]]
        return 204, {}, ""

    def list(self, query: str) -> Answer:
        parameters = {name: values[0] for name, values in parse_qs(query).items()}
        size, token = int(parameters["page_size"]), parameters.get("page_token", "")
        if token in self.during_page:
            self.during_page.pop(token)()
        keys = [key for key in sorted(self.things) if key > token]
        headers = {}
        if len(keys) > size:
            headers["Link"] = f'</admin/x?page_size={size}&page_token={keys[size - 1]}>; rel="next"'
        return self.json([self.things[key] for key in keys[:size]], headers=headers)

    def create(self, body: dict[str, Any]) -> Answer:
        thing = {**oauth2_client(body["client_id"]), **body}
        self.add(thing)
        return self.json({**thing, "client_secret": SECRET, "registration_access_token": SECRET}, status=201)

    @staticmethod
    def json(data: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
        return status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(data)

    @staticmethod
    def error(status: int, reason: str) -> Answer:
        body = {"error": {"code": status, "reason": reason, "message": "The request was refused"}}
        return status, {"Content-Type": "application/json"}, json.dumps(body)


def hydra_sessions(*, status: int = 204) -> list[str]:
    """Hydra's deletion of what it remembers of a person. Returns the list that the calls are noted in."""
    calls: list[str] = []

    def answer(request: PreparedRequest) -> Answer:
        calls.append(str(request.url).removeprefix(HYDRA))
        return (status, {}, "") if status == 204 else FakeOry.error(status, "Hydra has a bad day")

    responses.add_callback("DELETE", re.compile(rf"^{HYDRA}/oauth2/auth/sessions/.*"), callback=answer)
    return calls
