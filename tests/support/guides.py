"""Follows a docs page in a new folder: writes its files and runs its commands, in the order of the page.

A page marks its blocks like this:

- ``{code-block} python`` with ``:caption: shop/urls.py``: the whole file,
- with ``:caption: shop/settings.py, at the end``: lines to append,
- ``console``: commands, one per line, without a prompt,
- ``text``: a part of the output of the command before it.

Other blocks are illustrations, which the test of the page counts.

The commands run with the Python of the tests and the installed wheel of django_ory, or with the working copy
if the installation is editable. ``pip install`` installs nothing: the environment must have the packages.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import requests

__all__ = ["Block", "GuideError", "GuideRun", "read_blocks"]

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(
    r"^```(?:\{code-block\} *)?(\w+)\n((?::[\w-]+:[^\n]*\n)*)\n?(.*?)^```$", re.DOTALL | re.MULTILINE
)
CAPTION = re.compile(r"^:caption: *([\w./-]+)(, at the end)?$", re.MULTILINE)
REQUIREMENT = re.compile(r"([\w.-]+)(?:\[([\w,-]+)\])?")
COMMAND_SECONDS = 180
START_SECONDS = 60
STOP_SECONDS = 10


class GuideError(AssertionError):
    """The page cannot be followed."""


@dataclass(frozen=True)
class Block:
    """A code block of a page. ``path`` is empty if the block is not a file."""

    language: str
    text: str
    path: str = ""
    is_appended: bool = False


def read_blocks(page: Path) -> list[Block]:
    """The code blocks of a page in MyST Markdown."""
    blocks = []
    for language, options, text in BLOCK.findall(page.read_text()):
        caption = CAPTION.search(options)
        blocks.append(Block(language, text, caption[1] if caption else "", bool(caption and caption[2])))
    return blocks


@dataclass
class GuideRun:
    """One reader of a page. Use it as a context manager, which stops the servers of the page.

    Args:
        page: the Markdown file.
        folder: an empty folder.
        replace: texts of the page to change everywhere, for example the ports of the servers.
        environment: variables for the commands.
        servers: starts of commands that serve until the reader stops them. The last number is the port.
        skip: starts of commands that need a server. They are not run, but listed in ``skipped``.
    """

    page: Path
    folder: Path
    replace: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    servers: Sequence[str] = ()
    skip: Sequence[str] = ()
    outputs: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    illustrations: list[Block] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._folder = self.folder
        self._stack = contextlib.ExitStack()
        self._last_output: str | None = None
        self._exported: dict[str, str] = {}

    def __enter__(self) -> GuideRun:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def follow(self) -> GuideRun:
        """Follow the whole page. Raises GuideError at the first block that does not work."""
        for block in read_blocks(self.page):
            text = self._adapt(block.text)
            if block.path:
                self._write(block, text)
            elif block.language == "console":
                for command in text.replace("\\\n", "").splitlines():
                    self.run(command)
            elif block.language == "text":
                self._compare(text)
            else:
                self.illustrations.append(block)
        return self

    def run(self, command: str) -> None:
        """Run one command of the page. ``outputs`` has its output."""
        if not command.strip() or command.lstrip().startswith("#"):
            return
        if command.startswith(tuple(self.skip)):
            self.skipped.append(command)
            self._last_output = None
            return
        words = shlex.split(command, comments=True)
        match words:
            case ["cd", folder]:
                self._folder /= folder
            case ["mkdir", "-p", *folders]:
                for folder in folders:
                    (self._folder / folder).mkdir(parents=True, exist_ok=True)
            case ["export", variable]:
                name, _, value = variable.partition("=")
                self._exported[name] = value
            case ["python", "-m", "pip", "install", *requirements]:
                for requirement in requirements:
                    check_installed(requirement)
            case ["python", *arguments] if command.startswith(tuple(self.servers)):
                self._start([sys.executable, *arguments], command)
            case ["python", *arguments]:
                self._run([sys.executable, *arguments], command)
            case ["django-admin", *arguments]:
                self._run([sys.executable, "-m", "django", *arguments], command)
            case _:
                raise GuideError(f"{self.page.name}: cannot run {command!r}")

    def _adapt(self, text: str) -> str:
        for old, new in self.replace.items():
            text = text.replace(old, new)
        return text

    def _write(self, block: Block, text: str) -> None:
        path = self._folder / block.path
        if not path.parent.is_dir():
            raise GuideError(f"{self.page.name}: the folder of {block.path} was not made by a command before")
        if block.is_appended and not path.exists():
            raise GuideError(f"{self.page.name}: {block.path} does not exist yet")
        path.write_text(f"{path.read_text()}\n{text}" if block.is_appended else text)

    def _get_environment(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DJANGO_SETTINGS_MODULE", "PYTHONPATH", "PYTHONDEVMODE"} and "COV" not in name
        }
        path = {"PYTHONPATH": str(ROOT)} if _is_editable() else {}
        return {
            **inherited,
            **path,
            "PYTHONWARNINGS": "error",
            "PYTHONUNBUFFERED": "1",
            **self.environment,
            **self._exported,
        }

    def _run(self, arguments: list[str], command: str) -> None:
        finished = subprocess.run(
            arguments,
            cwd=self._folder,
            env=self._get_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if finished.returncode:
            raise GuideError(f"{self.page.name}: {command} failed:\n{finished.stdout[-6000:]}")
        self.outputs[command] = self._last_output = finished.stdout

    def _start(self, arguments: list[str], command: str) -> None:
        port = re.findall(r"\d+", command)[-1]
        log = self.folder / f"server-{port}.log"
        with log.open("w") as output:
            server = subprocess.Popen(
                arguments,
                cwd=self._folder,
                env=self._get_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # runserver has a child
            )
        self._stack.callback(_stop, server)
        deadline = time.monotonic() + START_SECONDS
        while not _is_answering(f"http://localhost:{port}/"):
            if server.poll() is not None or time.monotonic() > deadline:
                raise GuideError(f"{self.page.name}: {command} did not start:\n{log.read_text()[-6000:]}")
            time.sleep(0.05)
        self._last_output = None

    def _compare(self, expected: str) -> None:
        if self._last_output is not None and expected.strip() not in self._last_output:
            raise GuideError(
                f"{self.page.name}: the output is not\n{expected}\nbut\n{self._last_output[-6000:]}"
            )


def check_installed(requirement: str) -> None:
    """Check that the environment of the tests has a package, and all packages of the extras of django-ory."""
    parsed = REQUIREMENT.match(requirement)
    assert parsed is not None
    name, extras = parsed[1], parsed[2]
    needed = [name]
    if name == "django-ory":
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        needed = []
        for extra in extras.split(",") if extras else []:
            if extra not in project["optional-dependencies"]:
                raise GuideError(f"django-ory has no extra {extra!r}")
            needed += [
                found[1]
                for each in project["optional-dependencies"][extra]
                if (found := REQUIREMENT.match(each))
            ]
    for each in needed:
        try:
            distribution(each)
        except PackageNotFoundError:
            raise GuideError(
                f"{each} is not installed: add it to the dependency group of the tests"
            ) from None


def _is_editable() -> bool:
    try:
        return "editable" in (distribution("django-ory").read_text("direct_url.json") or "")
    except PackageNotFoundError:
        return True


def _is_answering(url: str) -> bool:
    try:
        requests.get(url, timeout=2)
    except requests.RequestException:
        return False
    return True


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End a server and its children, which are in a process group of their own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
