"""The import of users as a task: the same as the command, and continued after an outage."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from django_ory.client import OryError
from django_ory.mirror.tasks import run_task
from django_ory.models import Identity

from .conftest import add_user

if TYPE_CHECKING:
    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db


def test_task_imports_and_links_all_users(ory: FakeOry, caplog: pytest.LogCaptureFixture) -> None:
    users = [add_user(f"person{number}@example.org") for number in range(3)]
    with caplog.at_level(logging.INFO):
        assert run_task("import_users", {"alias": "default"}) is None
    assert set(Identity.objects.values_list("user_id", flat=True)) == {user.pk for user in users}
    assert "Users imported (project default): " in caplog.text
    assert "example.org" not in caplog.text
    assert run_task("import_users", {"alias": "default"}) is None  # a task may run twice
    assert len(ory.kratos.identities.identities) == 3


def test_outage_is_continued_later(ory: FakeOry, caplog: pytest.LogCaptureFixture) -> None:
    add_user()
    add_user("second@example.org")
    ory.respond("PATCH /admin/identities", fault="down")
    assert run_task("import_users", {"alias": "default"}) == 60
    assert "Import of users interrupted (project default): OryConnectionError." in caplog.text


def test_outage_before_the_check_is_raised_to_the_queue(ory: FakeOry) -> None:
    add_user()
    ory.set_fault("kratos", "down")
    with pytest.raises(OryError):
        run_task("import_users", {"alias": "default"})


@pytest.mark.parametrize("skip_invalid", [False, True])
def test_users_that_cannot_be_imported_need_the_option(
    ory: FakeOry, caplog: pytest.LogCaptureFixture, skip_invalid: bool
) -> None:
    add_user("Bob@example.org")
    add_user("bob@example.org")
    add_user("eve@example.org")
    run_task("import_users", {"alias": "default", "skip_invalid": skip_invalid})
    assert Identity.objects.count() == skip_invalid
    assert ("No user was imported (project default): 2 of them" in caplog.text) is not skip_invalid
