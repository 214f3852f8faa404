"""The identity schemas of an Ory project, cached in this process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django_ory.client import OryError
from django_ory.clients import get_client
from django_ory.conf import PerAlias, get_settings
from django_ory.resilience.expiring_map import ExpiringMap
from django_ory.resilience.fork import call_in_child
from django_ory.resilience.log_throttle import throttled_log
from django_ory.resilience.single_flight import SingleFlight

from .parse import UnreadableSchema, parse_schema

if TYPE_CHECKING:
    from .fields import TraitSchema

    Schemas = Mapping[str, TraitSchema | None]  # None: unreadable

__all__ = ["SchemaStore", "get_schema_store"]

logger = logging.getLogger("django_ory")

#: How long schemas are cached, and how long a failure to fetch them.
SCHEMA_SECONDS = 60.0
SCHEMA_FAILURE_SECONDS = 30.0
#: How long the last schemas are used while they cannot be fetched again.
SCHEMA_STALE_SECONDS = 3_600.0
#: Schemas that one list may have, and entries of the cache.
MAX_SCHEMAS = 100


class SchemaStore:
    """The schemas of one project. Thread-safe: concurrent requests cause one call."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self._cache: ExpiringMap[Schemas] = ExpiringMap(max_size=MAX_SCHEMAS)
        self._last: ExpiringMap[Schemas] = ExpiringMap(max_size=MAX_SCHEMAS)
        self._calls: SingleFlight[Schemas] = SingleFlight()

    def get_all(self) -> Mapping[str, TraitSchema]:
        """All schemas by id. Unreadable schemas are logged and left out.

        While Kratos is unavailable, which is logged, the last ones; empty if there are none.
        """
        return {name: schema for name, schema in self._get_listed().items() if schema is not None}

    def list_ids(self) -> list[str]:
        """The ids of all schemas, also of unreadable ones, in the order of Kratos. Empty as ``get_all``."""
        return list(self._get_listed())

    def _get_listed(self) -> Schemas:
        def fetch() -> dict[str, Any]:
            found = get_client(self.alias).list_identity_schemas(page_size=MAX_SCHEMAS, per_page=MAX_SCHEMAS)
            return {each.id: each.schema_ for each in found}

        return self._get("", fetch)

    def get(self, schema_id: str) -> TraitSchema | None:
        """The schema with this id. None for a missing or unreadable one, and while Kratos is unavailable."""
        if not schema_id:
            return None
        listed = self._get_listed()
        if schema_id in listed:
            return listed[schema_id]

        def fetch() -> dict[str, Any]:  # one schema that Kratos cannot load lets the whole list fail
            return {schema_id: get_client(self.alias).get_identity_schema(schema_id)}

        return self._get(schema_id, fetch).get(schema_id)

    def _get(self, key: str, fetch: Callable[[], Mapping[str, Any]]) -> Schemas:
        cached = self._cache.get(key)
        if cached is not None:
            return cached

        def fetch_and_parse() -> Schemas:
            cached = self._cache.get(key)  # another call may have ended since
            if cached is not None:
                return cached
            seconds = SCHEMA_SECONDS
            try:
                schemas = self._parse(fetch())
                self._last.set(key, schemas, seconds=SCHEMA_STALE_SECONDS)
            except (OryError, ValueError) as error:  # ValueError: an id that no URL can contain
                schemas = self._last.get(key) or {}
                seconds = SCHEMA_FAILURE_SECONDS
                self._warn("Identity schemas of project %s are not available: %s", self.alias, error)
            self._cache.set(key, schemas, seconds=seconds)
            return schemas

        return self._calls.share(key, fetch_and_parse, wait=get_settings(self.alias).timeout)[0]

    def _parse(self, schemas: Mapping[str, Any]) -> Schemas:
        parsed: dict[str, TraitSchema | None] = {}
        for schema_id, schema in schemas.items():
            try:
                parsed[schema_id] = parse_schema(schema_id, schema)
            except UnreadableSchema as error:
                parsed[schema_id] = None
                self._warn("Identity schema %s of project %s ignored: %s", schema_id, self.alias, error)
        return parsed

    def _warn(self, message: str, *arguments: object) -> None:
        consequence = "The pages show the fields of Kratos' forms, without those that need the schema."
        throttled_log.warn(logger, ("schemas", *arguments[:2]), f"{message}. {consequence}", *arguments)


@PerAlias
def get_schema_store(alias: str) -> SchemaStore:
    """The schemas of one Ory project, shared by the process."""
    return SchemaStore(alias)


call_in_child(get_schema_store.clear)  # the threads of the calls in progress do not exist there
