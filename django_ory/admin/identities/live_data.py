"""Identities of projects without ``MIRROR_PERSONAL_DATA``: search and the page of a row ask Kratos."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from django_ory.adapter import get_adapter
from django_ory.admin.personal_data import can_view_personal_data
from django_ory.admin.rows import select_aliases
from django_ory.client.identifiers import parse_uuid
from django_ory.conf import get_settings
from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.mirror.identities import fetch_identity
from django_ory.mirror.lookup import search_identities
from django_ory.models import Identity
from django_ory.users.rows import without_identity_secrets

if TYPE_CHECKING:
    from .form_source import FormSource

    ModelAdmin = admin.ModelAdmin[Identity]
else:
    ModelAdmin = admin.ModelAdmin


def list_aliases_without_data() -> list[str]:
    """Return the projects with Kratos that store no personal data."""
    return select_aliases(lambda alias: _has_no_data(alias) and get_settings(alias).kratos_admin_url)


class LiveDataMixin(ModelAdmin):
    """Reads from Kratos what the rows of these projects do not have."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Identity], search_term: str
    ) -> tuple[QuerySet[Identity], bool]:
        """Add the rows of the identities that sign in with exactly this text."""
        found, may_have_duplicates = super().get_search_results(request, queryset, search_term)
        identifier = search_term.strip()
        asked = list_aliases_without_data() if identifier and can_view_personal_data(request) else []
        if not asked:
            return found, may_have_duplicates
        is_found = Q(pk__in=found.order_by().values("pk"))
        for alias in asked:
            is_found |= Q(alias=alias, identity_id__in=_find_ids(request, alias, identifier))
        return queryset.filter(is_found), False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Describe the search."""
        changelist = super().get_changelist_instance(request)
        if can_view_personal_data(request) and list_aliases_without_data():
            changelist.search_help_text = _(
                "Searches ids, and in Kratos whole addresses and user names for signing in."
            )
        return changelist

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the row, on its page with the present values of Kratos. They are not stored."""
        row: Any = super().get_object(request, object_id, from_field)
        is_page = hasattr(request, "ory_form_source")  # the row to show, after the form has read Kratos
        if row is None or not is_page or request.method != "GET":
            return row
        if can_view_personal_data(request) and row.alias in select_aliases(_has_no_data):
            row.label, row.data = _read_live_data(request, row, row.form_source)
        return row


def _read_live_data(
    request: HttpRequest, row: Identity, source: FormSource | None
) -> tuple[str, dict[str, Any]]:
    """Return the label and the data of an identity in Kratos; those of the row if Kratos fails."""
    try:
        identity = (source and source.identity) or fetch_identity(row.alias, row.identity_id)
    except ORY_ERRORS as error:
        text = _("Kratos was asked for the traits, which this site does not store. %(reason)s")
        messages.warning(request, text % {"reason": error_text(error)})
        return row.label, row.data
    return get_adapter(row.alias).get_identity_label(identity), without_identity_secrets(identity)


def _has_no_data(alias: str) -> bool:
    return not get_settings(alias).mirror_personal_data


def _find_ids(request: HttpRequest, alias: str, identifier: str) -> Iterable[Any]:
    try:
        found = search_identities(alias, identifier) or []
    except ORY_ERRORS as error:
        text = _("Kratos was not searched (project %(alias)s): %(reason)s")
        messages.warning(request, text % {"alias": alias, "reason": error_text(error)})
        return []
    return [key for identity in found if (key := parse_uuid(identity.id)) is not None]
