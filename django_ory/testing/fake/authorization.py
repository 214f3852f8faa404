"""Login, consent and logout requests of the fake Hydra, and the consents that follow."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django_ory.testing.factories import (
    build_consent_request_json,
    build_login_request_json,
    build_logout_request_json,
    format_time,
)

from .errors import HydraError
from .http import FakeRequest, FakeResponse, Handler, json_response, no_content
from .row_pages import build_row_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .clients import ClientStore
    from .tokens import TokenStore

__all__ = ["AuthorizationStore", "StoredRequest"]

REQUEST_TYPES = ("login", "consent", "logout")


@dataclass(repr=False)
class StoredRequest:
    """A login, consent or logout request, and the answer of the site."""

    challenge: str
    content: dict[str, Any]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    verifier: str = ""
    accepted: dict[str, Any] | None = None
    rejected: dict[str, Any] | None = None
    login: StoredRequest | None = None  #: of a consent request


class AuthorizationStore:
    """The requests and consents of one fake Hydra."""

    def __init__(self, clients: ClientStore, tokens: TokenStore, *, public_url: str) -> None:
        self.clients = clients
        self.tokens = tokens
        self.public_url = public_url
        self.requests: dict[str, StoredRequest] = {}  #: challenge -> request
        self.consents: list[StoredRequest] = []  #: accepted consent requests
        self.remembered_logins: dict[str, str] = {}  #: sid -> subject

    def routes(self) -> dict[str, Handler]:
        """The routes for requests, consents and login sessions."""
        routes: dict[str, Handler] = {
            "GET /admin/oauth2/auth/sessions/consent": self._list_consents,
            "DELETE /admin/oauth2/auth/sessions/consent": self._revoke_consents,
            "DELETE /admin/oauth2/auth/sessions/login": self._revoke_logins,
        }
        for kind in REQUEST_TYPES:
            base = f"/admin/oauth2/auth/requests/{kind}"
            routes[f"GET {base}"] = self._build_handler(kind, self._get_request)
            routes[f"PUT {base}/accept"] = self._build_handler(kind, self._accept)
            routes[f"PUT {base}/reject"] = self._build_handler(kind, self._reject)
        return routes

    # Python interface.

    def add_login_request(
        self,
        client_id: str,
        *,
        scope: Sequence[str] = ("openid",),
        audience: Sequence[str] = (),
        subject: str = "",
        skip: bool = False,
        **parameters: str,
    ) -> StoredRequest:
        """A login request. ``parameters`` are those of the authorization request, such as ``prompt``."""
        content = build_login_request_json(
            self.clients.get(client_id),
            scope=scope,
            audience=audience,
            subject=subject,
            skip=skip,
            parameters=parameters,
            hydra_url=self.public_url,
        )
        return self._add(StoredRequest(content["challenge"], content))

    def add_consent_request(self, login: StoredRequest) -> StoredRequest:
        """The consent request that follows an accepted login request."""
        accepted = login.accepted or {}
        content = build_consent_request_json(
            accepted["subject"],
            login.content,
            skip=self._is_granted(accepted["subject"], login.content),
            acr=accepted.get("acr") or "",
            amr=accepted.get("amr") or [],
            context=accepted.get("context"),
        )
        return self._add(StoredRequest(content["challenge"], content, login=login))

    def add_logout_request(self, subject: str, *, client_id: str = "", sid: str = "") -> StoredRequest:
        """A logout request, started by ``client_id`` if that is given."""
        client = self.clients.get(client_id) if client_id else None
        content = build_logout_request_json(subject, client, **({"sid": sid} if sid else {}))
        return self._add(StoredRequest(content["challenge"], content))

    def find_by_verifier(self, verifier: str) -> StoredRequest | None:
        """The request that was answered with this verifier."""
        return next((each for each in self.requests.values() if verifier and each.verifier == verifier), None)

    def _add(self, request: StoredRequest) -> StoredRequest:
        self.requests[request.challenge] = request
        return request

    def _is_granted(self, subject: str, login: dict[str, Any]) -> bool:
        """Whether the newest remembered consent covers the requested scope."""
        for consent in reversed(self.consents):
            if (
                consent.content["subject"] == subject
                and consent.content["client"]["client_id"] == login["client"]["client_id"]
                and not consent.content["skip"]
                and (consent.accepted or {}).get("remember")
            ):
                return set(login["requested_scope"]) <= set((consent.accepted or {}).get("grant_scope") or ())
        return False

    # Login, consent and logout requests.

    def _build_handler(self, kind: str, answer: Any) -> Handler:
        def handle(request: FakeRequest) -> FakeResponse:
            challenge = request.get_query(f"{kind}_challenge") or request.get_query("challenge")
            stored = self.requests.get(challenge)
            if stored is None:
                if kind == "logout":
                    raise HydraError.not_found()
                if not challenge:
                    raise HydraError.invalid_request("Query parameter 'challenge' is required.")
                raise HydraError(404, "Not Found", "Unable to locate the requested resource")
            response: FakeResponse = answer(kind, stored, request)
            return response

        return handle

    def _get_request(self, kind: str, stored: StoredRequest, request: FakeRequest) -> FakeResponse:
        return json_response(stored.content)

    def _accept(self, kind: str, stored: StoredRequest, request: FakeRequest) -> FakeResponse:
        body = request.json or {}
        if kind == "login":
            if not body.get("subject"):
                raise HydraError.invalid_request("Field 'subject' must not be empty.")
            if body.get("remember"):
                self.remembered_logins[stored.content["session_id"]] = body["subject"]
        stored.accepted, stored.rejected = body, None
        if kind == "consent":
            self.consents.append(stored)
        return self._redirect(kind, stored)

    def _reject(self, kind: str, stored: StoredRequest, request: FakeRequest) -> FakeResponse:
        stored.accepted, stored.rejected = None, request.json or {}
        return no_content() if kind == "logout" else self._redirect(kind, stored)

    def _redirect(self, kind: str, stored: StoredRequest) -> FakeResponse:
        stored.verifier = secrets.token_urlsafe(48)
        if kind == "logout":
            url = f"{self.public_url}/oauth2/sessions/logout?logout_verifier={stored.verifier}"
        else:
            query = parse_qs(urlsplit(stored.content["request_url"]).query)
            parameters = {name: values[0] for name, values in query.items()} | {
                f"{kind}_verifier": stored.verifier
            }
            url = f"{self.public_url}{urlsplit(stored.content['request_url']).path}?{urlencode(parameters)}"
        return json_response({"redirect_to": url})

    # Sessions.

    def _list_consents(self, request: FakeRequest) -> FakeResponse:
        subject = request.get_query("subject")
        if not subject:
            raise HydraError.invalid_request("Query parameter 'subject' is not defined but should have been.")
        return build_row_page(
            request,
            request.path,
            [
                {
                    "grant_scope": accepted.get("grant_scope"),
                    "grant_access_token_audience": accepted.get("grant_access_token_audience") or [],
                    "session": accepted.get("session") or {"access_token": {}, "id_token": {}},
                    "remember": accepted.get("remember", False),
                    "remember_for": accepted.get("remember_for") or 0,
                    "handled_at": format_time(datetime.now(UTC)),
                    "context": accepted.get("context") or consent.content["context"],
                    "consent_request": {**consent.content, "challenge": consent.id},
                }
                for consent in self.consents
                if consent.content["subject"] == subject and not consent.content["skip"]
                for accepted in (consent.accepted or {},)
            ],
            default_size=100,
        )

    def _revoke_consents(self, request: FakeRequest) -> FakeResponse:
        subject, client_id = request.get_query("subject"), request.get_query("client")
        if not subject:
            raise HydraError.invalid_request("Query parameter 'subject' is required.")
        if not client_id and request.get_query("all") != "true":
            raise HydraError.invalid_request("Either 'client' or 'all=true' is required.")
        revoked = [
            consent
            for consent in self.consents
            if consent.content["subject"] == subject
            and client_id in ("", consent.content["client"]["client_id"])
        ]
        self.consents = [consent for consent in self.consents if consent not in revoked]
        self.tokens.revoke_families({consent.challenge for consent in revoked})
        return no_content()

    def _revoke_logins(self, request: FakeRequest) -> FakeResponse:
        subject, sid = request.get_query("subject"), request.get_query("sid")
        if not subject and not sid:
            raise HydraError.invalid_request("Either 'subject' or 'sid' query parameters need to be defined.")
        self.remembered_logins = {
            key: value for key, value in self.remembered_logins.items() if key != sid and value != subject
        }
        return no_content()
