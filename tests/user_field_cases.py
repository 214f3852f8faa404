"""A model with a field of each kind, with valid and invalid traits.

The same cases run on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.core.validators import RegexValidator
from django.db import connection, models

from django_ory.user_fields import set_user_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "BEFORE",
    "FITS_64_BITS",
    "FITTING",
    "FITTING_IDS",
    "UNFITTING",
    "UNFITTING_IDS",
    "Member",
    "set_and_read",
    "table",
]


class Member(models.Model):
    """A model with the fields of a user model."""

    text = models.CharField(max_length=20, default="before")
    code = models.CharField(max_length=20, default="before", validators=[RegexValidator("^[a-z]+$")])
    size = models.CharField(max_length=10, default="before", choices=[("s", "Small"), ("l", "Large")])
    site = models.URLField(max_length=40, default="https://before.example")
    number = models.CharField(max_length=20, unique=True, null=True, default=None)  # noqa: DJ001
    integer = models.IntegerField(default=1)
    small = models.PositiveSmallIntegerField(default=1)
    big = models.BigIntegerField(default=1)
    real = models.FloatField(default=1.0)
    price = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal("1.00"))
    day = models.DateField(default=date(2000, 1, 1))
    at = models.DateTimeField(default=datetime(2000, 1, 1, tzinfo=UTC))
    clock = models.TimeField(default=time(1))
    span = models.DurationField(default=timedelta(1))
    flag = models.BooleanField(default=False)
    data = models.JSONField(default=list)
    uuid = models.UUIDField(default=UUID(int=1))
    raw = models.BinaryField(default=b"before")
    avatar = models.FileField(upload_to="avatars/", default="before")
    path = models.FilePathField(path="/", default="before")

    class Meta:
        app_label = "accounts"

    objects: ClassVar[models.Manager[Member]] = models.Manager()

    def __str__(self) -> str:
        return self.text


#: (field, trait, value of the field)
FITTING: list[tuple[str, Any, Any]] = [
    ("text", "Ann", "Ann"),
    ("text", " Ann\x00 ", "Ann"),
    ("text", 5, "5"),
    ("text", "x" * 500, "x" * 20),
    ("text", "\ud800", "\ufffd"),
    ("code", "abc", "abc"),
    ("size", "s", "s"),
    ("number", "", None),
    ("integer", 3, 3),
    ("integer", 3.0, 3),
    ("integer", "3", 3),
    ("real", 1e308, 1e308),
    ("real", 2, 2.0),
    ("price", 1.78, Decimal("1.78")),
    ("price", "12.5", Decimal("12.5")),
    ("price", 999, Decimal(999)),
    ("day", "1990-02-28", date(1990, 2, 28)),
    ("day", "", date(2000, 1, 1)),
    ("at", "2020-01-31T18:30:00Z", datetime(2020, 1, 31, 18, 30, tzinfo=UTC)),
    ("at", "2020-01-31T18:30:00+02:00", datetime(2020, 1, 31, 16, 30, tzinfo=UTC)),
    ("clock", "18:30", time(18, 30)),
    ("span", "3 04:05:06", timedelta(days=3, hours=4, minutes=5, seconds=6)),
    ("flag", True, True),
    ("data", {"a": ["\x00b"]}, {"a": ["b"]}),
    ("data", [], []),
    ("uuid", str(UUID(int=7)), UUID(int=7)),
    ("raw", "aGVsbG8=", b"hello"),
]
#: field -> traits that do not change the field.
UNFITTING_BY_FIELD: dict[str, list[Any]] = {
    "text": [True, 1.5, ["a"], {"a": 1}, int("9" * 4300) * 10],
    "code": ["ABC"],
    "size": ["m"],
    "site": ["nowhere", "javascript:alert(1)", "https://e.org/" + "x" * 500],
    "number": ["7" * 50],
    "integer": [
        *(2**63, 10**19, 10**400, "9" * 5000, float("inf"), 1.5, True, "x"),
        [1],
    ],
    "small": [-1, 2**63, 2**64],
    "big": [2**63, -(2**63) - 1, 10**30],
    "real": [float("inf"), float("nan"), "1e400", "nan", 10**400, True, "x"],
    "price": [
        *(1e300, 1234, 1.789, "1e999999", "NaN", "sNaN", "Infinity", float("nan"), float("inf"), True),
        [1],
    ],
    "day": ["99999-01-01", "yesterday", "2020-02-30", 5, {"a": 1}],
    "at": [
        *("9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"),
        *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00", "10000-01-01", "now", 5),
        [],
    ],
    "clock": ["25:00", 5],
    "span": ["999999999 00:00:00", "9" * 30, "x", {}],
    "flag": ["perhaps", 7, []],
    "data": [float("inf"), [float("nan")]],
    "uuid": ["x", 10**50, []],
    "raw": [5, 1.5, True, ["a"], "no Base64!"],
    "avatar": ["private/contracts/ann.pdf", 1],
    "path": ["/etc/passwd"],
}
UNFITTING = [(field, trait) for field, traits in UNFITTING_BY_FIELD.items() for trait in traits]
#: Valid on SQLite, where ``integer`` has 64 bits, and invalid on PostgreSQL, where it has 32.
FITS_64_BITS: list[tuple[str, Any]] = [("integer", 2**31), ("integer", -(2**63))]
#: Test ids: some values are too long to be one, and 3 and "3" look alike.
FITTING_IDS = [f"{number}-{case[0]}" for number, case in enumerate(FITTING)]
UNFITTING_IDS = [f"{number}-{case[0]}" for number, case in enumerate(UNFITTING)]
BEFORE = {field.attname: field.get_default() for field in Member._meta.concrete_fields}


@contextmanager
def table() -> Iterator[None]:
    """The table of the model, on the default database."""
    for field in Member._meta.concrete_fields:
        field.__dict__.pop("validators", None)  # Django keeps the ranges of the first database
    with connection.schema_editor() as editor:
        editor.create_model(Member)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(Member)


def set_and_read(field: str, trait: Any) -> Any:
    """Set a field from a trait, save the row, and return the value that the ORM reads."""
    member: Any = Member()
    set_user_fields(member, {"t": trait}, {field: "t"})
    member.save()
    value = Member.objects.filter(pk=member.pk).values_list(field, flat=True).get()
    return bytes(value) if isinstance(value, memoryview) else value
