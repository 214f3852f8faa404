"""``manage.py ory_make_staff``: requirements for access to the admin, and error messages."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from django_ory.models import Identity

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import Settings

    from django_ory.client import models as ory_models
    from django_ory.testing import FakeOry

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.testing.guide_urls")]

EMAIL = "ada@example.com"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("ory_make_staff", *arguments, stdout=out, no_color=True)
    return out.getvalue()


def get_user(identity: ory_models.Identity) -> Any:
    return Identity.objects.get(identity_id=identity.id).user


def sign_in(ory: FakeOry, client: Client, **options: Any) -> ory_models.Identity:
    identity = ory.create_identity({"email": EMAIL}, **options)
    ory.login(client, identity)
    assert client.get("/profile/").status_code == 200
    return identity


@pytest.mark.parametrize("superuser", [True, False])
def test_user_with_verified_address_becomes_staff(ory: FakeOry, client: Client, superuser: bool) -> None:
    identity = sign_in(ory, client)
    said = run("Ada@example.com", *(["--superuser"] if superuser else []))
    user = get_user(identity)
    assert (user.is_staff, user.is_superuser) == (True, superuser)
    assert "can use the Django admin now" in said
    assert ("sees no pages" in said) is not superuser


def test_superuser_stays_superuser(ory: FakeOry, client: Client) -> None:
    identity = sign_in(ory, client)
    run(EMAIL, "--superuser")
    assert "sees no pages" not in run(EMAIL)
    assert get_user(identity).is_superuser


def test_inactive_user_gets_a_warning(ory: FakeOry, client: Client) -> None:
    user = get_user(sign_in(ory, client))
    user.is_active = False
    user.save()
    assert "The user is not active" in run(EMAIL)


def test_identity_without_a_row_is_an_error_and_creates_nothing(ory: FakeOry) -> None:
    ory.create_identity({"email": EMAIL})
    with pytest.raises(CommandError, match="has no user on this site yet"):
        run(EMAIL)
    assert not get_user_model().objects.exists()
    assert not Identity.objects.exists()


def test_row_without_a_user_is_an_error(ory: FakeOry) -> None:
    identity = ory.create_identity({"email": EMAIL})
    Identity.objects.create(alias="default", identity_id=identity.id)
    with pytest.raises(CommandError, match="has no user on this site yet"):
        run(EMAIL)


def test_unknown_address_is_an_error(ory: FakeOry) -> None:
    with pytest.raises(CommandError, match=r"No identity in Kratos has the address nobody@example\.com\."):
        run("nobody@example.com")


def test_unverified_address_is_an_error(ory: FakeOry, client: Client) -> None:
    identity = sign_in(ory, client, verified=False)
    with pytest.raises(CommandError, match="is not verified"):
        run(EMAIL)
    assert not get_user(identity).is_staff


def test_label_without_verified_address_is_an_error(ory: FakeOry, client: Client) -> None:
    identity = sign_in(ory, client)
    Identity.objects.update(label="other@example.com")  # a label is no proof
    with pytest.raises(CommandError, match="is not verified"):
        run("other@example.com")
    assert not get_user(identity).is_staff


def test_local_user_with_the_address_is_not_changed(ory: FakeOry) -> None:
    user = get_user_model()
    other = user(email=EMAIL, **({} if user.USERNAME_FIELD == "email" else {"username": "ada"}))
    other.save()
    with pytest.raises(CommandError, match="No identity in Kratos"):
        run(EMAIL)
    other.refresh_from_db()
    assert not other.is_staff


def test_unavailable_kratos_is_an_error_with_the_remedy(ory: FakeOry) -> None:
    message = r"Identity lookup failed \(project default\): .*ory_check"
    with ory.fault("kratos", "down"), pytest.raises(CommandError, match=message):
        run(EMAIL)


def test_missing_admin_url_is_an_error(ory: FakeOry, settings: Settings) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "KRATOS_ADMIN_URL": ""}}
    with pytest.raises(CommandError, match="KRATOS_ADMIN_URL"):
        run(EMAIL)


def test_user_model_without_is_staff_is_an_error(ory: FakeOry, monkeypatch: pytest.MonkeyPatch) -> None:
    from django_ory.management.commands import ory_make_staff

    monkeypatch.setattr(ory_make_staff, "get_user_model", lambda: Identity)
    with pytest.raises(CommandError, match="has no field is_staff"):
        run(EMAIL)
