"""The values that a browser posts for a form of a page: inputs, selects and text areas."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

__all__ = ["read_form"]

FormData = dict[str, list[str]]
LINE_END = re.compile(r"\r\n|\r|\n")


class _FormParser(HTMLParser):
    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id = form_id
        self.is_inside = False
        self.data: FormData = {}
        self.select: dict[str, Any] | None = None
        self.area: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.is_inside = a.get("id") == self.form_id
        if not self.is_inside:
            return
        if tag == "select":
            self.select = {"name": a["name"], "options": [], "chosen": []}
        elif tag == "option" and self.select is not None:
            self.select["options"].append(a.get("value", ""))
            if "selected" in a:
                self.select["chosen"].append(a.get("value", ""))
        elif tag == "textarea":
            self.area = (a["name"], [])
        elif tag == "input" and a.get("name"):
            self._read_input(a)

    def _read_input(self, a: dict[str, str]) -> None:
        kind, value = a.get("type", "text"), a.get("value", "")
        if kind in ("submit", "button") or (kind in ("checkbox", "radio") and "checked" not in a):
            return
        if kind != "hidden":
            value = re.sub(r"[\r\n]", "", value)
        self.add(a["name"], value.strip() if kind in ("email", "url") else value)

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.area[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_inside = False
        elif tag == "textarea" and self.area is not None:
            name, parts = self.area
            text = LINE_END.sub("\n", "".join(parts)).removeprefix("\n")
            self.add(name, text.replace("\n", "\r\n"))
            self.area = None
        elif tag == "select" and self.select is not None:
            chosen = self.select["chosen"][-1:] or self.select["options"][:1]
            for value in chosen:
                self.add(self.select["name"], value)
            self.select = None

    def add(self, name: str, value: str) -> None:
        self.data.setdefault(name, []).append(value)


def read_form(html: str, form_id: str) -> FormData:
    """Return the names and values that a browser posts for an unchanged form, without buttons."""
    parser = _FormParser(form_id)
    parser.feed(html)
    assert parser.data, f"no form {form_id}"
    return parser.data
