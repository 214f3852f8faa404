"""A fresh project, made from the code of the README or the quickstart: every visitor, every example view."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", "docs/quickstart.md"]

#: Django's own hasher takes longer than all visits.
QUICK = 'PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]\n'

#: Visits every example view as every visitor, in the fresh project; prints JSON.
VISIT = """
import io
import json
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment
from django_ory.testing import FakeOry

out = io.StringIO()
call_command("check", stdout=out, stderr=out, no_color=True)
call_command("migrate", verbosity=0)
setup_test_environment()
User = get_user_model()
root = User.objects.create_superuser("root", "root@example.org", "secret")
forced = User.objects.create_user("forced")
MODEL = "django.contrib.auth.backends.ModelBackend"

def by_password_form():
    client = Client()
    response = client.post("/admin/login/", {"username": "root", "password": "secret"})
    assert response.status_code == 302, response
    return client

def by_force_login(user):
    client = Client()
    client.force_login(user, backend=MODEL)
    return client

def by_kratos(client=None):
    client = client or Client()
    ory.login(client, identity, aal="aal2")
    return client

with FakeOry() as ory:
    identity = ory.create_identity({"email": "ann@example.org"}, second_factor=True)
    by_kratos().get("/admin/")
    ann = User.objects.exclude(pk__in=[root.pk, forced.pk]).get()
    visitors = {
        "anonymous": Client(),
        "superuser by password form": by_password_form(),
        "force_login": by_force_login(forced),
        "kratos": by_kratos(),
        "both, one account": by_kratos(by_force_login(ann)),
        "both, two accounts": by_kratos(by_password_form()),
    }
    seen = {}
    for visitor, client in visitors.items():
        client.raise_request_exception = False
        for route in ROUTES:
            response = client.get(route)
            seen[f"{visitor} {route}"] = [response.status_code, response.content.decode()]
print("SEEN", json.dumps({"ann": str(ann), "check": out.getvalue(), "seen": seen}))
"""


def read_blocks(page: str) -> tuple[str, str, str, str]:
    """The code of a page: settings, URLconf, views, template."""
    text = (ROOT / page).read_text()
    python = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    html = re.findall(r"```html\n(.*?)```", text, re.DOTALL)
    settings = next(block for block in python if "INSTALLED_APPS" in block)
    urls = next(block for block in python if "urlpatterns" in block)
    if settings is urls:
        settings, urls = settings.split("# urls.py\n")
    (views,) = (block for block in python if "(request)" in block)
    return settings, urls, views, "".join(html)


def run(project: Path, *arguments: str, text: str | None = None) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    finished = subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env=environment,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    return finished.stdout


@pytest.fixture(scope="module", params=PAGES)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project by ``startproject`` and ``startapp``, with the code of the page."""
    folder = tmp_path_factory.mktemp("fresh")
    settings, urls, views, template = read_blocks(request.param)
    call_command("startproject", "shop", str(folder))
    (folder / "pages").mkdir()
    call_command("startapp", "pages", str(folder / "pages"))
    with (folder / "shop/settings.py").open("a") as file:
        file.write(f'\nINSTALLED_APPS += ["pages"]\nALLOWED_HOSTS = ["testserver"]\n{QUICK}{settings}')
    names = re.findall(r"^def (\w+)\(request\)", views, re.MULTILINE)
    routes = "".join(f'    path("{name}/", views.{name}),\n' for name in names)
    (folder / "shop/urls.py").write_text(f"{urls}\nfrom pages import views\n\nurlpatterns += [\n{routes}]\n")
    (folder / "pages/views.py").write_text(views)
    (folder / "pages/templates").mkdir()
    (folder / "pages/templates/profile.html").write_text(template)
    (folder / "routes.json").write_text(json.dumps([f"/{name}/" for name in names]))
    return folder


@pytest.fixture(scope="module")
def seen(project: Path) -> dict[str, Any]:
    routes = json.loads((project / "routes.json").read_text())
    script = f"ROUTES = {[*routes, '/admin/']!r}\n{textwrap.dedent(VISIT)}"
    printed = run(project, "manage.py", "shell", "--command", script)
    found: dict[str, Any] = json.loads(printed.partition("SEEN ")[2])
    return found


def test_check_of_fresh_project_finds_nothing(seen: dict[str, Any]) -> None:
    assert seen["check"] == "System check identified no issues (0 silenced).\n"


def test_tests_of_fresh_project_print_no_warning(project: Path) -> None:
    printed = run(project, "manage.py", "test")
    assert "django_ory.W" not in printed
    assert "no issues" in printed


def test_example_views_return_no_errors(seen: dict[str, Any]) -> None:
    assert {visit: status for visit, (status, _) in seen["seen"].items() if status >= 500} == {}
    statuses = {status for status, _ in seen["seen"].values()}
    assert statuses <= {200, 302, 403}


def test_example_views_do_not_mix_two_accounts(seen: dict[str, Any]) -> None:
    for visit, (_, body) in seen["seen"].items():
        shows_kratos_user = "ann@example.org" in body
        shows_superuser = "root" in body and "/admin/" not in visit
        assert not (shows_kratos_user and shows_superuser), visit


def test_example_views_allow_the_visitors_of_the_text(seen: dict[str, Any]) -> None:
    status = {visit: answer[0] for visit, answer in seen["seen"].items()}
    body = {visit: answer[1] for visit, answer in seen["seen"].items()}
    for visitor in ("kratos", "both, one account"):
        assert status[f"{visitor} /profile/"] == 200
        assert seen["ann"] in body[f"{visitor} /profile/"]
        assert "ann@example.org" in body[f"{visitor} /profile/"]
    for visitor in ("anonymous", "superuser by password form", "force_login"):
        assert status[f"{visitor} /profile/"] == 302
    assert status["both, two accounts /profile/"] == 403
    assert "You are signed in to two accounts" in body["both, two accounts /profile/"]
    assert status["superuser by password form /admin/"] == status["both, two accounts /admin/"] == 200
    if "anonymous /home/" in status:
        assert status["anonymous /home/"] == 302
        assert json.loads(body["superuser by password form /home/"]) == {"user": "root"}
        assert json.loads(body["both, two accounts /home/"]) == {"user": "root"}
        assert status["kratos /payout/"] == 200
