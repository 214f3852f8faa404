"""The messages of Kratos with texts of their own on the pages, and the pages that explain an error."""

from __future__ import annotations

from typing import Any

from django.utils import translation

from django_ory.invitations.refusals import REFUSAL_TEXTS
from django_ory.provider.error_pages import ERROR_PAGES
from django_ory.selfservice.texts.explanations import EXPLANATIONS
from django_ory.selfservice.texts.messages import TEXTS
from django_ory.selfservice.texts.variants import VARIANTS

from .markdown import entry, mark_names


class Placeholder(int):
    """A value of a text that is shown as its name: ``{min_length}``. As a number it is more than one."""

    name = ""

    def __str__(self) -> str:
        return f"{{{self.name}}}"


class Placeholders(dict[str, Placeholder]):
    """Every value of a text, as a placeholder."""

    def __missing__(self, name: str) -> Placeholder:
        value = Placeholder(2)
        value.name = name
        return value


def lines() -> list[str]:
    """Return the table of the messages: id and text."""
    rows = [f"| {number} | {text.replace('|', chr(92) + '|')} |" for number, text in list_texts().items()]
    return ["| id | text |", "| --- | --- |", *rows, ""]


@translation.override("en")
def list_texts() -> dict[int, str]:
    """Return the English text of each message, with the names of its values in braces."""
    texts = {**TEXTS, **REFUSAL_TEXTS}
    found = {number: str(texts[number] % Placeholders()) for number in sorted(texts)}
    return {
        number: f"{text} (or a text for the context of the message)" if number in VARIANTS else text
        for number, text in found.items()
    }


@translation.override("en")
def error_page_lines(kind: str) -> list[str]:
    """Return an entry for each error page of ``kratos`` or ``hydra``: status, title, text and hint."""
    pages: Any = EXPLANATIONS if kind == "kratos" else ERROR_PAGES
    found = []
    for name, page in pages.items():
        text, hint = str(page.text), mark_names(getattr(page, "hint", ""))
        found += entry(f"`{name}`", f"{page.status}: **{page.title}**", text, hint)
    return found
