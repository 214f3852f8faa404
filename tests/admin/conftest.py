"""Staff users of the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from tests.mirror.conftest import no_network
from tests.support.fixtures import inside

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["admin", "admin_with_csrf", "inside", "no_network", "staff", "staff_with"]

BACKEND = "django.contrib.auth.backends.ModelBackend"


def create_staff(name: str, **values: Any) -> Any:
    model = get_user_model()
    return model.objects.create(**{model.USERNAME_FIELD: f"{name}@example.com", "is_staff": True, **values})


@pytest.fixture
def staff(db: None) -> Any:
    return create_staff("admin", is_superuser=True)


@pytest.fixture
def admin(staff: Any) -> Client:
    client = Client()
    client.force_login(staff, backend=BACKEND)
    return client


@pytest.fixture
def admin_with_csrf(staff: Any) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff, backend=BACKEND)
    return client


@pytest.fixture
def staff_with(db: None) -> Callable[..., Client]:
    def sign_in(*permissions: str) -> Client:
        user = create_staff("helpdesk")
        user.user_permissions.set(
            Permission.objects.filter(content_type__app_label="django_ory", codename__in=permissions)
        )
        client = Client()
        client.force_login(user, backend=BACKEND)
        return client

    return sign_in
