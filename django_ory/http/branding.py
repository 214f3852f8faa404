"""The name of the site at the top of pages and mails, and the language of their texts."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.translation import pgettext

from django_ory.conf import get_settings


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
