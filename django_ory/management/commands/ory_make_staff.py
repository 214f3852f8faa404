"""Give a user access to the Django admin.

::

    manage.py ory_make_staff ada@example.org               # is_staff; permissions decide the visible pages
    manage.py ory_make_staff ada@example.org --superuser   # and all permissions

The e-mail address must be verified in Kratos, and the user must have signed in once. No user is created. To
revoke the rights, edit the user in the admin.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_ory.checks.rules import setting_path
from django_ory.client import OryError, OryServiceNotConfigured
from django_ory.client import models as ory
from django_ory.clients import get_client
from django_ory.conf import DEFAULT_ALIAS
from django_ory.models import Identity
from django_ory.traits import is_address_verified

MAX_IDENTITIES = 10


class Command(BaseCommand):
    """See the module."""

    help = "Give a user access to the Django admin. The user must have signed in once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="An e-mail address that is verified in Kratos.")
        parser.add_argument("--superuser", action="store_true", help="Give all permissions, too.")
        parser.add_argument(
            "--alias", default=DEFAULT_ALIAS, help="The project in settings.ORY. Default: %(default)s"
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Set the flags. Raises CommandError with the remedy."""
        email, alias = options["email"], options["alias"]
        names = ["is_staff", *(["is_superuser"] if options["superuser"] else [])]
        _check_fields(names)
        identity = _find_identity(email, alias)
        row = Identity.objects.filter(alias=alias, identity_id=identity.id).select_related("user").first()
        if row is None or row.user is None:
            raise CommandError(
                f"{email} has no user on this site yet. Sign in, open a page that requires signing in, then "
                "run this again."
            )
        for name in names:
            setattr(row.user, name, True)
        row.user.save(update_fields=names)
        self.stdout.write(self.style.SUCCESS(f"{email} can use the Django admin now."))
        if not row.user.is_active:
            self.stdout.write(
                self.style.WARNING("The user is not active and cannot sign in. Activate the user.")
            )
        if not (options["superuser"] or getattr(row.user, "is_superuser", True)):
            self.stdout.write("The user sees no pages without permissions: grant some, or use --superuser.")


def _check_fields(names: list[str]) -> None:
    user = get_user_model()
    for name in names:
        try:
            user._meta.get_field(name)
        except FieldDoesNotExist as error:
            raise CommandError(
                f"The user model {user._meta.label} has no field {name}. Give access as that model defines."
            ) from error


def _find_identity(email: str, alias: str) -> ory.Identity:
    """Return the identity with this verified address. A trait is no proof: users edit their traits."""
    try:
        found = _get_candidates(email, alias)
    except OryServiceNotConfigured as error:
        raise CommandError(
            f"{setting_path(alias, 'KRATOS_ADMIN_URL')} is not set: identities cannot be searched."
        ) from error
    except OryError as error:
        raise CommandError(
            f"Identity lookup failed (project {alias}): {error}. Run manage.py ory_check"
        ) from error
    if not found:
        raise CommandError(f"No identity in Kratos has the address {email}. Register on this site first.")
    verified = [identity for identity in found if is_address_verified(identity, email, via="email")]
    if not verified:
        raise CommandError(
            f"{email} is not verified, so the identity may belong to another person. "
            "Enter the code from the e-mail (ory_dev prints it), then run this again."
        )
    if len(verified) > 1:
        raise CommandError(f"Several identities in Kratos have verified {email}. Nothing was changed.")
    return verified[0]


def _get_candidates(email: str, alias: str) -> list[ory.Identity]:
    """Return the identities that sign in with an address, else the identities with the address as label.

    Kratos does not find an identity by its address if the only credential is another provider.
    """
    client = get_client(alias)
    found = client.admin_list_identities(credentials_identifier=email)
    if found:
        return list(found)
    rows = Identity.objects.filter(alias=alias, label__iexact=email, missing_since=None)[:MAX_IDENTITIES]
    return [client.admin_get_identity(str(row.identity_id)) for row in rows]
