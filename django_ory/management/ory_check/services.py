"""Checks that the right API answers at each configured URL."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django_ory.authentication.whoami import expect_kratos
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
    Timeout,
)

from .result import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.conf import OrySettings

__all__ = ["SERVICES", "check_service"]

#: Responses to a path that a server does not have, or that this client may not call.
REFUSALS = (OryNotFound, OryUnexpectedRedirect, OryUnauthorized, OryForbidden)

#: The services in the order of the report, with the names that it prints.
SERVICES = {
    "kratos_public": "Kratos' public API",
    "kratos_admin": "Kratos' admin API",
    "hydra_public": "Hydra's public API",
    "hydra_admin": "Hydra's admin API",
    "keto_read": "Keto's read API",
    "keto_write": "Keto's write API",
}


def check_service(client: OryClient, settings: OrySettings, service: str, url: str) -> Result:
    """Check that a service answers at its URL. The result has its version and the time of the response."""
    started = time.perf_counter()
    try:
        client.is_ready(service=service)
        state = "ready"
    except OryTransportError as error:
        place = _at(settings, service)
        hint = f"Start the server (for development: python manage.py ory_dev), or correct {place}."
        return _failed(settings, service, f"{url} does not answer: {error}", hint)
    except OryError as error:
        if isinstance(error, OryAPIError) and error.status >= 500:
            return _failed(settings, service, f"{url} is not ready: {error}", "")
        state = "answers"  # gateways may hide the health endpoints, and Ory Network does
    milliseconds = (time.perf_counter() - started) * 1000
    problem = None if settings.sdk_url else _wrong_server(client, settings, service, url)
    if problem is not None:
        return problem
    detail = f"{url} {state}, {milliseconds:.0f} ms{_version(client, service)}"
    return Result(alias=settings.alias, what=service, ok=True, detail=detail)


def _wrong_server(client: OryClient, settings: OrySettings, service: str, url: str) -> Result | None:
    """A failed result if another server answers, which may be another API of Ory; else None."""
    error = _probe(client, service)
    if not isinstance(error, (OryDecodeError, *REFUSALS)):
        return None
    found = _identify(settings, url)
    own, place = SERVICES[service], _at(settings, service)
    if found and found != service:
        hint = f"Correct {place}. If {_at(settings, found)} is {own}, swap the two values."
        return _failed(settings, service, f"{url} is {SERVICES[found]}, not {own}", hint)
    if isinstance(error, OryUnauthorized | OryForbidden):
        hint = f'Check settings.ORY["{settings.alias}"]["API_KEY"], and that Django may use this API.'
        return _failed(settings, service, f"{url} refuses this project: {error}", hint)
    detail = f"{url} does not answer as {own} does: {error}"
    return _failed(settings, service, detail, f"Another server runs there: correct {place}.")


def _identify(settings: OrySettings, url: str) -> str:
    """The API that answers at a URL: a key of PROBES; empty if none. The API key is not sent."""
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
    """Make the call of PROBES. Returns None if the right API answers, else the error."""
    probe = PROBES.get(service)
    try:
        if probe is not None:
            probe(client)
    except OryError as error:
        return error
    return None


def _call_discovery(client: OryClient) -> None:
    """Raises OryError unless the discovery document names an issuer."""
    if not client.discover_oidc_configuration().issuer:
        raise OryDecodeError("there is no issuer", operation="GET /.well-known/openid-configuration")


#: Calls that only succeed at the right API. Keto has no such call without data.
PROBES: dict[str, Callable[[OryClient], object]] = {
    "kratos_public": expect_kratos,
    "kratos_admin": lambda client: client.get_version(service="kratos_admin"),
    "hydra_public": _call_discovery,
    "hydra_admin": lambda client: client.admin_list_o_auth2_clients(page_size=1),
}


def _version(client: OryClient, service: str) -> str:
    if not service.endswith("_admin"):
        return ""
    try:
        version = client.get_version(service=service).version
    except OryError:
        return ""
    return f", version {version}" if version else ""


def _at(settings: OrySettings, service: str) -> str:
    return f'settings.ORY["{settings.alias}"]["{service.upper()}_URL"]'


def _failed(settings: OrySettings, service: str, detail: str, hint: str) -> Result:
    return Result(alias=settings.alias, what=service, ok=False, detail=detail, hint=hint)
