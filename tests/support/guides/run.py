"""Follows a docs page in a new folder: writes its files and runs its commands, in the order of the page."""

from __future__ import annotations

import math
import os
import re
import shlex
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .blocks import Block, GuideError, read_blocks, read_pictures
from .outputs import contains_json, contains_lines
from .programs import list_path, require_program, run_program
from .serving import Server, add_default_ports, find_serving_command
from .sessions import PYTHON_SHELL, SQL_SHELL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .environments import Environments

__all__ = ["GuideRun"]

PORT = re.compile(r"(:|(?:port|PORT)[\"']?[ =:]{1,3}|runserver |http\.server )(\d{4,5})\b")
URL = re.compile(r"https?://([\w.-]+)")
#: Variables of the test run that would change the commands of the page.
NOT_INHERITED = re.compile(r"DJANGO_SETTINGS_MODULE|PYTHON.*|VIRTUAL_ENV|PYTEST.*|.*COV.*")


@dataclass
class GuideRun:
    """One reader of a page. Use it as a context manager, which stops the servers of the page.

    Args:
        page: the Markdown file.
        folder: an empty folder.
        environments: the virtual environments of the test run.
        ports: port of the documentation -> free port of this machine.
        replace: texts of the page to change everywhere.
        environment: variables for the commands.
        programs: a folder with more programs, such as those of Ory's servers.
        elsewhere: commands that other tests run. They are not run here, but listed in ``skipped``.
        at_picture: is called with the file of each picture. It does what the text before the picture tells
            the reader to do in a browser. A ``text`` after a picture is output of the newest server.
    """

    page: Path
    folder: Path
    environments: Environments
    ports: Mapping[int, int] = field(default_factory=dict)
    replace: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    programs: Path | None = None
    elsewhere: frozenset[str] = frozenset()
    at_picture: Callable[[Path], None] | None = None
    #: Command -> its output, without the output of commands that serve.
    outputs: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    #: The blocks that nothing runs.
    illustrations: list[Block] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.current_folder = self.folder
        self.installed: frozenset[str] = frozenset()
        self.servers: list[Server] = []
        self._exported: dict[str, str] = {}
        self._last_output: tuple[str, str] | Server | None = None
        self._must_reload = False

    def __enter__(self) -> GuideRun:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def continue_from(self, earlier: GuideRun, *, folder: Path | None = None) -> None:
        """Take over the files, the installed packages and the current folder of another page.

        ``folder`` is a copy of the files of the other page, which may have been changed since.
        """
        shutil.copytree(folder or earlier.folder, self.folder, symlinks=True, dirs_exist_ok=True)
        self.installed = earlier.installed
        self.current_folder = self.folder / earlier.current_folder.relative_to(earlier.folder)

    def follow(self) -> GuideRun:
        """Follow the whole page. Raises GuideError at the first block that does not work."""
        pictures = read_pictures(self.page)
        for block in _join_shells(read_blocks(self.page)):
            self._show_pictures(pictures, until=block.line)
            try:
                self._follow_block(block, self.adapt(block.text))
            except GuideError as error:
                raise GuideError(f"{self.page.name}:{block.line}: {error}") from None
        self._show_pictures(pictures)
        return self

    def stop(self) -> None:
        """Stop what serves. ``resume`` starts it again."""
        for server in reversed(self.servers):
            server.stop()

    def resume(self) -> None:
        """Start again what ``stop`` has stopped."""
        for server in self.servers:
            server.start()

    def adapt(self, text: str) -> str:
        """Return a text of the page with the ports of this machine, and with the other replacements."""
        for old, new in self.replace.items():
            text = text.replace(old, new)
        return PORT.sub(lambda found: found[1] + str(self.ports.get(int(found[2]), found[2])), text)

    def run(self, command: str) -> None:
        """Run one command. ``outputs`` has its output."""
        if not command.strip() or command.lstrip().startswith("#"):
            return
        self._last_output = None
        if command in self.elsewhere:
            self.skipped.append(command)
            return
        words = shlex.split(command, comments=True)
        match words:
            case ["cd", folder]:
                self.current_folder = (self.current_folder / folder).resolve()
            case ["export", *variables]:
                for name, _, value in (each.partition("=") for each in variables):
                    self._exported[name] = value
            case ["python", "-m", "pip", "install", *arguments]:
                self._install(arguments)
            case _ if serving := find_serving_command(command):
                self._serve(Server(
                    serving,
                    self.adapt(add_default_ports(serving, command)),
                    folder=self.current_folder,
                    environment=self._get_environment(),
                    log=self.folder / f"server-{len(self.servers)}.log",
                ))  # fmt: skip
            case ["curl", *arguments]:
                self._check_urls(arguments)
                require_program("curl", package="curl")
                quiet = command.replace("curl", "curl --silent --show-error", 1)
                self._run_program(["bash", "-c", quiet], command)
            case _:
                if "compilemessages" in words:
                    require_program("msgfmt", package="gettext")
                self._run_program(["bash", "-c", f"set -o pipefail; {command}"], command)

    def _show_pictures(self, pictures: dict[int, Path], *, until: float = math.inf) -> None:
        """Call ``at_picture`` for the pictures up to a line, and remove them."""
        for line in [each for each in pictures if each < until]:
            picture = pictures.pop(line)
            if self.at_picture is not None:
                if self._must_reload:
                    self._reload()
                self.at_picture(picture)
                self._last_output = self.servers[-1] if self.servers else None

    def _follow_block(self, block: Block, text: str) -> None:
        is_output = block.language in {"text", "json"} and not block.path
        if is_output and self._last_output is not None:
            self._compare(text, is_json=block.language == "json")
            return
        if self._must_reload and not block.path:
            self._reload()
        if block.path:
            self._write(block, text)
        elif block.language == "console":
            for command in text.replace("\\\n", "").splitlines():
                self.run(command)
        elif block.language == "pycon":
            self._run_shell(PYTHON_SHELL, text)
        elif block.language == "sql":
            self._run_shell(SQL_SHELL, text)
        else:
            self.illustrations.append(block)

    def _write(self, block: Block, text: str) -> None:
        self._last_output = None
        path = self.current_folder / block.path
        if not path.parent.is_dir():
            raise GuideError(f"the folder of {block.path} was not made by a command before")
        if block.is_appended and not path.exists():
            raise GuideError(f"{block.path} does not exist yet")
        path.write_text(f"{path.read_text()}\n{text}" if block.is_appended else text)
        self._must_reload = self._must_reload or path.suffix == ".py"

    def _install(self, arguments: list[str]) -> None:
        wanted = [each for each in arguments if each not in {"-U", "--upgrade", "--quiet"}]
        while "-r" in wanted:
            at = wanted.index("-r")
            lines = (self.current_folder / wanted[at + 1]).read_text().splitlines()
            wanted[at : at + 2] = [line for line in lines if line and not line.startswith("#")]
        if options := [each for each in wanted if each.startswith("-")]:
            raise GuideError(f"unknown options of pip: {options}")
        self.installed |= frozenset(wanted)
        self.environments.build(self.installed)

    def _get_environment(self) -> dict[str, str]:
        environment = self.environments.build(self.installed)
        programs = [] if self.programs is None else [str(self.programs)]
        inherited = {name: value for name, value in os.environ.items() if not NOT_INHERITED.fullmatch(name)}
        return {
            **inherited,
            "PATH": os.pathsep.join([str(environment / "bin"), *programs, *list_path()]),
            "VIRTUAL_ENV": str(environment),
            "PYTHONWARNINGS": "error",
            "PYTHONUNBUFFERED": "1",
            **self.environment,
            **self._exported,
        }

    def _run_program(self, arguments: list[str], command: str) -> None:
        output = run_program(arguments, folder=self.current_folder, environment=self._get_environment())
        self.outputs[command] = "".join(output)
        self._last_output = output

    def _run_shell(self, shell: str, text: str) -> None:
        lines = self.folder / ".lines-of-the-page.txt"
        lines.write_text(text)
        code = shell.format(path=str(lines))
        if (self.current_folder / "manage.py").exists():
            self._run_program(["python", "manage.py", "shell", "-v", "0", "-c", code], text)
        else:
            self._run_program(["python", "-c", code], text)
        lines.unlink()

    def _serve(self, server: Server) -> None:
        """Start a server. Its predecessor, which the reader has stopped with Ctrl-C, ends first."""
        for other in [each for each in self.servers if server.replaces(each)]:
            other.stop()
            self.servers.remove(other)
        self.servers.append(server)
        server.start()
        self._last_output = server

    def _reload(self) -> None:
        self._must_reload = False
        for server in self.servers:
            server.reload()

    def _check_urls(self, arguments: list[str]) -> None:
        hosts = {host for each in arguments for host in URL.findall(each)}
        if not any(URL.match(each) for each in arguments) or hosts - {"localhost", "127.0.0.1"}:
            raise GuideError(f"curl must call a server of this machine, not {sorted(hosts)}")

    def _compare(self, expected: str, *, is_json: bool) -> None:
        if isinstance(self._last_output, Server):
            self._last_output.wait_for_lines(expected)
            return
        assert self._last_output is not None
        stdout, stderr = self._last_output
        is_shown = contains_json(stdout, expected) if is_json else contains_lines(stdout + stderr, expected)
        if not is_shown:
            raise GuideError(f"the output is not\n{expected}\nbut\n{(stdout + stderr)[-6000:]}")


def _join_shells(blocks: list[Block]) -> list[Block]:
    """Join neighboring blocks of the Python shell: the reader has the shell open."""
    joined: list[Block] = []
    for block in blocks:
        if block.language == "pycon" and joined and joined[-1].language == "pycon":
            last = joined.pop()
            block = Block("pycon", f"{last.text}\n{block.text}", line=last.line)
        joined.append(block)
    return joined
