"""The messages of Kratos with texts of their own on the pages, and the pages that explain an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import translation

from django_ory.invitations.refusals import REFUSAL_TEXTS
from django_ory.provider.error_pages import ERROR_PAGES
from django_ory.selfservice.texts.explanations import EXPLANATIONS
from django_ory.selfservice.texts.messages import TEXTS
from django_ory.selfservice.texts.variants import VARIANTS

if TYPE_CHECKING:
    from collections.abc import Iterable


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
    return _build_table(("id", "text"), [(str(number), text) for number, text in list_texts().items()])


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
    """Return the table of the error pages of ``kratos`` or ``hydra``: reason, status and text."""
    pages: Any = EXPLANATIONS if kind == "kratos" else ERROR_PAGES
    rows = [(f"`{name}`", str(page.status), f"**{page.title}** {page.text}") for name, page in pages.items()]
    return _build_table(("reason", "status", "text"), rows)


def _build_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    escaped = [tuple(cell.replace("|", "\\|").replace("<", "\\<") for cell in row) for row in rows]
    table = [head, ("---",) * len(head), *escaped]
    return [*(f"| {' | '.join(row)} |" for row in table), ""]
