"""The way back: the password hashes of Kratos for Django's users, so that they can sign in without Kratos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import identify_hasher
from django.db import router, transaction

from django_ory.client import models as ory
from django_ory.client.identifiers import parse_uuid
from django_ory.clients import get_client
from django_ory.mirror.password_hook.checking import is_waiting_for_password, read_password_config
from django_ory.models import Identity

from .password_hashes import UnsupportedHash, convert_to_django

__all__ = ["EXPORT_TEXTS", "UserExport"]

#: By result.
EXPORT_TEXTS: Mapping[str, str] = {
    "exported": "The user can sign in to Django with the password of Kratos.",
    "without user": "The identity has no Django user. Its hash is only written to a file.",
    "without password": "The identity has no password: it signs in by a code, a passkey or another provider.",
    "waiting": "Kratos has no hash before the first sign-in. The hash in Django is still valid.",
    "not convertible": "Django cannot check a hash of this kind. The user must reset the password.",
    "without hasher": (
        "No hasher in PASSWORD_HASHERS can check the hash. Add it, and install its library. For bcrypt, the "
        "default of Kratos: django.contrib.auth.hashers.BCryptPasswordHasher, and pip install bcrypt."
    ),
}
#: Results with a password that does not work in Django.
INCOMPLETE_RESULTS = frozenset({"not convertible", "without hasher"})


@dataclass(frozen=True, kw_only=True)
class ExportedPassword:
    """An identity with the hash of its password in Django's format, if there is one."""

    identity: ory.Identity = field(repr=False)
    user: Any
    result: str
    encoded: str = field(default="", repr=False)

    @property
    def is_active(self) -> bool:
        """Whether the identity may sign in. States that Ory may add do not allow it."""
        return self.identity.state in (None, Identity.State.ACTIVE)

    @property
    def user_key(self) -> str | None:
        """The key of the user as text; None without a user."""
        return None if self.user is None else str(self.user.pk)

    def as_json(self) -> dict[str, Any]:
        """Return the line for a file of hashes. Contains a secret and personal data."""
        return {
            "user": self.user_key,
            "identity": self.identity.id,
            "is_active": self.is_active,
            "traits": self.identity.traits,
            "password": self.encoded,
        }


class UserExport:
    """One export of a project.

    Args:
        alias: The key in ``settings.ORY``.
        report: Receives the ids and the result of each identity, without secrets.
        write_hash: Receives each identity with its hash, as a dictionary. None: hashes are not written.
        updates_users: Whether the hashes are written to the linked users. Users of inactive identities
            become inactive, others keep ``is_active``. A changed hash ends the Django sessions of the user.
        page_size: Identities per call.

    """

    def __init__(
        self,
        alias: str,
        *,
        report: Callable[[Mapping[str, Any]], None] = lambda line: None,
        write_hash: Callable[[Mapping[str, Any]], None] | None = None,
        updates_users: bool = False,
        page_size: int = 250,
    ) -> None:
        self._alias = alias
        self._report = report
        self._write_hash = write_hash
        self._updates_users = updates_users
        self._page_size = page_size
        self._usable: dict[str, bool] = {}  #: name of an algorithm -> whether Django can check its hashes

    def run(self) -> Counter[str]:
        """Export all identities. Returns their numbers by result. Can be repeated.

        Raises OryError if Kratos fails. The pages until then are exported.
        """
        client, counts = get_client(self._alias), Counter[str]()
        identities = client.iterate(
            client.admin_list_identities, page_size=self._page_size, include_credential=["password"]
        )
        iterator = iter(identities)
        while page := list(islice(iterator, self._page_size)):
            exported = self._convert(page)
            if self._updates_users:
                self._update_users(exported)
            for each in exported:
                counts[each.result] += 1
                if self._write_hash is not None and each.encoded:
                    self._write_hash(each.as_json())
                self._report({"user": each.user_key, "identity": each.identity.id, "status": each.result})
        return counts

    def _convert(self, identities: Sequence[ory.Identity]) -> list[ExportedPassword]:
        keys = [key for each in identities if (key := parse_uuid(each.id)) is not None]
        rows = Identity.objects.using(router.db_for_write(Identity)).filter(
            alias=self._alias, identity_id__in=keys, user__isnull=False
        )
        users = {row.identity_id: row.user for row in rows.select_related("user")}
        return [self._convert_one(each, users) for each in identities]

    def _convert_one(self, identity: ory.Identity, users: Mapping[UUID, Any]) -> ExportedPassword:
        key = parse_uuid(identity.id)
        user = users.get(key) if key is not None else None
        hashed = read_password_config(identity).get("hashed_password")
        if not isinstance(hashed, str) or not hashed:
            result = "waiting" if is_waiting_for_password(identity) else "without password"
            return ExportedPassword(identity=identity, user=user, result=result)
        try:
            encoded = convert_to_django(hashed)
        except UnsupportedHash:
            return ExportedPassword(identity=identity, user=user, result="not convertible")
        result = "exported" if self._is_usable(encoded) else "without hasher"
        if user is None:
            result = "without user"
        return ExportedPassword(identity=identity, user=user, result=result, encoded=encoded)

    def _is_usable(self, encoded: str) -> bool:
        """Whether a configured hasher can check the hash. Checks one hash of each algorithm."""
        algorithm = encoded.partition("$")[0]
        if algorithm not in self._usable:
            try:
                identify_hasher(encoded).verify("", encoded)
                self._usable[algorithm] = True
            except ValueError:  # no such hasher, or its library is not installed
                self._usable[algorithm] = False
        return self._usable[algorithm]

    def _update_users(self, exported: Sequence[ExportedPassword]) -> None:
        """Write the passwords of one page. Hashes without a hasher are not written: they lock users out."""
        changed = []
        for each in exported:
            user = each.user
            if user is None:
                continue
            before = (user.password, user.is_active)
            if each.result == "exported":
                user.password = each.encoded
            user.is_active = user.is_active and each.is_active
            if (user.password, user.is_active) != before:
                changed.append(user)
        if changed:
            using = router.db_for_write(Identity)
            with transaction.atomic(using=using):
                users = get_user_model()._base_manager.using(using)
                users.bulk_update(changed, ["password", "is_active"])
