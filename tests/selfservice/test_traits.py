"""Forms that know the identity schema: every kind of trait is shown, posted and kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.http import QueryDict
from django.test import override_settings

from django_ory.schemas.fields import TraitField, TraitKind
from django_ory.schemas.parse import parse_schema
from django_ory.schemas.posted import read_posted
from django_ory.schemas.values import MAX_LIST_ROWS
from django_ory.selfservice.forms.fields import (
    Button,
    Checkbox,
    CheckboxGroup,
    FieldSet,
    Form,
    Hidden,
    Input,
    ListField,
    Option,
    RadioGroup,
    Select,
    Text,
)
from django_ory.selfservice.forms.schema_choice import choose_schema
from tests.schemas.published import EMAIL, PUBLISHED, identifier, schema, text

from . import shapes
from .trait_forms import decode_as_kratos, list_posted, post, second_step, settings, sign_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.selfservice.pages.flow_page import FlowPage

    Pages = Callable[..., FlowPage]

HERE = "http://testserver/auth/settings/?flow=x"
TAGS = {"type": "array", "title": "Tags", "items": {"type": "string"}}
HOMES = {
    "type": "array",
    "title": "Homes",
    "items": {"type": "object", "properties": {"street": text("Street")}},
}


def build(page: Pages, flow: Any, body: Any, *, here: str = HERE, **options: Any) -> FlowPage:
    return page(flow, schema=parse_schema("person", body), traits_action=here, **options)


def get_form(page: FlowPage) -> Form:
    """The form of the traits."""
    return next(
        form
        for form in page.forms
        if any(isinstance(each, Button) and each.value == "profile" for each in form.visible_fields())
    )


def find(page: FlowPage, name: str) -> Any:
    return next(each for each in get_form(page).visible_fields() if getattr(each, "name", "") == name)


def make_value(field: TraitField) -> Any:
    """A value that fits a trait."""
    if field.choices:
        return field.choices[-1].value
    match field.kind:
        case TraitKind.BOOLEAN:
            return True
        case TraitKind.INTEGER:
            return 3
        case TraitKind.NUMBER:
            return 1.5
        case TraitKind.LIST if field.item:
            return [make_value(field.item)]
        case TraitKind.OBJECT if field.fields:
            return {each.path[-1]: make_value(each) for each in field.fields}
        case TraitKind.OBJECT:
            return {"any": ["thing"]}
        case _:
            formats = {"email": "ann@example.org", "date": "1990-02-28", "date-time": "2020-01-31T18:30:00Z"}
            return formats.get(field.format, "Ann")


# All published schemas: in the settings, in a sign-up, and in its second step.


@pytest.mark.parametrize("name", PUBLISHED)
def test_saving_without_a_change_changes_nothing(page: Pages, name: str) -> None:
    body, _traits = PUBLISHED[name]
    parsed = parse_schema("person", body)
    stored = {**make_value(parsed.traits), "from_elsewhere": {"plan": "gold"}}
    form = get_form(build(page, settings(body, stored), body))
    assert form.action == HERE  # Kratos would delete the trait that is not in the schema
    assert read_posted(parsed.traits, post(form), stored) == stored
    stored = make_value(parsed.traits)
    form = get_form(build(page, settings(body, stored), body))
    posted = post(form)
    saved = (
        read_posted(parsed.traits, posted, stored)
        if form.action == HERE
        else decode_as_kratos(parsed.traits, list_posted(form))
    )
    assert saved == stored


@pytest.mark.parametrize("name", PUBLISHED)
def test_empty_sign_up_posts_no_empty_values(page: Pages, name: str) -> None:
    body, _traits = PUBLISHED[name]
    parsed = parse_schema("person", body)
    form = get_form(build(page, sign_up(body), body))
    traits = (
        read_posted(parsed.traits, post(form), {})
        if form.action == HERE
        else decode_as_kratos(parsed.traits, list_posted(form))
    )
    allowed = [False, [], *(choice.value for each in parsed.traits.fields for choice in each.choices[-1:])]
    assert [value for value in traits.values() if value not in allowed] == []


@pytest.mark.parametrize("name", PUBLISHED)
def test_second_step_of_a_sign_up_brings_all_traits(page: Pages, name: str) -> None:
    body, _traits = PUBLISHED[name]
    parsed = parse_schema("person", body)
    entered = {key: value for key, value in make_value(parsed.traits).items() if value != {"any": ["thing"]}}
    found = build(page, second_step(body, entered), body)
    assert found.step == "registration.credentials"
    for form in found.forms:
        assert form.action.startswith("http://kratos.test")  # a password is in the form
        assert decode_as_kratos(parsed.traits, list_posted(form)) == entered


def test_second_step_brings_empty_lists_of_objects(page: Pages) -> None:
    inner = {"type": "object", "properties": {"homes": HOMES, "x": text()}}
    body = schema({"email": EMAIL, "tags": TAGS, "homes": HOMES, "inner": inner}, "email")
    found = build(page, second_step(body, {"email": "a@b.c", "tags": ["red"]}), body)
    (value,) = {each.value for form in found.forms for each in form.hidden if each.name == "traits"}
    assert json.loads(value) == {"email": "a@b.c", "tags": ["red"], "homes": [], "inner": {"homes": []}}
    body = schema({"email": EMAIL, "homes": HOMES}, "email")
    found = build(page, second_step(body, {"email": "a@b.c"}), body)
    (value,) = {each.value for form in found.forms for each in form.hidden if each.name == "traits"}
    assert json.loads(value) == {"email": "a@b.c", "homes": []}


def test_error_of_an_item_is_shown_in_the_second_step(page: Pages) -> None:
    body = schema({"email": EMAIL, "tags": TAGS}, "email")
    flow = second_step(body, {"email": "a@b.c", "tags": ["red", "x"]})
    for node in flow["ui"]["nodes"]:
        if node["attributes"].get("name") == "traits.tags.1":
            node["messages"] = [shapes.error(9, "too short")]
    assert [each.text for each in build(page, flow, body).errors] == ["too short"]


# Where forms are posted to.


@pytest.mark.parametrize(
    ("traits", "stored", "here"),
    [
        ({"email": EMAIL, "news": {"type": "boolean"}, "age": {"type": "integer"}}, {}, False),
        ({"email": EMAIL, "name": {"type": "object", "properties": {"first": text()}}}, {}, False),
        (
            {"email": EMAIL, "name": {"type": "object", "properties": {"first": text()}}},
            {"name": {"first": "A"}},
            False,
        ),
        ({"email": EMAIL}, {"plan": "gold"}, True),
        ({"email": EMAIL, "bag": {"type": "object"}}, {"bag": {"a": 1}}, True),
        ({"email": EMAIL, "company": {"type": ["string", "null"]}}, {}, True),
        ({"email": EMAIL, "tags": TAGS}, {}, True),
        ({"email": EMAIL, "homes": HOMES}, {}, True),
        ({"email": EMAIL, "since": text(format="date-time")}, {}, True),
    ],
)
def test_form_is_posted_to_this_site_if_kratos_cannot_read_it(
    page: Pages, traits: Any, stored: Any, here: bool
) -> None:
    body = schema(traits, "email")
    found = build(page, settings(body, {"email": "ann@example.org", **stored}), body)
    assert (get_form(found).action == HERE) is here
    others = [form.action for form in found.forms if form is not get_form(found)]
    assert all(action.startswith("http://kratos.test") for action in others)


def test_form_with_a_password_is_never_posted_to_this_site(page: Pages) -> None:
    body = schema({"email": EMAIL, "tags": TAGS, "homes": HOMES}, "email")
    one_step = [
        shapes.password(autocomplete="new-password"),
        shapes.submit("method", "password", group="password", label=shapes.text(1040001)),
    ]
    (form,) = build(page, sign_up(body, {}, *one_step), body).forms
    assert form.action == HERE
    assert [each.name for each in form.visible_fields() if isinstance(each, ListField)] == [
        "traits.tags",
        "traits.homes",
    ]
    assert not any(getattr(each, "type", "") == "password" for each in form.visible_fields())
    entered = {"email": "a@b.c", "tags": ["red"]}
    found = build(page, sign_up(body, {}, *one_step), body, traits=entered, is_entered=True)
    assert found.step == "registration.credentials"
    assert "a@b.c" in found.heading.lead
    (form,) = found.main
    assert form.action.startswith("http://kratos.test")
    posted = decode_as_kratos(parse_schema("person", body).traits, list_posted(form))
    assert posted == {**entered, "homes": []}
    (back,) = found.back
    assert back.action == HERE
    assert not any(getattr(each, "type", "") == "password" for each in back.visible_fields())


def test_sign_up_in_one_form_that_kratos_can_read_is_one_page(page: Pages) -> None:
    body = schema({"email": EMAIL}, "email")
    one_step = [
        shapes.password(autocomplete="new-password"),
        shapes.submit("method", "password", group="password", label=shapes.text(1040001)),
    ]
    (form,) = build(page, sign_up(body, {}, *one_step), body).forms
    assert form.action.startswith("http://kratos.test")


def test_other_sites_are_offered_beside_the_traits_only(page: Pages) -> None:
    body = schema({"email": EMAIL, "tags": TAGS}, "email")
    nodes = [shapes.provider(label=1040002), shapes.password()]
    assert build(page, sign_up(body, {}, *nodes), body).sso
    found = build(page, sign_up(body, {}, *nodes), body, traits={"email": "a@b.c"}, is_entered=True)
    assert not found.sso


def test_errors_tell_the_page_of_a_sign_up_in_one_form(page: Pages) -> None:
    body = schema({"email": EMAIL, "tags": TAGS}, "email")
    entered = {"email": "a@b.c", "tags": ["red"]}
    bad_password = shapes.password(messages=[shapes.error(4000032, min_length=8)])
    found = build(page, sign_up(body, entered, bad_password), body)
    assert found.step == "registration"  # the lists may be lost
    assert [each.text for each in found.errors] == ["Use a password of at least 8 characters."]
    found = build(page, sign_up(body, entered, bad_password), body, traits=entered)
    assert found.step == "registration.credentials"
    (value,) = (each.value for each in found.main[0].hidden if each.name == "traits")
    assert json.loads(value) == entered
    bad_trait = sign_up(body, entered, bad_password)
    bad_trait["ui"]["nodes"][1]["messages"] = [shapes.error(4000001)]
    assert build(page, bad_trait, body, traits=entered).step == "registration"


def test_sign_up_that_waits_for_a_code_sends_the_lists_again(page: Pages) -> None:
    body = schema({"email": EMAIL, "tags": TAGS}, "email")
    entered = {"email": "a@b.c", "tags": ["red"]}
    nodes = [shapes.field("code", group="code"), shapes.submit("method", "code", group="code")]
    found = build(page, {**sign_up(body, entered, *nodes), "state": "sent_email"}, body)
    (form,) = found.forms
    assert form.action.startswith("http://kratos.test")
    assert decode_as_kratos(parse_schema("person", body).traits, list_posted(form)) == entered


def test_profile_of_another_site_is_completed_before_the_sign_up_ends(page: Pages) -> None:
    body = schema({"email": EMAIL, "tags": TAGS, "homes": HOMES}, "email")
    button = shapes.provider(label=1040003)
    found = build(page, sign_up(body, {"email": "a@b.c"}, button), body)
    (form,) = found.forms
    assert (form.action, found.step) == (HERE, "registration")
    assert find(found, "traits.tags").can_change
    assert not any(getattr(each, "name", "") == "provider" for each in form.visible_fields())
    entered = {"email": "a@b.c", "tags": ["red"], "homes": [{"street": "Elm"}]}
    found = build(page, sign_up(body, {"email": "a@b.c"}, button), body, traits=entered, is_entered=True)
    assert (found.step, found.heading.title) == ("registration.credentials", "Almost done")
    (form,) = found.main
    assert form.action.startswith("http://kratos.test")
    assert decode_as_kratos(parse_schema("person", body).traits, list_posted(form)) == entered
    assert [each.name for each in form.visible_fields() if isinstance(each, Button)] == ["provider"]


def test_page_without_a_schema_is_as_before(page: Pages) -> None:
    body = schema({"email": EMAIL, "tags": TAGS}, "email")
    flow = settings(body, {"email": "a@b.c", "tags": ["x"]})
    names = [each.name for each in get_form(page(flow)).visible_fields() if isinstance(each, Input)]
    assert names == ["traits.email", "traits.tags", "traits.tags.0"]


def test_profile_that_kratos_would_damage_is_shown_without_a_button(page: Pages) -> None:
    body = {
        "properties": {"traits": {"properties": {"email": EMAIL, "name": {"properties": {"first": text()}}}}}
    }
    stored = {"email": "a@b.c", "name": {"first": "Ann"}, "plan": "gold"}
    found = build(page, settings(body, stored), body)
    values = {button.value for form in found.forms for group in form.groups for button in group.buttons}
    assert "profile" not in values
    texts = [each.text for form in found.forms for each in form.visible_fields() if isinstance(each, Text)]
    assert texts == ["a@b.c", "Ann"]
    assert ["some of its values would be lost" in note.text for note in found.notes] == [True]
    kept = {"email": "a@b.c", "name": {"first": "Ann"}}
    assert get_form(build(page, settings(body, kept), body)).action.startswith("http://kratos.test")


# Kinds of traits.


@pytest.mark.parametrize(
    ("trait", "stored", "is_new", "off_value"),
    [
        ({"type": "boolean"}, None, True, "false"),
        ({"type": "boolean"}, None, False, ""),
        ({"type": "boolean"}, True, False, "false"),
        ({"const": True}, None, True, ""),
        ({"const": True}, True, False, ""),
    ],
)
def test_unchecked_box_posts_false_only_where_it_is_allowed(
    page: Pages, trait: Any, stored: Any, is_new: bool, off_value: str
) -> None:
    body = schema({"email": EMAIL, "x": trait}, "email")
    traits = {"email": "a@b.c", **({} if stored is None else {"x": stored})}
    found = build(page, sign_up(body) if is_new else settings(body, traits), body)
    box = find(found, "traits.x")
    assert isinstance(box, Checkbox)
    assert (box.checked, box.off_value) == (bool(stored), off_value)


LONG = ["a", "b", "c", "d", "e", "f"]


@pytest.mark.parametrize(
    ("trait", "value", "options"),
    [
        ({"type": "string", "enum": LONG}, None, [("", True), *((each, False) for each in LONG)]),
        ({"type": "string", "enum": LONG}, "b", [("", False), *((each, each == "b") for each in LONG)]),
        (
            {"type": "string", "enum": LONG},
            "gone",
            [("", False), *((each, False) for each in LONG), ("gone", True)],
        ),
        ({"type": "string", "enum": ["a", "b"]}, None, [("", True), ("a", False), ("b", False)]),
        ({"type": "string", "enum": ["a", "b"]}, "b", [("", False), ("a", False), ("b", True)]),
        ({"type": "string", "enum": ["a"]}, "gone", [("", False), ("a", False), ("gone", True)]),
        ({"type": "integer", "enum": [0, 1]}, 0, [("", False), ("0", True), ("1", False)]),
        ({"type": "string", "enum": ["a", ""]}, "", [("a", False), ("", True)]),
    ],
)
def test_enum_is_radio_buttons_or_a_select_with_the_stored_value(
    page: Pages, trait: Any, value: Any, options: Any
) -> None:
    body = schema({"email": EMAIL, "x": trait}, "email")
    traits = {"email": "a@b.c", **({} if value is None else {"x": value})}
    found = build(page, settings(body, traits), body)
    select = find(found, "traits.x")
    assert isinstance(select, Select)
    assert isinstance(select, RadioGroup) is (len(trait["enum"]) <= 5)
    assert [(each.value, each.selected) for each in select.options] == options
    assert all(each.label for each in select.options)
    assert read_posted(parse_schema("person", body).traits, post(get_form(found)), traits) == traits


def test_required_enum_has_no_empty_option_once_it_has_a_value(page: Pages) -> None:
    body = schema({"email": EMAIL, "x": {"type": "string", "enum": ["a"]}}, "x")
    assert [
        each.value for each in find(build(page, settings(body, {"x": "a"}), body), "traits.x").options
    ] == ["a"]
    radios = find(build(page, sign_up(body), body), "traits.x")
    assert radios.options == (Option("a", "a"),)
    assert radios.attrs == {"required": True}
    body = schema({"email": EMAIL, "x": {"type": "string", "enum": LONG}}, "x")
    select = find(build(page, sign_up(body), body), "traits.x")
    assert select.options[:2] == (Option("", "—", True), Option("a", "a"))
    assert select.attrs["required"]


def test_titles_of_constants_are_labels_of_options(page: Pages) -> None:
    trait = {"type": "string", "oneOf": [{"const": "de", "title": "German"}]}
    select = find(build(page, sign_up(schema({"x": trait})), schema({"x": trait})), "traits.x")
    assert [each.label for each in select.options] == ["Not specified", "German"]


def test_list_of_enums_is_check_boxes_in_the_stored_order(page: Pages) -> None:
    roles = {"type": "array", "items": {"type": "string", "enum": ["user", "manager", "guest"]}}
    body = schema({"email": EMAIL, "roles": roles}, "email")
    stored = {"email": "a@b.c", "roles": ["manager", "gone", "user"]}
    found = build(page, settings(body, stored), body)
    group = find(found, "traits.roles")
    assert isinstance(group, CheckboxGroup)
    checked = [each.value for each in group.options if each.selected]
    assert checked == ["user", "manager", "gone"]
    traits = parse_schema("person", body).traits
    assert read_posted(traits, post(get_form(found)), stored) == stored
    data = QueryDict("traits.roles=&traits.roles=user&traits.roles=guest")
    assert read_posted(traits, data, stored)["roles"] == ["user", "guest"]
    assert "roles" not in read_posted(traits, QueryDict("traits.roles="), stored)


def test_list_has_a_row_for_each_item_and_buttons(page: Pages) -> None:
    body = schema({"email": EMAIL, "tags": TAGS}, "email")
    found = build(page, settings(body, {"email": "a@b.c", "tags": ["red", "blue"]}), body)
    tags = find(found, "traits.tags")
    assert isinstance(tags, ListField)
    inputs = [each for row in tags.rows for each in row.fields if isinstance(each, Input)]
    assert [(each.name, each.value, each.label) for each in inputs] == [
        ("traits.tags", "red", "Tags, 1"),
        ("traits.tags", "blue", "Tags, 2"),
    ]
    assert (
        len({each.id for each in get_form(found).visible_fields() if isinstance(each, (Input, ListField))})
        == 4
    )
    assert [row.remove for row in tags.rows] == ["traits.tags.0", "traits.tags.1"]
    form = get_form(found)
    assert form.default_button is not None  # the Enter key must not remove a row
    assert form.default_button.value == "profile"


def test_list_of_identifiers_is_required_and_names_the_account(page: Pages) -> None:
    body = schema({"emails": {"type": "array", "items": EMAIL, "minItems": 1}}, "emails")
    emails = find(build(page, sign_up(body), body), "traits.emails")
    (row,) = emails.rows
    (first,) = row.fields
    assert isinstance(first, Input)
    assert (first.type, first.attrs.get("required"), row.remove) == ("email", True, "")
    found = build(page, settings(body, {"emails": ["ann@example.org"]}, section="password"), body)
    assert [form.username for form in found.forms] == ["ann@example.org"]


def test_account_is_named_by_its_identifier(page: Pages) -> None:
    body = schema({"email": text(format="email"), "UserID": identifier(title="User ID")}, "UserID")
    traits = {"email": "mail@example.org", "UserID": "ann-o"}
    found = build(page, settings(body, traits, section="password"), body)
    assert [form.username for form in found.forms] == ["ann-o"]
    assert (
        find(build(page, settings(body, traits), body), "traits.UserID").attrs["autocomplete"] == "username"
    )


def test_error_of_an_item_is_shown_at_its_row(page: Pages) -> None:
    body = schema({"email": EMAIL, "tags": TAGS, "homes": HOMES}, "email")
    flow = settings(body, {"email": "a@b.c", "tags": ["red", "x"]})
    by_name = {node["attributes"].get("name"): node for node in flow["ui"]["nodes"]}
    by_name["traits.tags.1"]["messages"] = [shapes.error(4000003, "too short", min_length=3, actual_length=1)]
    by_name["traits.tags"]["messages"] = [shapes.error(9, "for the list")]
    lost = shapes.field("traits.unknown", messages=[shapes.error(9, "of a node without a field")])
    flow["ui"]["nodes"].append(lost)
    found = build(page, flow, body)
    tags = find(found, "traits.tags")
    (second,) = tags.rows[1].fields
    assert [note.level for note in second.messages] == ["error"]
    assert [note.text for note in tags.messages] == ["for the list"]
    assert [each.target for each in found.errors] == ["", tags.id, second.id]


def test_objects_are_groups_and_titles_are_labels(page: Pages) -> None:
    address = {"type": "object", "title": "Address", "properties": {"street": text("Street"), "zip": text()}}
    body = schema(
        {"email": EMAIL, "home": address, "name": {"type": "object", "properties": {"first": text("First")}}}
    )
    found = build(page, sign_up(body), body)
    (group,) = (each for each in get_form(found).visible_fields() if isinstance(each, FieldSet))
    assert (group.label, [each.label for each in group.fields if isinstance(each, Input)]) == (
        "Address",
        ["Street", "Zip"],
    )
    assert find(found, "traits.name.first").label == "First"


def test_read_only_trait_is_a_text(page: Pages) -> None:
    kind = {"type": "string", "title": "Plan", "readOnly": True}
    body = schema({"email": EMAIL, "plan": kind}, "email")
    form = get_form(build(page, settings(body, {"email": "a@b.c", "plan": "gold"}), body))
    (shown,) = (each for each in form.visible_fields() if isinstance(each, Text))
    assert (shown.label, shown.text) == ("Plan", "gold")
    assert ("traits.plan", "gold") in list_posted(form)  # Kratos must get the value back
    assert not any(
        name == "traits.plan" for name, _value in list_posted(get_form(build(page, sign_up(body), body)))
    )
    required = schema({"email": EMAIL, "plan": kind}, "email", "plan")
    assert isinstance(find(build(page, sign_up(required), required), "traits.plan"), Input)


@override_settings(TIME_ZONE="America/New_York", USE_TZ=True)
@pytest.mark.parametrize(
    ("stored", "shown", "kind"),
    [
        ("2020-01-31T18:30:00Z", "2020-01-31T13:30", "datetime-local"),
        ("2020-01-31T18:30:05.123Z", "2020-01-31T13:30:05", "datetime-local"),
        ("2020-06-30T23:59:59+02:00", "2020-06-30T17:59:59", "datetime-local"),
        ("yesterday", "yesterday", "text"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "text"),
    ],
)
def test_time_is_shown_in_the_time_zone_of_the_site_and_kept(
    page: Pages, stored: str, shown: str, kind: str
) -> None:
    body = schema({"since": text(format="date-time")})
    traits = {"since": stored}
    found = build(page, settings(body, traits), body)
    input_ = find(found, "traits.since")
    assert (input_.value, input_.type) == (shown, kind)
    parsed = parse_schema("person", body).traits
    assert read_posted(parsed, post(get_form(found)), traits) == traits


@override_settings(TIME_ZONE="America/New_York", USE_TZ=True)
@pytest.mark.parametrize(
    ("typed", "saved"),
    [
        ("2020-01-31T13:30", "2020-01-31T13:30:00-05:00"),
        ("2020-01-31T18:30:00Z", "2020-01-31T18:30:00Z"),
        ("soon", "soon"),
        ("9999-12-31T23:59", "9999-12-31T23:59:00-05:00"),
    ],
)
def test_typed_time_gets_the_time_zone_of_the_site(typed: str, saved: str) -> None:
    traits = parse_schema("person", schema({"since": text(format="date-time")})).traits
    assert read_posted(traits, QueryDict(f"traits.since={typed}"), {}) == {"since": saved}


# Posted values.


@pytest.mark.parametrize(
    ("trait", "posted", "saved"),
    [
        ({"type": "integer"}, "x=5", 5),
        ({"type": "integer"}, "x=%2B5", 5),
        ({"type": "integer"}, "x=12345678901234567890", 12345678901234567890),
        ({"type": "integer"}, "x=five", "five"),
        ({"type": "integer"}, "x=" + "9" * 5000, "9" * 5000),
        ({"type": "number"}, "x=1.5", 1.5),
        ({"type": "number"}, "x=nan", "nan"),
        ({"type": "number"}, "x=1e999", "1e999"),
        ({"type": "number"}, "x=", None),
        ({"type": "string"}, "x=", None),
        ({"type": "string"}, "x=+a+", " a "),
        ({"type": "boolean"}, "x=false&traits.x=true", True),
        ({"type": "boolean"}, "x=false", False),
        ({"type": "boolean"}, "x=", None),
        ({"type": "boolean"}, "x=maybe", "maybe"),
        (
            {"type": "array", "items": {"type": "integer"}},
            "x=&traits.x=7&traits.x=&traits.x=eight",
            [7, "eight"],
        ),
        ({"type": "array", "items": {"type": "string"}}, "x=&traits.x=+", None),
        ({"type": "array"}, "x=&traits.x=a", ["a"]),
        ({"type": "integer", "enum": [1, 2]}, "x=2", 2),
        ({"enum": ["a", None, True]}, "x=true", None),
        ({"type": "object"}, "x=1", None),
    ],
)
def test_posted_text_becomes_a_value_of_the_type(trait: Any, posted: str, saved: Any) -> None:
    traits = parse_schema("person", schema({"x": trait})).traits
    assert read_posted(traits, QueryDict(f"traits.{posted}"), {}) == ({} if saved is None else {"x": saved})


def test_rows_of_objects_are_read_and_empty_rows_dropped() -> None:
    traits = parse_schema("person", schema({"homes": HOMES, "email": EMAIL})).traits
    stored = {"homes": [{"street": "Elm"}], "email": "a@b.c"}
    posted = (
        "traits.homes=&traits.homes.0.street=Elm&traits.homes.0=%7B%22zip%22%3A1%7D"
        "&traits.homes.2.street=&traits.homes.7.street=Oak"
    )
    assert read_posted(traits, QueryDict(posted), stored) == {
        "homes": [{"zip": 1, "street": "Elm"}, {"street": "Oak"}],
        "email": "a@b.c",
    }
    assert read_posted(traits, QueryDict("traits.homes="), stored)["homes"] == []
    assert read_posted(traits, QueryDict("traits.email=b@b.c"), stored)["homes"] == [{"street": "Elm"}]


@pytest.mark.parametrize(
    "hostile",
    [
        "[",
        '{"a":' * 3000,
        "5",
        "null",
        '"x"',
        '{"z": NaN}',
        '{"z": [-Infinity]}',
        '{"z": 1e999}',
        '{"z": "\\ud800"}',
    ],
)
def test_invalid_json_of_a_row_is_ignored(hostile: str) -> None:
    traits = parse_schema("person", schema({"homes": HOMES})).traits
    data = QueryDict(mutable=True)
    data.update({"traits.homes": "", "traits.homes.0": hostile, "traits.homes.0.street": "Elm"})
    assert read_posted(traits, data, {})["homes"] == [{"street": "Elm"}]


def test_rows_are_bounded() -> None:
    traits = parse_schema("person", schema({"homes": HOMES, "tags": TAGS})).traits
    data = QueryDict(mutable=True)
    data.setlist("traits.tags", [f"x{index}" for index in range(900)])
    data.update({f"traits.homes.{index}.street": "x" for index in range(900)} | {"traits.homes": ""})
    found = read_posted(traits, data, {})
    assert len(found["homes"]) == MAX_LIST_ROWS
    assert len(found["tags"]) <= MAX_LIST_ROWS + 1


@pytest.mark.parametrize(
    ("trait", "item"),
    [(TAGS, str), (HOMES, lambda number: {"street": str(number), "zip": 1})],
)
def test_list_that_is_too_long_for_a_form_is_named_and_kept(
    page: Pages, trait: Any, item: Callable[[int], Any]
) -> None:
    body = schema({"email": EMAIL, "x": trait}, "email")
    stored = {"email": "a@b.c", "x": [item(number) for number in range(MAX_LIST_ROWS + 50)]}
    form = get_form(build(page, settings(body, stored), body))
    (shown,) = (each for each in form.visible_fields() if isinstance(each, Text))
    assert shown.text == "This list has more than 100 entries, so it cannot be changed here."
    assert [name for name, _value in list_posted(form) if name.startswith("traits.x")] == []
    traits = parse_schema("person", body).traits
    posted = post(form, traits__email="new@b.c")
    assert read_posted(traits, posted, stored) == {**stored, "email": "new@b.c"}
    posted.setlist("traits.x", ["", "only"])  # a form from before the list grew
    assert read_posted(traits, posted, stored)["x"] == stored["x"]


def test_longest_list_of_a_form_can_be_changed(page: Pages) -> None:
    body = schema({"email": EMAIL, "tags": TAGS}, "email")
    stored = {"email": "a@b.c", "tags": [str(number) for number in range(MAX_LIST_ROWS)]}
    form = get_form(build(page, settings(body, stored), body))
    posted = post(form)
    traits = parse_schema("person", body).traits
    assert read_posted(traits, posted, stored) == stored
    posted.setlist("traits.tags", ["", *stored["tags"][:-1], "last"])
    assert read_posted(traits, posted, stored)["tags"] == [*stored["tags"][:-1], "last"]


def test_check_boxes_are_kept_in_any_number(page: Pages) -> None:
    places = [f"place {number}" for number in range(MAX_LIST_ROWS + 50)]
    trait = {"type": "array", "items": {"type": "string", "enum": places}}
    body = schema({"email": EMAIL, "places": trait}, "email")
    stored = {"email": "a@b.c", "places": places}
    form = get_form(build(page, settings(body, stored), body))
    traits = parse_schema("person", body).traits
    assert read_posted(traits, post(form), stored) == stored
    assert read_posted(traits, post(form), {"email": "a@b.c"}) == stored


@pytest.mark.parametrize(("text", "value"), [("1", 1), ('"1"', "1"), ("2", "2")])
@pytest.mark.parametrize("stored", [{}, {"one": 1}, {"one": "1"}])
def test_allowed_values_with_the_same_text_are_told_apart(stored: Any, text: str, value: Any) -> None:
    """Only the form of the admin has a field for values of several types."""
    traits = parse_schema("person", schema({"one": {"enum": [1, "1", "2"]}})).traits
    data = QueryDict(mutable=True)
    data["traits.one"] = text
    assert read_posted(traits, data, stored, for_staff=True) == {"one": value}


def test_read_only_member_of_a_row_is_kept(page: Pages) -> None:
    home = {"street": text("Street"), "since": text("Since", readOnly=True)}
    body = schema({"homes": {"type": "array", "items": {"type": "object", "properties": home}}})
    stored = {"homes": [{"street": "Elm", "since": "2020"}]}
    form = get_form(build(page, settings(body, stored), body))
    traits = parse_schema("person", body).traits
    assert read_posted(traits, post(form, traits__homes__0__street="Oak"), stored) == {
        "homes": [{"street": "Oak", "since": "2020"}]
    }


def test_posted_traits_outside_the_schema_are_ignored() -> None:
    traits = parse_schema("person", schema({"email": EMAIL})).traits
    assert read_posted(
        traits, QueryDict("traits.email=a@b.c&traits.role=admin&traits.email.x=1"), {"role": "user"}
    ) == {
        "email": "a@b.c",
        "role": "user",
    }


# The schema of a sign-up.


def make_schemas(**bodies: Any) -> list[Any]:
    return [parse_schema(name, schema(traits)) for name, traits in bodies.items()]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"traits.email", "traits.nick", "traits.tags"}, "tags"),
        ({"traits.email", "traits.nick"}, "nick"),
        ({"traits.email", "traits.tags.0"}, "tags"),
        ({"traits.email"}, None),  # the second step: both have an email
        ({"traits.phone"}, None),
        ({"traits.email", "traits.nick", "traits.homes.0.street"}, None),
    ],
)
def test_schema_of_a_sign_up_is_found_only_if_it_is_certain(names: set[str], expected: str | None) -> None:
    schemas = make_schemas(
        nick={"email": EMAIL, "nick": text()}, tags={"email": EMAIL, "nick": text(), "tags": TAGS}
    )
    found = choose_schema(names, schemas)
    assert (found.id if found else None) == expected


def test_equal_schemas_are_one() -> None:
    schemas = make_schemas(one={"email": EMAIL}, two={"email": EMAIL})
    assert choose_schema({"traits.email"}, schemas) is schemas[0]
    assert choose_schema({"traits.email"}, []) is None


def test_hidden_trait_with_an_error_is_not_sent_back(page: Pages) -> None:
    body = schema({"email": EMAIL, "tags": TAGS, "nick": text()}, "email")
    flow = second_step(body, {"email": "a@b.c", "tags": ["red"], "nick": "x"})
    for node in flow["ui"]["nodes"]:
        if node["attributes"].get("name") == "traits.nick":
            node["messages"] = [shapes.error(4000003, "too short")]
    found = build(page, flow, body)
    (json_value,) = {each.value for form in found.forms for each in form.hidden if each.name == "traits"}
    assert json.loads(json_value) == {"email": "a@b.c", "tags": ["red"]}
    assert all(isinstance(each, Hidden) for form in found.forms for each in form.hidden)
