"""Write pictures of all pages and mails, with contact sheets and an ``index.html``.

``python -m tests.gallery FOLDER [--admin] [--match login] [--language de] [--theme default]``
``python -m tests.gallery FOLDER --docs`` writes the pictures that the guides show.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Playwright

    from .pictures import Picture
    from .rendering import Document

T = TypeVar("T")


def main() -> None:
    """Parse the arguments, render all documents, then take the pictures."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from hatch_build import LOCALE, compile_catalogs

    from .rendering import THEMES, render_admin, render_documents

    parser = argparse.ArgumentParser(prog="python -m tests.gallery", description=__doc__)
    parser.add_argument("folder", type=Path, help="Created if missing.")
    parser.add_argument("--admin", action="store_true", help="The pages of the admin instead.")
    parser.add_argument("--docs", action="store_true", help="The pictures of docs/images instead.")
    parser.add_argument("--match", default="", help="Only pages with this text in the name.")
    parser.add_argument("--language", action="append", help="Default: en, de and ar.")
    parser.add_argument("--theme", action="append", choices=list(THEMES), help="Default: all.")
    options = parser.parse_args()
    languages = options.language or ["en", "de", "ar"]
    if options.docs:
        take_pictures_of_docs(options.folder)
        return  # English needs no catalogs
    compile_catalogs(LOCALE)
    if options.admin:
        render = partial(render_admin, languages=languages, match=options.match)
    else:
        themes = options.theme or list(THEMES)
        render = partial(render_documents, themes=themes, languages=languages, match=options.match)
    take_gallery(options.folder, render)


def take_gallery(folder: Path, render: Callable[[], Iterator[Document]]) -> None:
    """Write pictures of the documents into a folder, and print their number."""
    from playwright.sync_api import sync_playwright

    from .pictures import take_pictures
    from .sheets import write_index, write_sheets

    started = time.monotonic()
    documents = render_with_database(render, folder)
    if not documents:
        raise SystemExit("No page has the text of --match in its name.")

    def take_share(share: list[Document]) -> list[Picture]:
        with sync_playwright() as playwright, launch(playwright) as browser:
            return list(take_pictures(browser, share, folder))

    jobs = os.cpu_count() or 1
    with ThreadPoolExecutor(jobs) as pool:  # each thread has a browser
        shares = pool.map(take_share, (documents[start::jobs] for start in range(jobs)))
        pictures = list(chain.from_iterable(shares))
    positions = {document.file_stem: position for position, document in enumerate(documents)}
    pictures.sort(key=lambda picture: positions[picture.document.file_stem])
    with sync_playwright() as playwright, launch(playwright) as browser:
        write_index(pictures, write_sheets(browser, pictures, folder), folder)
    seconds = time.monotonic() - started
    print(f"{len(pictures)} pictures in {seconds:.0f} seconds: {folder / 'index.html'}")


def take_pictures_of_docs(folder: Path) -> None:
    """Write the pictures that the guides show into a folder."""
    from playwright.sync_api import sync_playwright

    from .docs_pictures import render_docs_pictures, take_docs_pictures

    documents = render_with_database(render_docs_pictures, folder)
    with sync_playwright() as playwright, launch(playwright) as browser:
        take_docs_pictures(browser, documents, folder)


def render_with_database(render: Callable[[], Iterator[T]], folder: Path) -> list[T]:
    """Return the rendered documents, made with a test database. Creates the folder."""
    from django.db import connection
    from django.test.utils import setup_test_environment, teardown_test_environment

    folder.mkdir(parents=True, exist_ok=True)
    setup_test_environment(debug=False)
    name = connection.creation.create_test_db(verbosity=0)
    documents = list(render())
    connection.creation.destroy_test_db(name, verbosity=0)
    teardown_test_environment()
    return documents


def launch(playwright: Playwright) -> Browser:
    """Start a Chromium."""
    from tests.e2e.browser import find_chromium, launch_arguments

    chromium = playwright.chromium
    return chromium.launch(executable_path=find_chromium(chromium.executable_path), args=launch_arguments())


if __name__ == "__main__":
    main()
