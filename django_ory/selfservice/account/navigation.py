"""The navigation of the account area.

A page without a flow does not know which methods this Kratos offers, so the last flow of a user is cached.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django_ory.authentication.request import get_ory
from django_ory.conf import get_settings
from django_ory.http.redirects import page_urls
from django_ory.resilience.fail_safe_cache import FailSafeCache

from .sections import SECTIONS_BY_KEY, list_sections

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.http import HttpRequest

__all__ = ["NavigationLink", "build_navigation", "get_offered_groups", "remember_offered_groups"]

OFFERED_KEY = "django_ory:account_groups:{alias}"
#: How long the groups of a flow are cached, and how many: Kratos has about ten.
OFFERED_SECONDS = 24 * 60 * 60
MAX_OFFERED_GROUPS = 50


@dataclass(frozen=True)
class NavigationLink:
    """A link to a section."""

    label: Any
    href: str
    is_current: bool


def build_navigation(
    request: HttpRequest, current: str, *, groups: Collection[str], return_to: str | None
) -> tuple[NavigationLink, ...]:
    """Build the links to all sections.

    Args:
        request: the request.
        current: the key of the section of the page, which is linked in any case.
        groups: the groups of nodes that Kratos offers.
        return_to: the validated URL to return to, which the links keep.

    """
    sections = list_sections(groups, alias=get_ory(request).alias)
    if SECTIONS_BY_KEY[current] not in sections:
        sections = (SECTIONS_BY_KEY[current], *sections)
    urls = page_urls(request, [f"ory:{section.url_name}" for section in sections], {"return_to": return_to})
    return tuple(
        NavigationLink(section.title, url, section.key == current)
        for section, url in zip(sections, urls, strict=True)
    )


def get_offered_groups(alias: str) -> frozenset[str]:
    """Return the groups of nodes of the last flow; only the profile while they are unknown."""
    cached = FailSafeCache(get_settings(alias).session_cache_alias).get(OFFERED_KEY.format(alias=alias))
    if isinstance(cached, list) and all(isinstance(each, str) for each in cached):
        return frozenset(cached)
    return frozenset({"profile"})


def remember_offered_groups(groups: Collection[str], *, alias: str) -> None:
    """Cache the groups of nodes of a flow."""
    store = FailSafeCache(get_settings(alias).session_cache_alias)
    found = sorted(groups)[:MAX_OFFERED_GROUPS]
    key = OFFERED_KEY.format(alias=alias)
    if store.get(key) != found:
        store.set(key, found, OFFERED_SECONDS)
