"""The pages inside base templates of sites, with any names of blocks."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

import django_ory
from tests.support.fixtures import fresh_start
from tests.support.guides import read_blocks

from .every_page import PAGES, open_page

FOLDER = Path(django_ory.__file__).parent / "templates" / "ory"
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "theming.md"
#: The header in the base of a site. The header reads the user, also while Kratos is unavailable.
HEADER = '<header class="site">{% if user.is_authenticated %}{{ user }}{% else %}Sign in{% endif %}</header>'
WITH_HEADER = '<!doctype html><html lang="en"><head>{head}</head><body>' + HEADER + "{body}</body></html>"


def base(*, head: str, body: str) -> str:
    return WITH_HEADER.replace("{head}", head).replace("{body}", body)


def read_documented_template() -> str:
    """The template that the guide shows."""
    [template] = (each.text for each in read_blocks(GUIDE) if each.path == "templates/ory/layouts/base.html")
    return template


def embed(**blocks: str) -> str:
    """An ``ory/layouts/base.html`` that fills blocks of the site."""
    return '{% extends "base.html" %}' + "".join(
        "{% block " + name + " %}" + filled + "{% endblock %}" for name, filled in blocks.items()
    )


TITLE, HEAD, BODY = ("{% block ory_" + name + " %}{% endblock %}" for name in ("title", "head", "body"))

#: Name -> the site's base.html and its ory/layouts/base.html.
BASES = {
    "documented": (
        base(
            head="<title>{% block title %}x{% endblock %}</title>{% block extra_head %}<i></i>{% endblock %}",
            body="<main>{% block content %}{% endblock %}</main>",
        ),
        read_documented_template(),
    ),
    "body-and-head": (
        WITH_HEADER.replace("{head}", "{% block head %}<title>x</title>{% endblock %}").replace(
            HEADER + "{body}", "{% block body %}{% endblock %}"
        ),
        embed(head=f"<title>{TITLE}</title>{HEAD}", body=HEADER + BODY),
    ),
    "main-in-page": (
        base(
            head="<title>{% block title %}x{% endblock %}</title>{% block head %}{% endblock %}",
            body="{% block page %}<main>{% block main %}{% endblock %}</main>{% endblock %}",
        ),
        embed(title=TITLE, head=HEAD, main=BODY),
    ),
    "every-name-that-pages-could-use": (
        base(
            head="<title>{% block title %}x{% endblock %}</title>{% block head %}{% endblock %}",
            body="{% block brand %}{% endblock %}{% block heading %}<h1>Site</h1>{% endblock %}"
            "{% block lead %}{% endblock %}{% block notice %}{% endblock %}{% block forms %}{% endblock %}"
            "{% block empty %}{% endblock %}{% block page %}{% block content %}{% endblock %}{% endblock %}"
            "{% block footer %}{% endblock %}{% block scripts %}{% endblock %}",
        ),
        embed(title=TITLE, head=HEAD, content=BODY),
    ),
    "nothing-but-one-block": (
        base(head="<title>Site</title>", body="{% block content %}{% endblock %}"),
        embed(content=HEAD + BODY),
    ),
}


@pytest.fixture(autouse=True)
def urls(settings: Any, db: None) -> None:
    settings.ROOT_URLCONF = "tests.templates.every_page"


def write_site(folder: Path, settings: Any, templates: dict[str, str]) -> None:
    """Write a site with these templates."""
    for name, source in templates.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(source)
    settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["DIRS"] = [folder]


def get_content(html: str) -> str:
    """Return the content of the app in a page, without the values that change with each request."""
    found = re.search(r'<div class="ory"[^>]*>.*<script [^>]*ory\.js[^>]*>', html, re.DOTALL)
    assert found
    return re.sub(r'name="(csrfmiddlewaretoken|state)" value="[^"]*"', "", found[0])


def get_title(html: str) -> str:
    """Return the text of the only ``<title>``."""
    (title,) = re.findall(r"<title>(.*?)</title>", html, re.DOTALL)
    return " ".join(title.split())


def test_every_page_is_in_the_table() -> None:
    pages = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.html")}
    pages = {name for name in pages if not name.startswith(("elements/", "layouts/", "mails/"))}
    assert pages - {"selfservice/flow.html"} == set(PAGES)


def test_all_blocks_have_the_prefix_of_the_app() -> None:
    """A site's base may use any other name."""
    blocks = [
        (path.name, name)
        for path in FOLDER.rglob("*.html")
        for name in re.findall(r"{%\s*block\s+(\w+)", path.read_text())
    ]
    assert blocks
    assert [(file, name) for file, name in blocks if not name.startswith("ory_")] == []


