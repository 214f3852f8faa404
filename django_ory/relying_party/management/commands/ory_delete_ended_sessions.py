"""Delete the rows of logouts after 400 days.

::

    manage.py ory_delete_ended_sessions

Run it once a day, beside ``clearsessions``.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from django_ory.relying_party.sessions import delete_expired_rows


class Command(BaseCommand):
    """See the module."""

    help = "Delete the rows of logouts after 400 days. Run it once a day."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{delete_expired_rows()} deleted.")
