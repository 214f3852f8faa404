"""``ory:password_migration``: which password is accepted for which identity, and nothing in the log."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse

from django_ory.mirror.password_hook import checking
from django_ory.models import Identity
from django_ory.testing import FakeOry
from tests.mirror.conftest import no_network
from tests.mirror.imports.conftest import add_user
from tests.support.resources import list_calls

__all__ = ["no_network"]

pytestmark = pytest.mark.django_db

HOOK = reverse("ory:password_migration", args=["default"])
SECRET = "5d41402abc4b2a76b9719d911017c592"
EMAIL, PASSWORD = "ann@example.org", "a quiet harbor at 5 am"
WAITING = {"password": {"config": {"use_password_migration_hook": True}}}


@pytest.fixture(autouse=True)
def migrating(settings: Any) -> None:
    """A site in the middle of a migration, with an empty cache."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    configure(settings)
    checking.get_throttle.clear()


def configure(settings: Any, **changes: Any) -> None:
    values: dict[str, Any] = {"PASSWORD_MIGRATION_SECRETS": [SECRET, f"former-{SECRET}"]}
    values |= {"PASSWORD_MIGRATION_UNTIL": "2999-12-31", **changes}
    settings.ORY = {"default": {**settings.ORY["default"], **values}}


@pytest.fixture
def ann(ory: FakeOry) -> Any:
    """A user with an identity that waits for the first sign-in."""
    user = add_user(EMAIL, password=make_password(PASSWORD))
    identity = ory.kratos.identities.add({"traits": {"email": EMAIL}, "credentials": WAITING})
    Identity.objects.create(identity_id=identity["id"], user=user)
    return user


def post(password: Any = PASSWORD, *, identifier: Any = EMAIL, secret: str = SECRET) -> Any:
    body = {"identifier": identifier, "password": password}
    headers = {"X-Password-Migration-Secret": secret}
    return Client().post(HOOK, body, content_type="application/json", headers=headers)


def test_right_password_matches(ann: Any) -> None:
    response = post()
    assert (response.status_code, response.json()) == (200, {"status": "password_match"})
    assert post(identifier=EMAIL.upper(), secret=f"former-{SECRET}").status_code == 200
    before = ann.password
    ann.refresh_from_db()
    assert ann.password == before
    assert ann.last_login is None


def test_wrong_password_is_rejected(ann: Any) -> None:
    assert post("wrong").status_code == 403


def test_identity_that_does_not_wait_is_rejected(ory: FakeOry) -> None:
    user = add_user(EMAIL, password=make_password(PASSWORD))
    identity = ory.create_identity({"email": EMAIL})
    Identity.objects.create(identity_id=identity.id, user=user)
    assert post().status_code == 403


def test_identity_without_user_is_rejected(ory: FakeOry) -> None:
    add_user(EMAIL, password=make_password(PASSWORD))
    ory.kratos.identities.add({"traits": {"email": EMAIL}, "credentials": WAITING})
    assert post().status_code == 403


def test_unknown_identifier_takes_as_long_as_a_wrong_password(
    ann: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    def check(password: str, encoded: str) -> bool:
        checked.append(encoded)
        return False

    monkeypatch.setattr(checking, "check_password", check)
    assert post(identifier="stranger@example.org").status_code == 403
    assert post().status_code == 403
    assert checked == ["!", ann.password]


def test_inactive_user_is_rejected(ann: Any) -> None:
    ann.is_active = False
    ann.save()
    assert post().status_code == 403


@pytest.mark.parametrize("last_day", ["", "2020-01-01", "tomorrow"])
def test_after_the_last_day_every_password_is_rejected(ann: Any, settings: Any, last_day: str) -> None:
    configure(settings, PASSWORD_MIGRATION_UNTIL=last_day)
    assert post().status_code == 403


def test_attempts_are_limited(ann: Any) -> None:
    statuses = [post("wrong").status_code for _ in range(checking.MAX_ATTEMPTS_PER_IDENTITY)]
    assert set(statuses) == {403}
    assert post().status_code == 403


def test_cache_that_fails_rejects(ann: Any, settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "tests.nothing.Missing"}}
    checking.get_throttle.clear()
    assert post().status_code == 403


@pytest.mark.parametrize("secret", ["", "wrong", f"{SECRET} "])
def test_wrong_secret_reads_nothing(ory: FakeOry, ann: Any, secret: str) -> None:
    if secret.strip() == SECRET:
        secret = SECRET[:-1]
    before = len(list_calls(ory))
    assert post(secret=secret).status_code == 403
    assert len(list_calls(ory)) == before


def test_endpoint_without_secrets_does_not_exist(settings: Any) -> None:
    configure(settings, PASSWORD_MIGRATION_SECRETS=[])
    assert post().status_code == 404
    assert Client().get(HOOK).status_code == 405


@pytest.mark.parametrize(
    ("identifier", "password"),
    [(None, PASSWORD), (EMAIL, None), (EMAIL, ""), (EMAIL, "x" * 4097), (["x"], "y"), ("x" * 1025, "y")],
)
def test_wrong_document_is_rejected(ann: Any, identifier: Any, password: Any) -> None:
    assert post(password, identifier=identifier).status_code == 403


@pytest.mark.parametrize("body", ["", "[]", "null", '"text"', "{", "[" * 10_000])
def test_body_that_is_no_document_is_rejected(body: str) -> None:
    headers = {"X-Password-Migration-Secret": SECRET}
    response = Client().post(HOOK, body, content_type="application/json", headers=headers)
    assert response.status_code in (400, 403, 415)


def test_kratos_that_fails_is_unavailable(ory: FakeOry, ann: Any) -> None:
    ory.set_fault("kratos", "down")
    assert post().status_code == 503


def test_hasher_without_its_library_is_unavailable(ann: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(password: str, encoded: str) -> bool:
        raise ValueError("Couldn't load the library")

    monkeypatch.setattr(checking, "check_password", check)
    assert post().status_code == 503


def test_neither_password_nor_identifier_is_logged(ann: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for password in (PASSWORD, "wrong password 1", "x" * 5000):
        response = post(password)
        assert password not in response.content.decode()
    for _ in range(12):
        post("wrong password 1")
    for text in (PASSWORD, "wrong password 1", EMAIL):
        assert text not in caplog.text
