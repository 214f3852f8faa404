"""The identity schemas of Kratos: their list, and the JSON of each."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.admin.display import render_json
from django_ory.client import OryNotFound
from django_ory.client.models import IdentitySchemaContainer
from django_ory.client.pagination import ListedPage
from django_ory.clients import get_client
from django_ory.mirror.errors import ORY_ERRORS, error_text

from .lists import LiveColumn, LiveList
from .pages import MAX_KEY_LENGTH, LivePage, get_status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrOrPromise

MAX_LISTED_SCHEMAS = 200
MAX_SCHEMA_CHARACTERS = 200_000


class SchemaList(LiveList[IdentitySchemaContainer]):
    """All schemas. They are part of Kratos' configuration, so they cannot be changed here."""

    name = "schemas"
    title = gettext_lazy("Identity schemas")
    permission = "view_identity"
    required_setting = "kratos_public_url"
    help_text: _StrOrPromise = gettext_lazy(
        "Schemas are part of the configuration of Kratos and cannot be changed here."
    )
    empty_text: _StrOrPromise = gettext_lazy("Kratos has no schemas.")

    def get_columns(self) -> Sequence[LiveColumn[Any]]:
        """Return the columns; the first one has the link to the JSON."""
        return (
            LiveColumn[IdentitySchemaContainer](name="id", label=_("schema"), value=self.render_link),
            LiveColumn[IdentitySchemaContainer](
                name="title", label=_("title"), value=lambda schema: (schema.schema_ or {}).get("title")
            ),
            LiveColumn[IdentitySchemaContainer](name="traits", label=_("traits"), value=list_traits),
        )

    def read(self, filters: Mapping[str, Any], page_token: str) -> ListedPage[IdentitySchemaContainer]:
        """Read all schemas: a project has a few."""
        client = get_client(self.alias)
        return ListedPage(list(islice(client.iterate(client.list_identity_schemas), MAX_LISTED_SCHEMAS)))

    def get_key(self, item: IdentitySchemaContainer) -> str:
        return item.id

    def render_link(self, schema: IdentitySchemaContainer) -> Any:
        """Return the id with a link to the page of the schema."""
        if not schema.id or len(schema.id) > MAX_KEY_LENGTH:
            return schema.id
        return format_html(
            '<a href="{}"><bdi>{}</bdi></a>', self.get_subpage_url(SchemaPage, id=schema.id), schema.id[:300]
        )


def list_traits(schema: IdentitySchemaContainer) -> list[str]:
    """Return the names of the traits, at most twenty."""
    value: Any = schema.schema_
    for name in ("properties", "traits", "properties"):
        value = value.get(name) if isinstance(value, dict) else None
    return list(value)[:20] if isinstance(value, dict) else []


class SchemaPage(LivePage):
    """The JSON of one schema."""

    name = "schema"
    title = gettext_lazy("Identity schema")
    permission = "view_identity"
    required_setting = "kratos_public_url"
    template = "live/schema.html"
    is_listed = False
    parent = SchemaList
    http_method_names = ["get", "head"]  # noqa: RUF012 (as Django declares it)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the schema."""
        key = request.GET.get("id", "")[:MAX_KEY_LENGTH]
        try:
            schema = get_client(self.alias).get_identity_schema(key)
        except OryNotFound:
            return self.render(problem=_("Kratos has no schema of this id."))
        except ORY_ERRORS as error:
            return self.render(problem=error_text(error), status=get_status(error))
        text = render_json(schema)
        if len(text) > MAX_SCHEMA_CHARACTERS:
            return self.render(schema_id=key, problem=_("The schema is too large for this page."))
        return self.render(schema_id=key, schema=text)
