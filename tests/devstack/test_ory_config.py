from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from django_ory.devstack.config.site import SiteUrls
from django_ory.devstack.ports import Ports
from django_ory.devstack.servers.server import sqlite_dsn
from django_ory.devstack.servers.specs import SERVERS
from django_ory.devstack.stack.plan import StackAddresses, write_configs
from tests.support.yaml_text import load_yaml

if TYPE_CHECKING:
    from pathlib import Path


def printed(*arguments: str) -> str:
    out = io.StringIO()
    call_command("ory_config", *arguments, stdout=out)
    return out.getvalue()


def config(*arguments: str) -> Any:
    return load_yaml(printed(*arguments))


LOCAL = {
    "default": {
        "KRATOS_PUBLIC_URL": "http://localhost:14433",
        "KRATOS_ADMIN_URL": "http://localhost:14434",
        "HYDRA_PUBLIC_URL": "http://hydra:4444",
        "HYDRA_BROWSER_URL": "https://id.example.com",
        "HYDRA_ADMIN_URL": "http://hydra:4445",
    }
}


@override_settings(ORY=LOCAL)
def test_template_for_production_has_placeholders_for_secrets(tmp_path: Path) -> None:
    text = printed("kratos", "--site-url", "https://www.example.com")
    kratos = load_yaml(text)
    assert kratos["selfservice"]["flows"]["login"]["ui_url"] == "https://www.example.com/auth/login/"
    assert kratos["secrets"]["cookie"] == ["FILL-IN"]
    assert kratos["dsn"] == "FILL-IN"
    # Browsers use the public URL, too, so the server may have another port behind a proxy.
    assert (kratos["serve"]["public"]["port"], kratos["serve"]["admin"]["port"]) == (4433, 14434)
    assert text.startswith(
        "# Kratos v1.3.1 for https://www.example.com, printed by: manage.py ory_config kratos."
    )
    assert text.count("\n# ") + text.count("  # ") > 20
    assert not (tmp_path / ".ory").exists()


def test_secrets_of_the_settings_are_printed_only_if_wanted() -> None:
    secrets = {
        "WEBHOOK_SECRETS": ["first-secret-of-the-hooks", "old-secret-of-the-hooks"],
        "COURIER_SECRETS": ["first-secret-of-the-mails"],
        "TOKEN_HOOK_SECRETS": ["first-secret-of-the-tokens"],
    }
    with override_settings(ORY={"default": {**LOCAL["default"], **secrets}}):
        for server in SERVERS:
            assert "-secret-of-" not in printed(server, "--site-url", "https://www.example.com")
        kratos = printed("kratos", "--with-secrets", "--site-url", "https://www.example.com")
        hydra = printed("hydra", "--with-secrets", "--site-url", "https://www.example.com")
    for text, name in ((kratos, "hooks"), (kratos, "mails"), (hydra, "tokens")):
        assert f'value: "first-secret-of-the-{name}"' in text
    assert "old-secret" not in kratos
    assert "value: FILL-IN" not in kratos.replace('"', "")
    for document in (load_yaml(kratos), load_yaml(hydra)):  # those of the server itself stay out
        assert document["dsn"] == "FILL-IN"
        assert document["secrets"]["cookie"] == ["FILL-IN"]


@override_settings(ORY=LOCAL)
def test_dev_configuration_is_complete(tmp_path: Path) -> None:
    kratos = config("kratos", "--dev")
    assert kratos == config("kratos", "--dev")  # its secrets stay
    assert kratos["dsn"] == sqlite_dsn(tmp_path / ".ory" / "kratos.sqlite3")
    assert kratos["serve"]["public"]["base_url"] == "http://localhost:14433/"
    assert kratos["courier"]["smtp"]["connection_uri"] == "smtp://127.0.0.1:1025/?disable_starttls=true"
    assert (kratos["serve"]["public"]["port"], kratos["serve"]["admin"]["port"]) == (14433, 14434)
    assert kratos["secrets"]["cookie"] == [
        json.loads((tmp_path / ".ory" / "secrets.json").read_text())["cookie"]
    ]
    assert "FILL-IN" not in json.dumps(kratos)
    hydra = config("hydra", "--dev")
    assert "FILL-IN" not in json.dumps(hydra)
    assert hydra["urls"]["self"]["issuer"] == "https://id.example.com"
    assert (hydra["serve"]["public"]["port"], hydra["serve"]["admin"]["port"]) == (4444, 4445)


