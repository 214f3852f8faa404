"""The pictures that the guides show. Those of the tutorial are taken by ``tests/docs/test_tutorial.py``."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .pictures import take_pictures
from .rendering import render_documents

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from .rendering import Document

__all__ = ["PICTURES", "DocsPicture", "render_docs_pictures", "take_docs_pictures"]


@dataclass(frozen=True)
class DocsPicture:
    """One picture: a state or a mail of the gallery, in English and the default theme."""

    state: str
    width: int = 320
    scheme: str = "light"


#: File in ``docs/images``, without its suffix -> picture.
PICTURES = {
    "login": DocsPicture("login"),
    "wrong-password-dark": DocsPicture("login.wrong-password", scheme="dark"),
    "unavailable": DocsPicture("unavailable"),
    "consent": DocsPicture("oauth2-consent"),
    "mail-verification": DocsPicture("mail.verification-code-valid", width=640),
    "mail-sign-in-dark": DocsPicture("mail.login-code-valid", width=360, scheme="dark"),
}


def render_docs_pictures() -> Iterator[tuple[str, Document]]:
    """Yield the file and the document of each picture. Needs a database."""
    for file, picture in PICTURES.items():
        found = render_documents(themes=["default"], languages=["en"], match=picture.state)
        [document] = [each for each in found if each.name == picture.state]
        yield file, dataclasses.replace(document, widths=(picture.width,))


def take_docs_pictures(browser: Browser, documents: list[tuple[str, Document]], folder: Path) -> None:
    """Write the pictures into a folder."""
    for file, document in documents:
        for taken in take_pictures(browser, [document], folder, schemes=[PICTURES[file].scheme]):
            (folder / taken.file_name).replace(folder / f"{file}.png")
