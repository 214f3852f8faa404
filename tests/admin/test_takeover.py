"""Staff gain no rights by editing identities: not those of other users, and none by metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from django_ory.adapter import OryAdapter
from django_ory.models import Identity
from tests.support.admin_pages import get_url
from tests.support.browser_forms import read_form
from tests.support.resources import list_calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

ADD = reverse("admin:django_ory_identity_add")
PERMISSIONS = ("view_identity", "add_identity", "change_identity", "view_personal_data", "change_credentials")


@pytest.fixture
def row(ory: FakeOry) -> Identity:
    stored = ory.kratos.identities.add({"schema_id": "person", "traits": {"email": "ann@example.com"}})
    return Identity.objects.create(identity_id=UUID(stored["id"]), label="ann@example.com")


@pytest.fixture
def operator(staff_with: Callable[..., Client]) -> Client:
    return staff_with(*PERMISSIONS)


@pytest.fixture
def grants(monkeypatch: pytest.MonkeyPatch) -> None:
    """The adapter gives rights by metadata, as in the guide about users."""

    class Adapter(OryAdapter):
        def grant(self, user: Any, identity: Any) -> None:
            user.is_staff = "admin" in (identity.metadata_public or {}).get("roles", ())

    monkeypatch.setattr("django_ory.admin.takeover.get_adapter", lambda alias: Adapter(alias))


def test_identity_of_staff_is_read_only_for_other_staff(
    operator: Client, admin: Client, staff: Any, row: Identity, ory: FakeOry
) -> None:
    assert 'name="_save"' in operator.get(get_url(row)).content.decode()
    form = read_form(operator.get(get_url(row)).content.decode(), form_id="identity_form")
    Identity.objects.filter(pk=row.pk).update(user=staff)
    assert 'name="_save"' not in operator.get(get_url(row)).content.decode()
    assert operator.post(get_url(row), form).status_code == 403
    assert not list_calls(ory, method="PATCH")
    assert 'name="_save"' in admin.get(get_url(row)).content.decode()


def test_metadata_that_gives_rights_is_only_for_superusers(
    operator: Client, admin: Client, row: Identity, ory: FakeOry, grants: None
) -> None:
    for url in (get_url(row), f"{ADD}?schema_id=person"):
        assert 'name="metadata_public"' not in operator.get(url).content.decode()
        assert 'name="metadata_public"' in admin.get(url).content.decode()
    form = read_form(operator.get(get_url(row)).content.decode(), form_id="identity_form")
    operator.post(get_url(row), {**form, "metadata_public": '{"roles": ["admin"]}'})
    new = read_form(operator.get(f"{ADD}?schema_id=person").content.decode(), form_id="identity_form")
    new |= {name: ["eve@example.com"] for name in new if name.endswith("email")}
    operator.post(ADD, {**new, "metadata_public": '{"roles": ["admin"]}'})
    assert Identity.objects.count() == 2
    found = ory.kratos.identities.identities.values()
    assert [each["metadata_public"] for each in found] == [None, None]


def test_metadata_without_rights_can_be_changed(operator: Client, row: Identity) -> None:
    assert 'name="metadata_public"' in operator.get(get_url(row)).content.decode()


def test_identity_that_would_get_rights_by_its_metadata_is_only_for_superusers(
    operator: Client, admin: Client, row: Identity, ory: FakeOry, grants: None
) -> None:
    assert operator.get(get_url(row, "set-password")).status_code == 200
    ory.kratos.identities.get(str(row.identity_id))["metadata_public"] = {"roles": ["admin"]}
    assert operator.get(get_url(row, "set-password")).status_code == 403
    assert admin.get(get_url(row, "set-password")).status_code == 200
    model = get_user_model()
    user = model.objects.create(**{model.USERNAME_FIELD: "plain@example.com"})
    Identity.objects.filter(pk=row.pk).update(user=user)  # the rights of a user are known
    assert operator.get(get_url(row, "set-password")).status_code == 200


def test_identity_with_metadata_that_gives_rights_is_linked_by_superusers_only(
    staff_with: Callable[..., Client], admin: Client, row: Identity, ory: FakeOry, grants: None
) -> None:
    model = get_user_model()
    plain = model.objects.create(**{model.USERNAME_FIELD: "plain@example.com"})
    client = staff_with(*PERMISSIONS, "link_identity")
    viewer = Permission.objects.get(
        content_type__app_label=model._meta.app_label, codename=f"view_{model._meta.model_name}"
    )
    model.objects.get(**{model.USERNAME_FIELD: "helpdesk@example.com"}).user_permissions.add(viewer)
    data = {"user": plain.pk, "confirm": "1"}
    ory.kratos.identities.get(str(row.identity_id))["metadata_public"] = {"roles": ["admin"]}
    assert "Only superusers" in client.post(get_url(row, "link"), data).content.decode()
    assert Identity.objects.get(pk=row.pk).user is None
    ory.kratos.identities.get(str(row.identity_id))["metadata_public"] = None
    assert client.post(get_url(row, "link"), data).status_code == 302
    assert Identity.objects.get(pk=row.pk).user == plain