@pytest.mark.parametrize("template", PAGES)
def test_page_without_a_base_is_a_document(client: Client, template: str) -> None:
    response = open_page(template, client)
    assert f"ory/{template}" in [used.name for used in response.templates]
    html = response.content.decode()
    assert html.startswith("<!doctype html>")
    assert html.count("<main") == html.count("<h1") == html.count("ory/ory.css") == 1
    assert re.search(r"<title>[^<]*\w[^<]* · testserver</title>", html)


def open_html(template: str) -> str:
    """Open a page in a new browser, without what other pages left."""
    with fresh_start():
        html: str = open_page(template, Client()).content.decode()
        return html


def test_page_in_a_base_has_the_same_content(
    settings: Any, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    """One test, because Django reads all templates again after a change of the setting."""
    pages = {template: open_html(template) for template in PAGES}
    for name, (site, embedding) in BASES.items():
        write_site(tmp_path / name, settings, {"base.html": site, "ory/layouts/base.html": embedding})
        for template, alone in pages.items():
            with subtests.test(name=name, template=template):
                html = open_html(template)
                assert get_content(html) == get_content(alone)
                heading = re.search(r'<h1 class="ory-heading">(.*?)</h1>', html, re.DOTALL)
                assert heading
                assert heading[1].strip()
                assert ('class="ory-summary"' in html) == (template == "selfservice/login.html")
                assert ("ory-message--error" in html) == (template == "selfservice/recovery.html")
                assert html.count('<header class="site">') == 1
                assert html.count("<body") == html.count("ory/ory.css") == 1
                assert "ory-standalone" not in html
                if name != "nothing-but-one-block":
                    assert get_title(html) == get_title(alone).removesuffix(" · testserver")


def test_style_sheet_of_the_site_follows_that_of_the_app(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    own = (
        '{% extends "ory/layouts/base.html" %}'
        '{% block ory_head %}<link rel="stylesheet" href="/own.css">{% endblock %}'
    )
    write_site(tmp_path, settings, {"ory/layouts/base.html": own})
    html = open_page("selfservice/login.html", client).content.decode()
    assert 0 < html.index("ory/ory.css") < html.index("/own.css") < html.index("</head>")


@pytest.mark.parametrize(
    ("site", "named"),
    [
        (base(head="{% block extra_head %}{% endblock %}", body="{% block content %}{% endblock %}"), ""),
        (base(head="", body="{% block content %}{% endblock %}"), "without the ory_head block"),
        (base(head="{% block extra_head %}{% endblock %}", body=""), "without the ory_body block"),
        (base(head="", body=""), "without the ory_head and the ory_body block"),
    ],
)
def test_block_that_the_site_does_not_show_is_logged_in_development(
    client: Client, settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, site: str, named: str
) -> None:
    write_site(tmp_path, settings, {"base.html": site, "ory/layouts/base.html": read_documented_template()})
    settings.DEBUG = True
    open_page("selfservice/login.html", client)
    messages = [record.message for record in caplog.records if "was rendered without" in record.message]
    assert len(messages) == bool(named)
    assert named in "".join(messages)


def test_block_that_the_site_does_not_show_is_not_logged_in_production(
    client: Client, settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_site(
        tmp_path,
        settings,
        {"base.html": base(head="", body=""), "ory/layouts/base.html": read_documented_template()},
    )
    open_page("selfservice/login.html", client)
    assert "was rendered without" not in caplog.text
