"""Staff link an identity to another user, or to none, after a confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from django_ory.models import Identity
from django_ory.signals import identity_linked
from django_ory.users.lookup import resolve_user
from tests.support.kratos import build_identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

pytestmark = pytest.mark.django_db
User: Any = get_user_model()


def make_user(name: str, **values: Any) -> Any:
    return User._default_manager.create(**{User.USERNAME_FIELD: f"{name}@example.org", **values})


@pytest.fixture
def row() -> Identity:
    """An identity that was linked to the wrong user."""
    resolve_user(build_identity(), alias="default")
    return Identity.objects.get()


def get_link_url(row: Identity) -> str:
    return reverse("admin:django_ory_identity_link", args=[row.pk])


def get_change_url(row: Identity) -> str:
    return reverse("admin:django_ory_identity_change", args=[row.pk])


def confirm(client: Client, row: Identity, user: Any) -> Any:
    return client.post(get_link_url(row), {"user": user.pk if user else "", "confirm": "1"})


def get_linked_user(row: Identity) -> Any:
    return Identity.objects.get(pk=row.pk).user


def get_errors(response: Any) -> list[str]:
    return [str(error) for error in response.context["form"].errors.get("user", [])]


def test_identity_is_linked_after_a_confirmation(admin: Client, row: Identity) -> None:
    before, user = row.user, make_user("right")
    assert get_link_url(row) in admin.get(get_change_url(row)).content.decode()
    assert admin.get(get_link_url(row)).status_code == 200
    asked = admin.post(get_link_url(row), {"user": user.pk})
    html = asked.content.decode()
    assert "Confirm" in html
    assert f'name="user" value="{user.pk}"' in html
    assert get_linked_user(row) == before

    received: list[Any] = []

    def receiver(**values: Any) -> None:
        received.append((values["user"], values["created"]))

    identity_linked.connect(receiver)
    response = confirm(admin, row, user)
    identity_linked.disconnect(receiver)
    assert response["Location"] == get_change_url(row)
    assert get_linked_user(row) == user
    assert received == [(user, False)]
    entry = LogEntry.objects.get()
    assert before is not None
    assert (entry.action_flag, entry.object_id) == (CHANGE, str(row.pk))
    assert entry.change_message == f"Linked to user {user.pk} instead of {before.pk}."


def test_next_request_has_the_new_user_with_the_fields_of_the_identity(admin: Client, row: Identity) -> None:
    before, user = row.user, make_user("right")
    confirm(admin, row, user)
    assert before is not None
    if User.USERNAME_FIELD == "email":  # the address is unique, and still the other user's
        before.delete()
    found: Any = resolve_user(build_identity(), alias="default").user
    assert found == user
    found.refresh_from_db()
    assert found.email == "ann@example.org"


def test_identity_is_unlinked(admin: Client, row: Identity) -> None:
    before = row.user
    confirm(admin, row, None)
    assert get_linked_user(row) is None
    assert before is not None
    assert LogEntry.objects.get().change_message == f"Linked to user None instead of {before.pk}."


def test_present_user_of_another_identity_and_unknown_user_are_rejected(admin: Client, row: Identity) -> None:
    before, other = row.user, make_user("other")
    Identity.objects.create(identity_id=UUID(int=9), user=other)
    for user, text in ((before, "already linked to this user"), (other, "linked to another identity")):
        response = confirm(admin, row, user)
        assert text in get_errors(response)[0]
    assert get_errors(admin.post(get_link_url(row), {"user": "x", "confirm": "1"}))
    assert get_linked_user(row) == before
    Identity.objects.filter(user=other).update(alias="club")
    confirm(admin, row, other)
    assert get_linked_user(row) == other


def test_user_linked_in_the_meantime_is_an_error_message(
    admin: Client, row: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, other = row.user, make_user("other")
    Identity.objects.create(identity_id=UUID(int=9), user=other)
    monkeypatch.setattr("django_ory.admin.identities.linking.IdentityLinkForm.clean_user", lambda self: other)
    response = confirm(admin, row, other)
    assert response.status_code == 302
    assert get_linked_user(row) == before
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("permissions", "status"),
    [
        (("view_identity", "change_identity_state", "sync_identity", "delete_identity"), 403),
        (("link_identity",), 403),
        (("view_identity", "link_identity"), 403),
        (("view_identity", "link_identity", "view users"), 200),
    ],
)
def test_link_needs_its_permissions(
    staff_with: Callable[..., Client], row: Identity, permissions: tuple[str, ...], status: int
) -> None:
    client = staff_with(*permissions)
    if "view users" in permissions:
        allow_view_users(client)
    assert client.get(get_link_url(row)).status_code == status
    user = make_user("right")
    assert confirm(client, row, user).status_code == (302 if status == 200 else 403)
    assert (get_linked_user(row) == user) is (status == 200)
    if status != 200 and "view_identity" in permissions:
        assert get_link_url(row) not in client.get(get_change_url(row)).content.decode()


def allow_view_users(client: Client) -> Any:
    actor = User._default_manager.get(pk=client.session["_auth_user_id"])
    label = User._meta.app_label
    view = Permission.objects.get(content_type__app_label=label, codename=f"view_{User._meta.model_name}")
    actor.user_permissions.add(view)
    return actor


@pytest.mark.parametrize("rights", ["is_staff", "is_superuser", "permission"])
@pytest.mark.parametrize("direction", ["to", "from"])
def test_link_cannot_grant_missing_rights(
    staff_with: Callable[..., Client], row: Identity, rights: str, direction: str
) -> None:
    client = staff_with("view_identity", "link_identity")
    allow_view_users(client)
    before, boss = row.user, make_user("boss", **({} if rights == "permission" else {rights: True}))
    if rights == "permission":
        boss.user_permissions.add(Permission.objects.get(codename="delete_oauth2client"))
    if direction == "from":
        Identity.objects.update(user=boss)
    confirm(client, row, boss if direction == "to" else None)
    assert get_linked_user(row) == (boss if direction == "from" else before)


def test_own_account_cannot_be_linked(staff_with: Callable[..., Client], row: Identity) -> None:
    client = staff_with("view_identity", "link_identity")
    actor = allow_view_users(client)
    before = row.user
    confirm(client, row, actor)
    assert get_linked_user(row) == before


def test_get_and_missing_csrf_token_change_nothing(admin_with_csrf: Client, row: Identity) -> None:
    before, user = row.user, make_user("right")
    assert confirm(admin_with_csrf, row, user).status_code == 403
    admin_with_csrf.get(get_link_url(row), {"user": user.pk, "confirm": "1"})
    assert get_linked_user(row) == before


def test_missing_identity_redirects_to_the_list(admin: Client, row: Identity) -> None:
    url = get_link_url(row)
    row.delete()
    assert admin.get(url).status_code == 302


def test_linked_user_signs_in_as_a_new_login(admin: Client, row: Identity) -> None:
    Identity.objects.update(recent_sessions=[["s", timezone.now().isoformat()]])
    confirm(admin, row, make_user("right"))
    changed = Identity.objects.get()
    assert (changed.recent_sessions, changed.filled_fields, changed.user_digest) == ([], [], "")
