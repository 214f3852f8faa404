"""Builds the identities of Django users: the body for Kratos, and the findings."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import identify_hasher, is_password_usable
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.crypto import constant_time_compare, salted_hmac

from django_ory.adapter import get_adapter
from django_ory.client import models as ory
from django_ory.client.json_values import clean_json
from django_ory.schemas.fields import TraitField, TraitKind, TraitSchema

from .allauth_accounts import (
    ProviderAccount,
    has_verified_addresses,
    read_second_factors,
    read_social_accounts,
    read_verified_addresses,
)
from .findings import ImportFinding
from .password_hashes import UnsupportedHash, convert_to_kratos

__all__ = ["PreparedUser", "UserBodyBuilder", "VerifiedSource", "is_marked"]

#: Which addresses are imported as verified.
VerifiedSource = Literal["allauth", "all", "none"]

MARKER_SALT = "django_ory.import"
METADATA_NAME = "django"  #: the member of ``metadata_admin``


@dataclass(frozen=True, kw_only=True)
class PreparedUser:
    """A user with the traits and credentials of its identity. With ``problems`` it cannot be imported.

    ``groups``: the names of the user's groups. ``verified``: addresses to be verified in Kratos.
    ``has_external_id``: whether the identity gets the key of the user as its ``external_id``.
    """

    user: Any
    alias: str
    schema_id: str
    traits: Mapping[str, Any] = field(repr=False)
    credentials: Mapping[str, Any] = field(repr=False)
    identifiers: tuple[str, ...] = field(repr=False)
    verified: frozenset[str] = field(default=frozenset(), repr=False)
    groups: tuple[str, ...] = ()
    has_external_id: bool = False
    problems: tuple[ImportFinding, ...] = ()
    notes: tuple[ImportFinding, ...] = ()

    @property
    def has_hash(self) -> bool:
        """Whether Kratos gets the hash of the password."""
        return "hashed_password" in self.credentials.get("password", {}).get("config", {})

    @cached_property
    def marker(self) -> str:
        """The keyed hash that marks the identity of a user of this site.

        Another site with the same Kratos may have a user with the same key, so the key alone is not enough.
        """
        return build_marker(self.alias, self.user.pk)

    @cached_property
    def body(self) -> Mapping[str, Any]:
        """The body of the creation."""
        metadata: dict[str, Any] = {"user": str(self.user.pk), "import": self.marker}
        metadata |= {name: True for name in ("is_staff", "is_superuser") if getattr(self.user, name, False)}
        if self.groups:
            metadata["groups"] = list(self.groups)
        body: dict[str, Any] = {
            "schema_id": self.schema_id,
            "traits": self.traits,
            "state": "active" if self.user.is_active else "inactive",
            "metadata_admin": {METADATA_NAME: metadata},
        }
        if self.credentials:
            body["credentials"] = self.credentials
        if self.has_external_id:
            body["external_id"] = str(self.user.pk)
        if self.verified:
            body["verifiable_addresses"] = [
                {"value": each, "via": "email", "verified": True, "status": "completed"}
                for each in sorted(self.verified)
            ]
        return body


class UserBodyBuilder:
    """Builds the bodies of one import.

    Args:
        alias: The key in ``settings.ORY``.
        schema: The identity schema.
        verified: Which addresses are verified: those of allauth, the user's address, or none.
        providers: allauth's name of a provider -> the id of the provider in Kratos.
        has_external_id: Whether the key of the user becomes the ``external_id``.
    """

    def __init__(
        self,
        alias: str,
        schema: TraitSchema,
        *,
        verified: VerifiedSource | None = None,
        providers: Mapping[str, str] | None = None,
        has_external_id: bool = False,
    ) -> None:
        self.schema = schema
        self.unknown_traits: Counter[str] = Counter()  #: paths that the schema does not have -> users
        self._adapter = get_adapter(alias)
        self._verified = verified or ("allauth" if has_verified_addresses() else "none")
        self._providers = dict(providers or {})
        self._has_external_id = has_external_id
        self._email_field = get_user_model().get_email_field_name()

    def build(self, users: Sequence[Any]) -> list[PreparedUser]:
        """Build the bodies of some users, with one query for each source."""
        ids = [user.pk for user in users]
        verified = read_verified_addresses(ids) if self._verified == "allauth" else {}
        accounts, factors, groups = read_social_accounts(ids), read_second_factors(ids), read_groups(ids)
        prepared = []
        for user in users:
            each = self._build_one(user, accounts.get(user.pk, []))
            addresses = verified.get(user.pk, set())
            if self._verified == "all":
                addresses = {str(getattr(user, self._email_field, "") or "").lower()} - {""}
            if addresses:
                addresses = addresses & {text.lower() for text in _walk_texts(each.traits)}
            notes = each.notes
            if user.pk in factors:
                details = {"types": sorted(factors[user.pk])}
                notes = (*notes, ImportFinding(code="second_factor", details=details))
            prepared.append(
                replace(
                    each,
                    verified=frozenset(addresses),
                    groups=tuple(sorted(groups.get(user.pk, ()))),
                    notes=notes,
                )
            )
        return prepared

    def check(self, users: Sequence[Any]) -> list[PreparedUser]:
        """Build only the parts of the bodies that can prevent an import."""
        accounts = read_social_accounts([user.pk for user in users])
        return [self._build_one(user, accounts.get(user.pk, [])) for user in users]

    def _build_one(self, user: Any, accounts: Sequence[ProviderAccount]) -> PreparedUser:
        problems, notes, credentials = [], [], {}
        traits = self._build_traits(user)
        if traits is None:
            traits = {}
            problems.append(ImportFinding(code="invalid_traits", details={"reason": "they are no JSON"}))
        try:
            password = self._build_password(user.password)
        except UnsupportedHash as error:
            problems.append(ImportFinding(code="hash_not_accepted", details={"reason": str(error)}))
        else:
            if password is None:
                notes.append(ImportFinding(code="no_password"))
            else:
                credentials["password"] = {"config": password}
                if "use_password_migration_hook" in password:
                    notes.append(ImportFinding(code="password_hook"))
        mapped, unmapped = self._map_providers(accounts)
        if mapped:
            credentials["oidc"] = {"config": {"providers": mapped}}
        notes += [ImportFinding(code="provider_not_mapped", details={"provider": each}) for each in unmapped]
        identifiers = [*self.schema.read_identifiers(traits)]
        identifiers += [f"{each['provider']}:{each['subject']}" for each in mapped]
        if not identifiers:
            problems.append(ImportFinding(code="no_identifier"))
        return PreparedUser(
            user=user,
            alias=self._adapter.alias,
            schema_id=self.schema.id,
            traits=traits,
            credentials=credentials,
            identifiers=tuple(identifiers),
            has_external_id=self._has_external_id,
            problems=tuple(problems),
            notes=tuple(notes),
        )

    def _build_traits(self, user: Any) -> dict[str, Any] | None:
        """The traits as JSON, without those that the schema does not have; None if they are no JSON."""
        try:
            text = json.dumps(
                dict(self._adapter.get_import_traits(user)), cls=DjangoJSONEncoder, allow_nan=False
            )
            traits = json.loads(text)
        except (TypeError, ValueError, RecursionError):
            return None
        if clean_json(traits) != traits:  # Kratos on PostgreSQL cannot store such texts
            return None
        kept = _keep_known(self.schema.traits, traits, self.unknown_traits)
        return kept if isinstance(kept, dict) else None

    def _build_password(self, encoded: str) -> dict[str, Any] | None:
        """The configuration of the password; None for a user without one. Raises UnsupportedHash."""
        if not encoded or not is_password_usable(encoded):
            return None
        try:
            return {"hashed_password": convert_to_kratos(encoded)}
        except UnsupportedHash:
            if not self._adapter.settings.password_migration_secrets:
                raise
            if not _has_hasher(encoded):
                raise UnsupportedHash("no hasher in PASSWORD_HASHERS can check it") from None
            return {"use_password_migration_hook": True}

    def _map_providers(self, accounts: Sequence[ProviderAccount]) -> tuple[list[dict[str, str]], list[str]]:
        mapped = [
            {"provider": self._providers[each.provider], "subject": each.subject}
            for each in accounts
            if each.provider in self._providers
        ]
        return mapped, sorted({each.provider for each in accounts} - self._providers.keys())


def _has_hasher(encoded: str) -> bool:
    """Whether this site can check the password."""
    try:
        identify_hasher(encoded)
    except ValueError:
        return False
    return True


def read_groups(user_ids: Iterable[Any]) -> Mapping[Any, list[str]]:
    """Return the names of the groups of users, by the id of the user."""
    found: dict[Any, list[str]] = defaultdict(list)
    if hasattr(get_user_model(), "groups"):
        members = get_user_model()._base_manager.filter(pk__in=list(user_ids), groups__isnull=False)
        for user_id, name in members.values_list("pk", "groups__name"):
            found[user_id].append(name)
    return found


def build_marker(alias: str, user_id: Any) -> str:
    """Return ``PreparedUser.marker`` for the key of a user."""
    text = f"{alias}:{get_user_model()._meta.label}:{user_id}"
    return salted_hmac(MARKER_SALT, text, algorithm="sha256").hexdigest()[:32]


def is_marked(identity: ory.Identity, expected: str) -> bool:
    """Return whether an identity was made by an earlier import for the user with this marker."""
    metadata = identity.metadata_admin if isinstance(identity.metadata_admin, Mapping) else {}
    found = metadata.get(METADATA_NAME)
    marker = found.get("import") if isinstance(found, Mapping) else None
    return isinstance(marker, str) and constant_time_compare(marker, expected)


def _keep_known(field: TraitField, value: Any, unknown: Counter[str]) -> Any:
    """The value without members that the schema does not have; their paths are counted."""
    if field.kind is not TraitKind.OBJECT or not field.fields or not isinstance(value, dict):
        return value
    members = {each.path[-1]: each for each in field.fields}
    unknown.update(".".join((*field.path, name)) for name in value.keys() - members.keys())
    return {
        name: _keep_known(members[name], each, unknown) for name, each in value.items() if name in members
    }


def _walk_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _walk_texts(each)
