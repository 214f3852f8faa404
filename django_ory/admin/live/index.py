"""The table of the pages about Ory's data that is not mirrored, by model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import NoReverseMatch

from .consents import ConsentList
from .introspection import IntrospectionPage
from .issuers import IssuerForm, IssuerList
from .keys import KeyForm, KeySetPage
from .messages import MessageList, MessagePage
from .schemas import SchemaList, SchemaPage
from .sessions import SessionList

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest

    from .pages import LivePage

LIVE_PAGES: Mapping[str, Sequence[type[LivePage]]] = {
    "identity": (SessionList, MessageList, MessagePage, SchemaList, SchemaPage),
    "oauth2client": (ConsentList, KeySetPage, KeyForm, IssuerList, IssuerForm, IntrospectionPage),
}


def list_live_pages(
    request: HttpRequest, *, model_name: str = "", site: str = "admin"
) -> list[dict[str, Any]]:
    """Return ``title`` and ``url`` of the pages that the user may open, for one model or for all.

    A site without the admin class of a model has none of its pages.
    """
    links = []
    for name, pages in LIVE_PAGES.items():
        for page in pages if model_name in ("", name) else ():
            try:
                url = page.get_link(request, site=site)
            except NoReverseMatch:
                continue
            if url:
                links.append({"title": page.title, "url": url})
    return links
