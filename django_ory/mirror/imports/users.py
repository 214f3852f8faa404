"""The import of Django users into Kratos: check all of them, then create and link batch after batch.

The link of an identity is written directly after the answer of Kratos. After an interruption the next run
finds the identities without a link by their marker, so that no user gets two.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldError, ValidationError
from django.db.models import QuerySet

from django_ory.clients import get_client
from django_ory.models import Identity
from django_ory.schemas.parse import UnreadableSchema, parse_schema

from .batches import BatchSender
from .findings import ImportFinding, InvalidImport
from .identity_creation import CreatedIdentity, CreationResult, IdentityCreator, RefusedUser
from .identity_links import PasswordEnd, link_identities
from .trait_validation import build_trait_validator
from .user_bodies import UserBodyBuilder, VerifiedSource, build_marker, is_marked

__all__ = ["UserImport", "UserImportOptions", "UserImportSummary"]

#: Users that are checked at once.
CHECK_SIZE = 500
#: Identities that a dry run reads at once.
IDENTITY_PAGE_SIZE = 500

Report = Callable[[Mapping[str, Any]], None]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class UserImportOptions:
    """The options of an import.

    Attributes:
        alias: The key in ``settings.ORY``.
        schema_id: The identity schema. Default: the only one of Kratos.
        filters: Lookups of the user model, as for ``QuerySet.filter``.
        limit: The largest number of users.
        batch_size: Users per call. A smaller limit of the server is found by dividing.
        verified: Which addresses are verified. Default: those that allauth has verified, or none.
        providers: allauth's name of a provider -> the id of the provider in Kratos.
        skip_invalid: For callers: import the others although ``check`` found users that cannot be imported.
        external_id: Whether the key of the user becomes the ``external_id`` (Kratos v25.4 and later).
        after: What becomes of the password in Django.

    """

    alias: str
    schema_id: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = None
    batch_size: int = 200
    verified: VerifiedSource | None = None
    providers: Mapping[str, str] = field(default_factory=dict)
    skip_invalid: bool = False
    external_id: bool = False
    after: PasswordEnd = "keep"


@dataclass(kw_only=True)
class UserImportSummary:
    """The result. ``counts``: users by result. ``notes``: users by the code of a finding.

    ``unknown_traits``: traits that were not imported because the schema does not have them, with their users.
    ``is_validated``: whether the traits were validated against the schema.
    """

    counts: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    unknown_traits: Mapping[str, int] = field(default_factory=dict)
    is_validated: bool = True


class UserImport:
    """One run. Call ``check``, then ``run``.

    Args:
        options: The options.
        report: Receives a dictionary for each user, without values of the user.
        progress: Receives the number of users done, and of all users.

    Raises:
        InvalidImport: The options do not fit Kratos or the user model.
        OryError: Kratos failed.
    """

    def __init__(
        self,
        options: UserImportOptions,
        *,
        report: Report = lambda line: None,
        progress: Progress = lambda done, total: None,
    ) -> None:
        self.options = options
        self.summary = UserImportSummary()
        self._report = report
        self._progress = progress
        schema_id, document = fetch_schema(options.alias, options.schema_id)
        try:
            schema = parse_schema(schema_id, document)
        except UnreadableSchema as error:
            raise InvalidImport(f"The identity schema {schema_id} cannot be read: {error}.") from error
        self._builder = UserBodyBuilder(
            options.alias,
            schema,
            verified=options.verified,
            providers=options.providers,
            has_external_id=options.external_id,
        )
        self._validate = build_trait_validator(document)
        self._problems: dict[Any, list[ImportFinding]] = defaultdict(list)
        self._total = self._done = 0

    def check(self, *, reads_identities: bool = False) -> bool:
        """Check all users and report those that cannot be imported. Returns whether there are none.

        Keeps about 100 bytes per user in memory, to find identifiers that several users have.

        Args:
            reads_identities: Read all identities of Kratos, to find identifiers in use. The import itself
                needs no such list.
        """
        self.summary.is_validated = self._validate is not None
        owners: dict[bytes, Any] = {}
        shared: dict[bytes, list[Any]] = {}
        for users in self._iterate(CHECK_SIZE):
            for prepared in self._builder.check(users):
                self._total += 1
                pk = prepared.user.pk
                problems = list(prepared.problems)
                if self._validate is not None:
                    problems += self._validate(prepared.traits)
                if problems:
                    self._problems[pk] += problems
                for identifier in prepared.identifiers:
                    key = _build_key(identifier)
                    if owners.setdefault(key, pk) != pk:
                        shared.setdefault(key, [owners[key]]).append(pk)
            self._progress(self._total, self._total)
        if reads_identities and owners:
            self._find_used_identifiers(owners)
        for pks in shared.values():
            for pk in pks:
                self._problems[pk].append(ImportFinding(code="duplicate_identifier", details={"users": pks}))
        for pk, problems in self._problems.items():
            self._write(pk, "invalid", problems)
        self._report_missing_identities()
        self.summary.counts["valid"] = self._total - len(self._problems)
        self.summary.unknown_traits = dict(self._builder.unknown_traits)
        return not self._problems

    def _find_used_identifiers(self, owners: Mapping[bytes, Any]) -> None:
        client = get_client(self.options.alias)
        for identity in client.iterate(client.admin_list_identities, page_size=IDENTITY_PAGE_SIZE):
            for identifier in self._builder.schema.read_identifiers(identity.traits):
                pk = owners.get(_build_key(identifier))
                if pk is not None and not is_marked(identity, build_marker(self.options.alias, pk)):
                    finding = ImportFinding(code="identifier_in_use", details={"identity": identity.id})
                    self._problems[pk].append(finding)

    def run(self) -> UserImportSummary:
        """Import the users without problems. Kratos creates a batch while the one before is linked.

        Raises:
            ImportInterrupted: Kratos failed. A new run continues.
        """
        creator = IdentityCreator(self.options.alias)
        with BatchSender(creator) as sender:
            for users in self._iterate(self.options.batch_size):
                batch = []
                valid = [user for user in users if user.pk not in self._problems]
                for prepared in self._builder.build(valid):
                    if prepared.problems:  # changed since the check
                        self._write(prepared.user.pk, "invalid", prepared.problems)
                    else:
                        batch.append(prepared)
                self._done += len(users) - len(batch)
                for sent in sender.send(batch):
                    self._link(creator.settle(sent), sent.requested_at)
            for sent in sender.finish():
                self._link(creator.settle(sent), sent.requested_at)
        return self.summary

    def _link(self, results: Sequence[CreationResult], requested_at: datetime) -> None:
        created = [each for each in results if isinstance(each, CreatedIdentity)]
        findings = link_identities(
            self.options.alias, created, requested_at=requested_at, after=self.options.after
        )
        for each in results:
            user_id = each.prepared.user.pk
            if isinstance(each, RefusedUser):
                self._write(user_id, "refused", [each.refusal])
            else:
                self._write_created(each, findings.get(user_id))
        self._done += len(results)
        self._progress(self._done, self._total)

    def _write_created(self, created: CreatedIdentity, finding: ImportFinding | None) -> None:
        prepared, identity = created.prepared, created.identity
        notes = [*prepared.notes, *([finding] if finding else [])]
        accepted = {each.value.lower() for each in identity.verifiable_addresses if each.verified}
        if prepared.verified - accepted:
            notes.append(ImportFinding(code="address_not_verified"))
        status = "found" if created.is_found else "created"
        if finding is not None and finding.code == "row_not_written":
            status = "not linked"
        self._write(prepared.user.pk, status, notes, identity=identity.id)

    def _report_missing_identities(self) -> None:
        """Report users whose identity was deleted in Kratos after an earlier import."""
        rows = Identity.objects.filter(alias=self.options.alias, missing_since__isnull=False)
        rows = rows.filter(user__in=self._get_users())
        for pk, identity_id in rows.values_list("user_id", "identity_id"):
            finding = ImportFinding(code="identity_missing")
            self._write(pk, "skipped", [finding], identity=str(identity_id))

    def _write(self, pk: Any, status: str, findings: Sequence[ImportFinding], *, identity: str = "") -> None:
        self.summary.counts[status] += 1
        self.summary.notes.update({each.code for each in findings})
        line = {"user": str(pk), "status": status, "findings": [each.as_json() for each in findings]}
        self._report({**line, "identity": identity} if identity else line)

    def _get_users(self) -> QuerySet[Any]:
        try:
            return get_user_model()._default_manager.filter(**self.options.filters)
        except (FieldError, ValidationError, ValueError, TypeError) as error:
            raise InvalidImport(f"The filter does not fit the user model: {error}") from error

    def _iterate(self, size: int) -> Iterator[list[Any]]:
        """The users without an identity, by their key, so that rows may be written meanwhile."""
        users = self._get_users().exclude(ory_identities__alias=self.options.alias).order_by("pk")
        left, last = self.options.limit, None
        while left is None or left > 0:
            page = users if last is None else users.filter(pk__gt=last)
            found = list(page[: size if left is None else min(size, left)])
            if not found:
                return
            yield found
            last = found[-1].pk
            left = None if left is None else left - len(found)


def _build_key(identifier: str) -> bytes:
    return hashlib.blake2b(identifier.encode(), digest_size=12).digest()


def fetch_schema(alias: str, schema_id: str) -> tuple[str, dict[str, Any]]:
    """Return the id and the document of an identity schema. Raises InvalidImport."""
    schemas = {each.id: each.schema_ or {} for each in get_client(alias).list_identity_schemas()}
    if not schema_id and len(schemas) == 1:
        return next(iter(schemas.items()))
    if schema_id not in schemas:
        names = ", ".join(sorted(schemas))
        raise InvalidImport(f"Name one of the identity schemas of Kratos with --schema: {names}.")
    return schema_id, schemas[schema_id]
