"""Requirements apply to the user that the view sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model

from tests.support.kratos import IDENTITY_ID

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.fixtures import ChangeOry
    from tests.support.kratos import Whoami

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.authentication.urls")]

User: Any = get_user_model()
DJANGOS = "django.contrib.auth.backends.ModelBackend"


@pytest.mark.parametrize(
    "route",
    [
        "session",
        "session-async",
        "user",
        "user-async",
        "aal2",
        "aal2-async",
        "verified",
        "everything",
        "mixin",
    ],
)
def test_requirement_met_by_another_account_is_denied(
    client: Client, kratos: Whoami, route: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The Django session has another user than the Kratos session, and the view would see the former."""
    kratos.signed_in(authenticator_assurance_level="aal2")
    victim = User._default_manager.create(**{User.USERNAME_FIELD: "root@example.org"})
    client.force_login(victim, backend=DJANGOS)
    client.cookies["ory_kratos_session"] = "abc"
    for _ in range(2):
        response = client.get(f"/{route}/")
        assert response.status_code == 403
        page = response.content.decode()
        assert "You are signed in to two accounts" in page
        assert 'action="/auth/logout/"' in page
        assert "root@example.org" not in page
        assert "ann@example.org" not in page
    assert client.get("/report/").json()["user"] == str(victim.pk)
    (record,) = (each for each in caplog.records if "Request denied" in each.message)  # once per minute
    assert f"request.user is {victim.pk}," in record.message
    assert IDENTITY_ID in record.message
    assert "ann@example.org" not in record.message


@pytest.mark.parametrize("route", ["session", "session-async", "user", "admin"])
def test_identity_without_django_user_beside_another_user_is_explained(
    client: Client, kratos: Whoami, change_ory: ChangeOry, route: str
) -> None:
    change_ory(CREATE_USERS=False)
    kratos.signed_in()
    victim = User._default_manager.create(**{User.USERNAME_FIELD: "root@example.org"})
    client.force_login(victim, backend=DJANGOS)
    client.cookies["ory_kratos_session"] = "abc"
    response = client.get("/admin/login/" if route == "admin" else f"/{route}/")
    assert response.status_code == (200 if route == "admin" else 403)
    if route != "admin":
        assert b"You are signed in to two accounts" in response.content


def test_inactive_user_is_denied_beside_another_user(client: Client, kratos: Whoami) -> None:
    kratos.signed_in()
    client.cookies["ory_kratos_session"] = "abc"
    client.get("/user/")
    User._default_manager.update(is_active=False)
    client.force_login(
        User._default_manager.create(**{User.USERNAME_FIELD: "root@example.org"}), backend=DJANGOS
    )
    client.cookies["ory_kratos_session"] = "abc"
    response = client.get("/session/")
    assert response.status_code == 403
    assert b"this account has no access" in response.content


@pytest.mark.parametrize("route", ["everything", "user-async"])
def test_django_session_of_the_same_user_is_allowed(client: Client, kratos: Whoami, route: str) -> None:
    kratos.signed_in(authenticator_assurance_level="aal2")
    client.cookies["ory_kratos_session"] = "abc"
    client.get("/report/")
    client.force_login(User._default_manager.get(), backend=DJANGOS)
    assert client.get(f"/{route}/").status_code == 200
