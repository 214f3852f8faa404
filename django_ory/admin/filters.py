"""The filters of the lists that say more than the column they look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

__all__ = ["LinkedFilter", "PresenceFilter"]


class EmptyFilter(admin.SimpleListFilter):
    """Rows whose ``column`` is empty, or is not."""

    column: ClassVar[str]
    names: ClassVar[dict[str, _StrPromise]]  #: "0" is a filled column, "1" an empty one

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, _StrPromise]]:
        """The two choices."""
        return list(self.names.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of the choice; all if there is none, or one that does not exist."""
        value = self.value()
        return (
            queryset.filter(**{f"{self.column}__isnull": value == "1"}) if value in self.names else queryset
        )


class LinkedFilter(EmptyFilter):
    """Identities with and without a Django user."""

    title = gettext_lazy("user")
    parameter_name = "unlinked"
    column = "user"
    names: ClassVar = {"0": gettext_lazy("Linked to a user"), "1": gettext_lazy("Not linked")}


class PresenceFilter(EmptyFilter):
    """Rows that Ory still has, and those that the last complete sync did not find."""

    title = gettext_lazy("presence")
    parameter_name = "present"
    column = "missing_since"
    names: ClassVar = {"1": gettext_lazy("In Ory"), "0": gettext_lazy("Missing in Ory")}
