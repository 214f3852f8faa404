"""``python -m benchmarks.webhook_site ACTION``: a site with web hooks, for one action in its own process.

Actions: ``migrate``, ``serve PORT`` (records posts), ``process`` (those that were recorded), ``work``
(processes them until SIGTERM), ``compare`` (the rows with the identities of Kratos). The result is the last
line, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from .mirror_sites import configure_site


class ThreadedServer(ThreadingMixIn, WSGIServer):
    """A thread for each request."""

    daemon_threads = True
    request_queue_size = 100


class QuietHandler(WSGIRequestHandler):
    """No line for each request."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name of the base class)
        """Print nothing."""


def serve(port: int) -> None:
    """Record posts until the process is ended."""
    server = ThreadedServer(("127.0.0.1", port), QuietHandler)
    server.set_app(get_wsgi_application())
    server.serve_forever()


def process() -> dict[str, Any]:
    """Process the recorded deliveries, and return their number and the seconds."""
    from django_ory.mirror.webhooks.processing import process_deliveries

    started = time.perf_counter()
    report = process_deliveries()
    return {"done": report.done, "seconds": time.perf_counter() - started}


def compare() -> dict[str, Any]:
    """Count the deliveries, and the rows that differ from their identity."""
    from django_ory.clients import get_client
    from django_ory.models import Identity, WebhookDelivery

    rows = {str(row.identity_id): row.traits for row in Identity.objects.all()}
    client = get_client()
    identities = list(client.iterate(client.admin_list_identities, page_size=250))
    statuses = list(WebhookDelivery.objects.values_list("status", flat=True))
    return {
        "identities": len(identities),
        "different": sum(rows.get(each.id) != each.traits for each in identities),
        "records": len(statuses),
        "posts": sum(WebhookDelivery.objects.values_list("posts", flat=True)),
        **{status: statuses.count(status) for status in WebhookDelivery.Status.values},
    }


def main() -> None:
    """Run the action of the command line."""
    action, *arguments = sys.argv[1:]
    configure_site(
        json.loads(os.environ["BENCH_DATABASE"]),
        {
            "KRATOS_ADMIN_URL": os.environ["BENCH_KRATOS"],
            "WEBHOOK_SECRETS": [os.environ["BENCH_SECRET"]],
            "WEBHOOK_PROCESSING": "command",
        },
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="django_ory.mirror.webhooks.urls",
    )
    if action == "migrate":
        call_command("migrate", verbosity=0)
    elif action == "serve":
        serve(int(arguments[0]))
    elif action == "work":
        call_command("ory_process_webhooks", "--loop", "--interval", "0.1")
    else:
        print(json.dumps({"process": process, "compare": compare}[action]()))


if __name__ == "__main__":
    main()
