"""The projects of the README and of the quickstart: every visitor, every example view."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.guides import ROOT, Environments, GuideRun

if TYPE_CHECKING:
    from .reader import Reader

#: Page -> its views: the profile, then others.
ROUTES = {"README.md": ["/profile/", "/", "/payout/"], "docs/quickstart.md": ["/"]}

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


@pytest.fixture(scope="module", params=[pytest.param(name, marks=pytest.mark.page(name)) for name in ROUTES])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def project(
    name: str, reader: Reader, environments: Environments, tmp_path_factory: pytest.TempPathFactory
) -> GuideRun:
    """A copy of the project of the page, with an empty database."""
    copy = GuideRun(ROOT / name, tmp_path_factory.mktemp("copy"), environments)
    copy.continue_from(reader.follow(name))
    (copy.current_folder / "db.sqlite3").unlink(missing_ok=True)
    with (copy.current_folder / "shop" / "settings.py").open("a") as settings:
        settings.write(f"\n{QUICK}")
    return copy


@pytest.fixture(scope="module")
def seen(name: str, project: GuideRun) -> dict[str, Any]:
    script = f"ROUTES = {[*ROUTES[name], '/admin/']!r}\n{VISIT}"
    (project.current_folder / "visit.py").write_text(script)
    command = "python manage.py shell -v 0 < visit.py"
    project.run(command)
    found: dict[str, Any] = json.loads(project.outputs[command].partition("SEEN ")[2].splitlines()[0])
    return found


def test_check_of_fresh_project_finds_nothing(seen: dict[str, Any]) -> None:
    assert seen["check"] == "System check identified no issues (0 silenced).\n"


def test_tests_of_fresh_project_print_no_warning(project: GuideRun) -> None:
    project.run("python manage.py test")
    printed = project.outputs["python manage.py test"]
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


def test_example_views_allow_the_visitors_of_the_text(name: str, seen: dict[str, Any]) -> None:
    profile, *others = ROUTES[name]
    status = {visit: answer[0] for visit, answer in seen["seen"].items()}
    body = {visit: answer[1] for visit, answer in seen["seen"].items()}
    for visitor in ("kratos", "both, one account"):
        assert status[f"{visitor} {profile}"] == 200
        assert seen["ann"] in body[f"{visitor} {profile}"]
        assert "ann@example.org" in body[f"{visitor} {profile}"]
    for visitor in ("anonymous", "superuser by password form", "force_login"):
        assert status[f"{visitor} {profile}"] == 302
    assert status[f"both, two accounts {profile}"] == 403
    assert "You are signed in to two accounts" in body[f"both, two accounts {profile}"]
    assert status["superuser by password form /admin/"] == status["both, two accounts /admin/"] == 200
    if others:
        assert status["anonymous /"] == 302
        assert json.loads(body["superuser by password form /"]) == {"user": "root"}
        assert json.loads(body["both, two accounts /"]) == {"user": "root"}
        assert status["kratos /payout/"] == 200
