"""Each page of the admin is linked, renders, and carries no inline script or style."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from .admin_pages import ADMIN_SETTINGS, fill_ory, find_pages, sign_in_staff

if TYPE_CHECKING:
    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

INLINE = re.compile(r"<style|<script(?![^>]*(?:src=|application/json))|\sstyle=|\son[a-z]+=\"", re.IGNORECASE)


def test_each_page_renders_without_inline_script_or_style(ory: FakeOry, settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], **ADMIN_SETTINGS}}
    fill_ory(ory)
    found = dict(find_pages(sign_in_staff()))
    for name, response in found.items():
        html = response.content.decode()
        assert response.status_code == 200, name
        assert html.count("<h1") == 1, name
        assert not INLINE.findall(html), name
    assert {"webhookdelivery_changelist", "webhookdelivery_change"} <= found.keys()
