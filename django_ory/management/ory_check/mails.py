"""Reports mails and SMS that Kratos has given up to deliver to this site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from django_ory.client import OryClient, OryError
from django_ory.conf import OrySettings

from .result import Result, attempt, not_compared

RECENT = timedelta(days=1)
MAX_ABANDONED = 100


def check_mails(client: OryClient, settings: OrySettings) -> Iterator[Result]:
    """Yield a result about the abandoned messages of the last day, with ``COURIER_SECRETS``.

    Only types and numbers are shown: recipients, codes and links are not.
    """
    if not settings.courier_secrets:
        return
    found = attempt(partial(client.list_courier_messages, status="abandoned", page_size=MAX_ABANDONED))
    if isinstance(found, OryError):
        yield not_compared("mails", found)
        return
    since = datetime.now(UTC) - RECENT
    types = Counter(
        message.template_type for message in found if message.created_at and message.created_at > since
    )
    if not types:
        yield Result(check="mails", ok=True, detail="none was abandoned in the last 24 hours")
        return
    counts = ", ".join(f"{count} {name}" for name, count in types.most_common())
    yield Result(
        check="mails",
        ok=False,
        detail=f"Kratos gave up after repeated attempts in the last 24 hours: {counts}",
        hint="See the warnings of django_ory.courier in the log of Django, and those of Kratos. Compare the "
        "URL and the secret in courier.http.request_config with ory:courier and COURIER_SECRETS.",
    )
