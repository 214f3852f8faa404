"""OAuth2 clients of the fake Hydra."""

from __future__ import annotations

import copy
import re
import secrets
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from posixpath import normpath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from django_ory.client.durations import format_duration, parse_duration
from django_ory.testing.factories import LIFESPANS, build_oauth2_client_json, format_time

from .errors import HydraError
from .http import FakeRequest, FakeResponse, Handler, json_response, no_content
from .row_pages import build_row_page

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ClientStore"]

_LISTS = ("redirect_uris", "grant_types", "response_types", "contacts")
_SECRETS = ("client_secret", "registration_access_token", "registration_client_uri")
#: Members that Hydra omits if they are empty.
_OMITTED = (
    *("access_token_strategy", "jwks_uri", "post_logout_redirect_uris", "sector_identifier_uri"),
    *("backchannel_logout_uri", "backchannel_logout_session_required"),
    *("frontchannel_logout_uri", "frontchannel_logout_session_required"),
    *("request_uris", "request_object_signing_alg", "token_endpoint_auth_signing_alg"),
)
#: Members that Hydra up to 2.3 keeps if a PATCH sets them to null.
_NOT_CLEARED_BY_PATCH = frozenset({*LIFESPANS, "skip_logout_consent"})
_MIN_SECRET_LENGTH = 6
_METADATA_PREAMBLE = (
    "The value of one of the Client Metadata fields is invalid and the server has rejected this request. "
    "Note that an Authorization Server MAY choose to substitute a valid value for any requested parameter "
    "of a Client's Metadata. "
)
_ABSOLUTE_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


