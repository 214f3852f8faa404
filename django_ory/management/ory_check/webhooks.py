"""Reports web hooks of Kratos that this site could not process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db import Error as DatabaseFailure
from django.utils import timezone

from django_ory.conf import OrySettings
from django_ory.models import WebhookDelivery

from .result import Result

#: Deliveries that wait longer are reported.
MAX_WAIT = timedelta(minutes=10)


def check_webhooks(settings: OrySettings) -> Iterator[Result]:
    """Yield a result about the recorded deliveries, with ``WEBHOOK_SECRETS``."""
    if not settings.webhook_secrets:
        return
    try:
        failed, late, count = _count(settings.alias)
    except DatabaseFailure as error:
        yield Result(
            check="web hooks",
            ok=False,
            detail=f"the database failed ({type(error).__name__})",
            hint="python manage.py migrate",
        )
        return
    if failed or late:
        yield Result(
            check="web hooks",
            ok=False,
            detail=f"{failed} failed, {late} waiting for more than ten minutes",
            hint="See their errors in the admin and the warnings of django_ory.webhooks in the log. Waiting "
            "ones: run manage.py ory_process_webhooks in a schedule or with --loop. Failed ones: manage.py "
            "ory_replay_webhooks.",
        )
    elif not count:
        yield Result(
            check="web hooks",
            ok=None,
            detail="none was received so far",
            hint="Sign in to the site once. If no delivery appears in the admin, compare the web hooks of "
            "Kratos with the output of manage.py ory_config kratos, and see the log of Kratos.",
        )
    else:
        yield Result(check="web hooks", ok=True, detail="none failed, and none is waiting for long")


def _count(alias: str) -> tuple[int, int, int]:
    """Return the numbers of failed deliveries, of those that wait for long, and of all."""
    rows, pending = WebhookDelivery.objects.filter(alias=alias), WebhookDelivery.Status.PENDING
    late = rows.filter(status=pending, received_at__lt=timezone.now() - MAX_WAIT)
    return rows.filter(status=WebhookDelivery.Status.FAILED).count(), late.count(), rows.count()
