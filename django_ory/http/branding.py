"""The name of the site at the top of pages and mails, and the language of their texts."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.translation import (
    get_language,
    get_language_info,
    get_supported_language_variant,
    pgettext,
)

from django_ory.conf import get_settings

#: Unicode's characters around a text in another script.
ISOLATE_START, ISOLATE_END = "\u2068", "\u2069"


@dataclass(frozen=True)
class Language:
    """A language of ``settings.LANGUAGES``. ``name`` is in the language itself, ``direction`` ltr or rtl."""

    code: str
    name: str
    direction: str
    is_current: bool


def site_name(request: HttpRequest | None, *, alias: str) -> str:
    """Return ``SITE_NAME`` of the alias; by default the host of the request without port and ``www.``."""
    configured = get_settings(alias).site_name
    if configured or request is None:
        return configured
    return split_domain_port(request.get_host())[0].removeprefix("www.")


def get_text_language() -> str:
    """Return the language code of the app's texts in the active language; ``en`` without a translation.

    A translation contains the code of its language, so translations in ``LOCALE_PATHS`` work as well.
    """
    return pgettext("code of the language of these texts, such as de", "en")


def is_right_to_left(language: str) -> bool:
    """Return whether texts in a language run from right to left."""
    return language.partition("-")[0] in settings.LANGUAGES_BIDI


def isolate_direction(text: str) -> str:
    """Return a name or an address for a text of the active language, such as a phone number in Arabic.

    In languages from right to left it is isolated, so that its signs keep their side (UAX #9).
    """
    if not text or not is_right_to_left(get_text_language()):
        return text
    return f"{ISOLATE_START}{text}{ISOLATE_END}"


def list_languages() -> list[Language]:
    """Return the languages of ``settings.LANGUAGES``, in its order."""
    try:
        current = get_supported_language_variant(get_language() or "")
    except LookupError:
        current = ""
    return [
        Language(
            code=code,
            name=_get_local_name(code) or str(name),
            direction="rtl" if is_right_to_left(code) else "ltr",
            is_current=code == current,
        )
        for code, name in settings.LANGUAGES
    ]


def _get_local_name(code: str) -> str:
    """Return the name of a language in this language; "" for a language that Django does not know."""
    try:
        name = str(get_language_info(code)["name_local"])
    except KeyError:
        return ""
    return name[:1].upper() + name[1:]
