from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack.config.rendering import render_config
from django_ory.devstack.servers.specs import SERVERS

from .conftest import render

if TYPE_CHECKING:
    from django_ory.devstack.config.server_plan import ServerPlan
    from django_ory.devstack.config.site import SiteUrls


@pytest.mark.parametrize("name", ["yes", "1", "null", "a: b # c", "'\"\\\n\té", "{{ dsn }}{% if %}", "&a *b"])
def test_texts_are_read_back_unchanged(site: SiteUrls, server_plan: ServerPlan, name: str) -> None:
    kratos = render("kratos", replace(site, name=name, mail_name=name), replace(server_plan, dsn=name))
    assert kratos["dsn"] == kratos["courier"]["smtp"]["from_name"] == name
    assert kratos["selfservice"]["methods"]["passkey"]["config"]["rp"]["display_name"] == name


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("version", [(1, 3, 1), (26, 2, 0)])
@pytest.mark.parametrize("courier_url", ["", "http://localhost:8000/auth/courier/default/"])
@pytest.mark.parametrize("dev", [True, False])
def test_comments_are_above_their_keys(
    site: SiteUrls,
    server_plan: ServerPlan,
    server: str,
    version: tuple[int, int, int],
    courier_url: str,
    dev: bool,
) -> None:
    plan = replace(server_plan, server_version=version, dev=dev)
    text = render_config(server, replace(site, courier_url=courier_url), plan, title="One\nTwo")
    head, _, body = text.partition("\n\n")
    assert head == "# One\n# Two"
    assert "\n\n\n" not in body
    assert "{" + "%" not in body
    lines = body.splitlines()
    for line, following in pairwise(lines):
        if comment := re.match(r" *# ", line):
            assert re.match(re.escape(comment[0]) + rf"|{comment[0][:-2]}[a-z_]+:", following), line
            assert len(line) <= 105
