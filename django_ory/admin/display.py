"""Values of Ory on admin pages, and the filters of lists."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, gettext_lazy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from django.utils.functional import _StrPromise
    from django.utils.safestring import SafeString


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
