"""The base classes of all models: fields that Ory adds are kept, and ``repr`` contains no personal data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from .read_only import READ_ONLY, ReadOnlyDict

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["AwareDatetime", "NullableList", "OrNone", "OryBody", "OryModel", "TokenPage"]

T = TypeVar("T")

MIN_TIME = datetime(1000, 1, 1, tzinfo=UTC)  # of MySQL
MAX_TIME = datetime(9998, 12, 31, tzinfo=UTC)

# The fields that a repr may show. A list of secret fields would be outdated with Ory's next release. Names
# are personal data.
SHOWN = (
    *("id", "client_id", "schema_id", "kid", "state", "status", "active", "verified", "role"),
    *("type", "method", "aal", "authenticator_assurance_level", "via", "group", "node_type", "use", "alg"),
)


class OryModel(BaseModel):
    """An object of Ory's API. Unknown fields are kept as attributes; ``repr`` shows ids and states only."""

    shown_in_repr: ClassVar[tuple[str, ...]] = SHOWN
    #: True for an unreadable item of a listing, which has its id, and other fields if possible.
    is_unreadable: ClassVar[bool] = False

    model_config = ConfigDict(
        extra="allow",
        defer_build=True,
        hide_input_in_errors=True,
        coerce_numbers_to_str=True,
        protected_namespaces=(),
        populate_by_name=True,
    )

    @property
    def is_read_only(self) -> bool:
        """Whether changes raise TypeError, because requests share this object."""
        try:
            return type(self.__pydantic_extra__) is ReadOnlyDict
        except AttributeError:  # while the model is being made
            return False

    def __setattr__(self, name: str, value: Any) -> None:
        if self.is_read_only:
            raise TypeError(READ_ONLY)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if self.is_read_only:
            raise TypeError(READ_ONLY)
        super().__delattr__(name)

    def mark_mutated_lists_as_set(self) -> None:
        """Mark lists that were changed in place as set. Only fields that are set are sent."""
        for name, value in self.__dict__.items():
            if isinstance(value, list) and value:
                self.__pydantic_fields_set__.add(name)
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, OryModel):
                    item.mark_mutated_lists_as_set()

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [
            (name, value)
            for name in self.shown_in_repr
            if isinstance(value := self.__dict__.get(name), (str, bool, int))
        ]


class OryBody(OryModel):
    """A request body. A field that is unknown to Ory raises ValidationError."""

    model_config = ConfigDict(extra="forbid")


class TokenPage(OryModel):
    """One page of a listing, and the token of the next page."""

    next_page_token: str | None = None

    def next_page(self) -> dict[str, Any]:
        """Return the arguments for the next page, empty after the last page."""
        return {"page_token": self.next_page_token} if self.next_page_token else {}


class _NullIsEmpty:
    @staticmethod
    def __get_pydantic_core_schema__(source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        # Two branches and not a validator: a list, the normal case, never leaves the compiled code.
        empty = core_schema.no_info_after_validator_function(lambda _: [], core_schema.none_schema())
        return core_schema.union_schema([handler(source), empty], mode="left_to_right")


class _Aware:
    @staticmethod
    def __get_pydantic_core_schema__(source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        # Two branches: an aware time, the normal case, never leaves the compiled code.
        aware = core_schema.datetime_schema(tz_constraint="aware", ge=MIN_TIME, le=MAX_TIME)
        other = core_schema.no_info_after_validator_function(_time_or_none, core_schema.datetime_schema())
        return core_schema.union_schema([aware, other], mode="left_to_right")


def _time_or_none(value: datetime) -> datetime | None:
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware if MIN_TIME <= aware <= MAX_TIME else None


class _OddIsNone:
    @staticmethod
    def __get_pydantic_core_schema__(source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_default_schema(handler(source), default=None, on_error="default")


# A value from outside of Ory, which may have any type: None unless it has the named type.
OrNone = Annotated[T | None, _OddIsNone]

if TYPE_CHECKING:
    NullableList = list
    AwareDatetime = datetime
else:
    # A list. Go writes null for an empty one.
    NullableList = Annotated[list[T], _NullIsEmpty]
    # An aware time. Ory writes nanoseconds; Python keeps microseconds. Go's zero time, and other times near
    # the ends of the calendar, are None: no time zone and not every database can hold them.
    AwareDatetime = Annotated[datetime, _Aware]
