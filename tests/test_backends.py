"""The authentication backend."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import aauthenticate, authenticate, get_user_model
from django.contrib.auth.models import Group, Permission

from django_ory.backends import OryBackend
from tests.support.kratos import ago, build_session, identity_json

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

pytestmark = pytest.mark.django_db
User: Any = get_user_model()


def sign_in(**changes: Any) -> AbstractBaseUser | None:
    return authenticate(None, ory_session=build_session(**changes))


def test_authenticate_with_session_returns_the_user() -> None:
    user: Any = sign_in()
    assert user.backend == "django_ory.backends.OryBackend"
    assert OryBackend().get_user(user.pk) == user


@pytest.mark.parametrize(
    "changes",
    [{"active": False}, {"expires_at": ago(minutes=1)}, {"identity": identity_json(state="inactive")}],
)
def test_invalid_session_returns_no_user(changes: dict[str, Any]) -> None:
    assert sign_in(**changes) is None


def test_session_without_identity_returns_no_user() -> None:
    session = build_session()
    session.identity = None
    assert authenticate(None, ory_session=session) is None


def test_inactive_user_is_not_returned() -> None:
    user: Any = sign_in()
    User._default_manager.update(is_active=False)
    assert sign_in() is None
    assert OryBackend().get_user(user.pk) is None


def test_password_is_not_accepted() -> None:
    assert authenticate(None, username="ann@example.org", password="x") is None


@pytest.mark.django_db(transaction=True)
def test_aauthenticate_returns_the_user() -> None:
    async def ask() -> AbstractBaseUser | None:
        return await aauthenticate(None, ory_session=build_session())

    assert asyncio.run(ask()) is not None


def test_permissions_are_those_of_model_backend() -> None:
    user: Any = sign_in()
    assert not user.has_perm("auth.add_group")
    group = Group.objects.create(name="editors")
    group.permissions.add(Permission.objects.get(codename="add_group"))
    user.groups.add(group)
    user = sign_in()
    assert user.has_perm("auth.add_group")
    assert user.has_module_perms("auth")
