"""Sessions of the fake Kratos: whoami, the public and the admin API, logout."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from django_ory.testing.factories import SESSION_LIFETIME, build_session_json, format_time

from .errors import KratosError
from .http import FakeRequest, FakeResponse, Handler, json_response, no_content
from .id_pages import build_id_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .identities import IdentityStore

__all__ = ["SESSION_COOKIE", "SessionStore", "StoredSession"]

SESSION_COOKIE = "ory_kratos_session"
_EXPIRED_COOKIE = "Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly; SameSite=Lax"


@dataclass(repr=False)
class StoredSession:
    """One Kratos session. ``cookie`` and ``token`` are both accepted by whoami."""

    identity_id: str
    aal: str
    authenticated_at: datetime
    method: str
    expires_at: datetime
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    cookie: str = field(default_factory=lambda: "MTc" + secrets.token_urlsafe(48))
    token: str = field(default_factory=lambda: "ory_st_" + secrets.token_urlsafe(24))
    is_active: bool = True
    logout_token: str = ""
    fields: dict[str, Any] = field(default_factory=dict)  #: replace those of its JSON

    def __repr__(self) -> str:
        return f"<StoredSession {self.id}>"  # neither cookie nor token


class SessionStore:
    """The sessions of one fake Kratos."""

    def __init__(self, identities: IdentityStore, *, public_url: str) -> None:
        self.identities = identities
        self.public_url = public_url
        self.sessions: dict[str, StoredSession] = {}
        #: The AAL that whoami requires: "aal1", or "highest_available" for the second factor if there is one.
        self.required_aal = "highest_available"
        self.session_cookie = SESSION_COOKIE

    def routes(self) -> dict[str, Handler]:
        """The routes for sessions and logout."""
        return {
            "GET /admin/identities/{id}/sessions": self._admin_list_of_identity,
            "DELETE /admin/identities/{id}/sessions": self._admin_delete_of_identity,
            "GET /admin/sessions": self._admin_list,
            "GET /admin/sessions/{id}": self._admin_get,
            "DELETE /admin/sessions/{id}": self._admin_delete,
            "PATCH /admin/sessions/{id}/extend": self._admin_extend,
            "GET /sessions/whoami": self._whoami,
            "GET /sessions": self._list_others,
            "DELETE /sessions": self._delete_others,
            "DELETE /sessions/{id}": self._delete,
            "GET /self-service/logout/browser": self._create_logout,
            "GET /self-service/logout": self._submit_logout,
            "DELETE /self-service/logout/api": self._submit_logout_with_token,
        }

    # Python interface.

    def add(
        self,
        identity_id: str,
        *,
        aal: str = "aal1",
        authenticated_at: datetime | None = None,
        method: str = "password",
        fields: Mapping[str, Any] | None = None,
    ) -> StoredSession:
        """A new session of an identity. ``fields`` replace those of its JSON."""
        at = authenticated_at or datetime.now(UTC)
        session = StoredSession(
            identity_id,
            aal=aal,
            authenticated_at=at,
            method=method,
            expires_at=datetime.now(UTC) + SESSION_LIFETIME,
            fields=dict(fields or {}),
        )
        self.sessions[session.id] = session
        return session

    def remove_of_identity(self, identity_id: str) -> None:
        """Drop the sessions of a deleted identity."""
        self.sessions = {key: each for key, each in self.sessions.items() if each.identity_id != identity_id}

    def find(self, request: FakeRequest) -> StoredSession | None:
        """The valid session of a request, by its cookie or token."""
        token = request.get_header("X-Session-Token")
        if not token and request.get_header("Authorization").lower().startswith("bearer "):
            token = request.get_header("Authorization")[7:].strip()
        cookie = request.get_cookie(self.session_cookie)
        for session in self.sessions.values():
            if (token and session.token == token) or (cookie and session.cookie == cookie):
                return session if self._is_valid(session) else None
        return None

    def get_json(
        self, session: StoredSession, *, identity: Literal["full", "short", ""] = "full", devices: bool = True
    ) -> dict[str, Any]:
        """A session as Kratos' JSON. ``"short"`` leaves out the identity's addresses, as listings do."""
        content = self.identities.get_public_json(session.identity_id) if identity else None
        if content is not None and identity == "short":
            content = {key: value for key, value in content.items() if not key.endswith("_addresses")}
            content["schema_url"] = ""
        answer = build_session_json(
            content or {},
            aal=session.aal,
            authenticated_at=session.authenticated_at,
            method=session.method,
            id=session.id,
            active=self._is_valid(session),
            expires_at=format_time(session.expires_at),
        )
        if content is None:
            answer["identity"] = None
        if not devices:
            answer["devices"] = []
        return answer | session.fields

    def _is_valid(self, session: StoredSession) -> bool:
        identity = self.identities.identities.get(session.identity_id)
        return (
            session.is_active
            and session.expires_at > datetime.now(UTC)
            and identity is not None
            and identity["state"] == "active"
        )

    def _require(self, request: FakeRequest) -> StoredSession:
        session = self.find(request)
        if session is None:
            raise KratosError(401, reason="No valid session credentials found in the request.")
        return session

    # The public API.

    def _whoami(self, request: FakeRequest) -> FakeResponse:
        session = self._require(request)
        needs_aal2 = self.required_aal == "aal2" or (
            self.required_aal == "highest_available"
            and self.identities.has_second_factor(session.identity_id)
        )
        if needs_aal2 and session.aal != "aal2":
            url = f"{self.public_url}/self-service/login/browser?aal=aal2"
            raise KratosError(
                403,
                error_id="session_aal2_required",
                reason="The session has only one factor.",
                details={"redirect_browser_to": url},
                message="Session does not fulfill the requested Authenticator Assurance Level",
                redirect_browser_to=url,
            )
        return json_response(self.get_json(session))

    def _list_others(self, request: FakeRequest) -> FakeResponse:
        """Page numbers count from one, and zero is one, too."""
        found = sorted(self._others(request), key=lambda each: each.authenticated_at, reverse=True)
        size = int(request.get_query("per_page") or request.get_query("page_size") or "250")
        page = max(int(request.get_query("page", "0") or 0), 1)
        rows = [self.get_json(each, identity="short") for each in found[(page - 1) * size : page * size]]
        return json_response(rows, headers={"X-Total-Count": str(len(found))})

    def _delete_others(self, request: FakeRequest) -> FakeResponse:
        others = self._others(request)
        for session in others:
            session.is_active = False
        return json_response({"count": len(others)})

    def _delete(self, request: FakeRequest) -> FakeResponse:
        current, wanted = self._require(request), request.path_parameters["id"]
        if wanted == current.id:
            raise KratosError(400, message="cannot revoke current session")
        session = self.sessions.get(wanted)
        if session is not None and session.identity_id == current.identity_id:
            session.is_active = False
        return no_content()

    def _others(self, request: FakeRequest) -> list[StoredSession]:
        current = self._require(request)
        return [
            each
            for each in self.sessions.values()
            if each.identity_id == current.identity_id and each.id != current.id and self._is_valid(each)
        ]

    # Logout.

    def _create_logout(self, request: FakeRequest) -> FakeResponse:
        session = self.find(request)
        if session is None:
            raise KratosError(
                401,
                error_id="session_inactive",
                reason="No active session was found in this request.",
                message="request does not have a valid authentication session",
            )
        session.logout_token = "ory_lo_" + secrets.token_urlsafe(24)
        url = f"{self.public_url}/self-service/logout?token={session.logout_token}"
        return_to = request.get_query("return_to")
        if return_to:
            url += f"&return_to={quote(return_to, safe='')}"
        return json_response({"logout_url": url, "logout_token": session.logout_token})

    def _submit_logout(self, request: FakeRequest) -> FakeResponse:
        session, token = self.find(request), request.get_query("token")
        if session is None or not token or session.logout_token != token:
            raise KratosError(
                403,
                reason="Unable to log out because the logout token in the URL query does not match the "
                "session cookie.",
            )
        session.is_active = False
        cookie = ("Set-Cookie", f"{self.session_cookie}={session.cookie}; {_EXPIRED_COOKIE}")
        if "application/json" in request.get_header("Accept"):
            return no_content(cookie)
        location = request.get_query("return_to") or "/"
        return FakeResponse(303, headers=(("Location", location), cookie))

    def _submit_logout_with_token(self, request: FakeRequest) -> FakeResponse:
        token = request.json.get("session_token", "")
        for session in self.sessions.values():
            if token and session.token == token:
                session.is_active = False
                return no_content()
        raise KratosError(
            403,
            reason="The provided Ory Session Token could not be found, is invalid, or otherwise malformed.",
        )

    # The admin API.

    def _admin_list_of_identity(self, request: FakeRequest) -> FakeResponse:
        identity_id = request.path_parameters["id"]
        found = [each for each in reversed(self.sessions.values()) if each.identity_id == identity_id]
        if active := request.get_query("active"):
            found = [each for each in found if self._is_valid(each) == (active == "true")]
        size = int(request.get_query("per_page") or request.get_query("page_size") or "250")
        page = max(
            int(request.get_query("page", "0") or 0), 1
        )  # Kratos counts from one and takes zero for one
        return json_response(
            [self.get_json(each, identity="short") for each in found[(page - 1) * size : page * size]]
        )

    def _admin_delete_of_identity(self, request: FakeRequest) -> FakeResponse:
        identity_id = request.path_parameters["id"]
        for session in self.sessions.values():
            if session.identity_id == identity_id:
                session.is_active = False
        return no_content()

    def _admin_list(self, request: FakeRequest) -> FakeResponse:
        found = list(reversed(self.sessions.values()))
        if active := request.get_query("active"):
            found = [each for each in found if self._is_valid(each) == (active == "true")]
        expand = _get_expand(request)
        return build_id_page(
            request,
            "/admin/sessions",
            {each.id: each for each in found},
            build_json=lambda session: self._build_listed_json(session, **expand),
            default_size=250,
        )

    def _build_listed_json(
        self, session: StoredSession, *, identity: Literal["full", ""], devices: bool
    ) -> dict[str, Any]:
        """A session of the list: without addresses of the identity, and null for devices."""
        content = self.get_json(session, identity=identity)
        if content["identity"] is not None:
            content["identity"] = {
                key: value for key, value in content["identity"].items() if not key.endswith("_addresses")
            }
        return content if devices else {**content, "devices": None}

    def _get_stored(self, request: FakeRequest) -> StoredSession:
        session = self.sessions.get(request.path_parameters["id"])
        if session is None:
            raise KratosError(404)
        return session

    def _admin_get(self, request: FakeRequest) -> FakeResponse:
        return json_response(self.get_json(self._get_stored(request), **_get_expand(request)))

    def _admin_delete(self, request: FakeRequest) -> FakeResponse:
        self._get_stored(request).is_active = False
        return no_content()

    def _admin_extend(self, request: FakeRequest) -> FakeResponse:
        session = self._get_stored(request)
        session.expires_at = datetime.now(UTC) + SESSION_LIFETIME
        return json_response(self.get_json(session, devices=False))


def _get_expand(request: FakeRequest) -> dict[str, Any]:
    """The parameter ``expand`` as options of ``get_json``."""
    expand = [name.lower() for name in request.query.get("expand", ())]
    return {"identity": "full" if "identity" in expand else "", "devices": "devices" in expand}
