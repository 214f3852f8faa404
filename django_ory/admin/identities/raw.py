"""The page with the JSON of an identity as Kratos returns it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_ory.admin.display import render_json
from django_ory.client.json_values import clean_json
from django_ory.mirror.identities import fetch_identity

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

    from django_ory.admin.row_pages import RowPagesAdmin
    from django_ory.models import Identity


def show_json(admin: RowPagesAdmin, request: HttpRequest, row: Identity) -> HttpResponseBase:
    """Show the response of Kratos. The configuration of credentials is left out, even if there is one."""
    identity = fetch_identity(row.alias, row.identity_id)
    data = clean_json(identity.model_dump(mode="json", by_alias=True, exclude_unset=True))
    for credential in (data.get("credentials") or {}).values():
        credential.pop("config", None)
    return admin.render_row_page(request, row, "json", "identity/json.html", json=render_json(data))
