"""The sign-in page of the admin with a link to the sign-in page of Ory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.admin import site
from django.urls import reverse

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def test_login_template_links_to_the_sign_in_page_of_ory(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "login_template", "admin/django_ory/login.html")
    page = client.get(reverse("admin:index"), follow=True)
    assert f'href="{reverse("ory:login")}?next=/admin/"' in page.content.decode()
    assert 'name="password"' in page.content.decode()
