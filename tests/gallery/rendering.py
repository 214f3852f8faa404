"""Renders the states of the pages and the mails to HTML: in each language, with each theme."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings
from django.utils import translation

from django_ory.courier.previews import (
    MAIL_TEMPLATE_TYPES,
    SITE_TEMPLATE_TYPES,
    build_sample,
    build_site_sample,
)
from django_ory.courier.rendering import build_mail
from django_ory.testing import FakeOry

from .admin_pages import ADMIN_SETTINGS, fill_ory, find_pages, sign_in_staff
from .states import STATES, URLCONF

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

__all__ = ["THEMES", "Document", "Theme", "find_static_file", "render_admin", "render_documents"]

#: Widths of windows in pixels: of the pages, and of the admin.
WIDTHS = (320, 768, 1280)
ADMIN_WIDTHS = (375, 1280)

EXAMPLE = Path(__file__).resolve().parents[2] / "example_project"


@dataclass(frozen=True)
class Theme:
    """Templates and static files in front of those of the app. ``static``: folders by prefix of a path."""

    templates: tuple[Path, ...] = ()
    static: Mapping[str, Path] = field(default_factory=dict)
    has_mails: bool = True


def find_themes() -> dict[str, Theme]:
    """Return the themes by name: the app's own, and that of the example project if Bootstrap is installed."""
    themes = {"default": Theme()}
    if find_spec("bootstrap_wrapper"):
        from bootstrap_wrapper import get_bootstrap_dir

        folder = EXAMPLE / "bootstrap_theme"
        static = {"bootstrap/": Path(get_bootstrap_dir()), "": folder / "static"}
        themes["bootstrap"] = Theme((folder / "templates",), static, has_mails=False)
    return themes


THEMES = find_themes()


@dataclass(frozen=True)
class Document:
    """The HTML of one state in one language and theme."""

    name: str
    theme: str
    language: str
    html: str
    widths: tuple[int, ...] = WIDTHS

    @property
    def file_stem(self) -> str:
        return f"{self.name}-{self.theme}-{self.language}"


def render_documents(
    *, themes: Collection[str], languages: Collection[str], match: str = ""
) -> Iterator[Document]:
    """Yield the HTML of all states and mails with ``match`` in the name. Needs a database.

    Raises AssertionError for a state with another status than that of the table.
    """
    for theme in themes:
        with apply_theme(THEMES[theme]):
            for language in languages:
                with translation.override(language):
                    yield from _render_pages(theme, language, match)
                    if THEMES[theme].has_mails:
                        yield from _render_mails(theme, language, match)


def render_admin(*, languages: Collection[str], match: str = "") -> Iterator[Document]:
    """Yield the HTML of all pages of the admin with ``match`` in the name. Needs a database."""
    project = {"default": {**settings.ORY["default"], **ADMIN_SETTINGS}}
    for language in languages:
        cache.clear()
        with (
            translation.override(language),
            override_settings(ORY=project),
            FakeOry() as ory,
            transaction.atomic(),
        ):
            fill_ory(ory)
            for name, response in find_pages(sign_in_staff()):
                if match in name:
                    html = response.content.decode()
                    yield Document(f"admin.{name}", "default", language, html, ADMIN_WIDTHS)
            transaction.set_rollback(True)


@contextmanager
def apply_theme(theme: Theme) -> Iterator[None]:
    """Use the templates of a theme inside of the block, and the URLs of the states."""
    templates: list[Any] = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [*theme.templates, *templates[0].get("DIRS", ())]
    with override_settings(TEMPLATES=templates, ROOT_URLCONF=URLCONF, ALLOWED_HOSTS=["*"]):
        yield


def _render_pages(theme: str, language: str, match: str) -> Iterator[Document]:
    for name, state in STATES.items():
        if match in name:
            default = {**settings.ORY["default"], "SITE_NAME": "Toolshelf"}
            cache.clear()
            with override_settings(ORY={**settings.ORY, "default": default}), FakeOry() as ory:
                response = state.open(ory)
            assert state.status in (None, response.status_code), f"{name}: status {response.status_code}"
            yield Document(name, theme, language, response.content.decode())


def _render_mails(theme: str, language: str, match: str) -> Iterator[Document]:
    default = {**settings.ORY["default"], "SITE_NAME": "Toolshelf"}
    with override_settings(ORY={**settings.ORY, "default": default}):
        for template_type in (*MAIL_TEMPLATE_TYPES, *SITE_TEMPLATE_TYPES):
            name = f"mail.{template_type.replace('_', '-')}"
            if match not in name:
                continue
            if template_type in SITE_TEMPLATE_TYPES:
                mail = build_site_sample(template_type, alias="default", language=language)
            else:
                mail = build_mail(build_sample(template_type, alias="default", language=language))
            yield Document(name, theme, language, str(mail.alternatives[0][0]))


def find_static_file(path: str, theme: Theme) -> Path | None:
    """Return the static file of a theme, or of an app; None if there is none."""
    for prefix, folder in theme.static.items():
        file = folder / path.removeprefix(prefix)
        if path.startswith(prefix) and file.is_file():
            return file
    found = finders.find(path)
    return Path(found) if isinstance(found, str) else None
