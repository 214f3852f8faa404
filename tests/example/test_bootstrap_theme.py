"""The Bootstrap theme of the example project: twelve templates with the forms of those that they replace."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.template.loader import get_template

import django_ory
from tests.selfservice import shapes
from tests.selfservice.conftest import Kratos
from tests.selfservice.test_views import Tags
from tests.templates.every_page import PAGES, open_page

if TYPE_CHECKING:
    from django.test import Client

    from django_ory.testing import FakeOry

THEME = Path(__file__).resolve().parents[2] / "example_project" / "bootstrap_theme"
TEMPLATES = THEME / "templates" / "ory"
DEFAULTS = Path(django_ory.__file__).parent / "templates" / "ory"
FILES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
#: The attributes of a form that a browser or a password manager uses.
FORM_ATTRIBUTES = (
    "name",
    "type",
    "value",
    "id",
    "required",
    "autocomplete",
    "action",
    "method",
    "for",
    "href",
)
#: Values that change with each request.
CHANGING = ("csrfmiddlewaretoken", "state")


@pytest.fixture
def themed(settings: Any) -> None:
    settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["DIRS"] = [THEME / "templates"]


def list_parts(html: str) -> list[tuple[str, dict[str, str | None]]]:
    """The inputs, buttons, labels and links inside of the page, without those of the document around it."""
    body = html[html.index('<div class="ory"') :]
    found = Tags(FakeResponse(body)).found
    return sorted(
        (
            (tag, {name: value for name, value in attributes.items() if name in FORM_ATTRIBUTES})
            for tag, attributes in found
            if tag in ("form", "input", "button", "select", "option", "label", "a")
            and attributes.get("name") not in CHANGING
        ),
        key=str,
    )


class FakeResponse:
    """The part of a response that ``Tags`` reads."""

    def __init__(self, text: str) -> None:
        self.content = text.encode()


def test_theme_is_twelve_templates_of_the_app() -> None:
    assert len(FILES) <= 12
    assert all((DEFAULTS / name).is_file() for name in FILES)
    assert max((TEMPLATES / name).stat().st_size for name in FILES) < 2_000


def test_theme_has_no_files_of_bootstrap() -> None:
    assert {path.name for path in (THEME / "static").rglob("*.*")} == {"color_scheme.js", "theme.css"}


@pytest.mark.django_db
@pytest.mark.usefixtures("themed")
@pytest.mark.parametrize("template", PAGES)
def test_page_has_the_same_forms_as_without_the_theme(client: Client, settings: Any, template: str) -> None:
    settings.ROOT_URLCONF = "tests.templates.every_page"
    themed = open_page(template, client).content.decode()
    assert "bootstrap/css/bootstrap.min.css" in themed
    client.cookies.clear()
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]
    plain = open_page(template, client).content.decode()
    assert "bootstrap" not in plain
    assert list_parts(themed) == list_parts(plain)


@pytest.mark.usefixtures("themed")
@pytest.mark.parametrize("name", FILES)
def test_template_uses_the_variables_of_the_one_that_it_replaces(name: str) -> None:
    """Without one of them, a hint or an error would not be shown."""
    get_template(f"ory/{name}")
    used, known = (list_variables(folder / name) for folder in (TEMPLATES, DEFAULTS))
    assert known - used == set()


def list_variables(path: Path) -> set[str]:
    """The names in tags and variables of a template that may be variables of its context."""
    source = re.sub(r"{%\s*comment\s*%}.*?{%\s*endcomment\s*%}", "", path.read_text(), flags=re.DOTALL)
    tags = re.findall(r"{%\s*(?:if|elif|for \w+ in)\s+(.*?)%}|{{\s*(.*?)\s*}}", source)
    names = {name for pair in tags for name in re.findall(r"(?<![\w.'\"|:])[a-z_]+", "".join(pair))}
    return names - {"if", "or", "and", "not", "forloop", "in", "with", "is"}


def test_error_of_a_field_is_linked_and_described(
    client: Client, db: None, ory: FakeOry, themed: None
) -> None:
    rejected = shapes.password(messages=[shapes.error(4000032, min_length=8)])
    body = shapes.flow("registration", [shapes.csrf(), *shapes.traits(), rejected])
    tags = Tags(Kratos(ory, client).open("registration", body))
    (password,) = tags.all("input", type="password")
    described_by = str(password["aria-describedby"]).split()
    ids = {attributes.get("id") for _tag, attributes in tags.found}
    assert described_by
    assert set(described_by) <= ids
    assert "is-invalid" in str(password["class"])