def test_dev_configuration_equals_that_of_ory_dev(tmp_path: Path) -> None:
    setting = StackAddresses(folder=tmp_path / ".ory", site_url="http://localhost:8000", ports=Ports())
    with override_settings(ORY=setting.ory_setting):
        write_configs(setting, SiteUrls.from_project(setting.site_url))
        for name in SERVERS:
            assert config(name, "--dev") == load_yaml((setting.folder / f"{name}.yaml").read_text())


def test_ports_are_those_of_the_internal_urls() -> None:
    internal = {
        "KRATOS_PUBLIC_URL": "http://127.0.0.1:5433",
        "KRATOS_BROWSER_URL": "https://auth.example.com:8443",
        "KRATOS_ADMIN_URL": "https://kratos.internal",
    }
    with override_settings(ORY={"default": internal}):
        serve = config("kratos", "--site-url", "https://www.example.com:8443")["serve"]
    assert (serve["public"]["port"], serve["admin"]["port"]) == (5433, 4434)
    assert serve["public"]["host"] == serve["admin"]["host"] == "127.0.0.1"


def test_server_on_another_machine_listens_on_all_addresses() -> None:
    for url in ("http://kratos.internal:4433", "http://localhost:14433"):
        internal = {**LOCAL["default"], "KRATOS_PUBLIC_URL": url}
        with override_settings(ORY={"default": internal}):
            # Browsers use the second URL, too, so the server may be behind a proxy of another machine.
            assert "host" not in config("kratos", "--site-url", "https://www.example.com")["serve"]["public"]


@override_settings(ORY=LOCAL)
def test_issuer_of_hydra_is_the_browser_url() -> None:
    hydra = config("hydra", "--site-url", "https://www.example.com")
    assert hydra["urls"]["self"]["issuer"] == "https://id.example.com"
    assert hydra["urls"]["consent"] == "https://www.example.com/auth/oauth2/consent/"


def test_identity_schema_option_replaces_the_schema(tmp_path: Path) -> None:
    schema = config("kratos", "--identity-schema", "https://example.com/person.json")["identity"]["schemas"][
        0
    ]
    assert schema["url"] == "https://example.com/person.json"
    with pytest.raises(CommandError, match=r"Cannot read the identity schema .*none\.json"):
        printed("kratos", "--identity-schema", str(tmp_path / "none.json"))


@pytest.mark.parametrize("server", ["kratos", "hydra"])
@override_settings(ORY={"default": {"KRATOS_PUBLIC_URL": "http://localhost:4433"}})
def test_missing_url_in_the_settings_is_an_error(server: str) -> None:
    key = "KRATOS_ADMIN_URL" if server == "kratos" else "HYDRA_PUBLIC_URL"
    with pytest.raises(CommandError, match=f'settings.ORY\\["default"\\]\\["{key}"\\] is not set'):
        printed(server)


@pytest.mark.parametrize("url", ["www.example.com", "http://[", "http://localhost:port", "http://a@b/", "/x"])
def test_invalid_site_url_is_an_error(url: str) -> None:
    with pytest.raises(CommandError, match="is not the URL of a site"):
        printed("kratos", "--site-url", url)


