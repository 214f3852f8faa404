"""Checks that the right API responds at each configured URL."""

from __future__ import annotations

import time
from collections.abc import Callable

from django_ory.authentication.resolver import expect_kratos
from django_ory.checks.rules import setting_path
from django_ory.client import (
    OryAPIError,
    OryClient,
    OryDecodeError,
    OryError,
    OryForbidden,
    OryNotFound,
    OryTransportError,
    OryUnauthorized,
    OryUnexpectedRedirect,
    RouteNotFound,
    Timeout,
)
from django_ory.conf import OrySettings

from .result import Result, attempt

#: Responses to a path that a server does not have, or that this client may not call.
WRONG_SERVER = (
    OryDecodeError,
    OryNotFound,
    RouteNotFound,
    OryUnexpectedRedirect,
    OryUnauthorized,
    OryForbidden,
)

#: The services in the order of the report, with their printed names.
SERVICE_NAMES = {
    "kratos_public": "Kratos' public API",
    "kratos_admin": "Kratos' admin API",
    "hydra_public": "Hydra's public API",
    "hydra_admin": "Hydra's admin API",
    "keto_read": "Keto's read API",
    "keto_write": "Keto's write API",
}


def check_service(client: OryClient, settings: OrySettings, service: str, url: str) -> Result:
    """Check that a service responds at its URL. The result has its version and the response time."""
    started = time.perf_counter()
    error = attempt(lambda: client.is_ready(service=service))
    milliseconds = (time.perf_counter() - started) * 1000
    setting = setting_path(settings.alias, f"{service.upper()}_URL")
    if isinstance(error, OryTransportError):
        hint = f"Start the server (for development: python manage.py ory_dev), or correct {setting}."
        return Result(check=service, ok=False, detail=f"{url} does not respond: {error}", hint=hint)
    if isinstance(error, OryAPIError) and error.status >= 500:
        return Result(check=service, ok=False, detail=f"{url} is not ready: {error}")
    problem = None if settings.sdk_url else _check_identity(client, settings, service, url, setting)
    if problem is not None:
        return problem
    # Gateways and Ory Network may hide the health endpoints.
    state = "responds" if isinstance(error, OryError) else "is ready"
    detail = f"{url} {state}, {milliseconds:.0f} ms{_get_version(client, service)}"
    return Result(check=service, ok=True, detail=detail)


def _check_identity(
    client: OryClient, settings: OrySettings, service: str, url: str, setting: str
) -> Result | None:
    """Return a failed result if another server, or another API of Ory, responds; else None."""
    error = _probe(client, service)
    if not isinstance(error, WRONG_SERVER):
        return None
    found, expected = _identify(settings, url), SERVICE_NAMES[service]
    if found and found != service:
        detail = f"{url} is {SERVICE_NAMES[found]}, not {expected}"
        other = setting_path(settings.alias, f"{found.upper()}_URL")
        hint = f"Correct {setting}. If {other} is {expected}, swap the two values."
    elif isinstance(error, OryUnauthorized | OryForbidden):
        detail = f"{url} rejects calls of this project: {error}"
        hint = f"Check {setting_path(settings.alias, 'API_KEY')}, and that Django may call this API."
    else:
        detail = f"{url} does not respond like {expected}: {error}"
        hint = f"Another server runs there: correct {setting}."
    return Result(check=service, ok=False, detail=detail, hint=hint)


def _identify(settings: OrySettings, url: str) -> str:
    """Return the key of PROBES of the API at a URL; "" if none. The API key is not sent."""
    for service in PROBES:
        client = OryClient(
            **{f"{service}_url": url},  # type: ignore[arg-type]
            timeout=Timeout(connect=settings.connect_timeout, total=settings.timeout),
            ca_bundle=settings.ca_bundle or None,
            proxy=settings.proxy,
        )
        with client:
            if _probe(client, service) is None:
                return service
    return ""


def _probe(client: OryClient, service: str) -> OryError | None:
    """Make the call of PROBES. Returns None if the right API responds, else the error."""
    probe = PROBES.get(service)
    result = attempt(lambda: probe(client)) if probe else None
    return result if isinstance(result, OryError) else None


def _call_discovery(client: OryClient) -> None:
    """Raise OryError unless the discovery document names an issuer."""
    if not client.discover_oidc_configuration().issuer:
        raise OryDecodeError("there is no issuer", operation="GET /.well-known/openid-configuration")


#: Calls that only succeed at the right API. Keto has no such call without data.
PROBES: dict[str, Callable[[OryClient], object]] = {
    "kratos_public": expect_kratos,
    "kratos_admin": lambda client: client.get_version(service="kratos_admin"),
    "hydra_public": _call_discovery,
    "hydra_admin": lambda client: client.admin_list_o_auth2_clients(page_size=1),
}


def _get_version(client: OryClient, service: str) -> str:
    if not service.endswith("_admin"):
        return ""
    result = attempt(lambda: client.get_version(service=service).version)
    return f", version {result}" if result and isinstance(result, str) else ""
