"""Runs the comparison of one Ory project."""

from __future__ import annotations

from collections.abc import Iterator

from django_ory.clients import new_client
from django_ory.conf import get_settings

from .hydra import compare_hydra
from .kratos import ProbeClient, compare_kratos
from .mails import check_mails
from .result import Result
from .schemas import check_schemas
from .services import SERVICE_NAMES, check_service
from .webhooks import check_webhooks


def check_project(alias: str) -> Iterator[Result]:
    """Yield one result at a time. Errors of Ory become results."""
    settings = get_settings(alias)
    reachable = set()
    with new_client(ProbeClient, alias) as client:
        for service in SERVICE_NAMES:
            if url := getattr(settings, f"{service}_url"):
                result = check_service(client, settings, service, url)
                if result.ok:
                    reachable.add(service)
                yield result
        if "kratos_public" in reachable:
            yield from compare_kratos(client, settings)
            yield from check_schemas(client, settings)
        if "kratos_admin" in reachable:
            yield from check_mails(client, settings)
        yield from check_webhooks(settings)
        if "hydra_public" in reachable:
            yield from compare_hydra(client, settings, has_admin="hydra_admin" in reachable)
