"""Template tag of the admin: the links to the pages about Ory's data that is not mirrored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

if TYPE_CHECKING:
    from django.template.context import Context

register = template.Library()


@register.simple_tag(takes_context=True)
def ory_live_pages(context: Context, model_name: str = "") -> list[dict[str, Any]]:
    """Return ``title`` and ``url`` of the pages that the user may open; of one model, or of all."""
    # Importing the admin registers its classes, which a site without the admin does not want.
    from django_ory.admin.live.index import list_live_pages

    request = context.get("request")
    if request is None:
        return []
    site = getattr(request, "current_app", None) or "admin"
    return list_live_pages(request, model_name=model_name, site=site)
