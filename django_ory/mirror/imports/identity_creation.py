"""Creates identities in batches, and finds those that an interrupted import has created.

Two facts about Kratos shape this module. If one identity of a batch has an identifier in use, v1.3 rolls back
the whole batch, but returns ids for the others: only identities that can be read again exist. And one bad
password hash fails a whole batch without a name, so the batch is divided until the identity is found.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import sleep
from typing import Any, TypeVar
from uuid import UUID

from django.utils import timezone

from django_ory.client import (
    OryAPIError,
    OryConflict,
    OryDecodeError,
    OryRateLimited,
    OryServerError,
    OryTransportError,
)
from django_ory.client import models as ory
from django_ory.clients import get_client
from django_ory.conf import get_settings

from .findings import ImportFinding, ImportInterrupted, InvalidImport
from .user_bodies import PreparedUser, is_marked

__all__ = ["CreatedIdentity", "CreationResult", "IdentityCreator", "RefusedUser", "SentBatch"]

logger = logging.getLogger("django_ory.import")

R = TypeVar("R")

#: A batch may take longer than other calls.
BATCH_SECONDS = 60.0
#: Waits between the attempts of a call that a server or the network failed.
RETRY_WAITS = (1.0, 2.0, 5.0, 10.0, 20.0)
#: The longest wait that a rate limit may ask for.
MAX_LIMIT_WAIT = 120.0
#: Refusals of a whole batch because of some of its identities, or because of its size.
DIVIDING_STATUSES = frozenset({400, 409, 413, 422})
#: Ids of one call, so that the URL is short enough for proxies.
MAX_IDS = 100
UNKNOWN_FIELD = re.compile(r'json: unknown field "(\w+)"')
#: The traits in Kratos' description of a violation: I[#/traits/email] S[#/properties/...].
VIOLATION = re.compile(r"I\[#/traits/([^\]\s]*)\] S\[[^\]\s]*/(\w+)\]")


@dataclass(frozen=True, kw_only=True)
class CreatedIdentity:
    """The identity of one user."""

    prepared: PreparedUser
    identity: ory.Identity
    is_found: bool = False  #: created by an earlier run


@dataclass(frozen=True, kw_only=True)
class RefusedUser:
    """A user whose identity Kratos refused, and the reason."""

    prepared: PreparedUser
    refusal: ImportFinding


CreationResult = CreatedIdentity | RefusedUser


@dataclass(frozen=True, kw_only=True)
class SentBatch:
    """A batch that was sent to Kratos.

    ``ids``: users by the ids that Kratos returned. ``failed``: users with an error of Kratos. ``results``: of
    users whose result is final.
    """

    users: Sequence[PreparedUser]
    requested_at: datetime
    ids: Mapping[str, PreparedUser] = field(default_factory=dict)
    failed: Sequence[tuple[PreparedUser, Any]] = ()
    results: Sequence[CreationResult] = ()


class IdentityCreator:
    """Creates the identities of prepared users in Kratos, in two steps: ``send`` and ``settle``.

    Both raise ImportInterrupted if Kratos failed several times in a row, or rejects the calls altogether, and
    InvalidImport if this version of Kratos does not have a member of the bodies.
    """

    def __init__(self, alias: str) -> None:
        self._client = get_client(alias).with_timeout(max(get_settings(alias).timeout, BATCH_SECONDS))

    def send(self, users: Sequence[PreparedUser]) -> SentBatch:
        """Send a batch. Makes no queries to the database."""
        requested_at = timezone.now()
        if len(users) == 1:
            results = [self._create_one(users[0])]
            return SentBatch(users=users, requested_at=requested_at, results=results)
        body = {
            "identities": [
                {"create": each.body, "patch_id": str(UUID(int=number))} for number, each in enumerate(users)
            ]
        }
        try:
            response = self._call(self._client.batch_patch_identities, body=body)
        except OryAPIError as error:
            _raise_unknown_field(error)
            half = len(users) // 2
            results = [*self._create(users[:half]), *self._create(users[half:])]
            return SentBatch(users=users, requested_at=requested_at, results=results)
        by_patch = {str(UUID(int=number)): each for number, each in enumerate(users)}
        known = [(by_patch[each.patch_id], each) for each in response.identities if each.patch_id in by_patch]
        return SentBatch(
            users=users,
            requested_at=requested_at,
            ids={each.identity: prepared for prepared, each in known if each.identity},
            failed=[(prepared, each.error) for prepared, each in known if not each.identity],
        )

    def settle(self, batch: SentBatch) -> list[CreationResult]:
        """Read the identities of a batch, and repeat the creation of those that do not exist.

        Returns one result per user, in the order of the users.
        """
        results: list[CreationResult] = [
            *batch.results,
            *(
                CreatedIdentity(prepared=batch.ids[identity.id], identity=identity)
                for identity in self._read(batch.ids)
            ),
            *(self._resolve(prepared, error) for prepared, error in batch.failed),
        ]
        settled = {each.prepared.user.pk for each in results}
        missing = [each for each in batch.users if each.user.pk not in settled]
        if missing:
            if len(missing) == len(batch.users):
                raise ImportInterrupted("Kratos confirmed identities that it does not have.")
            results += self._create(missing)
        positions = {each.user.pk: position for position, each in enumerate(batch.users)}
        return sorted(results, key=lambda each: positions[each.prepared.user.pk])

    def _create(self, users: Sequence[PreparedUser]) -> list[CreationResult]:
        return self.settle(self.send(users))

    def _read(self, ids: Mapping[str, PreparedUser]) -> Iterator[ory.Identity]:
        """Read the identities with these ids that exist."""
        wanted = list(ids)
        for start in range(0, len(wanted), MAX_IDS):
            found = self._list(ids=wanted[start : start + MAX_IDS])
            yield from (each for each in found if each.id in ids)

    def _resolve(self, prepared: PreparedUser, error: Any) -> CreationResult:
        is_conflict = isinstance(error, dict) and error.get("code") == 409
        own = self._find_own(prepared) if is_conflict else None
        return own or self._create_one(prepared)  # a single call has the reason

    def _create_one(self, prepared: PreparedUser) -> CreationResult:
        try:
            identity = self._call(self._client.admin_create_identity, body=prepared.body)
        except OryConflict:
            refusal = ImportFinding(code="identifier_in_use")
            return self._find_own(prepared) or RefusedUser(prepared=prepared, refusal=refusal)
        except OryAPIError as error:
            _raise_unknown_field(error)
            return RefusedUser(prepared=prepared, refusal=describe_refusal(error))
        return CreatedIdentity(prepared=prepared, identity=identity)

    def _find_own(self, prepared: PreparedUser) -> CreatedIdentity | None:
        """Find the identity that an earlier run has created for this user."""
        for identifier in prepared.identifiers:
            for identity in self._list(credentials_identifier=identifier):
                if is_marked(identity, prepared.marker):
                    return CreatedIdentity(prepared=prepared, identity=identity, is_found=True)
        return None

    def _list(self, **filters: Any) -> list[ory.Identity]:
        try:
            return self._call(self._client.admin_list_identities, **filters)
        except OryAPIError as error:
            raise ImportInterrupted(str(error)) from error

    def _call(self, call: Callable[..., R], **arguments: Any) -> R:
        """Make a call, again after a failure of the server. A repeated creation is no second identity.

        Raises:
            OryAPIError: Kratos refused the body, with one of ``DIVIDING_STATUSES``.
            ImportInterrupted: Any other failure.
        """
        for wait in (*RETRY_WAITS, None):
            try:
                return call(**arguments)
            except OryRateLimited as error:
                seconds = min(error.retry_after or wait or 0.0, MAX_LIMIT_WAIT)
                failure: Exception = error
            except (OryTransportError, OryServerError, OryDecodeError) as error:
                seconds, failure = wait or 0.0, error
            except OryAPIError as error:
                if error.status in DIVIDING_STATUSES:
                    raise
                raise ImportInterrupted(str(error)) from error
            if wait is None:
                raise ImportInterrupted(str(failure)) from failure
            logger.warning("Import waits for %.0f seconds: %s", seconds, failure)
            sleep(seconds)
        raise AssertionError("unreachable")  # pragma: no cover


def _raise_unknown_field(error: OryAPIError) -> None:
    """Raise InvalidImport if this version of Kratos does not have a member of the bodies."""
    found = UNKNOWN_FIELD.search(error.reason or error.message)
    if found is not None:
        text = f"This version of Kratos does not have {found[1]}. Leave out its option."
        raise InvalidImport(text) from error


def describe_refusal(error: OryAPIError) -> ImportFinding:
    """Return why Kratos refused an identity, without values."""
    violations = VIOLATION.findall(error.reason or error.message)
    if violations:
        path, keyword = violations[-1]
        return ImportFinding(
            code="invalid_traits", details={"path": f"traits.{path.replace('/', '.')}", "keyword": keyword}
        )
    return ImportFinding(code="refused", details={"status": error.status})
