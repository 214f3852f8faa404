"""Who is checked is whom the view sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model

if TYPE_CHECKING:
    from django.test import Client

    from .stand_in import StandIn

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.sessions.urls")]

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
def test_what_one_person_proved_opens_nothing_for_another(
    client: Client, kratos: StandIn, route: str
) -> None:
    """Django's session names somebody else than Kratos': the view would see that one."""
    kratos.signed_in(authenticator_assurance_level="aal2")
    victim = User._default_manager.create(**{User.USERNAME_FIELD: "root@example.org"})
    client.force_login(victim, backend=DJANGOS)
    client.cookies["ory_kratos_session"] = "abc"
    assert client.get(f"/{route}/").status_code == 403
    assert client.get("/who/").json()["user"] == str(victim.pk)


@pytest.mark.parametrize("route", ["everything", "user-async"])
def test_the_same_person_twice_is_let_in(client: Client, kratos: StandIn, route: str) -> None:
    kratos.signed_in(authenticator_assurance_level="aal2")
    client.cookies["ory_kratos_session"] = "abc"
    client.get("/who/")
    client.force_login(User._default_manager.get(), backend=DJANGOS)
    assert client.get(f"/{route}/").status_code == 200
