"""The Celery app of the test site, with times that are short enough for a test."""

from __future__ import annotations

import os

from celery import Celery

app = Celery("site", broker=os.environ["SITE_BROKER"])
app.conf.update(
    broker_transport_options={
        "visibility_timeout": 2,  # seconds until a task of a killed worker is repeated
        # Celery looks for such tasks every 100 seconds (10 times 10), by one worker at a time.
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": 5,
    },
    broker_connection_retry_on_startup=True,
    worker_prefetch_multiplier=1,
)
app.autodiscover_tasks(["django_ory"])
