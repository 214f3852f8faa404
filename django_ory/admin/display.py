"""Values of Ory on admin pages, and the filters of lists."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from django.utils.functional import _StrPromise

MAX_TEXT_LENGTH = 300  # of a text of Ory in a list


def display_field(description: Any, value: Callable[[Any], Any], *, ordering: str | None = None) -> Any:
    """Return a read-only field of an admin class. ``value`` gets the row."""

    @admin.display(description=description, ordering=ordering)
    def show(self: object, row: Any) -> Any:
        return value(row)

    return show


def render_json(value: Any) -> SafeString:
    """Return indented JSON with unescaped letters."""
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
    return format_html('<pre class="ory-json">{}</pre>', text)


def render_lines(items: Iterable[str]) -> SafeString | str:
    """Return one item per line; Django's dash for an empty list."""
    return format_html_join("", "<div>{}</div>", ((item,) for item in items)) or "-"


def render_time(value: datetime) -> str:
    """Return a time in the time zone of the user; as in Ory's response for one near the year 1 or 9999."""
    try:
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return str(formats.date_format(local, "DATETIME_FORMAT"))
    except (OverflowError, ValueError):
        return value.isoformat()


def shorten(text: str) -> str:
    """Return the start of a long text of Ory."""
    return text if len(text) <= MAX_TEXT_LENGTH else f"{text[:MAX_TEXT_LENGTH]}…"


def render_value(value: Any) -> SafeString | str:
    """Return a value of Ory for a list, in one to a few lines. Safe HTML is returned as it is."""
    if isinstance(value, SafeString):
        return value
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, datetime):
        return render_time(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return render_lines(map(render_value, value))
    text = "" if value is None else str(value)
    # An override of the text direction ends with the element.
    return format_html("<bdi>{}</bdi>", shorten(text)) if text.strip() else "-"


class LabeledEmptyFilter(admin.EmptyFieldListFilter):
    """Django's filter for empty columns with other labels than "Empty" and "Not empty"."""

    labels: ClassVar[tuple[_StrPromise, _StrPromise]]  #: for an empty column, for a value

    def choices(self, changelist: Any) -> Iterator[Any]:
        labels = (gettext("All"), *self.labels)
        for choice, label in zip(super().choices(changelist), labels, strict=True):
            yield {**choice, "display": label}


class LinkedFilter(LabeledEmptyFilter):
    """Identities with and without a Django user."""

    labels = (gettext_lazy("Not linked"), gettext_lazy("Linked to a user"))


class PresenceFilter(LabeledEmptyFilter):
    """Rows that exist in Ory, and rows that the last complete sync did not find."""

    labels = (gettext_lazy("In Ory"), gettext_lazy("Missing in Ory"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = gettext("presence")
