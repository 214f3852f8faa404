"""The page for Ory's documentation, in the project that it makes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import requests

from django_ory.client import OryClient
from tests.live.native_sign_in import post_sign_in
from tests.support.guides import ROOT, GuideRun

if TYPE_CHECKING:
    from django_ory.devstack import StackAddresses

NAME = "docs/ory-docs/django.mdx"
PAGE = ROOT / NAME
EMAIL, PASSWORD = "ann@example.org", "a quiet harbor at 5 am"
pytestmark = pytest.mark.page(NAME)


def test_page_of_the_guide_needs_a_session(page_stack: StackAddresses) -> None:
    with OryClient(kratos_admin_url=page_stack.kratos_admin_url) as client:
        password = {"password": {"config": {"password": PASSWORD}}}
        body = {"schema_id": "person", "traits": {"email": EMAIL}, "credentials": password}
        identity = client.create_identity(body=body)
    token = post_sign_in(page_stack.kratos_public_url, EMAIL, PASSWORD).json()["session_token"]

    home = f"{page_stack.site_url}/"
    anonymous = requests.get(home, allow_redirects=False, timeout=30)
    assert anonymous.status_code == 302
    assert anonymous.headers["Location"].startswith("/auth/login/?")
    signed_in = requests.get(home, headers={"X-Session-Token": token}, timeout=30).json()
    assert (signed_in["identity"], signed_in["traits"]["email"]) == (identity.id, EMAIL)


def test_addresses_of_the_pages_are_those_of_the_printed_configuration(page_run: GuideRun) -> None:
    (printed,) = (text for command, text in page_run.outputs.items() if "ory_config" in command)
    addresses = re.findall(r'ui_url: "(.+)"', printed)
    assert len(addresses) == 6
    assert re.findall(r'ui_url="(.+?)"', page_run.adapt(PAGE.read_text())) == addresses


def test_head_has_the_form_of_ory() -> None:
    head = PAGE.read_text().split("---\n")[1]
    assert head == "id: django\ntitle: Integrate authentication into Django\nsidebar_label: Django\n"
