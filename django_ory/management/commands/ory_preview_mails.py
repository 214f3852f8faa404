"""Preview the mails and SMS of Kratos and of this site, with invented values.

::

    manage.py ory_preview_mails --output previews             # every type in every language, as files
    manage.py ory_preview_mails login_code_valid              # one mail as text
    manage.py ory_preview_mails login_code_valid --html --language de
    manage.py ory_preview_mails login_code_valid --sms

Nothing is sent.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template import TemplateDoesNotExist, TemplateSyntaxError

from django_ory.conf import DEFAULT_ALIAS
from django_ory.courier.language import find_language
from django_ory.courier.messages import CourierMessage, InvalidMessage
from django_ory.courier.previews import (
    MAIL_TEMPLATE_TYPES,
    SITE_TEMPLATE_TYPES,
    build_sample,
    build_samples,
    build_site_sample,
)
from django_ory.courier.rendering import build_mail, render_sms
from django_ory.management.arguments import require_alias


class Command(BaseCommand):
    """See the module."""

    help = "Preview the mails and SMS: all as files, or one on the terminal. Nothing is sent."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "template_type",
            nargs="?",
            help=f"Such as {', '.join(MAIL_TEMPLATE_TYPES[:2])}, or your own type.",
        )
        parser.add_argument(
            "--output", metavar="DIR", help="Write files: DIR/<language>/<type>.html and .txt."
        )
        parser.add_argument("--language", action="append", help="A language code. Default: all LANGUAGES.")
        parser.add_argument("--html", action="store_true", help="Print the HTML instead of the text.")
        parser.add_argument("--sms", action="store_true", help="Print the SMS of this type.")
        parser.add_argument("--alias", default=DEFAULT_ALIAS, help="The project in settings.ORY.")

    def handle(self, *_args: object, **options: Any) -> None:
        """Raises CommandError for unknown languages and types, and broken templates."""
        require_alias(options["alias"])
        languages = [self._find_language(code) for code in options["language"] or ()]
        try:
            if options["output"]:
                self._write(options, languages or [code for code, _name in settings.LANGUAGES])
            elif options["template_type"]:
                self._print(options, (languages or [settings.LANGUAGE_CODE])[0])
            else:
                raise CommandError("Name a type, or --output DIR for all of them.")
        except InvalidMessage as error:
            raise CommandError(f"Cannot make a preview: {error}.") from error
        except (TemplateDoesNotExist, TemplateSyntaxError) as error:
            raise CommandError(f"A template is broken: {type(error).__name__}: {error}") from error
        except OSError as error:
            raise CommandError(f"Cannot write the previews: {error}") from error

    def _find_language(self, code: str) -> str:
        if not (found := find_language([code])):
            raise CommandError(
                f"{code} is not in LANGUAGES: {', '.join(each for each, _ in settings.LANGUAGES)}."
            )
        return found

    def _print(self, options: dict[str, Any], language: str) -> None:
        if options["template_type"] in SITE_TEMPLATE_TYPES:
            mail = build_site_sample(options["template_type"], alias=options["alias"], language=language)
            self.stdout.write(_get_html(mail) if options["html"] else _render_text(mail))
            return
        message = build_sample(
            options["template_type"], alias=options["alias"], language=language, is_sms=options["sms"]
        )
        if message.is_sms:
            self.stdout.write(render_sms(message))
        elif options["html"]:
            self.stdout.write(_get_html(build_mail(message)))
        else:
            self.stdout.write(_render_text(build_mail(message)))

    def _write(self, options: dict[str, Any], languages: list[str]) -> None:
        count = 0
        for language in languages:
            folder = Path(options["output"]) / language
            folder.mkdir(parents=True, exist_ok=True)
            for message in build_samples(alias=options["alias"], language=language):
                if options["template_type"] in (None, message.template_type):
                    count += 1
                    _write_files(folder, message)
            for template_type in SITE_TEMPLATE_TYPES:
                if options["template_type"] in (None, template_type):
                    count += 1
                    mail = build_site_sample(template_type, alias=options["alias"], language=language)
                    _write_mail(folder, template_type, mail)
        if not count:
            raise CommandError(f"Kratos has no type {options['template_type']}. Print it without --output.")
        self.stdout.write(self.style.SUCCESS(f"{count} messages in {options['output']}."))


def _write_files(folder: Path, message: CourierMessage) -> None:
    if message.is_sms:
        (folder / f"{message.template_type}.sms.txt").write_text(render_sms(message) + "\n", encoding="utf-8")
        return
    _write_mail(folder, message.template_type, build_mail(message))


def _write_mail(folder: Path, template_type: str, mail: EmailMultiAlternatives) -> None:
    (folder / f"{template_type}.txt").write_text(_render_text(mail), encoding="utf-8")
    (folder / f"{template_type}.html").write_text(_get_html(mail), encoding="utf-8")


def _render_text(mail: EmailMultiAlternatives) -> str:
    return f"Subject: {mail.subject}\n\n{mail.body}"


def _get_html(mail: EmailMultiAlternatives) -> str:
    return str(mail.alternatives[0][0])
