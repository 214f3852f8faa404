"""Whether each configured URL answers, and whether the right API answers there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

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

from .live_result import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.conf import OrySettings

__all__ = ["SERVICES", "check_service"]

#: How a server answers to a path that it does not have, or does not give to this client.
REFUSALS = (OryNotFound, OryUnexpectedRedirect, OryUnauthorized, OryForbidden)

#: The services in their order, with their names for people.
SERVICES = {
    "kratos_public": "Kratos' public API",
    "kratos_admin": "Kratos' admin API",
    "hydra_public": "Hydra's public API",
    "hydra_admin": "Hydra's admin API",
    "keto_read": "Keto's read API",
    "keto_write": "Keto's write API",
}


def check_service(client: OryClient, settings: OrySettings, service: str, url: str) -> Result:
    """Whether a service answers at its URL, with its version and the time that the answer took."""
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
    """What is wrong if another server answers, which may be another API of Ory. None: nothing is."""
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
    """Which API answers at a URL: a key of PROBES, or empty. The API key is not sent."""
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
    """Call what only the right API answers as it should: the error, or None if it does."""
    probe = PROBES.get(service)
    try:
        if probe is not None:
            probe(client)
    except OryError as error:
        return error
    return None


def _call_whoami(client: OryClient) -> None:
    """Raises OryError unless a call without a credential is answered by Kratos' own 401, which is JSON."""
    try:
        client.to_session()
    except OryUnauthorized as error:
        if isinstance(error.body, dict) and isinstance(error.body.get("error"), dict):
            return
        raise
    raise OryDecodeError("a session was returned without a credential", operation="GET /sessions/whoami")


def _call_discovery(client: OryClient) -> None:
    """Raises OryError unless the discovery document names an issuer."""
    if not client.discover_oidc_configuration().issuer:
        raise OryDecodeError("there is no issuer", operation="GET /.well-known/openid-configuration")


#: Calls that only the right API answers as it should. Keto has none that needs no data.
PROBES: dict[str, Callable[[OryClient], object]] = {
    "kratos_public": _call_whoami,
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
