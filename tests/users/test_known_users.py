"""The short way is taken when nothing changed, and only then; what it leads to is in test_users."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model

from django_ory.authentication.results import SessionState, WhoamiResult
from django_ory.models import Identity
from django_ory.users import known_users
from django_ory.users.known_users import Known, find_known_user
from django_ory.users.lookup import entrance_for_answer
from django_ory.users.rows import Seen
from tests.authentication.stand_in import a_session, an_identity

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> Any:
    answer = WhoamiResult(state=SessionState.SIGNED_IN, session=a_session(), asked_at=time.time())
    return entrance_for_answer(None, "default", answer).user


def find(identity: Any = None, session: Any = None, alias: str = "default") -> Known:
    return find_known_user(Seen(alias, identity or an_identity(), time.time()), session or a_session())


def test_nobody_is_known() -> None:
    assert find() == Known(linked=False)


def test_who_is_known(user: Any, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        known: Any = find().user
        assert known == user
        for field in user._meta.concrete_fields:  # nothing is left to be loaded later
            assert getattr(known, field.attname) == getattr(user, field.attname) or field.name == "last_login"
    assert known._state.db == "default"
    assert not known._state.adding


@pytest.mark.parametrize(
    "changes",
    [{"state": "inactive"}, {"traits": {"email": "new@example.org"}}, {"metadata_public": {"a": 1}}],
)
def test_who_has_changed(user: Any, changes: dict[str, Any]) -> None:
    assert find(an_identity(**changes)) == Known(linked=True)


def test_who_was_switched_off(user: Any) -> None:
    get_user_model()._default_manager.update(is_active=False)
    assert find() == Known(linked=True)
    get_user_model()._default_manager.update(is_active=True)
    Identity.objects.update(state="inactive")
    assert find() == Known(linked=True)


def test_a_session_that_is_new(user: Any) -> None:
    assert find(session=a_session(id="new")) == Known(linked=True)


def test_another_project(user: Any) -> None:
    assert find(alias="acme") == Known(linked=False)


@pytest.mark.parametrize(("value", "parsed"), [("[1]", [1]), ([1], [1]), (None, None), ("{", None)])
def test_databases_that_parse_json_themselves(value: Any, parsed: Any) -> None:
    assert known_users._parsed(value) == parsed


def test_a_user_model_in_several_tables(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_user_model()._meta, "parents", {object: None})
    assert find() == Known(linked=True)
