"""Trusted issuers of the fake Hydra."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from django_ory.testing.factories import format_time

from .errors import HydraError
from .http import FakeRequest, FakeResponse, Handler, json_response, no_content
from .row_pages import build_row_page

__all__ = ["IssuerStore"]

_PATH = "/admin/trust/grants/jwt-bearer/issuers"
_MISSING = "One of the required parameters is missing. Check your request parameters. "


class IssuerStore:
    """The trusted issuers of one fake Hydra, by id."""

    def __init__(self) -> None:
        self.issuers: dict[str, dict[str, Any]] = {}
        self.keys: dict[tuple[str, str], dict[str, Any]] = {}  #: issuer and key id -> public key

    def routes(self) -> dict[str, Handler]:
        """The routes for administrators."""
        return {
            f"GET {_PATH}": self._list,
            f"POST {_PATH}": self._create,
            f"GET {_PATH}/{{id}}": self._get,
            f"DELETE {_PATH}/{{id}}": self._delete,
        }

    def _list(self, request: FakeRequest) -> FakeResponse:
        issuer = request.get_query("issuer")
        found = [each for each in reversed(self.issuers.values()) if issuer in ("", each["issuer"])]
        return build_row_page(request, _PATH, found, default_size=100, total=len(self.issuers))

    def _create(self, request: FakeRequest) -> FakeResponse:
        body = request.json or {}
        jwk, subject = body.get("jwk") or {}, body.get("subject") or ""
        if bool(subject) == bool(body.get("allow_any_subject")):
            self._reject("Exactly one of the fields 'subject' and 'allow_any_subject' must be set.")
        if not body.get("expires_at"):
            self._reject("Field 'expires_at' is required.")
        if not jwk.get("kid"):
            self._reject("Field 'jwk' must contain JWK with kid header.")
        key = {"set": body.get("issuer") or "", "kid": jwk["kid"]}
        if any(each["public_key"] == key and each["subject"] == subject for each in self.issuers.values()):
            raise HydraError.conflict()
        issuer = {
            "id": str(uuid.uuid4()),
            "issuer": body.get("issuer") or "",
            "subject": subject,
            "allow_any_subject": bool(body.get("allow_any_subject")),
            "scope": body.get("scope"),
            "public_key": key,
            "created_at": format_time(datetime.now(UTC).replace(microsecond=0)),
            "expires_at": body["expires_at"],
        }
        self.issuers[issuer["id"]] = issuer
        self.keys.setdefault((key["set"], key["kid"]), jwk)
        return json_response(issuer, status=201)

    def _reject(self, detail: str) -> None:
        raise HydraError(400, "missing_required_parameter", _MISSING + detail)

    def _get(self, request: FakeRequest) -> FakeResponse:
        issuer = self.issuers.get(request.path_parameters["id"])
        if issuer is None:
            raise HydraError.not_found()
        return json_response(issuer)

    def _delete(self, request: FakeRequest) -> FakeResponse:
        deleted = self.issuers.pop(request.path_parameters["id"], None)
        if deleted is None:
            raise HydraError.not_found()
        # Hydra deletes the key, also if another subject of this issuer needs it.
        self.keys.pop((deleted["public_key"]["set"], deleted["public_key"]["kid"]), None)
        return no_content()

    def find(self, issuer: str, subject: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The trust in an issuer for a subject, and its key. Hydra v2.3.0 ignores the end of the trust."""
        for each in self.issuers.values():
            key = self.keys.get((each["public_key"]["set"], each["public_key"]["kid"]))
            if each["issuer"] == issuer and (each["allow_any_subject"] or each["subject"] == subject) and key:
                return each, key
        return None
