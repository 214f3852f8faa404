"""Templates of a site, themes, names and directions of the mails."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.utils import translation

import django_ory
from django_ory.courier.rendering import DEFAULT_THEME, build_mail

from .conftest import CODE, build_newer_post, build_post

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import Settings

    from django_ory.courier.messages import CourierMessage

    from .conftest import Configure, Post

    Read = Callable[[Any], CourierMessage]

PACKAGE = Path(django_ory.__file__).parent
MAILS = PACKAGE / "templates/ory/mails"


def get_html(message: CourierMessage) -> str:
    return get_alternative(build_mail(message))


def get_alternative(sent: EmailMessage) -> str:
    assert isinstance(sent, EmailMultiAlternatives)
    return str(sent.alternatives[0][0])


def write(folder: Path, settings: Settings, templates: dict[str, str]) -> None:
    for name, source in templates.items():
        path = folder / "ory/mails" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [folder]}]


def test_site_overrides_one_template(read: Read, settings: Settings, tmp_path: Path) -> None:
    subject = "{% autoescape off %}Hi {{ traits.name.first }},\n your code & more{% endautoescape %}"
    write(tmp_path, settings, {"login_code_valid/subject.txt": subject})
    sent = build_mail(read(build_post()))
    assert sent.subject == "Hi Ann, your code & more"
    assert CODE in str(sent.body)


def test_site_overrides_blocks_of_the_layout(read: Read, settings: Settings, tmp_path: Path) -> None:
    layout = (MAILS / "layout.html").read_text()
    layout = layout.replace("{% block ory_footer %}", "{% block ory_footer %}12 High Street")
    write(tmp_path, settings, {"layout.html": layout})
    for template_type in ("login_code_valid", "recovery_invalid"):
        assert "12 High Street" in get_html(read(build_post(template_type)))


def test_site_adds_templates_for_a_type_of_its_own(read: Read, settings: Settings, tmp_path: Path) -> None:
    names = ("subject.txt", "body.txt", "body.html")
    write(tmp_path, settings, {f"account_locked/{name}": f"{name} {{{{ url }}}}" for name in names})
    sent = build_mail(read(build_post("account_locked", data={"unlock_url": "https://x.org/1"})))
    assert (sent.subject, sent.body) == ("subject.txt https://x.org/1", "body.txt https://x.org/1\n")


def test_values_of_users_are_escaped(read: Read, settings: Settings, tmp_path: Path) -> None:
    source = '{% extends "ory/mails/layout.html" %}{% block ory_intro %}{{ traits.name.first }}{% endblock %}'
    write(tmp_path, settings, {"login_code_valid/body.html": source})
    traits = {"name": {"first": '<a href="https://evil.example">x</a>'}}
    html = get_html(read(build_post(data={"identity": {"traits": traits}})))
    assert "&lt;a href=&quot;https://evil.example&quot;&gt;" in html


def test_theme_colors_and_logo_are_in_the_html(read: Read, configure: Configure) -> None:
    configure(COURIER_THEME={"accent": "#0a7d55", "logo_url": "https://example.org/logo.png"})
    html = get_html(read(build_post("recovery_valid")))
    assert "background-color: #0a7d55" in html
    assert '<img src="https://example.org/logo.png" width="120" alt="Cups &amp; Co."' in html
    assert DEFAULT_THEME.accent not in html


def test_default_accent_is_that_of_the_pages() -> None:
    css = (PACKAGE / "static/ory/ory.css").read_text()
    found = re.search(r"^  --ory-accent: (#\w+);", css, re.MULTILINE)
    assert found
    assert found[1] == DEFAULT_THEME.accent


@pytest.mark.parametrize(
    ("changes", "query", "name"),
    [
        ({}, "", "Cups & Co."),
        ({"SITE_NAME": "", "KRATOS_BROWSER_URL": "https://www.id.example.org:444"}, "", "id.example.org"),
        ({"SITE_NAME": ""}, "return_to=https%3A%2F%2Fshop.example.org%2Fcart", "shop.example.org"),
        ({"SITE_NAME": ""}, "return_to=https%3A%2F%2Fevil.example%2F", "kratos.test"),
        ({"SITE_NAME": ""}, "return_to=https%3A%2F%2F[x", "kratos.test"),
    ],
)
def test_name_is_the_setting_or_the_host(
    read: Read, configure: Configure, changes: dict[str, Any], query: str, name: str
) -> None:
    configure(ALLOWED_RETURN_HOSTS=["shop.example.org"], **changes)
    url = f"http://localhost/self-service/login/browser?{query}"
    assert str(build_mail(read(build_post(data={"request_url": url}))).body).endswith(f"\n{name}\n")


@pytest.mark.usefixtures("arabic")
def test_right_to_left_language_has_its_direction_and_isolated_names(read: Read) -> None:
    message = read(build_post(data={"identity": {"traits": {"locale": "ar"}}}))
    assert '<html lang="ar" dir="rtl">' in get_html(message)
    sent = build_mail(message)
    assert sent.subject == "رمز تسجيل الدخول"
    assert str(sent.body).endswith("\u2068Cups & Co.\u2069\n")


@pytest.mark.usefixtures("arabic")
def test_language_without_translation_is_marked_as_english(read: Read) -> None:
    message = read(build_post(data={"identity": {"traits": {"locale": "sv"}}}))
    assert '<html lang="en" dir="ltr">' in get_html(message)


@pytest.mark.usefixtures("site", "arabic")
def test_language_of_the_mail_does_not_change_that_of_the_request(post: Post) -> None:
    with translation.override("en"):
        post(build_newer_post(data={"request_headers": {"Accept-Language": "ar"}}))
        assert translation.get_language() == "en"
    assert '<html lang="ar"' in get_alternative(mail.outbox[0])


def test_every_type_has_subject_text_and_html() -> None:
    names = {path.name: {each.name for each in path.iterdir()} for path in MAILS.iterdir() if path.is_dir()}
    assert len(names) == 14
    assert all({"subject.txt", "body.txt", "body.html"} <= files for files in names.values())
