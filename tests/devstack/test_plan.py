from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

from django_ory.devstack.ports import Ports
from django_ory.devstack.stack.plan import StackAddresses, load_or_create_secrets, write_configs
from tests.support.yaml_text import load_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from django_ory.devstack.config.site import SiteUrls


def test_ory_setting_has_all_urls(tmp_path: Path) -> None:
    plan = StackAddresses(folder=tmp_path, site_url="http://localhost:8000", ports=Ports(hydra_admin=1))
    assert plan.ory_setting == {
        "default": {
            "KRATOS_PUBLIC_URL": "http://localhost:4433",
            "KRATOS_ADMIN_URL": "http://localhost:4434",
            "HYDRA_PUBLIC_URL": "http://localhost:4444",
            "HYDRA_ADMIN_URL": "http://localhost:1",
        }
    }
    assert plan.ports.get_pair("kratos") == (4433, 4434)


def test_configurations_have_the_ports_of_the_stack(plan: StackAddresses) -> None:
    kratos = load_yaml((plan.folder / "kratos.yaml").read_text())
    hydra = load_yaml((plan.folder / "hydra.yaml").read_text())
    assert kratos["serve"]["public"]["base_url"] == f"http://localhost:{plan.ports.kratos_public}/"
    for config, ports in ((kratos, plan.ports.get_pair("kratos")), (hydra, plan.ports.get_pair("hydra"))):
        assert (config["serve"]["public"]["port"], config["serve"]["admin"]["port"]) == ports
    assert (
        kratos["courier"]["smtp"]["connection_uri"]
        == f"smtp://127.0.0.1:{plan.ports.smtp}/?disable_starttls=true"
    )


def test_overrides_change_one_server(plan: StackAddresses, site: SiteUrls) -> None:
    overrides = {"kratos": {"session": {"lifespan": "1s"}}}
    write_configs(plan, site, overrides=overrides)
    written = {name: (plan.folder / f"{name}.overrides.json").read_text() for name in ("kratos", "hydra")}
    assert {name: json.loads(text) for name, text in written.items()} == {**overrides, "hydra": {}}
    write_configs(plan, site)
    assert json.loads((plan.folder / "kratos.overrides.json").read_text()) == {}


def test_secrets_are_kept_and_private(plan: StackAddresses, site: SiteUrls) -> None:
    before = load_or_create_secrets(plan.folder)
    write_configs(plan, site)
    assert load_or_create_secrets(plan.folder) == before
    for name in ("secrets.json", "kratos.yaml", "hydra.yaml", "kratos.overrides.json"):
        assert stat.S_IMODE((plan.folder / name).stat().st_mode) == 0o600


def test_secrets_are_created_with_their_folder(tmp_path: Path) -> None:
    assert load_or_create_secrets(tmp_path / "new" / ".ory") == load_or_create_secrets(
        tmp_path / "new" / ".ory"
    )
