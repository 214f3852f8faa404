"""Comparing a running Kratos and Hydra with this project: what ``manage.py ory_check`` finds out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django_ory.check_rules.rule import paste
from django_ory.client import OryAPIError, OryError
from django_ory.clients import new_client
from django_ory.conf import OrySettings, get_settings

from .live_hydra import compare_hydra
from .live_kratos import Visitor, compare_kratos
from .live_result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_project"]

SERVICES = ("kratos_public", "kratos_admin", "hydra_public", "hydra_admin", "keto_read", "keto_write")


def check_project(alias: str) -> Iterator[Result]:
    """Everything that can be compared, one result at a time. Never raises because of Ory."""
    settings = get_settings(alias)
    reachable = set()
    with new_client(Visitor, alias) as visitor:
        for service in SERVICES:
            url = getattr(settings, f"{service}_url")
            if url:
                result = _service(visitor, settings, service, url)
                if result.ok:
                    reachable.add(service)
                yield result
        if "kratos_public" in reachable:
            yield from compare_kratos(visitor, settings)
        if "hydra_public" in reachable:
            yield from compare_hydra(visitor, alias, has_admin="hydra_admin" in reachable)


def _service(visitor: Visitor, settings: OrySettings, service: str, url: str) -> Result:
    started = time.perf_counter()
    try:
        visitor.is_ready(service=service)
        said = "ready"
    except OryAPIError as error:
        if error.status >= 500:
            return Result(alias=settings.alias, what=service, ok=False, detail=f"{url} is not ready: {error}")
        said = "answers"  # Ory Network hides the health endpoints
    except OryError as error:
        return Result(
            alias=settings.alias,
            what=service,
            ok=False,
            detail=f"{url} does not answer: {error}",
            hint=paste(settings.alias, f"{service.upper()}_URL", '"..."'),
        )
    milliseconds = (time.perf_counter() - started) * 1000
    detail = f"{url} {said}, {milliseconds:.0f} ms{_version(visitor, service)}"
    return Result(alias=settings.alias, what=service, ok=True, detail=detail)


def _version(visitor: Visitor, service: str) -> str:
    if not service.endswith("_admin"):
        return ""
    try:
        version = visitor.get_version(service=service).version
    except OryError:
        return ""
    return f", version {version}" if version else ""
