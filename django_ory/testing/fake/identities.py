"""Identities of the fake Kratos: storage and the admin API."""

from __future__ import annotations

import base64
import copy
import re
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django_ory.testing.factories import build_identity_json, format_time

from .errors import TAKEN, KratosError
from .http import FakeRequest, FakeResponse, Handler, build_link_header, json_response, no_content
from .json_patch import apply_json_patch
from .schema_identifiers import find_identifiers
from .schema_rules import describe_mistakes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["IdentityStore", "schema_url_id"]

FIRST_FACTORS = frozenset({"password", "code"})
REMOVABLE = frozenset({"totp", "lookup_secret", "webauthn"})
FIRST_PAGE_TOKEN = "00000000-0000-0000-0000-000000000000"
DEFAULT_PAGE_SIZE = 250

_CREATE_FIELDS = frozenset(
    {
        "credentials",
        "metadata_admin",
        "metadata_public",
        "organization_id",
        "recovery_addresses",
        "schema_id",
        "state",
        "traits",
        "verifiable_addresses",
    }
)
_TAKEN_ON_CREATION: dict[str, Any] = {
    "reason": "This identity conflicts with another identity that already exists.",
    "message": "The resource could not be created due to a conflict",
}
_STATES = ("active", "inactive")
_NOT_FOUND = "The requested resource could not be found"
_HASH = re.compile(r"\$(2[abzy]?|argon2id?|pbkdf2-sha\d+|scrypt|md5|sha1)\$")


def schema_url_id(schema_id: str) -> str:
    """The id of a schema in its URL: unpadded base64."""
    return base64.urlsafe_b64encode(schema_id.encode()).decode().rstrip("=")


