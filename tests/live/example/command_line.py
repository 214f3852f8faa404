"""``toolshelf_cli.py`` as a process, and the browser of its user."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import IO

from tests.e2e.servers import EXAMPLE
from tests.live.provider.browser import give_second_factor
from tests.live.provider.conftest import Person


class CommandLine:
    """Runs ``toolshelf_cli.py``. The browser of the member opens each URL that it prints."""

    def __init__(self, environment: dict[str, str], member: Person) -> None:
        self.environment = environment
        self.member = member
        self.token_file = Path(environment["TOOLSHELF_TOKEN_FILE"])
        self.sign_ins = 0
        self.secret = ""  # of the authenticator app

    def run(self, *arguments: str, button: str = "accept") -> tuple[int, str]:
        """Return the exit code and the output."""
        command = [sys.executable, str(EXAMPLE / "clients" / "toolshelf_cli.py"), "--no-browser", *arguments]
        with (
            subprocess.Popen(
                command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            ) as process,
            ending(process),
        ):
            assert process.stderr is not None
            assert process.stdout is not None
            lines: Queue[str] = Queue()
            reader = threading.Thread(target=pass_on, args=(process.stderr, lines))
            reader.start()
            errors = []
            while line := lines.get(timeout=60):
                if line.startswith("http"):
                    self._sign_in(line.strip(), button)
                elif not line.startswith("Sign in"):
                    errors.append(line)
            reader.join()
            printed = process.stdout.read()
            return process.wait(30), printed + "".join(errors)

    def _sign_in(self, url: str, button: str) -> None:
        self.sign_ins += 1
        page = self.member.browser.open(url)
        if "/auth/login/" in page.url:
            page = self.member.sign_in(page)
        if "aal=aal2" in "".join(page.path):
            page = give_second_factor(page, self.secret)
        if "/auth/oauth2/consent/" in page.url:
            page = page.press(button)
        assert page.url.startswith("http://127.0.0.1:"), (page.url, page.text[:1000])
        assert page.text == "You can close this window and return to the terminal."


def pass_on(stream: IO[str], lines: Queue[str]) -> None:
    """Put each line into the queue, and an empty one at the end."""
    for line in stream:
        lines.put(line)
    lines.put("")


@contextmanager
def ending(process: subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
    finally:
        if process.poll() is None:
            process.kill()
