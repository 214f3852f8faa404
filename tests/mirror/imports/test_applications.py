"""``ory_import_clients``: bodies for Hydra, secrets in the file only, repeated runs.

django-oauth-toolkit is not installed: ``Application`` has the fields of its model.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command

from django_ory.client import OryServerError
from django_ory.mirror.imports.applications import (
    ApplicationImport,
    ApplicationImportOptions,
    build_client,
)
from django_ory.models import OAuth2Client
from django_ory.testing import FakeOry
from tests.support.resources import list_calls

from .conftest import read_lines

pytestmark = pytest.mark.django_db

SECRET = "stored as text, at least 16"
OPTIONS = ApplicationImportOptions(alias="default")


@dataclass
class Application:
    """An application of django-oauth-toolkit 3."""

    pk: int = 1
    client_id: str = "shop"
    name: str = "Shop"
    client_type: str = "confidential"
    authorization_grant_type: str = "authorization-code"
    client_secret: str = ""
    hash_client_secret: bool = True
    redirect_uris: str = "https://shop.example/a https://shop.example/b"
    post_logout_redirect_uris: str = "https://shop.example/bye"
    allowed_origins: str = "https://shop.example"
    skip_authorization: bool = False
    algorithm: str = "RS256"
    user_id: int | None = 7


@dataclass
class Model:
    """The model, as far as the command uses it."""

    applications: list[Application]

    @property
    def _default_manager(self) -> Model:
        return self

    def order_by(self, _name: str) -> Model:
        return self

    def iterator(self) -> list[Application]:
        return self.applications


Command = Callable[..., str]


@pytest.fixture
def import_clients(monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run the command for some applications."""

    def run(*arguments: str, applications: list[Application]) -> str:
        monkeypatch.setattr(apps, "get_model", lambda _name: Model(applications))
        out = StringIO()
        call_command("ory_import_clients", *arguments, stdout=out, no_color=True)
        return out.getvalue()

    return run


def test_application_becomes_a_client_with_the_same_id(
    ory: FakeOry, import_clients: Command, tmp_path: Path
) -> None:
    path, report = tmp_path / "secrets.jsonl", tmp_path / "report.jsonl"
    arguments = ["--secrets-file", str(path), "--report", str(report)]
    out = import_clients(*arguments, applications=[Application(client_secret=make_password("x"))])
    client = ory.hydra.clients.clients["shop"]
    expected = {
        "client_name": "Shop",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "redirect_uris": ["https://shop.example/a", "https://shop.example/b"],
        "post_logout_redirect_uris": ["https://shop.example/bye"],
        "allowed_cors_origins": ["https://shop.example"],
        "scope": "read write openid offline_access",
        "token_endpoint_auth_method": "client_secret_basic",
        "skip_consent": False,
        "owner": "7",
        "metadata": {"django_application": "1"},
    }
    assert {name: client[name] for name in expected} == expected
    (line,) = read_lines(path)
    assert line["client_id"] == "shop"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert line["client_secret"] not in out + report.read_text() + str(OAuth2Client.objects.get().data)
    assert read_lines(report)[0]["status"] == "created"


def test_secret_is_in_the_file_before_hydra_gets_it(
    ory: FakeOry, import_clients: Command, tmp_path: Path
) -> None:
    path = tmp_path / "secrets.jsonl"
    ory.respond("POST /admin/clients", fault="error")
    with pytest.raises(CommandError, match="Run the command again"):
        import_clients("--secrets-file", str(path), applications=[Application()])
    assert len(read_lines(path)) == 1


def test_secret_stored_as_text_is_kept(ory: FakeOry, import_clients: Command) -> None:
    application = Application(client_secret=SECRET, hash_client_secret=False)
    prepared = build_client(application, OPTIONS)
    assert (prepared.body["client_secret"], prepared.secret) == (SECRET, "")
    assert "1 created" in import_clients(applications=[application])


def test_client_without_file_for_its_secret_is_not_created(ory: FakeOry, import_clients: Command) -> None:
    with pytest.raises(CommandError, match="--secrets-file"):
        import_clients(applications=[Application()])
    assert not ory.hydra.clients.clients