class IdentityStore:
    """The identities and identity schemas of one fake Kratos, and the admin API over them."""

    def __init__(self, *, public_url: str, schemas: Mapping[str, dict[str, Any]]) -> None:
        self.public_url = public_url
        self.schemas = dict(schemas)
        self.identities: dict[str, dict[str, Any]] = {}  #: id -> JSON of the admin API, credentials included
        self.passwords: dict[str, str] = {}  #: identity id -> password
        self.password_configs: dict[str, dict[str, Any]] = {}  #: identity id -> imported hash, or hook

    def routes(self) -> dict[str, Handler]:
        """The routes of the admin API for identities and of the public API for schemas."""
        return {
            "GET /admin/identities": self._list,
            "POST /admin/identities": lambda request: self._create(request),
            "PATCH /admin/identities": self._batch,
            "GET /admin/identities/{id}": lambda request: json_response(
                self.get(request.path_parameters["id"])
            ),
            "PUT /admin/identities/{id}": self._replace,
            "PATCH /admin/identities/{id}": self._patch,
            "DELETE /admin/identities/{id}": self._delete,
            "DELETE /admin/identities/{id}/credentials/{type}": self._delete_credential,
            "GET /schemas": self._list_schemas,
            "GET /schemas/{id}": self._get_schema,
        }

    # Python interface.

    def get(self, identity_id: str) -> dict[str, Any]:
        """The JSON of an identity. Raises KratosError (404) for an unknown id."""
        if identity_id not in self.identities:
            raise KratosError(404)
        return self.identities[identity_id]

    def add(self, body: Mapping[str, Any], *, totp: bool = False, identity_id: str = "") -> dict[str, Any]:
        """Create an identity from a body of ``POST /admin/identities`` and return its JSON.

        ``totp``: the identity has an authenticator app. Neither this nor ``identity_id`` is possible in the
        API of Kratos.

        Raises KratosError for an unknown field or schema, an identifier in use, and traits that the schema
        does not allow: missing and unknown ones, and invalid e-mail addresses.
        """
        for name in body:
            if name not in _CREATE_FIELDS:
                raise KratosError(400, message=f'json: unknown field "{name}"')
        _check_hash(body)
        identity = build_identity_json(
            body.get("traits") or {},
            id=identity_id or str(uuid.uuid4()),
            schema_id=body.get("schema_id") or next(iter(self.schemas)),
            state=body.get("state") or "active",
            metadata_public=copy.deepcopy(body.get("metadata_public")),
            metadata_admin=copy.deepcopy(body.get("metadata_admin")),
            organization_id=body.get("organization_id"),
            credentials={},
        )
        credentials = body.get("credentials") or {}
        self._import_credentials(identity, credentials)
        self._apply_schema(identity, body.get("verifiable_addresses") or ())
        self._import_password(identity["id"], credentials)
        self.identities[identity["id"]] = identity
        if totp:
            self.add_totp(identity["id"])
        return identity

    def add_totp(self, identity_id: str) -> None:
        """Give an identity an authenticator app. Raises KratosError (404) for an unknown id."""
        identity = self.get(identity_id)
        credential = _build_credential("totp", identity["updated_at"])
        identity["credentials"]["totp"] = {**credential, "identifiers": [identity_id]}

    def remove(self, identity_id: str) -> None:
        """Delete an identity. Raises KratosError (404) for an unknown id."""
        self.get(identity_id)
        del self.identities[identity_id]
        self.passwords.pop(identity_id, None)
        self.password_configs.pop(identity_id, None)

    def get_public_json(self, identity_id: str) -> dict[str, Any]:
        """The JSON of an identity in a session: without credentials and admin metadata."""
        identity = self.get(identity_id)
        return {key: value for key, value in identity.items() if key not in ("credentials", "metadata_admin")}

    def has_second_factor(self, identity_id: str) -> bool:
        """Whether the identity has a credential of the second factor."""
        return "totp" in self.identities.get(identity_id, {}).get("credentials", ())

    # The admin API.

    def _create(self, request: FakeRequest) -> FakeResponse:
        return json_response(_without_empty_metadata(self.add(request.json)), status=201)

    def _batch(self, request: FakeRequest) -> FakeResponse:
        """As Kratos v1.3: one conflict rolls back the whole batch, but the others get ids all the same."""
        items = request.json["identities"]
        for item in items:
            _check_hash(item["create"])
        results: list[dict[str, Any]] = []
        created: list[str] = []
        for item in items:
            result: dict[str, Any] = {"action": "create", "patch_id": item.get("patch_id")}
            try:
                result["identity"] = self.add(item["create"])["id"]
                created.append(result["identity"])
            except KratosError as error:
                result |= {"action": "error", "error": error.content["error"]}
                result["error"].pop("reason", None)
            results.append(result)
        if any(each.get("error", {}).get("code") == 409 for each in results):
            for identity_id in created:
                self.remove(identity_id)
        return json_response({"identities": results})

    def _list(self, request: FakeRequest) -> FakeResponse:
        size = min(int(request.get_query("page_size", str(DEFAULT_PAGE_SIZE))), 1000)
        after = request.get_query("page_token", FIRST_PAGE_TOKEN)
        identifier = request.get_query("credentials_identifier").lower()
        similar = request.get_query("preview_credentials_identifier_similar").lower()
        ids = request.query.get("ids")
        found = []
        for identity in sorted(self.identities.values(), key=lambda each: each["id"]):
            identifiers = _get_identifiers(identity)
            if (
                identity["id"] > after
                and (not ids or identity["id"] in ids)
                and (not identifier or identifier in identifiers)
                and (not similar or any(similar in each for each in identifiers))
            ):
                found.append(identity)
        page = found[:size]
        kept = {
            name: values[0]
            for name, values in request.query.items()
            if name not in ("page_size", "page_token")
        }
        pages = {"first": {**kept, "page_size": str(size), "page_token": FIRST_PAGE_TOKEN}}
        if len(found) > size:
            pages["next"] = {**kept, "page_size": str(size), "page_token": page[-1]["id"]}
        included = request.query.get("include_credential") or ()
        if included:
            page = [self._with_credentials(each, included) for each in page]
        elif not identifier and not similar:  # credentials are only part of a search by identifier
            page = [{key: value for key, value in each.items() if key != "credentials"} for each in page]
        return json_response(page, headers={"Link": build_link_header("/admin/identities", **pages)})

    def _with_credentials(self, identity: dict[str, Any], kinds: Sequence[str]) -> dict[str, Any]:
        """The identity with the configuration of some types of credentials."""
        credentials = {
            kind: {**credential, "config": self.password_configs.get(identity["id"], {})}
            for kind, credential in identity["credentials"].items()
            if kind in kinds
        }
        return {**identity, "credentials": credentials}

    def _replace(self, request: FakeRequest) -> FakeResponse:
        identity, body = self.get(request.path_parameters["id"]), request.json
        changed = {
            **identity,
            "schema_id": body.get("schema_id") or identity["schema_id"],
            "state": body.get("state") or identity["state"],
            "traits": body.get("traits") or {},
            "metadata_public": body.get("metadata_public"),
            "metadata_admin": body.get("metadata_admin"),
        }
        stored = self._store(identity, changed)
        credentials = body.get("credentials") or {}
        self._import_credentials(stored, credentials)
        self._import_password(stored["id"], credentials)
        return json_response(_without_empty_metadata(stored))

    def _patch(self, request: FakeRequest) -> FakeResponse:
        identity = self.get(request.path_parameters["id"])
        changed = copy.deepcopy(identity)
        for step in request.json:
            apply_json_patch(changed, step)
        known = identity.keys() | _CREATE_FIELDS  # Kratos accepts other members, and ignores them
        kept = {name: value for name, value in changed.items() if name in known}
        return json_response(self._store(identity, kept))

    def _store(self, identity: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
        now = format_time(datetime.now(UTC))
        if changed["state"] not in _STATES:
            reason = f"The supplied state ('{changed['state']}') was not valid. "
            reason += "Valid states are ('active', 'inactive')."
            raise KratosError(400, reason=reason, message="identity state is not valid")
        if changed["state"] != identity["state"]:
            changed["state_changed_at"] = now
        changed["updated_at"] = now
        self._apply_schema(changed, changed.get("verifiable_addresses") or ())
        identity.clear()
        identity.update(changed)
        return identity

    def _delete(self, request: FakeRequest) -> FakeResponse:
        self.remove(request.path_parameters["id"])
        return no_content()

    def _import_credentials(self, identity: dict[str, Any], credentials: Mapping[str, Any]) -> None:
        now = format_time(datetime.now(UTC))
        for kind, content in credentials.items():
            config = content.get("config") or {}
            credential = identity["credentials"].setdefault(kind, _build_credential(kind, now))
            credential["updated_at"] = now
            if providers := config.get("providers"):
                credential["identifiers"] = [f"{each['provider']}:{each['subject']}" for each in providers]

    def _import_password(self, identity_id: str, credentials: Mapping[str, Any]) -> None:
        config = credentials.get("password", {}).get("config") or {}
        if password := config.get("password"):
            self.passwords[identity_id] = password
            self.password_configs.pop(identity_id, None)
        elif config:
            self.password_configs[identity_id] = {"hashed_password": "", **config}

    def _delete_credential(self, request: FakeRequest) -> FakeResponse:
        identity, kind = self.get(request.path_parameters["id"]), request.path_parameters["type"]
        credentials, identifier = identity["credentials"], request.get_query("identifier")
        if kind not in credentials:
            raise KratosError(404, message=_NOT_FOUND)
        if kind in FIRST_FACTORS:
            raise KratosError(400, reason="You cannot remove first factor credentials.")
        if kind == "oidc":
            identifiers = credentials[kind]["identifiers"]
            if not identifier:
                raise KratosError(400, reason="You must provide an identifier to delete this credential.")
            if identifier not in identifiers:
                raise KratosError(404, message=_NOT_FOUND)
            identifiers.remove(identifier)
        elif kind in REMOVABLE:
            del credentials[kind]
            self._apply_schema(identity, identity.get("verifiable_addresses") or ())
        else:
            raise KratosError(400, reason=f"Unknown credentials type {kind}.")
        return no_content()

    # Schemas.

    def _list_schemas(self, request: FakeRequest) -> FakeResponse:
        return json_response([{"id": key, "schema": schema} for key, schema in self.schemas.items()])

    def _get_schema(self, request: FakeRequest) -> FakeResponse:
        wanted = request.path_parameters["id"]
        for schema_id, schema in self.schemas.items():
            if wanted in (schema_id, schema_url_id(schema_id)):
                return json_response(schema)
        raise KratosError(404, reason="Identity schema could not be found.", message=_NOT_FOUND)

    def _apply_schema(self, identity: dict[str, Any], addresses: Any) -> None:
        """Check the traits of an identity and derive its identifiers and addresses from them."""
        schema = self.schemas.get(identity["schema_id"])
        if schema is None:
            raise KratosError(400, reason=f"Unable to find JSON Schema ID: {identity['schema_id']}")
        if reason := describe_mistakes(schema["properties"]["traits"], identity["traits"]):
            raise KratosError(400, reason=reason)
        identity["schema_url"] = f"{self.public_url}/schemas/{schema_url_id(identity['schema_id'])}"
        found = find_identifiers(schema["properties"]["traits"], identity["traits"], addresses)
        self._check_conflicts(identity, {value for values in found.identifiers.values() for value in values})
        credentials = identity["credentials"]
        now = format_time(datetime.now(UTC))
        for kind, values in found.identifiers.items():
            credentials.setdefault(kind, _build_credential(kind, now))["identifiers"] = values
        for name in ("verifiable_addresses", "recovery_addresses"):
            identity.pop(name, None)
            if rows := getattr(found, name):
                identity[name] = rows

    def _check_conflicts(self, identity: dict[str, Any], identifiers: set[str]) -> None:
        for other in self.identities.values():
            if other["id"] != identity["id"] and identifiers & _get_identifiers(other):
                is_change = identity["id"] in self.identities
                raise KratosError(409, **({"message": TAKEN} if is_change else _TAKEN_ON_CREATION))


def _check_hash(body: Mapping[str, Any]) -> None:
    config = (body.get("credentials") or {}).get("password", {}).get("config", {})
    if not _HASH.match(config.get("hashed_password", "$2$")):
        raise KratosError(400, reason="The imported password does not match any known hash format.")


def _without_empty_metadata(identity: dict[str, Any]) -> dict[str, Any]:
    """The response to POST and PUT, which has no admin metadata that is null."""
    return {key: value for key, value in identity.items() if key != "metadata_admin" or value is not None}


def _get_identifiers(identity: Mapping[str, Any]) -> set[str]:
    return {value for each in identity["credentials"].values() for value in each.get("identifiers") or ()}


def _build_credential(kind: str, now: str) -> dict[str, Any]:
    version = 1 if kind in ("code", "webauthn") else 0
    return {"type": kind, "identifiers": [], "version": version, "created_at": now, "updated_at": now}
