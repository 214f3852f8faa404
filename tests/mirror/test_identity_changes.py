"""Identities created and changed from code: one patch, conflicts, and answers that do not arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from django_ory.client import OryBadRequest, OryConflict, OryNotFound, OryServerError, OryTimeout
from django_ory.exceptions import ChangeUnconfirmed, EditConflict
from django_ory.mirror.errors import OtherResourceReturned
from django_ory.mirror.identifiers import find_identifier_owners
from django_ory.mirror.identities import (
    create_identity,
    get_content,
    read_identity,
    refresh_identity,
    set_identity_state,
    update_identity,
)
from django_ory.models import Identity
from tests.support.resources import list_calls, lose_response

if TYPE_CHECKING:
    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

EMAIL = "ann@example.com"


@pytest.fixture
def ann(ory: FakeOry) -> str:
    """The id of an identity of the schema ``person``."""
    found = ory.kratos.identities.add({"traits": {"email": EMAIL, "name": {"first": "Ann"}}})
    return str(found["id"])


def get_patches(ory: FakeOry) -> list[dict[str, Any]]:
    return [step for request in ory.requests if request.method == "PATCH" for step in request.json]


#: "html" is the answer of a proxy that has not got one of Kratos.
LOST = pytest.mark.parametrize("fault", ["slow", "html"])


class TestUpdate:
    def test_only_differences_are_sent(self, ory: FakeOry, ann: str) -> None:
        change = update_identity("default", ann, {"traits": {"email": EMAIL, "name": {"last": "Lee"}}})
        assert get_patches(ory) == [
            {"op": "remove", "path": "/traits/name/first"},
            {"op": "add", "path": "/traits/name/last", "value": "Lee"},
        ]
        assert change.row is not None
        assert change.row.traits["name"] == {"last": "Lee"}

    def test_nothing_to_change_sends_nothing(self, ory: FakeOry, ann: str) -> None:
        _row, identity = read_identity("default", ann)
        change = update_identity("default", ann, get_content(identity))
        assert change.row == Identity.objects.get()
        assert get_patches(ory) == []

    def test_identity_that_differs_from_the_seen_one_is_a_conflict(self, ory: FakeOry, ann: str) -> None:
        seen = get_content(read_identity("default", ann)[1])
        ory.kratos.identities.identities[ann]["traits"]["name"] = {"first": "Eva"}
        with pytest.raises(EditConflict):
            update_identity("default", ann, {"metadata_public": 1}, seen=seen)
        assert get_patches(ory) == []
        assert Identity.objects.get().traits["name"] == {"first": "Eva"}
        update_identity("default", ann, {"metadata_public": 1}, seen={"state": "active"})
        assert len(get_patches(ory)) == 1

    def test_deactivation_ends_sessions(self, ory: FakeOry, ann: str) -> None:
        assert update_identity("default", ann, {"state": "inactive"}).problems == ()
        assert list_calls(ory, f"/{ann}/sessions", method="DELETE")
        ory.requests.clear()
        update_identity("default", ann, {"state": "inactive", "metadata_public": 1})
        assert not list_calls(ory, method="DELETE")

    @LOST
    def test_change_that_was_made_without_a_response_is_confirmed(
        self, ory: FakeOry, ann: str, fault: str
    ) -> None:
        lose_response(ory, "PATCH /admin/identities/{id}", fault=fault)
        change = update_identity("default", ann, {"state": "inactive"})
        assert change.row is not None
        assert change.row.state == "inactive"
        assert list_calls(ory, f"/{ann}/sessions", method="DELETE")

    @LOST
    def test_change_that_was_not_made_is_unconfirmed(self, ory: FakeOry, ann: str, fault: str) -> None:
        lose_response(ory, "PATCH /admin/identities/{id}", fault=fault, made=False)
        with pytest.raises(ChangeUnconfirmed):
            update_identity("default", ann, {"state": "inactive"})

    def test_error_of_kratos_itself_is_not_read_again(self, ory: FakeOry, ann: str) -> None:
        lose_response(ory, "PATCH /admin/identities/{id}", fault="error")
        lose_response(ory, "POST /admin/identities", fault="error", made=False)
        with pytest.raises(OryServerError):
            update_identity("default", ann, {"state": "inactive"})
        with pytest.raises(OryServerError):
            create_identity("default", {"schema_id": "person", "traits": {"email": EMAIL}})

    def test_rejected_or_unknown_identity_is_an_error(self, ory: FakeOry, ann: str) -> None:
        with pytest.raises(OryBadRequest):
            update_identity("default", ann, {"traits": {"email": "none"}})
        with pytest.raises(OryNotFound):
            update_identity("default", UUID(int=1), {"state": "inactive"})

    def test_ignored_external_id_is_a_problem(self, ory: FakeOry, ann: str) -> None:
        assert "external ids" in update_identity("default", ann, {"external_id": "u-1"}).problems[0]

    def test_answer_about_another_identity_is_not_written(self, ory: FakeOry, ann: str) -> None:
        other = ory.kratos.identities.add({"traits": {"email": "other@example.com"}})
        refresh_identity("default", ann)
        for route in ("PATCH /admin/identities/{id}", "GET /admin/identities/{id}"):
            ory.respond(route, json=other)
            with pytest.raises(OtherResourceReturned):
                update_identity("default", ann, {"metadata_public": 1})
        with pytest.raises(OtherResourceReturned):
            refresh_identity("default", ann)
        ory.respond("PATCH /admin/identities/{id}", json=other)
        assert "another object" in set_identity_state("default", ann, Identity.State.INACTIVE).problems[0]
        assert [row.label for row in Identity.objects.all()] == [EMAIL]


class TestCreate:
    def test_identity_has_a_row(self, ory: FakeOry) -> None:
        change = create_identity("default", {"schema_id": "person", "traits": {"email": EMAIL}})
        assert change.row == Identity.objects.get(label=EMAIL)
        assert change.problems == ()

    def test_taken_identifier_names_its_owner(self, ory: FakeOry, ann: str) -> None:
        traits = {"email": EMAIL.upper()}
        with pytest.raises(OryConflict):
            create_identity("default", {"schema_id": "person", "traits": traits})
        owners = find_identifier_owners("default", "person", traits)
        assert {path: owner.id for path, owner in owners.items()} == {("email",): ann}
        assert find_identifier_owners("default", "person", traits, own_id=UUID(ann)) == {}
        unusable: list[Any] = [None, {}, [], {"email": 5}, {"email": ""}]
        for values in unusable:
            assert find_identifier_owners("default", "person", values) == {}

    @pytest.mark.parametrize("fault", ["slow", "html", "truncated"])
    def test_creation_that_was_made_without_a_response_is_found(self, ory: FakeOry, fault: str) -> None:
        lose_response(ory, "POST /admin/identities", fault=fault)
        change = create_identity("default", {"schema_id": "person", "traits": {"email": EMAIL}})
        assert change.row == Identity.objects.get(label=EMAIL)
        assert "the identity exists" in change.problems[0]

    @LOST
    def test_creation_that_was_not_made_is_an_error(self, ory: FakeOry, ann: str, fault: str) -> None:
        lose_response(ory, "POST /admin/identities", fault=fault, made=False)
        for traits in ({"email": EMAIL}, {"email": "new@example.com"}):
            with pytest.raises((OryTimeout, OryServerError)):
                create_identity("default", {"schema_id": "person", "traits": traits})
        assert not Identity.objects.exists()