def test_second_run_keeps_clients_and_secrets(ory: FakeOry, import_clients: Command, tmp_path: Path) -> None:
    path = tmp_path / "secrets.jsonl"
    import_clients("--secrets-file", str(path), applications=[Application()])
    OAuth2Client.objects.all().delete()
    assert "1 found" in import_clients("--secrets-file", str(path), applications=[Application()])
    assert len(read_lines(path)) == 1
    assert OAuth2Client.objects.get().client_id == "shop"


def test_client_of_somebody_else_is_not_changed(ory: FakeOry, import_clients: Command) -> None:
    ory.create_oauth2_client("shop", client_name="Another")
    with pytest.raises(CommandError, match="not imported"):
        import_clients(applications=[Application(client_secret=SECRET, hash_client_secret=False)])
    assert ory.hydra.clients.clients["shop"]["client_name"] == "Another"


def test_dry_run_changes_nothing(ory: FakeOry, import_clients: Command, tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    applications = [Application(), Application(pk=2, client_id="b", authorization_grant_type="password")]
    out = import_clients("--dry-run", "--report", str(report), applications=applications)
    assert "1 invalid, 1 valid" in out
    assert [line["status"] for line in read_lines(report)] == ["valid", "invalid"]
    assert not list_calls(ory, method="POST")


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({"client_type": "public"}, {"token_endpoint_auth_method": "none"}),
        ({"skip_authorization": True}, {"skip_consent": True}),
        (
            {"authorization_grant_type": "client-credentials", "redirect_uris": ""},
            {"grant_types": ["client_credentials"], "scope": "read write openid"},
        ),
        (
            {"authorization_grant_type": "openid-hybrid"},
            {"response_types": ["code", "code id_token", "code token", "code id_token token"]},
        ),
        ({"algorithm": ""}, {"scope": "read write offline_access"}),
    ],
)
def test_fields_become_members_of_the_client(fields: dict[str, Any], body: dict[str, Any]) -> None:
    built = build_client(Application(**fields), OPTIONS).body
    assert {name: built[name] for name in body} == body
    assert ("client_secret" in built) == (fields.get("client_type") != "public")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"authorization_grant_type": "password"}, "no_grant"),
        ({"redirect_uris": ""}, "no_redirect_uri"),
        ({"authorization_grant_type": "implicit"}, "implicit"),
        ({"algorithm": "HS256"}, "hs256"),
        ({}, "new_secret"),
    ],
)
def test_finding_about_an_application(fields: dict[str, Any], code: str) -> None:
    assert code in build_client(Application(**fields), OPTIONS).codes


def test_scopes_of_the_site_are_granted(settings: Any) -> None:
    settings.OAUTH2_PROVIDER = {"SCOPES": {"openid": "", "loans": "Loans"}}
    assert build_client(Application(), OPTIONS).body["scope"] == "openid loans offline_access"


def test_refusal_of_hydra_is_reported_and_the_rest_goes_on(ory: FakeOry) -> None:
    lines: list[Any] = []
    error = {"error": "invalid_client_metadata", "error_description": "A redirect URI has a fragment."}
    ory.respond("POST /admin/clients", json=error, status=400)
    clients = ApplicationImport(OPTIONS, report=lines.append, write_secret=lambda _line: None)
    counts = clients.run([Application(), Application(pk=2, client_id="b")])
    assert counts == {"invalid": 2}
    assert "fragment" in lines[0]["reason"]


def test_outage_of_hydra_stops(ory: FakeOry) -> None:
    ory.respond("POST /admin/clients", fault="error")
    clients = ApplicationImport(OPTIONS, write_secret=lambda _line: None)
    with pytest.raises(OryServerError):
        clients.run([Application()])


def test_missing_model_raises_command_error() -> None:
    with pytest.raises(CommandError, match="There is no model"):
        call_command("ory_import_clients")


def test_id_that_no_url_can_have_is_reported(ory: FakeOry) -> None:
    lines: list[Any] = []
    counts = ApplicationImport(OPTIONS, report=lines.append).run([Application(client_id="..")])
    assert counts == {"invalid": 1}
    assert "id_not_addressable" in [finding["code"] for finding in lines[0]["findings"]]
