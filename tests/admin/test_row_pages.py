"""The tabs and buttons of a row, and the pages that the tabs lead to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin import AdminSite, site
from django.urls import path, reverse

from django_ory.admin import IdentityAdmin
from django_ory.admin.row_pages import RowPage
from django_ory.client import OryTimeout
from django_ory.mirror.clients import sync_clients
from django_ory.mirror.identities import sync_identities
from django_ory.models import Identity, OAuth2Client
from tests.support.admin_pages import get_url
from tests.support.resources import add_clients, add_identities, make_client, make_identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(ory: FakeOry) -> Identity:
    add_identities(ory, make_identity(1))
    sync_identities("default")
    return Identity.objects.get()


def get_tabs(html: str) -> list[str]:
    """The titles of the tabs."""
    tabs = re.search(r'<nav class="ory-tabs".*?</nav>', html, re.DOTALL)
    return re.findall(r"<a [^>]*>(.*?)</a>", tabs[0]) if tabs else []


def test_each_page_of_a_row_has_the_tabs_and_selects_its_own(admin: Client, row: Identity) -> None:
    for name, title in (("change", "Details"), ("link", "Linked user"), ("history", "History")):
        html = admin.get(get_url(row, name)).content.decode()
        assert {"Details", "Linked user", "History"} <= set(get_tabs(html))
        assert f'<a href="{get_url(row, name)}" aria-current="page">{title}</a>' in html
        assert len(re.findall(r'<a [^>]* aria-current="page">(?:Details|Linked user|History)</a>', html)) == 1


def test_tabs_and_urls_need_the_permission_of_the_page(
    staff_with: Callable[..., Client], row: Identity
) -> None:
    client = staff_with("view_identity")
    assert "Linked user" not in get_tabs(client.get(get_url(row)).content.decode())
    assert client.get(get_url(row, "link")).status_code == 403
    assert client.post(get_url(row, "link")).status_code == 403


def test_page_of_a_deleted_row_redirects_to_the_list(admin: Client, row: Identity) -> None:
    url = get_url(row, "link")
    row.delete()
    response: Any = admin.get(url, follow=True)
    assert response.redirect_chain[-1][0] == reverse("admin:django_ory_identity_changelist")
    assert "no longer exists" in response.content.decode()


def test_tabs_keep_the_filters_of_the_list(admin: Client, row: Identity) -> None:
    html = admin.get(f"{get_url(row)}?_changelist_filters=state%3Dactive").content.decode()
    assert f'href="{get_url(row, "link")}?_changelist_filters=state%3Dactive"' in html


def test_breadcrumbs_end_with_the_page_after_the_row(admin: Client, row: Identity) -> None:
    html = admin.get(get_url(row, "link")).content.decode()
    crumbs = re.search(r'<ol class="breadcrumbs[^>]*>(.*?)</ol>', html, re.DOTALL)
    assert crumbs is not None
    assert f'<a href="{get_url(row)}">person1@example.com</a>' in crumbs[1]
    assert '<li aria-current="page">Linked user</li>' in crumbs[1]


def test_page_is_not_stored(admin: Client, row: Identity) -> None:
    assert "no-store" in admin.get(get_url(row, "link"))["Cache-Control"]


def test_buttons_are_forms_of_their_own_beside_the_main_form(admin: Client, ory: FakeOry) -> None:
    add_clients(ory, make_client("a", client_name="Bookshop"))
    sync_clients("default")
    html = admin.get(get_url(OAuth2Client.objects.get())).content.decode()
    form = re.search(r'<form [^>]*id="oauth2client_form".*?</form>', html, re.DOTALL)
    assert form is not None
    assert "_save" in form[0]
    assert "Refresh from Ory" not in form[0]
    assert html.index("Refresh from Ory") < form.start()


def test_add_page_and_popup_have_no_tabs(admin: Client, row: Identity, ory: FakeOry) -> None:
    assert not get_tabs(admin.get(reverse("admin:django_ory_oauth2client_add")).content.decode())
    assert not get_tabs(admin.get(f"{get_url(row)}?_popup=1").content.decode())


class TestOwnPage:
    """A page that a site adds, as in the guide."""

    @pytest.fixture
    def seen(self, row: Identity, settings: Any) -> list[str]:
        seen: list[str] = []

        def show_orders(model_admin: Any, request: HttpRequest, row: Identity) -> HttpResponseBase:
            seen.append(f"{request.method} {row}")
            if "error" in request.GET:
                raise OryTimeout("too slow")
            response: HttpResponseBase = model_admin.render_row_page(
                request, row, "orders", "row_page.html", title="Your orders"
            )
            return response

        orders = RowPage[Identity](
            name="orders", title="Orders", permission="export_identity", view=show_orders
        )
        own_site = AdminSite("own")
        model_admin = type("Own", (IdentityAdmin,), {"row_pages": (*IdentityAdmin.row_pages, orders)})
        own_site.register(Identity, model_admin)
        settings.ROOT_URLCONF = type("urls", (), {"urlpatterns": [path("own/", own_site.urls)]})
        return seen

    def test_page_has_a_tab_for_users_with_the_permission(
        self, staff_with: Callable[..., Client], row: Identity, seen: list[str]
    ) -> None:
        client = staff_with("view_identity", "export_identity", "view_personal_data")
        html = client.get(f"/own/django_ory/identity/{row.pk}/orders/").content.decode()
        assert "Orders" in get_tabs(html)
        assert "<h1>Your orders</h1>" in html
        assert seen == ["GET person1@example.com"]

    def test_page_of_another_site_links_to_that_site_only(
        self, staff_with: Callable[..., Client], row: Identity, seen: list[str], settings: Any
    ) -> None:
        settings.ROOT_URLCONF.urlpatterns.insert(0, path("admin/", site.urls))
        client = staff_with("view_identity", "export_identity", "view_session", "delete_identity")
        for page in ("orders", "sessions"):
            html = client.get(f"/own/django_ory/identity/{row.pk}/{page}/").content.decode()
            assert 'href="/own/django_ory/"' in html
            assert 'href="/admin/' not in html

    def test_other_users_are_refused(
        self, staff_with: Callable[..., Client], row: Identity, seen: list[str]
    ) -> None:
        client = staff_with("view_identity", "view_personal_data")
        url = f"/own/django_ory/identity/{row.pk}/orders/"
        assert client.get(url).status_code == client.post(url).status_code == 403
        assert "Orders" not in get_tabs(
            client.get(f"/own/django_ory/identity/{row.pk}/change/").content.decode()
        )
        assert seen == []

    def test_error_of_ory_is_a_message(self, admin: Client, row: Identity, seen: list[str]) -> None:
        url = f"/own/django_ory/identity/{row.pk}/orders/?error=1"
        response = admin.get(url)
        assert response.status_code == 503
        assert "Ory timed out" in response.content.decode()
        after: Any = admin.post(url, follow=True)
        assert after.redirect_chain == [(f"/own/django_ory/identity/{row.pk}/orders/", 302)]
        assert ["Ory timed out" in str(message) for message in after.context["messages"]] == [True]
