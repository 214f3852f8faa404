"""The exceptions of the client. ``OryError`` is the base of all errors of a call.

::

    OryError
    ├── OryTransportError                   no usable HTTP answer
    │   ├── OryTimeout
    │   ├── OryConnectionError
    │   └── OryCircuitOpen                  not sent: earlier calls to the service, or of the caller, failed
    ├── OryDecodeError                      a success with an unexpected body, or an invalid response
    │   └── OryResponseTooLarge
    └── OryAPIError                         a response that is not a success
        ├── OryUnexpectedRedirect           3xx; redirects are never followed
        ├── OryBadRequest                   400; .flow is the form with its messages
        ├── OryUnauthorized                 401
        ├── OryForbidden                    403
        │   ├── AAL2Required                a second factor is required; .redirect_browser_to
        │   ├── SessionRefreshRequired      a new login is required; .redirect_browser_to
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

    OryUsageError(ValueError)               an invalid argument; nothing was sent
    ├── OryServiceNotConfigured
    └── InvalidPathParameter                an id that no URL can contain

The text of an error contains no query, no body and no user input; ``.body`` has the whole response.
"""

from __future__ import annotations

import copyreg
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .models import Flow
    from .rate_limits import RateLimit

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

# User input in Ory's reasons: quoted text, addresses, long words, codes and phone numbers.
_PRIVATE = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`|\S*@\S*|\S{24,}|\+?\d[\d -]{4,}\d|[\x00-\x1f\x7f-\x9f]+")


class OryUsageError(ValueError):
    """An invalid argument, such as a header with a line break. The call was not sent."""


class OryServiceNotConfigured(OryUsageError):
    """The client has no URL for the service of the operation. The text names the missing argument."""


class InvalidPathParameter(OryUsageError):
    """An invalid path parameter: empty, ".", "..", not text, or not valid Unicode."""


class OryError(Exception):
    """The base class of all errors of a call.

    ``operation`` is the method and the path template, such as ``"GET /admin/identities/{id}"``.
    """

    def __init__(self, message: str, *, operation: str = "") -> None:
        super().__init__(message)
        self.operation = operation

    def __reduce__(self) -> tuple[Any, ...]:
        # Without __init__, whose arguments differ from class to class.
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]

    def __str__(self) -> str:
        return f"{self.operation}: {self.args[0]}" if self.operation else str(self.args[0])


class OryTransportError(OryError):
    """There is no usable HTTP response. ``__cause__`` is the error of the network."""


class OryTimeout(OryTransportError):
    """The connection or the whole response took too long."""


class OryConnectionError(OryTransportError):
    """The connection was refused, reset or cut off, the host is unknown, or TLS failed."""


class OryCircuitOpen(OryTransportError):
    """The call was not sent, because earlier calls to the service or of the same caller failed."""


class OryDecodeError(OryError):
    """A success with an unexpected body, or a response that is not valid HTTP. Then ``status`` is 0."""

    def __init__(self, message: str, *, operation: str = "", status: int = 0, request_id: str = "") -> None:
        super().__init__(message, operation=operation)
        self.status = status
        self.request_id = request_id


class OryResponseTooLarge(OryDecodeError):
    """The body is larger than the operation or the client (``max_response_bytes``) accepts."""


class OryAPIError(OryError):
    """A response that is not a success.

    Attributes:
        status: The HTTP status.
        id, reason, message, details: Ory's fields, empty if missing.
        body: The parsed JSON or the text of the response. May contain user input.
        headers: By lower-case name. Values of several lines are joined.
        set_cookies: The raw Set-Cookie lines. Relay them to the browser with a 422 or another new flow.

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
        self.set_cookies = _get_set_cookie_lines(headers) if headers else []
        fields = get_error_fields(body)
        self.id = get_text(fields.get("id"))
        self.message = get_text(fields.get("message"))
        self.reason = get_text(fields.get("reason"))
        details = fields.get("details")
        self.details: dict[str, Any] = details if isinstance(details, dict) else {}
        self.request_id = self.headers.get("x-request-id", "") or get_text(fields.get("request"))
        super().__init__(self._summary(), operation=operation)

    def _summary(self) -> str:
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = "unknown status"
        text = f"{self.status} {phrase}"
        if self.id:
            text += f" [{_PRIVATE.sub('…', self.id) if len(self.id) > 60 else self.id}]"
        reason = " ".join(dict.fromkeys(part for part in (self.message, self.reason) if part))
        if reason:
            text += f": {_PRIVATE.sub('…', reason)[:300]}"
        if self.request_id:
            text += f" (request {self.request_id[:80]})"
        return "".join(character if character.isprintable() else " " for character in text)

    def _string(self, name: str) -> str:
        """Return a field next to ``error`` or inside its ``details``; Kratos uses both."""
        return (get_text(self.body.get(name)) if isinstance(self.body, dict) else "") or get_text(
            self.details.get(name)
        )


class OryUnexpectedRedirect(OryAPIError):
    """An unexpected 3xx, most often of an admin call to a public URL: check the URLs in the settings."""

    @property
    def location_host(self) -> str:
        """The host of the Location header, ``""`` for a relative URL."""
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
    """400. For a submitted flow the body is the flow with messages: see ``flow``."""

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
        """The URL to redirect the browser to, or ``""``. Check the host first."""
        return self._string("redirect_browser_to")


class AAL2Required(OryForbidden):
    """403 ``session_aal2_required``: the session lacks the second factor of the identity."""


class SessionRefreshRequired(OryForbidden):
    """403 ``session_refresh_required``: the change requires a new login."""


class CSRFViolation(OryForbidden):
    """403 ``security_csrf_violation``: the flow is of another browser, or the cookie is missing."""


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
        """The URL to continue with, or ``""``."""
        return self._string("redirect_to")


class FlowGone(OryGone):
    """410 of Kratos: the flow has expired or was replaced."""

    @property
    def use_flow_id(self) -> str:
        """The id of the flow that replaces this one, or ``""``."""
        return self._string("use_flow_id")

    @property
    def return_to(self) -> str:
        """The ``return_to`` of the expired flow."""
        return self._string("return_to")


class ChallengeGone(OryGone):
    """410 of Hydra: the challenge was accepted or rejected before; ``redirect_to`` continues the flow."""


class BrowserLocationChangeRequired(OryAPIError):
    """422: redirect the browser to ``redirect_browser_to``."""

    @property
    def redirect_browser_to(self) -> str:
        """The URL to redirect the browser to, or ``""``."""
        return self._string("redirect_browser_to")


class OryRateLimited(OryAPIError):
    """429."""

    @property
    def rate_limit(self) -> RateLimit | None:
        """The rate limit headers of Ory Network, or None."""
        from .rate_limits import parse_rate_limit

        return parse_rate_limit(self.headers)

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, or None if the response does not tell.

        From Retry-After in either form (RFC 9110 section 10.2.3), else from ``x-ratelimit-reset``.
        """
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return float(value[:9])
        try:
            when = parsedate_to_datetime(value)
            return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
        except (ValueError, TypeError, OverflowError, IndexError):
            return self.rate_limit.reset if self.rate_limit else None


class OryServerError(OryAPIError):
    """5xx."""


def get_error_fields(body: Any) -> Mapping[str, Any]:
    """Return the fields of Kratos' ``{"error": {...}}``, of a flat error, or of Hydra's, in one form."""
    if not isinstance(body, dict):
        return {}
    error = body.get("error")
    if isinstance(error, dict):
        return error
    if isinstance(error, str):
        return {
            "id": error if " " not in error else "",  # Hydra puts a code or a sentence here
            "message": error,
            "reason": " ".join(
                get_text(body.get(name)) for name in ("error_description", "error_hint")
            ).strip(),
            "details": body.get("details"),
            "request": body.get("request"),
        }
    return body if "ui" not in body else {}


def get_text(value: Any) -> str:
    """Return a text of a body, "" for another type."""
    return value if isinstance(value, str) else ""


def _get_set_cookie_lines(headers: Mapping[str, str]) -> list[str]:
    """Return the Set-Cookie lines one by one, because joined lines cannot be split again."""
    if hasattr(headers, "getlist"):
        return list(headers.getlist("Set-Cookie"))
    return [value for name, value in headers.items() if name.lower() == "set-cookie"]