@pytest.mark.parametrize("url", ["http://[", "http://localhost:port", "localhost:4433"])
def test_invalid_url_in_the_settings_is_an_error(url: str) -> None:
    with (
        override_settings(ORY={"default": {**LOCAL["default"], "KRATOS_BROWSER_URL": url}}),
        pytest.raises(CommandError, match=r'\["KRATOS_PUBLIC_URL"\] is not the URL of a server'),
    ):
        printed("kratos", "--dev")


#: Dotted paths that a Kratos before v26.2 refuses.
NEWER = {
    "secrets.pagination": ["FILL-IN"],
    "selfservice.flows.registration.style": "profile_first",
    "selfservice.methods.code.config.max_submissions": 5,
    "identity.schemas.0.selfservice_selectable": True,
    "clients.web_hook.header_allowlist": ["Accept-Language", "User-Agent"],
}


def at(document: Any, path: str) -> Any:
    """The value at a dotted path, or None."""
    for name in path.split("."):
        document = document[int(name)] if isinstance(document, list) else (document or {}).get(name)
    return document


@pytest.mark.parametrize("version", ["", "1.3.1", "v25.4.0", "v26.1.9"])
def test_older_version_omits_newer_settings(version: str) -> None:
    kratos = config("kratos", "--server-version", version)
    assert {path: at(kratos, path) for path in NEWER} == dict.fromkeys(NEWER)
    assert "clients" not in kratos


@pytest.mark.parametrize("version", ["v26.2.0", "26.2", "v27.0.1"])
def test_newer_version_has_newer_settings(version: str) -> None:
    text = printed("kratos", "--server-version", version)
    kratos = load_yaml(text)
    assert {path: at(kratos, path) for path in NEWER} == NEWER
    assert kratos["version"] == f"v{version.lstrip('v')}{'.0' if version.count('.') == 1 else ''}"
    assert "# Encrypts page tokens" in text
    older = config("kratos", "--server-version", "1.3.1")
    assert kratos["selfservice"]["methods"]["code"]["config"]["lifespan"] == "15m"
    assert kratos["secrets"]["cookie"] == older["secrets"]["cookie"]


def test_dev_configuration_adds_a_missing_pagination_secret(tmp_path: Path) -> None:
    (tmp_path / ".ory").mkdir()
    (tmp_path / ".ory" / "secrets.json").write_text(
        json.dumps({"cookie": "c" * 32, "cipher": "p" * 32, "system": "s" * 32})  # of an earlier version
    )
    secrets = config("kratos", "--dev", "--server-version", "v26.2.0")["secrets"]
    assert secrets["cookie"] == ["c" * 32]
    assert len(secrets["pagination"][0]) == 32
    assert secrets == config("kratos", "--dev", "--server-version", "v26.2.0")["secrets"]


@pytest.mark.parametrize("version", ["latest", "v26", "26.2.0-rc1", "v1.3.1 "])
def test_invalid_version_is_an_error(version: str) -> None:
    with pytest.raises(CommandError, match="is not a server version"):
        printed("kratos", "--server-version", version)


@pytest.mark.parametrize(
    ("server", "options", "commands"),
    [
        (
            "kratos",
            (),
            [
                "DSN=... kratos migrate sql --read-from-env --yes",
                "kratos serve --sqa-opt-out --watch-courier -c kratos.yml",
            ],
        ),
        (
            "kratos",
            ("--dev",),
            [
                "DSN=... kratos migrate sql --read-from-env --yes",
                "kratos serve --dev --sqa-opt-out --watch-courier -c kratos.yml",
            ],
        ),
        (
            "hydra",
            (),
            ["DSN=... hydra migrate sql --read-from-env --yes", "hydra serve all --sqa-opt-out -c hydra.yml"],
        ),
    ],
)
def test_head_has_the_commands_to_migrate_and_start(
    server: str, options: tuple[str, ...], commands: list[str]
) -> None:
    head = printed(server, *options).partition("\n\n")[0].splitlines()
    assert [line.removeprefix("#   ") for line in head if line.startswith("#   ")] == commands
    assert ("courier" in " ".join(head)) is (server == "kratos")
