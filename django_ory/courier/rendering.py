"""Templates of messages: ``ory/mails/<template_type>/`` with subject.txt, body.txt, body.html and sms.txt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http.request import split_domain_port, validate_host
from django.template import TemplateDoesNotExist
from django.template.loader import get_template, select_template
from django.utils import timezone, translation
from django.utils.formats import date_format

from django_ory.conf import get_settings
from django_ory.http.branding import isolate_direction, site_name

from .language import choose_language
from .messages import InvalidMessage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .messages import CourierMessage

__all__ = ["DEFAULT_THEME", "MailTheme", "build_mail", "build_site_mail", "find_folder", "render_sms"]

TEMPLATE_FOLDER = "ory/mails"
#: The folder with the text of Kratos.
FALLBACK_FOLDER = "unknown"


@dataclass(frozen=True, kw_only=True)
class MailTheme:
    """The look of the HTML mails. The colors are those of ory.css, for a light and a dark background."""

    accent: str = "#3650d4"
    on_accent: str = "#ffffff"
    logo_url: str = ""
    logo_width: str = "120"


DEFAULT_THEME = MailTheme()


def build_mail(message: CourierMessage) -> EmailMultiAlternatives:
    """Return the mail in the language of its recipient: subject, text and HTML from templates.

    Raises InvalidMessage if neither the templates of the type nor the text of Kratos can be used, and the
    errors of Django's templates.
    """
    folder, context = find_folder(message), build_context(message)
    with translation.override(context["language"]):
        return _build(folder, message.recipient, context)


def build_site_mail(
    folder: str, recipient: str, context: Mapping[str, Any], *, alias: str, site_url: str
) -> EmailMultiAlternatives:
    """Return a mail of this site, not of Kratos, in the active language and with the look of the others.

    Args:
        folder: the name of the folder of the templates.
        recipient: the e-mail address.
        context: more values for the templates.
        alias: the key in ``settings.ORY``.
        site_url: the absolute URL of this site, for its name.

    Raises the errors of Django's templates.
    """
    language = translation.get_language() or settings.LANGUAGE_CODE
    name = site_name(None, alias=alias) or _get_host(site_url).removeprefix("www.")
    common = _build_common_context(name, language, alias=alias)
    return _build(folder, recipient, {**common, **context})


def format_day(moment: datetime) -> str:
    """Return the day of a time in the active language, for mails of this site and pages about them."""
    return date_format(timezone.localtime(moment) if timezone.is_aware(moment) else moment, "DATE_FORMAT")


def _build(folder: str, recipient: str, context: Mapping[str, Any]) -> EmailMultiAlternatives:
    # A subject is one line, also if the template has line breaks.
    subject = " ".join(_render(folder, "subject.txt", context).split())
    text = _render(folder, "body.txt", context).strip() + "\n"
    html = _render(folder, "body.html", context)
    # Asks for no automatic replies (RFC 3834).
    headers = {"Auto-Submitted": "auto-generated"}
    mail = EmailMultiAlternatives(subject, text, to=[recipient], headers=headers)
    mail.attach_alternative(html, "text/html")
    return mail


def render_sms(message: CourierMessage) -> str:
    """Return the text of an SMS. Raises as ``build_mail`` does."""
    folder, context = find_folder(message), build_context(message)
    with translation.override(context["language"]):
        return _render(folder, "sms.txt", context).strip()


def find_folder(message: CourierMessage) -> str:
    """Return the folder of the templates for a message: the type, or ``FALLBACK_FOLDER``.

    The fallback contains the text of Kratos. Types without templates use this folder, and messages with a
    code or link under an unknown name. Raises InvalidMessage if Kratos sent no text.
    """
    needs_code = message.template_type.endswith("_valid")
    try:
        get_template(_get_path(message.template_type, "sms.txt" if message.is_sms else "body.txt"))
    except TemplateDoesNotExist:
        problem = f"{message.template_type} has no templates here"
    else:
        if not needs_code or message.code or message.url:
            return message.template_type
        problem = f"{message.template_type} has neither a code nor a link"
    if not message.text:
        raise InvalidMessage(f"{problem}, and no text of Kratos")
    return FALLBACK_FOLDER


def build_context(message: CourierMessage) -> dict[str, Any]:
    """Return the context of the templates."""
    language = choose_language(message)
    name = site_name(None, alias=message.alias) or find_host(message)
    return {
        **_build_common_context(name, language, alias=message.alias),
        "message": message,
        "code": message.code,
        "url": message.url,
        "minutes": message.expires_in_minutes,
        "traits": message.traits,
    }


def _build_common_context(name: str, language: str, *, alias: str) -> dict[str, Any]:
    with translation.override(language):
        name = isolate_direction(name)
    theme = MailTheme(**get_settings(alias).courier_theme)
    return {"site_name": name, "language": language, "theme": theme}


def find_host(message: CourierMessage) -> str:
    """Return the host of the site where the flow began, else of Kratos, without port and ``www.``."""
    project = get_settings(message.alias)
    host = _get_host(message.get_flow_parameter("return_to"))
    if not host or not validate_host(host, [*project.hosts, *project.allowed_return_hosts]):
        host = _get_host(project.kratos_browser_url)
    return host.removeprefix("www.")


def _get_host(url: str) -> str:
    try:
        return split_domain_port(urlsplit(url).netloc)[0]
    except ValueError:
        return ""


def _render(folder: str, name: str, context: Mapping[str, Any]) -> str:
    paths = [_get_path(each, name) for each in (folder, FALLBACK_FOLDER)]
    text: str = select_template(paths).render(dict(context))
    return text


def _get_path(folder: str, name: str) -> str:
    return f"{TEMPLATE_FOLDER}/{folder}/{name}"
