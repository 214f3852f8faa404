"""Names, traits and addresses of identities are hidden from staff without the permission to see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db.models import BooleanField, Value
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from django_ory.models import Identity

    ModelAdmin = admin.ModelAdmin[Identity]
else:
    ModelAdmin = admin.ModelAdmin

PERMISSION = "django_ory.view_personal_data"


def can_view_personal_data(request: HttpRequest) -> bool:
    """Return whether the user may see names, traits, addresses and raw responses of identities."""
    return bool(request.user.has_perm(PERMISSION))


def hide_personal_data(request: HttpRequest, rows: QuerySet[Identity]) -> QuerySet[Identity]:
    """Return rows whose ``str()`` is the id of the identity, unless the user may see names.

    Every page that shows identities takes its rows from here, so that titles, messages and confirmations of
    Django have no name either. Columns still have their values: a page that shows the label, the data or the
    linked user checks ``row.hides_personal_data``.
    """
    if can_view_personal_data(request):
        return rows
    hidden = Value(True, output_field=BooleanField())
    return rows.annotate(hides_personal_data=hidden)  # type: ignore[no-redef]  # the attribute of the class


def get_user_name(row: Identity, user: Any) -> str:
    """Return the name of a Django user on a page of an identity: the number if names are hidden."""
    if user is None:
        return "-"
    if row.hides_personal_data:
        return f"#{user.pk}"
    return (user.get_full_name() if hasattr(user, "get_full_name") else "") or str(user)


class PersonalDataMixin(ModelAdmin):
    """An admin class of identities whose pages, search and order reveal nothing without the permission."""

    personal_fields: ClassVar[frozenset[str]]  #: left out of the list, the page and parameters of URLs
    personal_alternatives: ClassVar[dict[str, str]]  #: a field -> the field to show instead

    def get_queryset(self, request: HttpRequest) -> QuerySet[Identity]:
        """Return the rows, with ids for names if the user may not see names."""
        return hide_personal_data(request, super().get_queryset(request))

    def get_fieldsets(self, request: HttpRequest, obj: Identity | None = None) -> Any:
        """Leave out the fields with personal data."""
        fieldsets = super().get_fieldsets(request, obj)
        if can_view_personal_data(request):
            return fieldsets
        kept = [
            (title, {**options, "fields": self._replace_fields(options["fields"])})
            for title, options in fieldsets
        ]
        return [(title, options) for title, options in kept if options["fields"]]

    def _replace_fields(self, fields: Any) -> list[Any]:
        return [
            self.personal_alternatives.get(name, name) for name in fields if name not in self.personal_fields
        ]

    def get_search_fields(self, request: HttpRequest) -> Any:
        """Search only ids: a search shows whether a name has the given letters."""
        return super().get_search_fields(request) if can_view_personal_data(request) else ("identity_id",)

    def get_ordering(self, request: HttpRequest) -> Any:
        """Order by id: the order of names shows their first letters."""
        return super().get_ordering(request) if can_view_personal_data(request) else ("identity_id",)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave out the columns with personal data, and replace those that the list can be sorted by."""
        columns = super().get_list_display(request)
        return columns if can_view_personal_data(request) else self._replace_fields(columns)

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Reject filters by personal data in the URL, such as ``?label__startswith=a``."""
        is_personal = lookup.split("__")[0] in self.personal_fields
        if is_personal and not (request and can_view_personal_data(request)):
            return False
        return super().lookup_allowed(lookup, value, request)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Describe the search that the user has."""
        changelist = super().get_changelist_instance(request)
        if not can_view_personal_data(request):
            changelist.search_help_text = _("Searches ids.")
        return changelist
