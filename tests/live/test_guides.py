"""The pages of the docs that build a project, followed to the letter with the real Kratos and Hydra."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from django_ory.clients import get_client
from django_ory.devstack import StackAddresses
from django_ory.devstack.ports import find_free_ports
from tests.live.native_sign_in import post_sign_in
from tests.support.guides import GuideRun

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "guides"
IDENTITY_ID = "9f425a8d-7efc-4768-8f23-7647a74fdf13"
SERVERS = ("python manage.py runserver", "python -m uvicorn")


@pytest.mark.parametrize("name", ["machines.md", "mcp.md"])
def test_page_is_followed(name: str, ory_stack: StackAddresses, settings: Any, tmp_path: Path) -> None:
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
    with GuideRun(GUIDES / name, tmp_path, replace=replace, servers=SERVERS) as run:
        run.follow()
    assert run.skipped == []
    assert run.illustrations == []


def test_page_of_web_hooks_is_followed(tmp_path: Path) -> None:
    """With a stack of its own, because Kratos posts to the site of the page."""
    site, kratos, kratos_admin, hydra, hydra_admin, smtp, mailbox = find_free_ports(7)
    ports = (
        f"--kratos-public-port {kratos} --kratos-admin-port {kratos_admin} --hydra-public-port {hydra} "
        f"--hydra-admin-port {hydra_admin} --smtp-port {smtp} --mailbox-port {mailbox} --port {site}"
    )
    replace = {
        "http://localhost:4433": f"http://localhost:{kratos}",
        "http://localhost:4434": f"http://localhost:{kratos_admin}",
        "http://localhost:4444": f"http://localhost:{hydra}",
        "http://localhost:4445": f"http://localhost:{hydra_admin}",
        "localhost:8000": f"localhost:{site}",
        "--port 8000": ports,
        "django-ory[dev]": "django-ory",  # the tests bring Go in another way
    }
    servers = ("python manage.py ory_dev",)
    with GuideRun(GUIDES / "webhooks.md", tmp_path, replace=replace, servers=servers) as run:
        run.follow()
    assert run.skipped == []
    assert len(run.illustrations) == 2


def test_moving_page_is_followed(ory_stack: StackAddresses, settings: Any, tmp_path: Path) -> None:
    settings.ORY = ory_stack.ory_setting
    domain = f"d{secrets.token_hex(6)}.example.org"
    replace = {
        "http://localhost:4433": ory_stack.kratos_public_url,
        "http://localhost:4434": ory_stack.kratos_admin_url,
        "@example.org": f"@{domain}",
    }
    with GuideRun(GUIDES / "moving.md", tmp_path, replace=replace) as run:
        run.follow()
    assert run.skipped == []
    assert [block.language for block in run.illustrations] == ["python", "shell", "python"]
    signed_in = post_sign_in(ory_stack.kratos_public_url, f"ann@{domain}", "a quiet harbor at 5 am")
    assert signed_in.status_code == 200
    assert not get_client().admin_list_identities(credentials_identifier=f"bob@{domain}")
