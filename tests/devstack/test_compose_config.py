"""``ory_config compose``: a file for Docker Compose with the site, Kratos, Hydra, PostgreSQL and a proxy."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from django_ory.devstack.servers.specs import SERVERS, ServerSpec
from tests.support.yaml_text import load_yaml

KRATOS = {
    "KRATOS_PUBLIC_URL": "http://kratos:4433",
    "KRATOS_BROWSER_URL": "https://auth.example.org",
    "KRATOS_ADMIN_URL": "http://kratos:4434",
}
HYDRA = {
    "HYDRA_PUBLIC_URL": "http://hydra:4444",
    "HYDRA_BROWSER_URL": "https://auth.example.org",
    "HYDRA_ADMIN_URL": "http://hydra:4445",
}
SECRET = "a-secret-that-must-not-be-printed"


def render(setting: dict[str, Any], **settings: Any) -> str:
    output = io.StringIO()
    settings = {
        "STATIC_ROOT": "/srv/static",
        "WSGI_APPLICATION": "shop.wsgi.application",
        "SECRET_KEY": SECRET,
        **settings,
    }
    with override_settings(ORY={"default": setting}, **settings):
        call_command("ory_config", "compose", "--site-url", "https://www.example.org", stdout=output)
    return output.getvalue()


@pytest.fixture
def compose() -> Any:
    return load_yaml(render({**KRATOS, **HYDRA}))


def test_images_have_versions(compose: Any) -> None:
    images = {name: service.get("image") for name, service in compose["services"].items()}
    for spec in SERVERS.values():
        for name in (spec.name, f"{spec.name}-migrate"):
            assert images[name] == f"oryd/{spec.name}:{spec.version}"
    assert images["kratos-courier"] == images["kratos"]
    assert re.fullmatch(r"postgres:\d+\.\d+-alpine", images["postgres"])
    assert re.fullmatch(r"caddy:\d+\.\d+\.\d+-alpine", images["proxy"])
    assert compose["services"]["site"]["build"] == ".."


def test_only_the_proxy_has_ports(compose: Any) -> None:
    with_ports = {name for name, service in compose["services"].items() if "ports" in service}
    assert with_ports == {"proxy"}
    assert compose["networks"]["database"] == {"internal": True}
    assert compose["services"]["proxy"]["networks"] == ["servers"]
    assert compose["services"]["postgres"]["networks"] == ["database"]


def test_secrets_are_in_files(compose: Any) -> None:
    text = render({**KRATOS, **HYDRA, "WEBHOOK_SECRETS": [SECRET], "COURIER_SECRETS": [SECRET]})
    assert SECRET not in text
    assert not re.search(r"postgres://", text)
    for name in ("kratos", "kratos-migrate", "kratos-courier", "hydra", "hydra-migrate", "site", "postgres"):
        assert compose["services"][name]["env_file"] == [f"secrets/{name.partition('-')[0]}.env"]


@pytest.mark.parametrize("spec", SERVERS.values(), ids=SERVERS)
def test_server_starts_after_its_migrations(compose: Any, spec: ServerSpec) -> None:
    service, migrate = compose["services"][spec.name], compose["services"][f"{spec.name}-migrate"]
    assert service["depends_on"] == {f"{spec.name}-migrate": {"condition": "service_completed_successfully"}}
    assert migrate["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert "--dev" not in service["command"]
    assert "--watch-courier" not in service["command"]


def test_keys_are_those_of_the_compose_specification(compose: Any) -> None:
    assert set(compose) <= {
        *("name", "services", "configs", "networks", "volumes"),
        *(key for key in compose if key.startswith("x-")),
    }
    keys = {key for service in compose["services"].values() for key in service}
    assert keys <= {
        *("build", "command", "configs", "depends_on", "env_file", "environment", "healthcheck", "image"),
        *("networks", "ports", "restart", "volumes"),
    }
    checks = [service["healthcheck"] for service in compose["services"].values() if "healthcheck" in service]
    assert all(set(check) == {"test", "interval", "timeout", "retries"} for check in checks)
    assert all(check["test"][0] in {"CMD", "CMD-SHELL"} for check in checks)


def test_references_exist(compose: Any) -> None:
    for service in compose["services"].values():
        assert set(service.get("depends_on", {})) <= set(compose["services"])
        assert set(service["networks"]) <= set(compose["networks"])
        for config in service.get("configs", ()):
            assert config["source"] in compose["configs"]
        for volume in service.get("volumes", ()):
            assert volume.partition(":")[0] in compose["volumes"]
    files = {config["file"] for config in compose["configs"].values() if "file" in config}
    assert files == {"kratos.yml", "hydra.yml", "Caddyfile"}


def test_site_runs_the_application_of_the_settings(compose: Any) -> None:
    site = compose["services"]["site"]
    assert site["command"][0] == "gunicorn"
    assert site["command"][-1] == "shop.wsgi:application"
    assert site["volumes"] == ["static:/srv/static"]
    assert compose["services"]["site-migrate"]["command"][-1].split(" && ") == [
        "python manage.py migrate --noinput",
        "python manage.py createcachetable",
        "python manage.py collectstatic --noinput",
    ]
    assert list(site["depends_on"]) == ["site-migrate", "kratos", "hydra"]


def test_site_without_hydra_and_static_files_has_none() -> None:
    text = render(KRATOS, STATIC_ROOT=None)
    compose = load_yaml(text)
    assert "hydra" not in text.replace("gunicorn accepts", "").lower().replace("hydra's challenges", "")
    assert "static" not in text
    assert set(compose["volumes"]) == {"postgres", "certificates"}
    assert "kratos-courier" in compose["services"]


def test_urls_of_other_hosts_are_an_error() -> None:
    local = {"KRATOS_PUBLIC_URL": "http://127.0.0.1:4433", "KRATOS_ADMIN_URL": "http://kratos:4434"}
    with pytest.raises(CommandError) as raised:
        render(local)
    assert '"KRATOS_PUBLIC_URL": "http://kratos:4433",' in str(raised.value)
    assert "KRATOS_ADMIN_URL" not in str(raised.value)


def test_no_server_is_an_error() -> None:
    with pytest.raises(CommandError, match="has no KRATOS_ADMIN_URL and no HYDRA_ADMIN_URL"):
        render({"SDK_URL": "", "KRATOS_PUBLIC_URL": "http://kratos:4433"})
