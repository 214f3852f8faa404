"""The language of a sign-in, as the client requests it by ``ui_locales`` (Core 3.1.2.1).

A language that the user has chosen on this site counts first. ``LocaleMiddleware`` is required.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from django_ory.courier.language import find_language

MAX_LOCALES = 20
MAX_LOCALE_LENGTH = 35  #: of a language tag (BCP 47, 4.4.1)
#: As long as Hydra waits for a login by default. The site then has its own language again.
LANGUAGE_COOKIE_SECONDS = 30 * 60


def activate_language(request: HttpRequest, ui_locales: Sequence[str]) -> str:
    """Activate the first supported language of ``ui_locales`` for this response.

    Returns the language; "" if the user has chosen one, or if none is supported.
    """
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if not hasattr(request, "LANGUAGE_CODE") or _find_language([chosen]):
        return ""
    language = _find_language(ui_locales)
    if language:
        translation.activate(language)
        request.LANGUAGE_CODE = language
    return language


def set_language_cookie(response: HttpResponse, language: str) -> None:
    """Let the pages of the sign-in, also Django's own, have this language."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=LANGUAGE_COOKIE_SECONDS,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )


def _find_language(tags: Sequence[str]) -> str:
    """Return the first supported language of the first tags, without those that are too long for one."""
    return find_language(tag for tag in tags[:MAX_LOCALES] if 0 < len(tag) <= MAX_LOCALE_LENGTH)
