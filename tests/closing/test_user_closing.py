"""Deactivating and anonymizing the Django user of a deleted account."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_ory.user_closing import anonymize_user, deactivate_user

pytestmark = pytest.mark.django_db


def create_user(name: str) -> Any:
    model = get_user_model()
    values: dict[str, Any] = {"email": f"{name}@example.org", "first_name": "Ann", "last_name": "Lee"}
    if model.USERNAME_FIELD != "email":
        values[model.USERNAME_FIELD] = name
    known = {each.name for each in model._meta.fields}
    user = model(**{key: value for key, value in values.items() if key in known})
    user.set_password("secret")
    user.save()
    return user


def read(user: Any) -> Any:
    return get_user_model()._default_manager.get(pk=user.pk)


def test_deactivated_user_keeps_the_name() -> None:
    user = create_user("ann")
    deactivate_user(user)
    stored = read(user)
    assert not stored.is_active
    assert not stored.has_usable_password()
    assert stored.email == "ann@example.org"


def test_anonymized_users_have_no_names_and_stay_unique() -> None:
    users = [create_user("ann"), create_user("bob")]
    for user in users:
        anonymize_user(user)
        anonymize_user(user)  # twice is no error
    stored = [read(user) for user in users]
    assert not any(each.is_active or each.has_usable_password() for each in stored)
    texts = [str(vars(each)) for each in stored]
    assert not [text for text in texts for word in ("ann", "Ann", "Lee", "bob") if word in text]
    assert len({each.get_username() for each in stored}) == 2
    stored[0].full_clean(exclude=["first_name", "last_name", "name", "email"])


def test_further_fields_are_cleared() -> None:
    user = create_user("ann")
    name = "last_login"
    anonymize_user(user, fields=[name, "no_such_field"])
    assert getattr(read(user), name) is None
