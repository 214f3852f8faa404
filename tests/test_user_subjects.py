"""The subjects of Django users: opaque, stable, reversible with the secret only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model

from django_ory.adapter import get_adapter
from django_ory.conf import OryConfigurationError
from django_ory.user_subjects import MAX_KEY, decrypt_key, encrypt_key
from tests.support.kratos import ory_settings

if TYPE_CHECKING:
    from pytest_django import Settings

SECRET = "0123456789abcdef0123456789abcdef"


class TestCipher:
    def test_subject_never_changes(self) -> None:
        """Clients know users by these values, so no release may change them."""
        assert encrypt_key(1, secret=SECRET) == "d25499ba-5733-c986-4b1b-c9c02a71f348"
        assert encrypt_key(2, secret=SECRET) == "7c96e630-092d-1e92-3d3f-7d9fef9aa907"

    @pytest.mark.parametrize("key", [0, 1, 2, 255, 2**32, MAX_KEY])
    def test_subject_is_decrypted_to_its_key(self, key: int) -> None:
        subject = encrypt_key(key, secret=SECRET)
        assert str(UUID(subject)) == subject
        assert decrypt_key(subject, secret=SECRET) == key

    def test_subjects_of_many_keys_differ(self) -> None:
        subjects = {encrypt_key(key, secret=SECRET) for key in range(2_000)}
        assert len(subjects) == 2_000
        assert len({subject[:4] for subject in subjects}) > 1_500  # no order, no common prefix

    def test_subject_of_another_secret_is_invalid(self) -> None:
        assert decrypt_key(encrypt_key(1, secret=SECRET[::-1]), secret=SECRET) is None

    @pytest.mark.parametrize(
        "subject",
        [
            *("", "1", "not a uuid", "\x00", "é" * 36, "x" * 100_000),
            "00000000-0000-0000-0000-000000000001",
            encrypt_key(1, secret=SECRET).upper(),
            "{" + encrypt_key(1, secret=SECRET) + "}",
            encrypt_key(1, secret=SECRET).replace("-", ""),
        ],
    )
    def test_invalid_subject_has_no_key(self, subject: str) -> None:
        assert decrypt_key(subject, secret=SECRET) is None

    def test_every_changed_digit_makes_the_subject_invalid(self) -> None:
        subject = encrypt_key(7, secret=SECRET)
        for index, digit in enumerate(subject):
            if digit != "-":
                changed = subject[:index] + ("0" if digit != "0" else "1") + subject[index + 1 :]
                assert decrypt_key(changed, secret=SECRET) is None

    @pytest.mark.parametrize("key", [-1, MAX_KEY + 1])
    def test_key_out_of_range_is_an_error(self, key: int) -> None:
        with pytest.raises(ValueError, match="primary key"):
            encrypt_key(key, secret=SECRET)


class FakeModel:
    """A user with a primary key of any type."""

    def __init__(self, pk: Any) -> None:
        self.pk = pk


class TestAdapter:
    def test_subject_of_a_user_finds_the_user(self, db: None, settings: Settings) -> None:
        settings.ORY = ory_settings(OAUTH2_SUBJECT_KEY=SECRET)
        user = get_user_model().objects.create(email="alice@example.org")
        adapter = get_adapter("default")
        subject = adapter.get_user_subject(user)
        assert adapter.find_user_by_subject(subject) == user
        user.delete()
        assert adapter.find_user_by_subject(subject) is None

    def test_uuid_is_its_own_subject(self) -> None:
        key = "5b1c1dcb-7cc9-4e0a-9a9e-1f0c2a6f3a01"
        user: Any = FakeModel(UUID(key))
        assert get_adapter("default").get_user_subject(user) == key

    def test_number_without_a_secret_is_a_configuration_error(self) -> None:
        user: Any = FakeModel(1)
        with pytest.raises(OryConfigurationError, match="OAUTH2_SUBJECT_KEY"):
            get_adapter("default").get_user_subject(user)

    def test_text_is_a_configuration_error(self, settings: Settings) -> None:
        settings.ORY = ory_settings(OAUTH2_SUBJECT_KEY=SECRET)
        user: Any = FakeModel("alice")
        with pytest.raises(OryConfigurationError, match="override"):
            get_adapter("default").get_user_subject(user)