class ClientStore:
    """The OAuth2 clients of one fake Hydra and the admin API over them."""

    def __init__(self, *, public_url: str) -> None:
        self.public_url = public_url
        self.clients: dict[str, dict[str, Any]] = {}
        self.secrets: dict[str, str] = {}  #: client id -> client secret
        #: Whether ids that are URLs have a route, as from Hydra 25.4 on. Older ones only create such clients.
        self.addresses_urls = False

    def routes(self) -> dict[str, Handler]:
        """The routes of the admin API for clients."""
        return {
            "GET /admin/clients": self._list,
            "POST /admin/clients": lambda request: json_response(self.add(request.json), status=201),
            "GET /admin/clients/{id}": self._route(self._read),
            "PUT /admin/clients/{id}": self._route(self._replace),
            "PATCH /admin/clients/{id}": self._route(self._patch),
            "PUT /admin/clients/{id}/lifespans": self._route(self._set_lifespans),
            "DELETE /admin/clients/{id}": self._route(self._delete),
            # Hydra v2.3.0 replaces a secret at once only, by PATCH.
            "POST /admin/clients/{id}/secrets/rotate": _reject_route,
            "DELETE /admin/clients/{id}/secrets/rotate": _reject_route,
        }

    def add(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create a client and return its JSON with its secret.

        Raises HydraError if Hydra would reject the client."""
        client_id = body.get("client_id") or str(uuid.uuid4())
        if client_id in self.clients:
            raise HydraError.conflict()
        client = _build_client(client_id, body)
        self.clients[client_id] = client
        created = _with_null_lists(client, body)
        if client["token_endpoint_auth_method"] != "none":
            self.secrets[client_id] = body.get("client_secret") or secrets.token_urlsafe(20)
            created["client_secret"] = self.secrets[client_id]
        created["registration_access_token"] = (
            f"ory_at_{secrets.token_urlsafe(32)}.{secrets.token_urlsafe(32)}"
        )
        path = normpath(f"/oauth2/register/{body.get('client_id') or ''}")
        created["registration_client_uri"] = self.public_url + (path if body.get("client_id") else f"{path}/")
        return created

    def get(self, client_id: str) -> dict[str, Any]:
        """The JSON of a client without its secret. Raises HydraError (404) for an unknown id."""
        if client_id not in self.clients:
            raise HydraError.not_found()
        return self.clients[client_id]

    def _route(self, handler: Handler) -> Handler:
        """Return the handler for unquoted ids."""

        def handle(request: FakeRequest) -> FakeResponse:
            client_id = unquote(request.path_parameters["id"])
            if "/" in client_id and not self.addresses_urls:
                return _reject_route(request)
            return handler(replace(request, path_parameters={"id": client_id}))

        return handle

    def _read(self, request: FakeRequest) -> FakeResponse:
        return json_response(self.get(request.path_parameters["id"]))

    def _list(self, request: FakeRequest) -> FakeResponse:
        name, owner = request.get_query("client_name"), request.get_query("owner")
        found = [
            client
            for client in self.clients.values()
            if name in ("", client.get("client_name")) and owner in ("", client.get("owner"))
        ]
        return build_row_page(request, "/admin/clients", found, default_size=250, total=len(self.clients))

    def _replace(self, request: FakeRequest) -> FakeResponse:
        client_id = request.path_parameters["id"]
        self.get(client_id)
        self.clients[client_id] = _build_client(client_id, request.json)
        if secret := request.json.get("client_secret"):
            self.secrets[client_id] = secret
        return json_response(_with_null_lists(self.clients[client_id], request.json))

    def _patch(self, request: FakeRequest) -> FakeResponse:
        client_id = request.path_parameters["id"]
        changed = copy.deepcopy(self.get(client_id))
        for step in request.json:
            name = step["path"].strip("/")
            if step["op"] not in ("add", "remove", "replace"):
                raise HydraError(500, "error", "The error is unrecognizable")
            if name in _NOT_CLEARED_BY_PATCH and step.get("value") is None:
                continue
            if "value" in step:
                changed[name] = step["value"]
            else:
                changed.pop(name, None)
        self.clients[client_id] = client = _build_client(client_id, changed)
        secret = changed.pop("client_secret", "")
        client["created_at"] = changed["created_at"]
        if not secret:
            return json_response(client)
        self.secrets[client_id] = secret
        return json_response({**client, "client_secret": secret})

    def _set_lifespans(self, request: FakeRequest) -> FakeResponse:
        client = self.get(request.path_parameters["id"])
        try:
            lifespans = {name: _format_lifespan(request.json.get(name)) for name in LIFESPANS}
        except ValueError as error:
            text = "The request was malformed or contained invalid parameters"
            raise HydraError(400, text, "Unable to decode the request body") from error
        client |= {**lifespans, "updated_at": format_time(datetime.now(UTC))}
        return json_response(client)

    def _delete(self, request: FakeRequest) -> FakeResponse:
        client_id = request.path_parameters["id"]
        self.get(client_id)
        del self.clients[client_id]
        self.secrets.pop(client_id, None)
        return no_content()


def _with_null_lists(client: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to POST and PUT: lists that were not sent are null until the client is read again."""
    return {**copy.deepcopy(client), **{name: body.get(name) for name in _LISTS}}


def _format_lifespan(value: str | None) -> str | None:
    return None if value is None else format_duration(parse_duration(value))


def _reject_route(request: FakeRequest) -> FakeResponse:
    reason = "The requested route does not exist. Make sure you are using the right path, domain, and port."
    return json_response({"error": {"code": 404, "message": "Not Found", "reason": reason}}, status=404)


def _build_client(client_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    if 0 < len(body.get("client_secret") or "") < _MIN_SECRET_LENGTH:
        text = "Field client_secret must contain a secret that is at least 6 characters long."
        raise HydraError(400, "invalid_client_metadata", _METADATA_PREAMBLE + text)
    if body.get("jwks_uri") and body.get("jwks") is not None:
        text = "Fields jwks and jwks_uri can not both be set, you must choose one."
        raise HydraError(400, "invalid_client_metadata", _METADATA_PREAMBLE + text)
    for uri in body.get("redirect_uris") or ():
        if not _ABSOLUTE_URL.fullmatch(uri):
            raise HydraError(
                400,
                "invalid_redirect_uri",
                f"The value of one or more redirect_uris is invalid. Unable to parse redirect URL: {uri}",
            )
    given: dict[str, Any] = {
        key: _format_lifespan(value) if key in LIFESPANS else value
        for key, value in body.items()
        if value is not None and key not in _SECRETS and (value or key not in _OMITTED)
    }
    now = format_time(datetime.now(UTC))
    return build_oauth2_client_json(**{**given, "client_id": client_id, "created_at": now, "updated_at": now})
