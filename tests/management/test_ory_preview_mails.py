"""The command ``ory_preview_mails``."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from django_ory.courier.previews import MAIL_TEMPLATE_TYPES, SITE_TEMPLATE_TYPES, SMS_TEMPLATE_TYPES

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings


@pytest.fixture(autouse=True)
def _site(settings: Settings) -> None:
    settings.ORY = {**settings.ORY, "default": {**settings.ORY["default"], "SITE_NAME": "Cups & Co."}}
    settings.LANGUAGES = [("en", "English"), ("ar", "Arabic")]
    settings.LANGUAGE_CODE = "en"


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command("ory_preview_mails", *arguments, stdout=output)
    return output.getvalue()


def test_output_has_every_type_in_every_language(tmp_path: Path) -> None:
    assert "34 messages" in run("--output", str(tmp_path))
    expected = {
        f"{name}{end}" for name in (*MAIL_TEMPLATE_TYPES, *SITE_TEMPLATE_TYPES) for end in (".html", ".txt")
    }
    expected |= {f"{name}.sms.txt" for name in SMS_TEMPLATE_TYPES}
    assert {path.name for path in tmp_path.iterdir()} == {"en", "ar"}
    assert all({path.name for path in folder.iterdir()} == expected for folder in tmp_path.iterdir())
    assert mail.outbox == []


def test_output_of_one_type_in_one_language(tmp_path: Path) -> None:
    run("login_code_valid", "--output", str(tmp_path), "--language", "ar_EG")
    assert {path.name for path in tmp_path.rglob("*.*")} == {
        "login_code_valid.html",
        "login_code_valid.sms.txt",
        "login_code_valid.txt",
    }


def test_one_mail_is_printed_as_text_html_or_sms() -> None:
    assert run("recovery_code_valid").startswith("Subject: Recover your account\n\nEnter this code")
    assert run("recovery_code_valid", "--html").startswith("<!doctype html>")
    assert run("login_code_valid", "--sms") == "Cups & Co.: 481516 is your sign-in code.\n"


@pytest.mark.parametrize("template_type", SITE_TEMPLATE_TYPES)
def test_mail_of_the_site_itself_is_printed(template_type: str) -> None:
    text = run(template_type)
    assert text.startswith("Subject: Your ")
    assert "Jan. 31, 2027" in text
    assert "https://www.example.org/auth/invitation/" in run(template_type, "--html")


def test_type_of_the_site_has_the_text_of_kratos() -> None:
    assert "Text of Kratos: 481516" in run("account_locked")
    assert "Text of Kratos" in run("account_locked_valid")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "--output"),
        (["login_code_valid", "--language", "xx"], "xx is not in LANGUAGES"),
        (["login_code_valid", "--alias", "acme"], '"acme"'),
        (["../layout"], "template_type"),
        (["account_locked", "--output", "previews"], "no type account_locked"),
    ],
)
def test_invalid_arguments_are_an_error(
    arguments: list[str], problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=problem):
        run(*arguments)


def test_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="Cannot write"):
        run("--output", str(tmp_path / "file"))


def test_broken_template_is_named(tmp_path: Path, settings: Settings) -> None:
    folder = tmp_path / "ory/mails/login_code_valid"
    folder.mkdir(parents=True)
    (folder / "body.html").write_text("{% nonsense %}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    with pytest.raises(CommandError, match=r"TemplateSyntaxError.*nonsense"):
        run("login_code_valid")
