"""Values of Ory on admin pages, and the filters of lists."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise
    from django.utils.safestring import SafeString

__all__ = ["LinkedFilter", "PresenceFilter", "render_json", "render_lines"]


def render_json(value: Any) -> SafeString:
    """Return indented JSON with unescaped letters."""
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
    return format_html('<pre class="ory-json">{}</pre>', text)


def render_lines(items: Iterable[str]) -> SafeString | str:
    """Return one item per line; Django's dash for an empty list."""
    return format_html_join("", "<div>{}</div>", ((item,) for item in items)) or "-"


class EmptyFilter(admin.SimpleListFilter):
    """Filters rows by whether a column is NULL."""

    column: ClassVar[str]
    names: ClassVar[dict[str, _StrPromise]]  #: the choices: "1" for NULL, "0" for a value

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, _StrPromise]]:
        return list(self.names.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value not in self.names:
            return queryset
        return queryset.filter(**{f"{self.column}__isnull": value == "1"})


class LinkedFilter(EmptyFilter):
    """Identities with and without a Django user."""

    title = gettext_lazy("user")
    parameter_name = "unlinked"
    column = "user"
    names: ClassVar = {"0": gettext_lazy("Linked to a user"), "1": gettext_lazy("Not linked")}


class PresenceFilter(EmptyFilter):
    """Rows that exist in Ory, and rows that the last complete sync did not find."""

    title = gettext_lazy("presence")
    parameter_name = "present"
    column = "missing_since"
    names: ClassVar = {"1": gettext_lazy("In Ory"), "0": gettext_lazy("Missing in Ory")}
