"""The form of an identity, made from the schema: inputs, patches, conflicts, and errors of Kratos."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from django_ory.admin.conflicts import load_version, sign_version
from django_ory.models import AccountDeletion, Identity
from django_ory.testing import build_error_json
from tests.schemas.published import EMAIL, PUBLISHED, schema, text
from tests.support.browser_forms import read_form
from tests.support.resources import call_during, fail, list_calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

Json = dict[str, Any]
ADD = reverse("admin:django_ory_identity_add")
LIST = reverse("admin:django_ory_identity_changelist")
ID = str(UUID(int=7))
PERSON: Json = {
    "email": EMAIL,
    "nick": text("Nick", description="As friends say"),
    "plan": {"type": "string", "enum": ["free", "pro"]},
    "level": {"enum": [1, 2, None]},
    "mixed": {"enum": [1, "1", True, None]},
    "seats": {"type": "integer", "minimum": 1, "maximum": 10},
    "height": {"type": "number"},
    "news": {"type": "boolean"},
    "active": {"type": "boolean"},
    "terms": {"const": True},
    "kind": {"const": "customer"},
    "born": {"type": "string", "format": "date"},
    "since": {"type": "string", "format": "date-time"},
    "phone": {"type": "string", "format": "tel"},
    "site": {"type": "string", "format": "uri"},
    "bio": text(maxLength=4000),
    "tags": {"type": "array", "items": {"type": "string"}},
    "lucky": {"type": "array", "items": {"type": "integer"}},
    "roles": {"type": "array", "items": {"type": "string", "enum": ["user", "manager"]}},
    "homes": {
        "type": "array",
        "items": {"type": "object", "properties": {"street": text("Street"), "owned": {"type": "boolean"}}},
    },
    "name": {"type": "object", "properties": {"first": text("First name"), "last": text("Last name")}},
    "company": {"type": ["string", "null"]},
    "any": {"anyOf": [{"type": "string"}, {"type": "array"}]},
    "bag": {"type": "object"},
    "remote": {"$ref": "https://elsewhere.example/schema.json"},
    "number": {"type": "string", "readOnly": True},
}
FULL: Json = {
    "email": "Ann@example.com",
    "nick": "old",
    "plan": "free",
    "level": 2,
    "mixed": "1",
    "seats": 3,
    "height": 1e-7,
    "news": False,
    "active": True,
    "terms": True,
    "kind": "customer",
    "born": "1990-02-28",
    "since": "2020-01-31T18:30:00.5+02:00",
    "phone": "+41 79 000 00 00",
    "site": "https://example.com/a?b=1",
    "bio": "\nOne\r\nTwo\n",
    "tags": ["red", "blue"],
    "lucky": [7, 13],
    "roles": ["manager", "user"],
    "homes": [{"street": "Elm", "owned": True, "zip": "1"}, {"street": "Oak"}],
    "name": {"first": "Ann", "middle": "M."},
    "company": None,
    "any": ["a", {"b": 1}],
    "bag": {"a": [1, {"b": True}]},
    "remote": {"x": 1},
    "number": "N-1",
    "unknown": {"seats": 5},
}


def use_schemas(ory: FakeOry, **schemas: Json) -> None:
    ory.kratos.identities.schemas.clear()
    ory.kratos.identities.schemas.update(schemas)


def store(ory: FakeOry, traits: Any, *, schema_id: str = "person", **more: Any) -> str:
    """Put an identity into Kratos without validation, and write its row. Returns the URL of the page."""
    from django_ory.mirror.identities import refresh_identity
    from django_ory.testing import build_identity_json

    values = {"id": ID, "schema_id": schema_id, "credentials": {}, "metadata_admin": None, **more}
    ory.kratos.identities.identities[ID] = build_identity_json(traits, **values)
    row = refresh_identity("default", ID)
    ory.requests.clear()
    return reverse("admin:django_ory_identity_change", args=[row.pk])


def get_stored(ory: FakeOry) -> Json:
    found: Json = ory.kratos.identities.identities[ID]
    return found


def open_form(client: Client, url: str) -> dict[str, Any]:
    response = client.get(url)
    assert response.status_code == 200
    return dict(read_form(response.content.decode(), "identity_form"))


def get_patches(ory: FakeOry) -> list[Json]:
    return [step for request in ory.requests if request.method == "PATCH" for step in request.json]


def get_errors(response: Any) -> Json:
    assert response.status_code == 200, response.headers
    return {name: list(texts) for name, texts in response.context["adminform"].form.errors.items()}


def change(client: Client, url: str, **typed: Any) -> Any:
    """Open a form, type, and save. ``__`` stands for a dot of a name."""
    data = open_form(client, url)
    names = {name: name.replace("__", ".") for name in typed}
    unknown = [name for name in names.values() if name not in data]
    assert not unknown
    return client.post(url, data | {names[name]: value for name, value in typed.items()})


@pytest.fixture
def person(ory: FakeOry) -> str:
    """The URL of an identity with a value of each kind."""
    use_schemas(ory, person=schema(PERSON, "email", "active"))
    return store(ory, FULL)


class TestUnchanged:
    def test_saved_form_changes_nothing(self, admin: Client, ory: FakeOry, person: str) -> None:
        response = change(admin, person)
        assert response.status_code == 302, get_errors(response)
        assert get_patches(ory) == []
        assert get_stored(ory)["traits"] == FULL

    @pytest.mark.parametrize("name", PUBLISHED)
    def test_published_schema_has_a_form_that_changes_nothing(
        self, admin: Client, ory: FakeOry, name: str
    ) -> None:
        document, _traits = PUBLISHED[name]
        use_schemas(ory, person=document)
        assert open_form(admin, ADD)
        url = store(ory, {"email": "a@example.com", "other": [1]})
        change(admin, url)
        # A required choice with an empty text among its values is stored.
        assert [step for step in get_patches(ory) if step["value"] != ""] == []

    @pytest.mark.parametrize(
        "traits",
        [
            {},
            None,
            {"email": 5, "name": "text", "tags": "text", "homes": {"street": "x"}, "seats": "many"},
            {"email": "\u202eabc@example.com", "nick": "a\x00b", "name": {"first": "x" * 10_000}},
            {"tags": ["", " ", "a\nb", "a", "a"], "lucky": [1, 1.5, None], "roles": ["user", "user"]},
            {"homes": [{}, "text", {"street": None}], "name": None, "bag": None, "plan": None, "level": None},
            {"tags": [str(number) for number in range(500)], "born": "12.3.2000", "since": "yesterday"},
            {"news": "yes", "terms": False, "seats": 12345678901234567890, "height": 1e300, "site": " x "},
            {"nick": "two\nlines", "email": " a@example.com ", "number": {"a": 1}, "kind": 1, "mixed": 1},
            {"a.b": 1, "": 2, "a/b~c": 3},
            {"mixed": True, "level": "1", "company": ["a"], "homes": [{"street": "x", "owned": "no"}]},
        ],
    )
    def test_values_of_any_kind_are_kept(self, admin: Client, ory: FakeOry, traits: Any) -> None:
        use_schemas(ory, person=schema({**PERSON, "a.b": text()}))
        url = store(ory, traits)
        response = change(admin, url)
        assert response.status_code == 302, get_errors(response)
        assert get_patches(ory) == []

    def test_stored_value_outside_of_the_enum_is_offered(
        self, admin: Client, ory: FakeOry, person: str
    ) -> None:
        url = store(ory, {**FULL, "plan": "gold", "level": 3, "roles": ["owner"]})
        data = open_form(admin, url)
        assert (data["traits.plan"], data["traits.level"]) == (["gold"], ["3"])
        assert "owner" in data["traits.roles"]
        assert admin.post(url, data).status_code == 302
        assert get_patches(ory) == []


class TestPatch:
    @pytest.mark.parametrize(
        ("typed", "path", "value"),
        [
            ({"traits__nick": "new"}, "nick", "new"),
            ({"traits__plan": "pro"}, "plan", "pro"),
            ({"traits__level": "1"}, "level", 1),
            ({"traits__mixed": "true"}, "mixed", True),
            ({"traits__seats": "10"}, "seats", 10),
            ({"traits__height": "1.5"}, "height", 1.5),
            ({"traits__news": "true"}, "news", True),
            ({"traits__born": "2000-01-01"}, "born", "2000-01-01"),
            ({"traits__name__last": "Lee"}, "name/last", "Lee"),
            ({"traits__tags": ["", "red", "green"]}, "tags", ["red", "green"]),
            ({"traits__lucky": ["", "7", "9"]}, "lucky", [7, 9]),
            ({"traits__roles": ["", "user"]}, "roles", ["user"]),
            ({"traits__any:json": '{"c": null}'}, "any", {"c": None}),
            ({"traits__bag:json": '{"a": [1, {"b": false}]}'}, "bag/a", [1, {"b": False}]),
            ({"traits__bio": "Three\r\nlines\r\n"}, "bio", "Three\r\nlines\r\n"),
            (
                {"traits__homes__1__street": "Ash"},
                "homes",
                [{"street": "Elm", "owned": True, "zip": "1"}, {"street": "Ash"}],
            ),
        ],
    )
    def test_only_the_changed_value_is_sent(
        self, admin: Client, ory: FakeOry, person: str, typed: Json, path: str, value: Any
    ) -> None:
        response = change(admin, person, **typed)
        assert response.status_code == 302, get_errors(response)
        assert get_patches(ory) == [{"op": "add", "path": f"/traits/{path}", "value": value}]

    @pytest.mark.parametrize(
        "name", ["nick", "plan", "level", "seats", "news", "born", "since", "bio", "any:json"]
    )
    def test_emptied_optional_value_is_removed(
        self, admin: Client, ory: FakeOry, person: str, name: str
    ) -> None:
        response = change(admin, person, **{f"traits__{name}": ""})
        assert response.status_code == 302, get_errors(response)
        assert get_patches(ory) == [{"op": "remove", "path": f"/traits/{name.removesuffix(':json')}"}]

    def test_missing_parent_is_added_with_its_member(self, admin: Client, ory: FakeOry, person: str) -> None:
        url = store(ory, {"email": "a@example.com", "active": True})
        assert change(admin, url, traits__name__last="Lee").status_code == 302
        assert get_patches(ory) == [{"op": "add", "path": "/traits/name", "value": {"last": "Lee"}}]
        assert get_stored(ory)["traits"]["name"] == {"last": "Lee"}

    def test_names_are_escaped(self, admin: Client, ory: FakeOry) -> None:
        use_schemas(ory, person=schema({"a/b~c": text(), "d": text()}))
        url = store(ory, {"d": "x"})
        assert change(admin, url, **{"traits__a/b~c": "y"}).status_code == 302
        assert get_patches(ory) == [{"op": "add", "path": "/traits/a~1b~0c", "value": "y"}]
        assert get_stored(ory)["traits"] == {"a/b~c": "y", "d": "x"}

    def test_metadata_and_state_are_sent(self, admin: Client, ory: FakeOry, person: str) -> None:
        response = change(admin, person, metadata_public='{"a": [1]}', metadata_admin="[true]")
        assert response.status_code == 302, get_errors(response)
        assert (get_stored(ory)["metadata_public"], get_stored(ory)["metadata_admin"]) == ({"a": [1]}, [True])
        change(admin, person, metadata_public="", metadata_admin='{"b": 1}')
        assert (get_stored(ory)["metadata_public"], get_stored(ory)["metadata_admin"]) == (None, {"b": 1})
        assert "metadata_admin" not in Identity.objects.get().data

    def test_row_and_history_follow(self, admin: Client, ory: FakeOry, person: str, staff: Any) -> None:
        response = change(admin, person, traits__email="New@example.com", traits__name__first="Eva")
        assert response["Location"] == LIST
        row = Identity.objects.get()
        assert (row.label, row.traits["name"]["first"]) == ("New@example.com", "Eva")
        entry = LogEntry.objects.get()
        assert (entry.user, entry.object_repr) == (staff, ID)
        message = entry.get_change_message()
        assert "traits.email" in message
        assert "traits.name.first" in message
        assert "new@example.com" not in (entry.change_message + message).lower()

    def test_history_has_no_names_of_a_free_object(self, admin: Client, ory: FakeOry, person: str) -> None:
        change(admin, person, **{"traits__bag:json": '{"ann@example.com": 1}'})
        assert LogEntry.objects.get().change_message == '[{"changed": {"fields": ["traits.bag"]}}]'

    def test_rows_are_added_and_removed_without_saving(
        self, admin: Client, ory: FakeOry, person: str
    ) -> None:
        data = open_form(admin, person) | {"traits.nick": ["typed"], "traits.seats": ["abc"]}
        response = admin.post(person, data | {"ory_add": "traits.tags"})
        assert get_errors(response) == {}
        data = dict(read_form(response.content.decode(), "identity_form"))
        assert data["traits.tags"] == ["", "red", "blue", ""]
        assert (data["traits.nick"], data["traits.seats"]) == (["typed"], ["abc"])
        response = admin.post(person, data | {"ory_remove": "traits.homes.0"})
        data = dict(read_form(response.content.decode(), "identity_form"))
        assert data["traits.homes.0.street"] == ["Oak"]
        assert "traits.homes.1.street" not in data
        assert get_patches(ory) == []
        assert admin.post(person, data | {"traits.seats": ["4"]}).status_code == 302
        assert get_stored(ory)["traits"]["homes"] == [{"street": "Oak"}]
        assert get_stored(ory)["traits"]["tags"] == ["red", "blue"]

    def test_read_only_trait_is_shown_and_ignored(self, admin: Client, ory: FakeOry, person: str) -> None:
        data = open_form(admin, person)
        assert "traits.number" not in data
        assert "N-1" in admin.get(person).content.decode()
        admin.post(person, data | {"traits.number": "N-2"})
        assert get_patches(ory) == []


#: Name of an input, what is typed, and the start of the error.
MISTAKES = (
    ("traits.seats", "many", "Enter a whole number."),
    ("traits.seats", "1.5", "Enter a whole number."),
    ("traits.seats", "0", "The value must be at least 1."),
    ("traits.seats", "11", "The value must be at most 10."),
    ("traits.height", "1e999", "Enter a number."),
    ("traits.born", "31.12.2000", "Enter a valid date."),
    ("traits.born", "2000-02-31", "Enter a valid date."),
    ("traits.since", "yesterday", "Enter a valid date/time."),
    ("traits.nick", "a\x00b", "Null characters are not allowed."),
    ("traits.any:json", "{", "This is not valid JSON: line 1, column 2."),
    ("traits.any:json", "NaN", "NaN is not allowed in JSON."),
    ("traits.any:json", '{"a": 1, "a": 2}', "A name is repeated in the same object."),
    ("traits.any:json", "1" * 5000, "A number is too large."),
    ("traits.any:json", "[" * 100 + "]" * 100, "The lists and objects are nested too deeply."),
    ("traits.any:json", "[" * 100_000, "The lists and objects are nested too deeply."),
    ("traits.any:json", '"\\u0000"', "A text contains a character that cannot be stored"),
    ("metadata_public", "{", "This is not valid JSON"),
    ("metadata_admin", "1" * 5000, "A number is too large."),
)


class TestMistakes:
    def test_mistake_is_shown_at_its_field(
        self, admin: Client, ory: FakeOry, person: str, subtests: pytest.Subtests
    ) -> None:
        unchanged = open_form(admin, person)
        ory.requests.clear()
        for name, typed, message in MISTAKES:
            with subtests.test(name=name, typed=typed[:20]):
                response = admin.post(person, unchanged | {name: [typed]})
                errors = get_errors(response)
                assert list(errors) == [name.removesuffix(":json")]
                assert message in errors[name.removesuffix(":json")][0]
                html = response.content.decode()
                assert html.count('class="errorlist"') == 1
                if "\x00" not in typed:
                    assert dict(read_form(html, "identity_form"))[name] == [typed]
                assert list_calls(ory, method="PATCH") == []

    def test_reasons_of_kratos_are_shown_at_their_traits(self, admin: Client, ory: FakeOry) -> None:
        use_schemas(
            ory,
            person=schema(
                {
                    "email": EMAIL,
                    "nick": text(maxLength=3),
                    "tags": {"type": "array", "items": text(minLength=2)},
                    "name": {"type": "object", "properties": {"last": text()}, "required": ["last"]},
                },
                "email",
                "name",
                additionalProperties=False,
            ),
        )
        url = store(ory, {"email": "a@example.com", "name": {"last": "x"}, "other": 1})
        response = change(
            admin,
            url,
            traits__email="none",
            traits__nick="long",
            traits__tags=["", "ok", "x"],
            traits__name__last="",
        )
        errors = get_errors(response)
        assert errors.pop("__all__") == ['traits: AdditionalProperties "other" not allowed']
        assert errors == {
            "traits.email": ['"none" is not valid "email"'],
            "traits.nick": ["Length must be <= 3, but got 4"],
            "traits.tags.1": ["Length must be >= 2, but got 1"],
            "traits.name.last": ["This field is required."],
        }
        html = response.content.decode()
        assert "2: Length must be" in html
        assert open_form(admin, url)["traits.nick"] == [""]
        assert dict(read_form(html, "identity_form"))["traits.nick"] == ["long"]

    def test_other_reasons_are_shown_above_the_form(self, admin: Client, ory: FakeOry, person: str) -> None:
        fail(ory, "PATCH /admin/identities/{id}", 400, "<b>Not today</b>")
        response = change(admin, person, traits__nick="new")
        assert get_errors(response) == {"__all__": ["<b>Not today</b>"]}
        assert "<b>Not" not in response.content.decode()

    def test_taken_identifier_is_shown_at_its_trait(self, admin: Client, ory: FakeOry, person: str) -> None:
        ory.kratos.identities.add({"traits": {"email": "taken@example.com", "active": True}})
        response = change(admin, person, traits__email="Taken@example.com", traits__nick="new")
        assert get_errors(response) == {"traits.email": ["Another identity has this value already."]}
        assert get_stored(ory)["traits"]["nick"] == "old"

    def test_conflict_without_an_owner_is_shown_above_the_form(
        self, admin: Client, ory: FakeOry, person: str
    ) -> None:
        fail(ory, "PATCH /admin/identities/{id}", 409, "A resource with that value exists already")
        response = change(admin, person, traits__nick="new")
        assert get_errors(response) == {"__all__": ["A resource with that value exists already"]}

    def test_text_as_metadata_is_shown_as_json(self, admin: Client, ory: FakeOry, person: str) -> None:
        get_stored(ory)["metadata_public"] = "gold"
        assert open_form(admin, person)["metadata_public"] == ['"gold"']
        assert change(admin, person).status_code == 302
        assert get_patches(ory) == []

    def test_version_of_another_identity_is_rejected(self, admin: Client, ory: FakeOry, person: str) -> None:
        data, row = open_form(admin, person), Identity.objects.get()
        other = Identity.objects.create(alias=row.alias, identity_id=str(UUID(int=5)), schema_id="person")
        values = load_version(row, data["version"][0])
        assert values
        response = admin.post(person, data | {"traits.nick": "new", "version": sign_version(other, values)})
        assert "incomplete" in str(get_errors(response))
        assert get_patches(ory) == []

    @pytest.mark.parametrize("version", ["", "forged", None])
    def test_form_without_its_version_is_rejected(
        self, admin: Client, ory: FakeOry, person: str, version: str | None
    ) -> None:
        data = open_form(admin, person) | {"traits.nick": ["new"]}
        del data["version"]
        response = admin.post(person, data if version is None else data | {"version": version})
        assert "incomplete" in str(get_errors(response))
        assert get_patches(ory) == []


class TestConcurrentChange:
    def test_change_in_kratos_is_shown_and_kept(self, admin: Client, ory: FakeOry, person: str) -> None:
        data = open_form(admin, person) | {"traits.nick": ["mine"], "traits.seats": ["4"]}
        get_stored(ory)["traits"] |= {"nick": "theirs", "phone": "+1"}
        response = admin.post(person, data)
        assert "was changed in Kratos after you opened" in str(get_errors(response))
        assert "Changed in Ory in the meantime" in response.content.decode()
        conflicts = response.context["adminform"].form.conflicts
        assert [(each.label, each.before, each.now, each.yours) for each in conflicts] == [
            ("traits.nick", "old", "theirs", "mine"),
            ("traits.phone", FULL["phone"], "+1", None),
        ]
        assert get_patches(ory) == []
        data = dict(read_form(response.content.decode(), "identity_form"))
        assert (data["traits.nick"], data["traits.phone"]) == (["mine"], ["+1"])
        assert admin.post(person, data).status_code == 302
        assert {step["path"]: step["value"] for step in get_patches(ory)} == {
            "/traits/nick": "mine",
            "/traits/seats": 4,
        }
        assert get_stored(ory)["traits"]["phone"] == "+1"

    @pytest.mark.parametrize("name", ["state", "metadata_public", "metadata_admin", "schema_id"])
    def test_each_member_counts(self, admin: Client, ory: FakeOry, person: str, name: str) -> None:
        ory.kratos.identities.schemas["inactive"] = schema(PERSON, "email")
        data = open_form(admin, person) | {"traits.nick": ["mine"]}
        get_stored(ory)[name] = "inactive"
        assert "was changed in Kratos" in str(get_errors(admin.post(person, data)))
        assert get_patches(ory) == []

    def test_change_of_the_row_alone_is_no_conflict(self, admin: Client, ory: FakeOry, person: str) -> None:
        data = open_form(admin, person) | {"traits.nick": ["mine"]}
        Identity.objects.update(data={}, label="other")
        assert admin.post(person, data).status_code == 302
        assert Identity.objects.get().traits["nick"] == "mine"

    def test_identity_deleted_in_the_meantime_is_an_error(
        self, admin: Client, ory: FakeOry, person: str
    ) -> None:
        data = open_form(admin, person) | {"traits.nick": ["mine"]}
        ory.kratos.identities.identities.clear()
        assert get_errors(admin.post(person, data))["__all__"]
        assert Identity.objects.get().missing_since is not None
        assert 'name="_save"' not in admin.get(person).content.decode()


class TestUnreliableOry:
    def test_unavailable_kratos_shows_the_row_without_a_form(
        self, admin: Client, ory: FakeOry, person: str
    ) -> None:
        data = open_form(admin, person) | {"traits.nick": ["mine"]}
        ory.set_fault("kratos", "down")
        html = admin.get(person).content.decode()
        assert "cannot be changed now. Ory could not be reached." in html
        assert "Elm" in html
        assert 'name="_save"' not in html
        response = admin.post(person, data)
        assert get_errors(response) == {"__all__": ["Ory could not be reached."]}
        assert dict(read_form(response.content.decode(), "identity_form"))["traits.nick"] == ["mine"]

    def test_unreadable_identity_is_shown_without_a_form(
        self, admin: Client, ory: FakeOry, person: str
    ) -> None:
        ory.respond("GET /admin/identities/{id}", json="no identity")
        response = admin.get(person)
        assert response.status_code == 200
        assert "could not be read" in response.content.decode()

    def test_change_without_a_response_is_confirmed_by_reading(
        self, admin: Client, ory: FakeOry, person: str
    ) -> None:
        data = open_form(admin, person) | {"traits.nick": ["mine"]}
        ory.respond("PATCH /admin/identities/{id}", _answer_too_late(ory))
        assert admin.post(person, data).status_code == 302
        assert Identity.objects.get().traits["nick"] == "mine"

    def test_change_without_a_response_and_without_an_effect_is_unknown(
        self, admin: Client, ory: FakeOry, person: str
    ) -> None:
        data = open_form(admin, person) | {"traits.nick": ["mine"]}
        ory.respond("PATCH /admin/identities/{id}", _time_out)
        response = admin.post(person, data)
        assert "did not confirm the change" in str(get_errors(response))
        assert dict(read_form(response.content.decode(), "identity_form"))["traits.nick"] == ["mine"]
        assert not LogEntry.objects.exists()

    def test_another_identity_in_the_response_is_refused(
        self, admin: Client, ory: FakeOry, person: str
    ) -> None:
        other = ory.kratos.identities.add({"traits": {"email": "other@example.com", "active": True}})
        data = open_form(admin, person) | {"traits.nick": ["mine"]}
        ory.respond("PATCH /admin/identities/{id}", json=other)
        assert "another object than the requested one" in str(get_errors(admin.post(person, data)))
        ory.respond("GET /admin/identities/{id}", json=other)
        assert "another object than the requested one" in admin.get(person).content.decode()
        assert Identity.objects.get().label == "Ann@example.com"


def _time_out(_request: Any) -> Any:
    import requests

    raise requests.ReadTimeout("timed out")


def _answer_too_late(ory: FakeOry) -> Callable[[Any], Any]:
    def respond(request: Any) -> Any:
        ory.answer(request)
        return _time_out(request)

    return respond


class TestState:
    def test_deactivation_ends_sessions_and_the_restore_link(
        self, admin: Client, ory: FakeOry, person: str
    ) -> None:
        deletion = AccountDeletion.objects.create(identity_id=ID, due_at="2030-01-01T00:00:00Z")
        assert change(admin, person, state="inactive").status_code == 302
        assert get_patches(ory) == [{"op": "add", "path": "/state", "value": "inactive"}]
        assert list_calls(ory, f"/{ID}/sessions", method="DELETE")
        assert list_calls(ory, "/admin/oauth2/auth/sessions", method="DELETE")
        before = deletion.requested_at
        deletion.refresh_from_db()
        assert deletion.requested_at > before
        assert Identity.objects.get().state == "inactive"

    def test_failed_step_after_the_deactivation_is_a_warning(
        self, admin: Client, ory: FakeOry, person: str
    ) -> None:
        fail(ory, "DELETE /admin/identities/{id}/sessions", 500, "Stuck")
        data = open_form(admin, person) | {"state": "inactive"}
        response = admin.post(person, data, follow=True)
        assert "sessions were not ended. Stuck" in str([*map(str, response.context["messages"])])

    def test_own_account_cannot_be_deactivated(
        self, admin: Client, ory: FakeOry, person: str, staff: Any
    ) -> None:
        Identity.objects.update(user=staff)
        response = change(admin, person, state="inactive")
        assert list(get_errors(response)) == ["state"]
        assert get_patches(ory) == []
        assert change(admin, person, traits__nick="new").status_code == 302

    def test_unknown_state_is_kept(self, admin: Client, ory: FakeOry) -> None:
        use_schemas(ory, person=schema(PERSON))
        url = store(ory, {"nick": "x"}, state="frozen")
        assert open_form(admin, url)["state"] == ["frozen"]
        assert change(admin, url).status_code == 302


class TestJSON:
    def test_all_traits_are_edited_as_json_on_request(self, admin: Client, ory: FakeOry, person: str) -> None:
        url = f"{person}?traits=json"
        data = open_form(admin, url)
        assert json.loads(data["traits"][0]) == FULL
        changed = {**FULL, "number": "N-2", "bag": {"a": []}}
        del changed["unknown"]
        assert admin.post(url, data | {"traits": json.dumps(changed)}).status_code == 302
        assert get_patches(ory) == [
            {"op": "remove", "path": "/traits/unknown"},
            {"op": "add", "path": "/traits/bag/a", "value": []},
            {"op": "add", "path": "/traits/number", "value": "N-2"},
        ]

    @pytest.mark.parametrize("typed", ["{", "[1]", "5", '{"a": NaN}', '"text"'])
    def test_invalid_json_is_an_error_and_kept(
        self, admin: Client, ory: FakeOry, person: str, typed: str
    ) -> None:
        url = f"{person}?traits=json"
        response = admin.post(url, open_form(admin, url) | {"traits": typed})
        assert list(get_errors(response)) == ["traits"]
        assert dict(read_form(response.content.decode(), "identity_form"))["traits"] == [typed]

    @pytest.mark.parametrize(
        "document",
        [
            {},
            {"type": "object", "properties": {"traits": {"type": "string"}}},
            schema({f"t{number}": text() for number in range(301)}),
            schema({"a.b": text(), "a": {"type": "object", "properties": {"b": text()}}}),
        ],
    )
    def test_schema_without_a_form_has_json(self, admin: Client, ory: FakeOry, document: Json) -> None:
        use_schemas(ory, person=document)
        url = store(ory, {"t1": "x", "a": {"b": 1}})
        assert json.loads(open_form(admin, url)["traits"][0]) == {"t1": "x", "a": {"b": 1}}
        assert change(admin, url).status_code == 302
        assert json.loads(open_form(admin, ADD)["traits"][0]) == {}

    def test_recursive_schema_has_a_form(self, admin: Client, ory: FakeOry) -> None:
        node = {"type": "object", "properties": {"name": text(), "child": {"$ref": "#/definitions/node"}}}
        document = {**schema({"email": EMAIL, "tree": {"$ref": "#/definitions/node"}})}
        use_schemas(ory, person={**document, "definitions": {"node": node}})
        url = store(ory, {"email": "a@example.com", "tree": {"name": "x", "child": {"name": "y"}}})
        assert change(admin, url).status_code == 302
        assert get_patches(ory) == []

    def test_lists_with_many_inputs_are_edited_as_json(self, admin: Client, ory: FakeOry) -> None:
        members = {f"m{number}": text() for number in range(10)}
        homes = {"type": "array", "items": {"type": "object", "properties": members}}
        use_schemas(ory, person=schema({"homes": homes}))
        rows = [{"m1": "x"}] * 100
        url = store(ory, {"homes": rows})
        assert json.loads(open_form(admin, url)["traits"][0]) == {"homes": rows}
        url = store(ory, {"homes": rows[:50]})
        assert open_form(admin, url)["traits.homes.49.m1"] == ["x"]

    def test_300_traits_have_a_form(self, admin: Client, ory: FakeOry) -> None:
        use_schemas(ory, person=schema({f"t{number}": text() for number in range(300)}))
        url = store(ory, {"t1": "x"})
        assert change(admin, url, traits__t299="y").status_code == 302
        assert get_stored(ory)["traits"] == {"t1": "x", "t299": "y"}


class TestSchemaChange:
    def test_difference_is_shown_before_it_is_saved(self, admin: Client, ory: FakeOry) -> None:
        use_schemas(
            ory,
            person=schema({"email": EMAIL, "nick": text(), "old": text()}),
            team={
                **schema({"email": EMAIL, "nick": {"type": "integer"}, "size": text()}, "size"),
                "title": "Team",
            },
        )
        url = store(ory, {"email": "a@example.com", "nick": "x", "old": "y"})
        assert "Change to Team (team)" in admin.get(url).content.decode()
        url = f"{url}?schema_id=team"
        response = admin.get(url)
        differences = dict(response.context["ory_schema_differences"])
        assert sorted(differences) == ["nick", "old", "size"]
        assert get_patches(ory) == []
        response = change(admin, url, **{"traits__nick:json": "5", "traits__size": "L"})
        assert response.status_code == 302, get_errors(response)
        assert get_stored(ory)["schema_id"] == Identity.objects.get().schema_id == "team"
        assert get_stored(ory)["traits"] == {"email": "a@example.com", "nick": 5, "old": "y", "size": "L"}
        assert "schema_id" in LogEntry.objects.get().change_message

    def test_row_of_an_unknown_project_has_a_page(self, admin: Client) -> None:
        row = Identity.objects.create(alias="old", identity_id=ID, schema_id="person")
        response = admin.get(reverse("admin:django_ory_identity_change", args=[row.pk]))
        assert "person" in response.content.decode()
        assert 'name="_save"' not in response.content.decode()

    def test_unknown_schema_is_ignored(self, admin: Client, ory: FakeOry, person: str) -> None:
        assert change(admin, f"{person}?schema_id=nothing").status_code == 302
        assert get_patches(ory) == []


class TestExternalId:
    def test_field_is_shown_if_the_server_returns_one(self, admin: Client, ory: FakeOry, person: str) -> None:
        assert "external_id" not in open_form(admin, person)
        url = store(ory, {"email": "a@example.com", "active": True}, external_id="u-1")
        assert open_form(admin, url)["external_id"] == ["u-1"]
        assert "external_id" in open_form(admin, ADD)
        assert change(admin, url, external_id="u-2").status_code == 302
        assert get_patches(ory) == [{"op": "add", "path": "/external_id", "value": "u-2"}]


class TestAdd:
    def test_identity_is_created_with_typed_values(self, admin: Client, ory: FakeOry, staff: Any) -> None:
        use_schemas(ory, person=schema(PERSON, "email", "active"))
        data = open_form(admin, ADD)
        typed = {
            "traits.email": "ann@example.com",
            "traits.active": "true",
            "traits.plan": "pro",
            "traits.seats": "4",
            "traits.name.first": "Ann",
            "traits.tags": ["", "red"],
            "traits.homes.0.street": "Elm",
            "traits.roles": ["", "user"],
            "traits.number": "N-1",
            "metadata_public": '{"a": 1}',
            "state": "inactive",
        }
        response = admin.post(ADD, data | typed, follow=True)
        row = Identity.objects.get()
        found = ory.kratos.identities.identities[str(row.identity_id)]
        assert found["traits"] == {
            "email": "ann@example.com",
            "plan": "pro",
            "seats": 4,
            "active": True,
            "tags": ["red"],
            "roles": ["user"],
            "homes": [{"street": "Elm"}],
            "name": {"first": "Ann"},
            "number": "N-1",
        }
        assert (found["state"], found["metadata_public"]) == ("inactive", {"a": 1})
        assert row.label == "ann@example.com"
        assert "was added successfully" in response.content.decode()
        entry = LogEntry.objects.get()
        assert (entry.user, entry.object_repr) == (staff, row.log_name)
        assert "ann@" not in entry.change_message

    def test_schema_is_chosen_first_if_there_are_several(self, admin: Client, ory: FakeOry) -> None:
        use_schemas(ory, person=schema({"email": EMAIL}), team={**schema({"size": text()}), "title": "Team"})
        html = admin.get(ADD).content.decode()
        assert '<option value="team">Team (team)</option>' in html
        url = f"{ADD}?alias=default&schema_id=team"
        assert "traits.size" in open_form(admin, url)
        assert admin.post(url, open_form(admin, url) | {"traits.size": "L"}).status_code == 302
        assert Identity.objects.get().schema_id == "team"
        for query in ("?schema_id=nothing", "?alias=nothing&schema_id=team", "?alias=%00"):
            assert "id_schema_id" in (html := admin.get(ADD + query).content.decode()) or "id_alias" in html

    def test_project_is_chosen_first_if_there_are_several(
        self, admin: Client, ory: FakeOry, settings: Any
    ) -> None:
        settings.ORY = dict.fromkeys(("default", "acme"), settings.ORY["default"])
        use_schemas(ory, person=schema({"email": EMAIL}))
        html = admin.get(ADD).content.decode()
        assert "<option>acme</option>" in html
        url = f"{ADD}?alias=acme"
        assert admin.post(url, open_form(admin, url) | {"traits.email": "a@example.com"}).status_code == 302
        assert Identity.objects.get().alias == "acme"

    def test_unavailable_schemas_let_staff_enter_json(self, admin: Client, ory: FakeOry) -> None:
        use_schemas(ory, person=schema({"email": EMAIL}))
        for route in ("GET /schemas", "GET /schemas/{id}"):
            ory.respond(route, status=500, json=build_error_json(500))
        assert "could not be read" in admin.get(ADD).content.decode()
        url = f"{ADD}?alias=default&schema_id=person"
        data = open_form(admin, url) | {"traits": '{"email": "a@example.com"}'}
        assert admin.post(url, data).status_code == 302
        assert Identity.objects.get().label == "a@example.com"

    def test_missing_values_are_shown_at_their_traits(self, admin: Client, ory: FakeOry) -> None:
        use_schemas(ory, person=schema({"email": EMAIL, "nick": text()}, "email"))
        response = admin.post(ADD, open_form(admin, ADD) | {"traits.nick": "x"})
        assert get_errors(response) == {"traits.email": ["This field is required."]}
        assert dict(read_form(response.content.decode(), "identity_form"))["traits.nick"] == ["x"]
        assert not Identity.objects.exists()

    def test_second_submission_links_to_the_first(self, admin: Client, ory: FakeOry) -> None:
        use_schemas(ory, person=schema({"email": EMAIL}, "email"))
        data = open_form(admin, ADD) | {"traits.email": "a@example.com"}
        assert admin.post(ADD, data).status_code == 302
        response = admin.post(ADD, data)
        assert "submitted twice" in str(get_errors(response)["__all__"])
        url = reverse("admin:django_ory_identity_change", args=[Identity.objects.get().pk])
        assert f'<a href="{url}">' in response.content.decode()
        assert len(ory.kratos.identities.identities) == 1

    def test_creation_without_a_response_is_found_by_its_identifier(
        self, admin: Client, ory: FakeOry
    ) -> None:
        use_schemas(ory, person=schema({"email": EMAIL}, "email"))
        data = open_form(admin, ADD) | {"traits.email": "a@example.com"}
        ory.respond("POST /admin/identities", _answer_too_late(ory))
        response = admin.post(ADD, data, follow=True)
        assert "did not answer in time, but the identity exists" in response.content.decode()
        assert Identity.objects.get().label == "a@example.com"

    def test_creation_without_a_response_and_without_an_identity_is_unknown(
        self, admin: Client, ory: FakeOry
    ) -> None:
        use_schemas(ory, person=schema({"email": EMAIL}, "email"))
        data = open_form(admin, ADD) | {"traits.email": "a@example.com"}
        ory.respond("POST /admin/identities", _time_out)
        response = admin.post(ADD, data)
        assert "unknown whether the change was made" in str(get_errors(response))
        assert dict(read_form(response.content.decode(), "identity_form"))["traits.email"] == [
            "a@example.com"
        ]

    def test_change_during_the_save_is_kept(self, admin: Client, ory: FakeOry, person: str) -> None:
        data = open_form(admin, person) | {"traits.nick": ["mine"]}
        call_during(
            ory,
            "PATCH /admin/identities/{id}",
            lambda: get_stored(ory)["traits"].update(phone="+1"),
            before=True,
        )
        assert admin.post(person, data).status_code == 302
        assert get_stored(ory)["traits"] == {**FULL, "nick": "mine", "phone": "+1"}


class TestPermissions:
    def test_staff_without_personal_data_change_only_the_state(
        self, staff_with: Callable[..., Client], ory: FakeOry, person: str
    ) -> None:
        client = staff_with("view_identity", "change_identity", "change_identity_state")
        data = open_form(client, person)
        assert not [name for name in data if name.startswith(("traits", "metadata"))]
        html = client.get(person).content.decode()
        assert "example.com" not in html.replace("helpdesk@example.com", "")
        posted = data | {"state": "inactive", "traits.nick": "x", "traits": "{}", "metadata_admin": "{}"}
        response = client.post(person, posted, follow=True)
        assert get_patches(ory) == [{"op": "add", "path": "/state", "value": "inactive"}]
        assert "Ann@" not in response.content.decode()

    def test_staff_without_the_state_change_only_traits(
        self, staff_with: Callable[..., Client], ory: FakeOry, person: str
    ) -> None:
        client = staff_with("view_identity", "change_identity", "view_personal_data")
        data = open_form(client, person)
        assert "state" not in data
        assert client.post(person, data | {"state": "inactive", "traits.nick": "x"}).status_code == 302
        assert get_patches(ory) == [{"op": "add", "path": "/traits/nick", "value": "x"}]

    @pytest.mark.parametrize(
        "permissions",
        [
            ("view_identity",),
            ("change_identity",),
            ("view_personal_data", "change_identity_state", "view_identity"),
        ],
    )
    def test_staff_without_anything_to_change_have_no_form(
        self, staff_with: Callable[..., Client], ory: FakeOry, person: str, permissions: tuple[str, ...]
    ) -> None:
        client = staff_with(*permissions)
        assert client.post(person, {"state": "inactive"}).status_code == 403
        assert get_patches(ory) == []

    @pytest.mark.parametrize("permissions", [("add_identity",), ("view_personal_data", "change_identity")])
    def test_staff_without_both_permissions_cannot_add(
        self, staff_with: Callable[..., Client], ory: FakeOry, permissions: tuple[str, ...]
    ) -> None:
        client = staff_with(*permissions)
        assert client.get(ADD).status_code == 403
        assert client.post(ADD, {"schema_id": "person"}).status_code == 403

    def test_form_without_csrf_token_is_forbidden(
        self, admin_with_csrf: Client, ory: FakeOry, person: str
    ) -> None:
        assert admin_with_csrf.post(person, {}).status_code == 403
        assert admin_with_csrf.post(ADD, {}).status_code == 403
