"""Pages that are not in the table yet, followed with the real Kratos and Hydra."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

from django_ory.clients import get_client
from django_ory.devstack.ports import find_free_ports
from tests.support.guides import ROOT, Environments, GuideRun

if TYPE_CHECKING:
    from pathlib import Path

    from django_ory.devstack import StackAddresses

GUIDES = ROOT / "docs" / "guides"
IDENTITY_ID = "9f425a8d-7efc-4768-8f23-7647a74fdf13"


@pytest.mark.parametrize("name", ["machines.md", "mcp.md"])
def test_page_is_followed(
    name: str, ory_stack: StackAddresses, settings: Any, environments: Environments, tmp_path: Path
) -> None:
    settings.ORY = ory_stack.ory_setting
    email = f"p{secrets.token_hex(6)}@example.org"
    identity = get_client().admin_create_identity(body={"schema_id": "person", "traits": {"email": email}})
    [port] = find_free_ports(1)
    replace = {
        "http://localhost:4433": ory_stack.kratos_public_url,
        "http://localhost:4434": ory_stack.kratos_admin_url,
        "http://localhost:4444": ory_stack.hydra_public_url,
        "http://localhost:4445": ory_stack.hydra_admin_url,
        "localhost:8000": f"localhost:{port}",
        "--port 8000": f"--port {port}",
        IDENTITY_ID: identity.id,
    }
    with GuideRun(GUIDES / name, tmp_path, environments, replace=replace) as run:
        run.follow()
    assert run.illustrations == []
