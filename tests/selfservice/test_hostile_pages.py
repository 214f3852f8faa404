"""Hostile texts and URLs in flows, and difficult schemas, through the views of all pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_ory.selfservice.account.sections import SECTIONS
from django_ory.selfservice.flow_types import FLOW_TYPES_BY_NAME

from . import shapes, trait_forms
from .shapes import error, field, hidden, node, submit, text
from .test_views import Tags

if TYPE_CHECKING:
    from .conftest import Kratos

MARKUP = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
SCRIPTS = ("javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>alert(1)</script>")
URL_ATTRIBUTES = ("href", "src", "action", "formaction")
GROUPS = [group for section in SECTIONS for group in sorted(section.groups)]


def build_hostile_nodes(group: str) -> list[dict[str, Any]]:
    """Return nodes of every type whose texts, values and URLs are hostile."""
    label, message = text(9_999_999, MARKUP), error(9_999_998, MARKUP)
    nodes = [
        field(f"{group}_x", group=group, label=label, value=MARKUP, messages=[message], pattern=MARKUP),
        field(f"{group}_y", "checkbox", group=group, label=label, value=MARKUP),
        hidden(f"{group}_z", MARKUP, group=group),
        submit("method", MARKUP, group=group, label=label),
        field("trigger", "button", group=group, label=label, onclick=MARKUP, onclickTrigger=MARKUP),
        node("text", group, {"id": MARKUP, "text": text(9_999_997, MARKUP)}, label),
        node("div", group, {"id": MARKUP, "class": MARKUP, "data": {MARKUP: MARKUP, "x": MARKUP}}),
    ]
    for url in (*SCRIPTS, MARKUP):
        nodes += [
            node("a", group, {"href": url, "title": label, "id": "a"}),
            node("img", group, {"src": url, "id": "i", "width": 8, "height": 8}, label),
            node("script", group, {"src": url, "id": "s", "integrity": MARKUP, "async": True}),
        ]
    return nodes


@pytest.mark.parametrize("kind", FLOW_TYPES_BY_NAME)
def test_markup_and_scripts_of_nodes_stay_text(kratos: Kratos, kind: str) -> None:
    if kind == "settings":
        kratos.session()
    for group in ["default", "code"] if kind != "settings" else GROUPS:
        nodes = [shapes.csrf(), *build_hostile_nodes(group)]
        response = kratos.open(kind, shapes.flow(kind, nodes, messages=[error(9_999_996, MARKUP)]))
        assert response.status_code == 200
        tags = Tags(response)
        assert "alert" not in {attribute for _, attributes in tags.found for attribute in attributes}
        assert not [
            attributes for name, attributes in tags.found if name == "img" and "onerror" in attributes
        ]
        urls = [
            str(attributes[name]).lower()
            for _, attributes in tags.found
            for name in URL_ATTRIBUTES
            if name in attributes
        ]
        assert urls
        assert not [url for url in urls if url.startswith(("javascript:", "data:text")) or "alert" in url]
        assert "<script>alert" not in response.content.decode()


PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "friend": {"$ref": "#/definitions/person"}},
}
SCHEMAS: dict[str, dict[str, Any]] = {
    "300 properties without titles": {
        "properties": {"traits": {"properties": {f"trait_{n}": {"type": "string"} for n in range(300)}}}
    },
    "recursion": {
        "definitions": {"person": PERSON},
        "properties": {"traits": {"properties": {"boss": {"$ref": "#/definitions/person"}}}},
    },
    "reference to itself": {
        "definitions": {"x": {"$ref": "#/definitions/x"}},
        "properties": {"traits": {"properties": {"x": {"$ref": "#/definitions/x"}, "y": {"type": "string"}}}},
    },
    "reference to another file": {
        "properties": {"traits": {"properties": {"x": {"$ref": "other.json#/x"}, "y": {"type": "string"}}}}
    },
    "markup in a title": {
        "properties": {"traits": {"properties": {"x": {"type": "string", "title": MARKUP}}}},
    },
}


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("kind", ["registration", "settings"])
def test_page_of_a_difficult_schema_has_its_fields(kratos: Kratos, name: str, kind: str) -> None:
    schema = SCHEMAS[name]
    kratos.ory.respond("GET /schemas", json=[{"id": "person", "schema": schema}])
    kratos.ory.respond("GET /schemas/person", json=schema)
    kratos.session()
    if kind == "registration":
        kratos.client.cookies.clear()
        body = trait_forms.sign_up(schema)
    else:
        body = trait_forms.settings(schema, {})
    response = kratos.open(kind, body)
    assert response.status_code == 200
    inputs = [each for each in Tags(response).all("input") if str(each.get("name")).startswith("traits")]
    assert inputs
    if "300" in name:
        assert len([each for each in inputs if each["type"] == "text"]) == 300
        assert "Trait 7" in response.content.decode()
    assert "<script>alert" not in response.content.decode()
