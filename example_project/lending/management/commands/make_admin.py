"""``manage.py make_admin EMAIL``: let a member into the Django admin."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_ory.client import OryError
from django_ory.clients import get_client
from django_ory.models import Identity


class Command(BaseCommand):
    help = "Make a member a superuser: someone who has confirmed their email address and signed in once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *, email: str, **_: Any) -> None:
        # Ory is asked and not the user table: only Ory knows whether the address was confirmed.
        try:
            found = get_client().admin_list_identities(credentials_identifier=email)
        except OryError as error:
            raise CommandError(f"Kratos did not answer: {error}") from error
        if len(found) != 1:
            raise CommandError(f"Nobody has registered as {email}.")
        if not any(address.verified for address in found[0].verifiable_addresses or []):
            raise CommandError(f"{email} is not confirmed yet. The code is in the mailbox.")
        row = (
            Identity.objects.filter(identity_id=found[0].id).exclude(user=None).select_related("user").first()
        )
        if row is None or row.user is None:
            raise CommandError(f"{email} has not signed in on this site yet.")
        user = row.user
        user.is_staff = user.is_superuser = True
        user.save(update_fields=["is_staff", "is_superuser"])
        self.stdout.write(self.style.SUCCESS(f"{email} is staff now: reload the site, then open Staff."))
