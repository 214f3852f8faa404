"""Comparing a running Kratos and Hydra with this project: what ``manage.py ory_check`` finds out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_ory.clients import new_client
from django_ory.conf import get_settings

from .hydra import compare_hydra
from .kratos import ProbeClient, compare_kratos
from .schemas import check_schemas
from .services import SERVICES, check_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .result import Result

__all__ = ["check_project"]


def check_project(alias: str) -> Iterator[Result]:
    """Everything that can be compared, one result at a time. Never raises because of Ory."""
    settings = get_settings(alias)
    reachable = set()
    with new_client(ProbeClient, alias) as client:
        for service in SERVICES:
            url = getattr(settings, f"{service}_url")
            if url:
                result = check_service(client, settings, service, url)
                if result.ok:
                    reachable.add(service)
                yield result
        if "kratos_public" in reachable:
            yield from compare_kratos(client, settings)
            yield from check_schemas(client, alias)
        if "hydra_public" in reachable:
            yield from compare_hydra(client, alias, has_admin="hydra_admin" in reachable)
