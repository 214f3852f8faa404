"""Write pictures of all pages and mails, with contact sheets and an ``index.html``.

``python -m tests.gallery FOLDER [--admin] [--match login] [--language de] [--theme default]``
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Playwright

    from .pictures import Picture
    from .rendering import Document


def main() -> None:
    """Parse the arguments, render all documents, then take the pictures."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    from hatch_build import LOCALE, compile_catalogs

    compile_catalogs(LOCALE)
    django.setup()
    from .rendering import THEMES, render_admin, render_documents

    parser = argparse.ArgumentParser(prog="python -m tests.gallery", description=__doc__)
    parser.add_argument("folder", type=Path, help="Created if missing.")
    parser.add_argument("--admin", action="store_true", help="The pages of the admin instead.")
    parser.add_argument("--match", default="", help="Only pages with this text in the name.")
    parser.add_argument("--language", action="append", help="Default: en, de and ar.")
    parser.add_argument("--theme", action="append", choices=list(THEMES), help="Default: all.")
    options = parser.parse_args()
    languages = options.language or ["en", "de", "ar"]
    if options.admin:
        render = partial(render_admin, languages=languages, match=options.match)
    else:
        themes = options.theme or list(THEMES)
        render = partial(render_documents, themes=themes, languages=languages, match=options.match)
    take_gallery(options.folder, render)


def take_gallery(folder: Path, render: Callable[[], Iterator[Document]]) -> None:
    """Write pictures of the documents into a folder, and print their number."""
    from django.db import connection
    from django.test.utils import setup_test_environment, teardown_test_environment
    from playwright.sync_api import sync_playwright

    from tests.e2e.browser import find_chromium, launch_arguments

    from .pictures import take_pictures
    from .sheets import write_index, write_sheets

    started = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    setup_test_environment(debug=False)
    name = connection.creation.create_test_db(verbosity=0)
    documents = list(render())
    connection.creation.destroy_test_db(name, verbosity=0)
    teardown_test_environment()
    if not documents:
        raise SystemExit("No page has the text of --match in its name.")

    def launch(playwright: Playwright) -> Browser:
        chromium = playwright.chromium
        return chromium.launch(
            executable_path=find_chromium(chromium.executable_path), args=launch_arguments()
        )

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


if __name__ == "__main__":
    main()
