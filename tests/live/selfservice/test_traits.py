"""Traits of all kinds against a real Kratos: signed up with, saved without a change, and changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_ory.clients import get_client
from django_ory.devstack.ports import Ports, find_free_ports
from tests.e2e.upstream import UpstreamProvider, build_provider_config

from .conftest import EMAIL, PASSWORD, Visitor, build_identity_config, get_traits

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import OryStack

    from .conftest import StartStack

pytestmark = pytest.mark.live

STREET = {"type": "object", "properties": {"street": {"type": "string", "title": "Street"}}}
TRAITS: dict[str, Any] = {
    "email": EMAIL,
    "nick": {"type": "string", "title": "Nick"},
    "plan": {"type": "string", "enum": ["free", "pro"]},
    "seats": {"type": "integer"},
    "height": {"type": "number"},
    "news": {"type": "boolean"},
    "terms": {"const": True, "title": "Terms"},
    "born": {"type": "string", "format": "date"},
    "since": {"type": "string", "format": "date-time"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "others": {"type": "array", "items": {"type": "string", "format": "email"}},
    "lucky": {"type": "array", "items": {"type": "integer"}},
    "roles": {"type": "array", "items": {"type": "string", "enum": ["user", "manager"]}},
    "homes": {"type": "array", "items": STREET},
    "company": {"type": ["string", "null"]},
    "bag": {"type": "object"},
}
FULL: dict[str, Any] = {
    "nick": "old",
    "plan": "pro",
    "seats": 3,
    "height": 1e-7,
    "news": True,
    "terms": True,
    "born": "1990-02-28",
    "since": "2020-01-31T18:30:00.5+02:00",
    "tags": ["red", "blue"],
    "others": ["x@example.org"],
    "lucky": [7, 13],
    "roles": ["manager", "user"],
    "homes": [{"street": "Elm", "zip": "1"}, {"street": "Oak"}],
    "company": None,
    "bag": {"a": [1, {"b": True}]},
    "plan_of_staff": {"seats": 5},
}


@pytest.fixture
def ann(start_stack: StartStack, settings: Any) -> Visitor:
    settings.TIME_ZONE = "UTC"
    return Visitor(start_stack(build_identity_config(TRAITS, ("email",))))


def press(visitor: Visitor, button: str, *changes: tuple[str, str], without: tuple[str, ...] = ()) -> None:
    """Press a button after changing the first input of each name. ``without``: boxes that are not checked."""
    for form in visitor.browser.forms:
        pressed = next((each for each in form.buttons if button in each), None)
        if pressed is None:
            continue
        data = [pair for pair in form.fields if pair[0] not in without]
        for name, value in changes:
            names = [pair[0] for pair in data]
            position = names.index(name) if name in names else len(data)
            data[position : position + 1] = [(name, value)]
        visitor.browser.post(form.action or visitor.browser.url, [*data, pressed])
        return
    raise AssertionError(f"no button {button!r}: {visitor.browser.text[:3000]}")


def test_traits_of_all_kinds_are_kept_and_changed_in_the_settings(ann: Visitor) -> None:
    stored = {"email": ann.email, **FULL}
    credentials = {"password": {"config": {"password": PASSWORD}}}
    body = {"schema_id": "person", "traits": stored, "credentials": credentials}
    get_client().admin_create_identity(body=body)
    ann.sign_in()
    ann.page("settings")
    press(ann, "profile")
    assert "Your changes have been saved" in ann.browser.text
    assert get_traits(ann.email) == stored

    press(ann, "traits.tags", ("traits.nick", "new"))  # add a row
    press(ann, "traits.homes.0")  # remove the first home
    names = [name for form in ann.browser.forms for name, _value in form.fields]
    assert names.count("traits.tags") == 4  # the marker, two items and the new row
    tags = [("traits.tags", "green"), ("traits.height", "1.5"), ("traits.company", "Acme")]
    press(ann, "profile", *tags, ("traits.since", "2021-02-03T04:05"))
    changed = {**stored, "nick": "new", "tags": ["green", "red", "blue"], "homes": [{"street": "Oak"}]}
    changed |= {"height": 1.5, "company": "Acme", "since": "2021-02-03T04:05:00Z"}
    assert get_traits(ann.email) == changed

    press(ann, "profile", ("traits.seats", "many"), ("traits.others", "nobody"))
    assert "Enter a whole number." in ann.browser.text
    assert 'value="nobody"' in ann.browser.text
    assert get_traits(ann.email) == changed


def test_sign_up_with_lists_stores_them(ann: Visitor) -> None:
    ann.page("registration")
    typed = {
        "email": ann.email,
        "tags": "red",
        "others": "x@example.org",
        "lucky": "7",
        "homes.0.street": "Elm",
    }
    press(ann, "profile", *((f"traits.{name}", value) for name, value in typed.items()))
    assert ann.heading == "Choose how to sign in"
    ann.press("password", password=PASSWORD)
    expected = {"tags": ["red"], "others": ["x@example.org"], "lucky": [7], "homes": [{"street": "Elm"}]}
    # Kratos stores an empty object for an object without a value.
    assert get_traits(ann.email) == {"email": ann.email, "news": False, "bag": {}, **expected}


def test_changed_identifier_after_a_long_time_needs_a_new_sign_in(start_stack: StartStack) -> None:
    schema = build_identity_config({"email": EMAIL, "tags": TRAITS["tags"]}, ("email",))
    old = {"selfservice": {"flows": {"settings": {"privileged_session_max_age": "1ms"}}}}
    ann = Visitor(start_stack({**schema, **old}))
    credentials = {"password": {"config": {"password": PASSWORD}}}
    traits = {"email": ann.email, "tags": ["red"]}
    body = {"schema_id": "person", "traits": traits, "credentials": credentials}
    identity = get_client().admin_create_identity(body=body)
    ann.sign_in()
    ann.page("settings")
    new = f"new-{ann.email}"
    press(ann, "profile", ("traits.email", new), ("traits.tags", "blue"))
    assert "sign in again to save this change" in ann.browser.text
    ann.press("profile")
    assert "sign in again to continue" in ann.browser.text  # Kratos has the traits, and asks for the password
    assert get_client().admin_get_identity(identity.id).traits == traits


def test_sign_up_in_one_form_stores_lists(start_stack: StartStack) -> None:
    """Kratos has traits and password in one form, which cannot bring lists: two pages of this site do."""
    schema = build_identity_config(
        {name: TRAITS[name] for name in ("email", "tags", "homes", "plan")}, ("email",)
    )
    legacy = {"selfservice": {"flows": {"registration": {"enable_legacy_one_step": True}}}}
    ann = Visitor(start_stack({**schema, **legacy}))
    ann.page("registration")
    assert 'type="password"' not in ann.browser.text
    press(ann, "profile", ("traits.email", ann.email), ("traits.homes.0.street", "Elm"))
    assert ann.heading == "Choose how to sign in"
    ann.press("password", password="short")
    assert ann.heading == "Choose how to sign in"
    assert "at least 8 characters" in ann.browser.text
    press(ann, "ory_back")
    press(ann, "profile", ("traits.plan", "pro"))
    ann.press("password", password=PASSWORD)
    expected = {"email": ann.email, "homes": [{"street": "Elm"}], "plan": "pro"}
    assert get_traits(ann.email) == expected


def test_profile_of_an_account_of_another_site_is_completed_with_lists(
    ory_stack_factory: Callable[..., OryStack], settings: Any, db: None
) -> None:
    """Kratos has the traits and the button of the other site in one form, which cannot bring lists."""
    port, *others = find_free_ports(6)
    ports = Ports(**dict(zip(Ports.__dataclass_fields__, others, strict=True)))
    name = {"type": "object", "properties": {"first": {"type": "string", "title": "First name"}}}
    schema = build_identity_config(
        {"email": EMAIL, "name": name, **{each: TRAITS[each] for each in ("tags", "homes")}}, ("email",)
    )
    with UpstreamProvider(ports, port=port) as provider:
        provider.claims = {"sub": "ann", "given_name": "Ann"}  # no email: Kratos asks for it
        kratos = {**schema, "selfservice": {"methods": {"oidc": build_provider_config(ports)}}}
        overrides = {"kratos": kratos, "hydra": provider.hydra_config}
        stack = ory_stack_factory(ports=ports, config_overrides=overrides)
        provider.register()
        settings.ORY = stack.ory_setting
        ann = Visitor(stack)
        ann.page("registration")
        ann.press("provider")
        assert ann.heading == "Create your account"
        assert 'value="Ann"' in ann.browser.text
        typed = {"email": ann.email, "tags": "red", "homes.0.street": "Elm"}
        press(ann, "profile", *((f"traits.{name}", value) for name, value in typed.items()))
        assert ann.heading == "Almost done"
        ann.press("provider")
        assert ann.is_signed_in()
    expected = {"email": ann.email, "name": {"first": "Ann"}, "tags": ["red"], "homes": [{"street": "Elm"}]}
    assert get_traits(ann.email) == expected
