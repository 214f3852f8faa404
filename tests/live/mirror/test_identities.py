"""Syncs, state changes and deletion on a real Kratos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from django_ory.client import OryNotFound, OryUnauthorized
from django_ory.clients import get_client
from django_ory.mirror.identities import (
    delete_identity,
    refresh_identity,
    set_identity_state,
    sync_identities,
)
from django_ory.models import Identity

from .conftest import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Person

pytestmark = [pytest.mark.live, pytest.mark.django_db]


def get_row(person: Person) -> Identity:
    return Identity.objects.get(identity_id=UUID(person.id))


def test_identities_of_several_pages_are_synced(make_person: Callable[..., Person]) -> None:
    people = [make_person(name={"first": "Zoë"}) for _ in range(5)]
    report = sync_identities("default", page_size=2)
    assert report.complete
    assert report.seen >= 5
    assert {get_row(person).label for person in people} == {person.email for person in people}
    assert get_row(people[0]).traits["name"] == {"first": "Zoë"}
    kept_rows = {person.id: get_row(person).pk for person in people}
    again = sync_identities("default", page_size=2)
    # Kratos answers alike twice; tests of another worker may have created identities in between.
    assert again.unchanged >= 5
    assert {person.id: get_row(person).pk for person in people} == kept_rows
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM django_ory_identity")
        kept = str(cursor.fetchall())
    assert PASSWORD not in kept
    assert "credentials" not in kept


def test_identity_deleted_in_kratos_is_marked_missing(make_person: Callable[..., Person]) -> None:
    person = make_person()
    sync_identities("default")
    get_client().admin_delete_identity(person.id)
    sync_identities("default")
    assert get_row(person).missing_since is not None
    assert refresh_identity("default", person.id).missing_since is not None


def test_deactivation_ends_sessions_for_good(make_person: Callable[..., Person]) -> None:
    person = make_person()
    cookie = person.sign_in()
    assert get_client().to_session(cookie=cookie).active
    change = set_identity_state("default", person.id, Identity.State.INACTIVE)
    assert change.problems == ()
    assert get_row(person).state == "inactive"
    with pytest.raises(OryUnauthorized):
        get_client().to_session(cookie=cookie)
    set_identity_state("default", person.id, Identity.State.ACTIVE)
    assert get_row(person).state == "active"
    with pytest.raises(OryUnauthorized):  # disabling alone would have let the old cookie live again
        get_client().to_session(cookie=cookie)
    assert get_client().to_session(cookie=person.sign_in()).active


def test_deactivation_in_the_admin_ends_sessions(make_person: Callable[..., Person], admin: Client) -> None:
    person = make_person()
    cookie = person.sign_in()
    admin.post(reverse("admin:django_ory_identity_sync"))
    found = (
        admin.get(reverse("admin:django_ory_identity_changelist"), {"q": person.email})
        .context["cl"]
        .result_list
    )
    assert [item.identity_id for item in found] == [UUID(person.id)]
    response = admin.post(
        reverse("admin:django_ory_identity_do", args=[found[0].pk, "deactivate"]), follow=True
    )
    assert [str(message) for message in response.context["messages"]] == ["1 identity was deactivated."]
    with pytest.raises(OryUnauthorized):
        get_client().to_session(cookie=cookie)


def test_deactivation_signs_out_the_next_request_despite_the_cache(
    make_person: Callable[..., Person], admin: Client, settings: Any
) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "SESSION_CACHE_SECONDS": 600}}
    person, page = make_person(), reverse("admin:index")
    browser = Client(headers={"cookie": person.sign_in()})
    assert browser.get(page).status_code == 302  # known from here on, and no staff yet
    user = get_row(person).user
    assert user is not None
    user.is_staff = True
    user.save()
    assert browser.get(page).status_code == 200
    # The cached old session must not become valid again.
    for change in ("deactivate", "activate"):
        admin.post(reverse("admin:django_ory_identity_do", args=[get_row(person).pk, change]))
        assert browser.get(page).status_code == 302


def test_deletion_removes_identity_and_row(make_person: Callable[..., Person]) -> None:
    person = make_person()
    cookie = person.sign_in()
    refresh_identity("default", person.id)
    assert delete_identity("default", person.id).problems == ()
    assert not Identity.objects.filter(identity_id=UUID(person.id)).exists()
    with pytest.raises(OryUnauthorized):
        get_client().to_session(cookie=cookie)
    delete_identity("default", person.id)  # twice is no error


def test_actions_on_a_selection_are_made_in_kratos(make_person: Callable[..., Person], admin: Client) -> None:
    people, client = [make_person(), make_person()], get_client()
    cookies = [person.sign_in() for person in people]
    for person in people:
        refresh_identity("default", person.id)
    rows = [get_row(person) for person in people]

    def run(action: str, **form: str) -> Any:
        choice = {"action": action, "_selected_action": [row.pk for row in rows]}
        chosen = admin.post(reverse("admin:django_ory_identity_changelist"), choice)
        return admin.post(f"{chosen['Location']}start/", form)

    run("end_sessions")
    for cookie in cookies:
        with pytest.raises(OryUnauthorized):
            client.to_session(cookie=cookie)
    for action, state in (("deactivate", "inactive"), ("activate", "active")):
        run(action)
        assert [client.admin_get_identity(person.id).state for person in people] == [state, state]
    exported = b"".join(run("export", format="csv").streaming_content).decode("utf-8-sig")
    assert all(person.email in exported for person in people)
    run("delete_selected")
    for person in people:
        with pytest.raises(OryNotFound):
            client.admin_get_identity(person.id)
    assert not Identity.objects.filter(pk__in=[row.pk for row in rows]).exists()
