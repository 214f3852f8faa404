"""``python -m tests.live.tasks.worker celery ...`` or ``... django ...``: a worker with short times."""

from __future__ import annotations

import sys
from datetime import timedelta

import django

django.setup()

from django.core.management import execute_from_command_line  # noqa: E402

from django_ory.admin.jobs import running  # noqa: E402
from django_ory.mirror.webhooks import deliveries  # noqa: E402

running.LOCK_SECONDS = 3.0  # of a killed worker
running.JOB_SECONDS = 2.0  # a job needs several tasks
deliveries.LOCK_TIME = timedelta(seconds=5)

if sys.argv[1] == "celery":
    from tests.live.tasks.celery_app import app

    app.worker_main(sys.argv[2:])
else:
    execute_from_command_line(sys.argv[1:])
