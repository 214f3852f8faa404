"""The methods of ``OryAdapter`` for fields and for the page after a flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from django_ory.adapter import OryAdapter
from django_ory.schemas.parse import parse_schema
from django_ory.schemas.posted import read_posted
from django_ory.selfservice.forms.fields import Button, Checkbox, Field, FieldSet, Hidden, Input, Link
from tests.schemas.published import EMAIL, PUBLISHED, schema, text
from tests.support.kratos import ory_settings

from . import shapes
from .shapes import FLOW
from .test_traits import HERE, get_form, make_value
from .test_views import Tags, target
from .trait_forms import decode_as_kratos, list_posted, post, settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.selfservice.pages.flow_page import FlowPage

    from .conftest import Kratos

    Pages = Callable[..., FlowPage]

TRAITS = {
    "email": EMAIL,
    "first": text("First"),
    "last": text("Last"),
    "city": text("City"),
    "zip": text("ZIP"),
}
STORED = {"email": "a@b.c", "first": "Ann", "last": "Lee", "city": "Oslo", "zip": "1"}
BODY = schema(TRAITS, "email")


class Own(OryAdapter):
    """Hides, renames, sorts and groups traits."""

    def is_field_shown(self, field: Field, *, flow_name: str) -> bool:
        return getattr(field, "name", "") not in ("traits.zip", "provider")

    def get_field_texts(self, field: Field, *, flow_name: str) -> Any:
        texts = {"traits.first": {"label": "Given name", "hint": "As in your passport", "value": "never"}}
        return texts.get(getattr(field, "name", ""), {"label": "On"} if isinstance(field, Link) else {})

    def get_field_position(self, field: Field, *, flow_name: str) -> float:
        return -1 if getattr(field, "name", "") == "traits.last" else 0

    def get_field_group(self, field: Field, *, flow_name: str) -> str:
        name = getattr(field, "name", "")
        return "Your name" if name in ("traits.first", "traits.last") and flow_name == "settings" else ""

    def get_success_url(self, request: Any, *, flow_name: str) -> str | None:
        return {"verification": "/verified/", "logout": "/bye/", "login": "https://evil.example/"}.get(
            flow_name
        )


class HideAll(OryAdapter):
    """Shows no input."""

    def is_field_shown(self, field: Field, *, flow_name: str) -> bool:
        return isinstance(field, Button)


def list_names(page: Any) -> list[str]:
    fields = (each for group in get_form(page).groups for each in group.fields)
    return [each.name for each in fields if isinstance(each, (Input, FieldSet))]


def build(page: Pages, flow: Any, adapter: OryAdapter, body: Any = BODY) -> Any:
    parsed = parse_schema("person", body)
    return page(flow, schema=parsed, traits_action=HERE, adapter=adapter)


def test_fields_are_sorted_grouped_and_renamed(page: Pages) -> None:
    found = build(page, settings(BODY, STORED), Own())
    assert list_names(found) == ["traits.last", "traits.email", "traits.city"]
    (group,) = (each for each in get_form(found).visible_fields() if isinstance(each, FieldSet))
    assert group.label == "Your name"
    assert [getattr(each, "label", "") for each in group.fields] == ["Last", "Given name"]
    first = group.fields[1]
    assert isinstance(first, Input)
    assert (first.hint, first.value) == ("As in your passport", "Ann")
    ids = [each.id for each in get_form(found).visible_fields() if isinstance(each, (Input, FieldSet))]
    assert len(ids) == len(set(ids))


def test_adapter_without_methods_changes_nothing(page: Pages) -> None:
    flow = settings(BODY, STORED)
    assert build(page, flow, OryAdapter()) == page(flow, schema=parse_schema("x", BODY), traits_action=HERE)


def test_hidden_trait_is_sent_back(page: Pages) -> None:
    found = build(page, settings(BODY, STORED), Own())
    form = get_form(found)
    assert [each.value for each in form.hidden if each.name == "traits.zip"] == ["1"]
    assert decode_as_kratos(parse_schema("x", BODY).traits, list_posted(form)) == STORED


@pytest.mark.parametrize("name", PUBLISHED)
def test_profile_without_any_shown_field_keeps_all_traits(page: Pages, name: str) -> None:
    body, _traits = PUBLISHED[name]
    parsed = parse_schema("person", body)
    stored = make_value(parsed.traits)
    form = get_form(build(page, settings(body, stored), HideAll(), body))
    assert [each for each in form.visible_fields() if not isinstance(each, Button)] == []
    posted = post(form)
    saved = (
        read_posted(parsed.traits, posted, stored)
        if form.action == HERE
        else decode_as_kratos(parsed.traits, list_posted(form))
    )
    assert saved == stored


def test_unchecked_box_that_is_not_shown_posts_what_it_would(page: Pages) -> None:
    body = schema({"email": EMAIL, "news": {"type": "boolean"}}, "email")
    form = get_form(build(page, settings(body, {"email": "a@b.c", "news": False}), HideAll(), body))
    assert [each.value for each in form.hidden if each.name == "traits.news"] == ["false"]
    assert not any(isinstance(each, Checkbox) for each in form.visible_fields())


def test_field_with_an_error_is_shown(page: Pages) -> None:
    flow = settings(BODY, STORED)
    for node in flow["ui"]["nodes"]:
        if node["attributes"].get("name") == "traits.zip":
            node["messages"] = [shapes.error(4000001)]
    found = build(page, flow, Own())
    assert "traits.zip" in list_names(found)
    assert len(found.errors) == 1


def test_hidden_button_is_gone(page: Pages) -> None:
    assert page(shapes.login()).sso
    assert page(shapes.login(), adapter=Own()).sso == ()


def test_hidden_fields_and_scripts_are_not_asked_about(page: Pages) -> None:
    class Strict(OryAdapter):
        def is_field_shown(self, field: Field, *, flow_name: str) -> bool:
            assert not isinstance(field, Hidden)
            return False

    found = page(shapes.login(extra=shapes.passkey()), adapter=Strict())
    assert found.scripts


# The page after a flow, and all of it through the views.


@pytest.fixture
def own(kratos: Kratos, settings: Any) -> Kratos:
    settings.ORY = ory_settings(ADAPTER="tests.selfservice.test_adapted_fields.Own")
    return kratos


def test_page_uses_the_adapter_of_the_project(own: Kratos) -> None:
    own.session()
    own.flow("settings", settings(BODY, STORED))
    own.ory.respond("GET /schemas", json=[{"id": "person", "schema": BODY}])
    content = own.visit("settings", flow=FLOW).content.decode()
    assert "Given name" in content
    assert "Your name" in content
    assert 'type="hidden" name="traits.zip" value="1"' in content


def test_success_url_of_the_adapter_is_return_to(own: Kratos) -> None:
    assert target(own.visit("verification"))[1] == {"return_to": "http://testserver/verified/"}
    assert target(own.visit("verification", next="/x"))[1] == {"return_to": "http://testserver/x"}
    assert target(own.visit("login"))[1] == {}
    assert Tags(own.visit("logout")).all("button")


def test_signed_in_user_never_goes_to_a_page_that_is_not_allowed(own: Kratos) -> None:
    own.session()
    assert target(own.visit("login"))[0] == "/"


def test_logout_leads_to_the_page_of_the_adapter(own: Kratos) -> None:
    own.session()
    assert own.client.post(reverse("ory:logout"))["Location"] == "http://testserver/bye/"
