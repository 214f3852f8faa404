"""What can go wrong between us and Ory. Catch ``OryError`` for all of it.

::

    OryError
    ├── OryTransportError                   no usable HTTP answer
    │   ├── OryTimeout
    │   ├── OryConnectionError
    │   └── OryCircuitOpen                  not sent: the service, or this caller's last call, failed just now
    ├── OryDecodeError                      a success that is not what the operation promises
    │   └── OryResponseTooLarge
    └── OryAPIError                         Ory answered, and not with a success
        ├── OryUnexpectedRedirect           3xx; redirects are never followed
        ├── OryBadRequest                   400; .flow is the form with its messages
        ├── OryUnauthorized                 401
        ├── OryForbidden                    403
        │   ├── AAL2Required                a second factor is asked for; .redirect_browser_to
        │   ├── SessionRefreshRequired      a fresh login is asked for; .redirect_browser_to
        │   └── CSRFViolation
        ├── OryNotFound                     404: Ory has no such resource
        ├── RouteNotFound                   404: the server has no such path; the resource may exist
        ├── OryConflict                     409
        ├── OryGone                         410
        │   ├── FlowGone                    Kratos; .use_flow_id .redirect_to .return_to
        │   └── ChallengeGone               Hydra; .redirect_to
        ├── BrowserLocationChangeRequired   422; .redirect_browser_to
        ├── OryRateLimited                  429; .retry_after
        └── OryServerError                  5xx

    OryUsageError(ValueError)               the call itself is wrong; nothing was sent
    ├── OryServiceNotConfigured
    └── InvalidPathParameter                no URL can have this id

The text of an error holds no query, no body and nothing that a person typed; ``.body`` has the whole answer.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .http_info import set_cookie_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .models import Flow

__all__ = [
    "AAL2Required",
    "BrowserLocationChangeRequired",
    "CSRFViolation",
    "ChallengeGone",
    "FlowGone",
    "InvalidPathParameter",
    "OryAPIError",
    "OryBadRequest",
    "OryCircuitOpen",
    "OryConflict",
    "OryConnectionError",
    "OryDecodeError",
    "OryError",
    "OryForbidden",
    "OryGone",
    "OryNotFound",
    "OryRateLimited",
    "OryResponseTooLarge",
    "OryServerError",
    "OryServiceNotConfigured",
    "OryTimeout",
    "OryTransportError",
    "OryUnauthorized",
    "OryUnexpectedRedirect",
    "OryUsageError",
    "RouteNotFound",
    "SessionRefreshRequired",
]

# What people typed comes back in Ory's reasons: in quotes, as an address, as one long word, or as a code or a
# phone number.
_PRIVATE = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`|\S*@\S*|\S{24,}|\+?\d[\d -]{4,}\d|[\x00-\x1f\x7f-\x9f]+")


class OryUsageError(ValueError):
    """The call is wrong and was not sent: a bad path parameter, a header with a line break, no URL."""


class OryServiceNotConfigured(OryUsageError):
    """The operation belongs to a service whose URL the client was not given. The text names the argument."""


class InvalidPathParameter(OryUsageError):
    """A URL cannot have this path parameter: it is empty, ".", "..", no text, or not valid Unicode."""


class OryError(Exception):
    """The root of everything that goes wrong between us and Ory.

    ``operation`` is the method and the path template, such as ``"GET /admin/identities/{id}"``.
    """

    def __init__(self, message: str, *, operation: str = "") -> None:
        super().__init__(message)
        self.operation = operation

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)

    def __str__(self) -> str:
        return f"{self.operation}: {self.args[0]}" if self.operation else str(self.args[0])


def _rebuild(kind: type[OryError], args: tuple[Any, ...], state: dict[str, Any]) -> OryError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class OryTransportError(OryError):
    """There is no usable HTTP answer. ``__cause__`` is what the network said."""


class OryTimeout(OryTransportError):
    """The connection or the whole answer took too long."""


class OryConnectionError(OryTransportError):
    """Refused, reset, cut off, no such host, or a TLS failure."""


class OryCircuitOpen(OryTransportError):
    """The call was not sent: the service, or an earlier call of the same caller, failed a moment ago."""


class OryDecodeError(OryError):
    """Ory reported success and the body is not what the operation promises, or nobody can read the answer.

    ``status`` is 0 where it could not be read either.
    """

    def __init__(self, message: str, *, operation: str = "", status: int = 0, request_id: str = "") -> None:
        super().__init__(message, operation=operation)
        self.status = status
        self.request_id = request_id


class OryResponseTooLarge(OryDecodeError):
    """The body is larger than the operation or the client (``max_response_bytes``) accepts."""


class OryAPIError(OryError):
    """Ory answered, and not with a success.

    ``status`` is the HTTP status; ``id``, ``reason``, ``message`` and ``details`` are Ory's, empty where it
    sent none; ``body`` is the parsed JSON, or the text, of the answer and may hold what people typed;
    ``headers`` has lower-case names and joins what came in several lines; ``set_cookies`` has the raw
    Set-Cookie lines, which a browser must get with a 422 or another new flow.
    """

    def __init__(
        self,
        *,
        status: int,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        operation: str = "",
    ) -> None:
        self.status = status
        self.body = body
        self.headers = {name.lower(): headers[name] for name in headers} if headers else {}
        self.set_cookies = set_cookie_lines(headers) if headers else []
        fields = _fields(body)
        self.id = _text(fields.get("id"))
        self.message = _text(fields.get("message"))
        self.reason = _text(fields.get("reason"))
        details = fields.get("details")
        self.details: dict[str, Any] = details if isinstance(details, dict) else {}
        self.request_id = self.headers.get("x-request-id", "") or _text(fields.get("request"))
        super().__init__(self._summary(), operation=operation)

    def _summary(self) -> str:
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = "unknown status"
        text = f"{self.status} {phrase}"
        if self.id:
            text += f" [{_PRIVATE.sub('…', self.id) if len(self.id) > 60 else self.id}]"
        said = " ".join(dict.fromkeys(part for part in (self.message, self.reason) if part))
        if said:
            text += f": {_PRIVATE.sub('…', said)[:300]}"
        if self.request_id:
            text += f" (request {self.request_id[:80]})"
        return "".join(character if character.isprintable() else " " for character in text)

    def _string(self, name: str) -> str:
        """A field next to ``error`` or inside its ``details``; Kratos uses both places."""
        return (_text(self.body.get(name)) if isinstance(self.body, dict) else "") or _text(
            self.details.get(name)
        )


class OryUnexpectedRedirect(OryAPIError):
    """A 3xx where none belongs, most often an admin call to a public URL. ``location_host``: where it led."""

    @property
    def location_host(self) -> str:
        """The host of the Location header, ``""`` for a relative one."""
        match = re.match(
            r"(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#@]*@)?([^/?#]*)",
            self.headers.get("location", ""),
            re.IGNORECASE,
        )
        return match[1] if match else ""

    def _summary(self) -> str:
        host = self.location_host[:100]
        where = host if host and host.isprintable() else "a relative address"
        return f"{self.status} redirect to {where}; redirects are never followed"


class OryBadRequest(OryAPIError):
    """400. For a submitted flow the body is the flow again, with messages: see ``flow``."""

    @property
    def flow(self) -> Flow | None:
        """The flow in the body (LoginFlow, ... by operation), or None if the body is not a flow."""
        from .models.flows import flow_from_error

        return flow_from_error(self.operation, self.body)


class OryUnauthorized(OryAPIError):
    """401. No valid session, or a wrong API key."""


class OryForbidden(OryAPIError):
    """403."""

    @property
    def redirect_browser_to(self) -> str:
        """Where Ory wants the browser, ``""`` if nowhere. Check the host before you send anyone."""
        return self._string("redirect_browser_to")


class AAL2Required(OryForbidden):
    """403 ``session_aal2_required``: the identity has a second factor and has not used it."""


class SessionRefreshRequired(OryForbidden):
    """403 ``session_refresh_required``: the login is too old for this change."""


class CSRFViolation(OryForbidden):
    """403 ``security_csrf_violation``: the flow was started in another browser, or the cookie is gone."""


class OryNotFound(OryAPIError):
    """404. Ory has no such resource."""


class RouteNotFound(OryAPIError):
    """404 of a router, not of Ory's API: whether the resource exists is unknown.

    Either the URL of the service is wrong: check it in the settings. Or the service cannot address the id:
    Hydra before 25.4 has no path for a client id with a slash.
    """


class OryConflict(OryAPIError):
    """409."""


class OryGone(OryAPIError):
    """410."""

    @property
    def redirect_to(self) -> str:
        """Where to go instead, ``""`` if nowhere."""
        return self._string("redirect_to")


class FlowGone(OryGone):
    """410 of Kratos: the flow has expired or was replaced."""

    @property
    def use_flow_id(self) -> str:
        """The flow that replaces this one, ``""`` if none."""
        return self._string("use_flow_id")

    @property
    def return_to(self) -> str:
        """The ``return_to`` of the flow that has gone."""
        return self._string("return_to")


class ChallengeGone(OryGone):
    """410 of Hydra: the challenge was already answered; ``redirect_to`` continues the flow."""


class BrowserLocationChangeRequired(OryAPIError):
    """422: the browser itself must go to ``redirect_browser_to``."""

    @property
    def redirect_browser_to(self) -> str:
        """Where the browser must go, ``""`` if Ory did not say."""
        return self._string("redirect_browser_to")


class OryRateLimited(OryAPIError):
    """429."""

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, from Retry-After in either form (RFC 9110 section 10.2.3), or None."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return float(value[:9])
        try:
            when = parsedate_to_datetime(value)
            return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
        except (ValueError, TypeError, OverflowError, IndexError):
            return None


class OryServerError(OryAPIError):
    """5xx."""


BY_STATUS_AND_ID: dict[tuple[int, str], type[OryAPIError]] = {
    (403, "session_aal2_required"): AAL2Required,
    (403, "session_refresh_required"): SessionRefreshRequired,
    (403, "security_csrf_violation"): CSRFViolation,
    (410, "self_service_flow_expired"): FlowGone,
    (410, "self_service_flow_replaced"): FlowGone,
}

BY_STATUS: dict[int, type[OryAPIError]] = {
    400: OryBadRequest,
    401: OryUnauthorized,
    403: OryForbidden,
    404: OryNotFound,
    409: OryConflict,
    410: OryGone,
    422: BrowserLocationChangeRequired,
    429: OryRateLimited,
}

# The reason in the JSON of Ory's routers. Routers of older versions, and proxies, return text.
NO_ROUTE = "The requested route does not exist"

BY_CLASS: dict[int, type[OryAPIError]] = {3: OryUnexpectedRedirect, 5: OryServerError}


def error_for(status: int, body: Any, headers: Mapping[str, str], operation: str) -> OryAPIError:
    """The error for an answer that is no success. ``body`` is parsed JSON or text, in any shape."""
    fields = _fields(body)
    kind = (
        BY_STATUS_AND_ID.get((status, _text(fields.get("id"))))
        or BY_STATUS.get(status)
        or BY_CLASS.get(status // 100, OryAPIError)
    )
    if kind is OryNotFound and (
        not isinstance(body, dict) or "error" not in body or NO_ROUTE in _text(fields.get("reason"))
    ):
        kind = RouteNotFound
    if kind is OryGone and isinstance(body, dict):
        # Kratos leaves the id out for some flows: {"error": {}} is its shape, {"redirect_to"} is Hydra's.
        if isinstance(body.get("error"), dict):
            kind = FlowGone
        elif isinstance(body.get("redirect_to"), str):
            kind = ChallengeGone
    return kind(status=status, body=body, headers=headers, operation=operation)


def _fields(body: Any) -> Mapping[str, Any]:
    """Ory's error fields in one shape: Kratos' ``{"error": {...}}``, a flat one, or Hydra's."""
    if not isinstance(body, dict):
        return {}
    error = body.get("error")
    if isinstance(error, dict):
        return error
    if isinstance(error, str):
        return {
            "id": error if " " not in error else "",  # Hydra puts a code or a sentence here
            "message": error,
            "reason": " ".join(_text(body.get(name)) for name in ("error_description", "error_hint")).strip(),
            "details": body.get("details"),
            "request": body.get("request"),
        }
    return body if "ui" not in body else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
