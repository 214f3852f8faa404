"""Messages for developers about servers and host names: what was tried, and what to do about it.

The log always has them. Pages show them only while DEBUG is on: they name internal URLs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.http.request import split_domain_port

from django_ory.client import (
    OryDecodeError,
    OryError,
    OryNotFound,
    OryResponseTooLarge,
    OryUnexpectedRedirect,
)
from django_ory.conf import get_settings

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["advice_for", "host_hint", "server_hint", "server_url"]

#: How the paths of an operation begin -> the setting that names its server. The first match counts.
SETTINGS = (
    (("/admin/oauth2/", "/admin/clients"), "HYDRA_ADMIN_URL"),
    (("/admin/",), "KRATOS_ADMIN_URL"),
    (("",), "KRATOS_PUBLIC_URL"),
)
#: An error -> what it says about the setting. The first match counts.
ADVICE: tuple[tuple[tuple[type[OryError], ...], str], ...] = (
    ((OryResponseTooLarge,), ""),
    (
        (OryUnexpectedRedirect,),
        (
            "The admin APIs of Ory redirect public paths: check that {service}_PUBLIC_URL and "
            '{service}_ADMIN_URL in settings.ORY["{alias}"] are not swapped.'
        ),
    ),
    (
        (OryDecodeError, OryNotFound),
        'The server at this URL does not answer as {title} does: check settings.ORY["{alias}"]["{key}"].',
    ),
)
#: Names of this machine. Browsers keep the cookies of each apart from those of the others.
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def server_url(alias: str, error: OryError | None = None) -> str:
    """The URL that a failed call was sent to. Without an error: Kratos' public API."""
    return str(getattr(get_settings(alias), _key(error).lower()))


def advice_for(alias: str, error: OryError) -> str:
    """What an error says about the settings: a sentence to append to the error; empty if nothing."""
    key = _key(error)
    service = key.partition("_")[0]
    text = next((text for types, text in ADVICE if isinstance(error, types)), "")
    return text and f". {text.format(alias=alias, key=key, service=service, title=service.capitalize())}"


def server_hint(alias: str, error: OryError | None = None) -> str:
    """For the 503 page: the URL that was tried, and the commands that help. Empty unless DEBUG is on."""
    if not django_settings.DEBUG:
        return ""
    key = _key(error)
    return (
        f'No usable answer from {server_url(alias, error)} (settings.ORY["{alias}"]["{key}"]).'
        f"{advice_for(alias, error).removeprefix('.') if error else ''} "
        "If no server runs there, start Kratos and Hydra with: python manage.py ory_dev. "
        "If one does, compare it with this project: python manage.py ory_check."
    )


def host_hint(request: HttpRequest, alias: str) -> tuple[str, str]:
    """Where to open the site if it is open at another name of this machine than Kratos, and why.

    Returns ``(URL, message)``, both empty if the names are the same, if either is no name of this machine, or
    unless DEBUG is on.
    """
    ours, port = split_domain_port(request.get_host())
    theirs, _ = split_domain_port(urlsplit(get_settings(alias).kratos_browser_url).netloc)
    if not django_settings.DEBUG or ours == theirs or not {ours, theirs} <= LOOPBACK:
        return "", ""
    url = f"{request.scheme}://{theirs}{f':{port}' if port else ''}{request.get_full_path()}"
    return url, (
        f"This site is open at {ours}, and Kratos is at {theirs}: browsers keep the cookies of the two names "
        f"apart, so nobody would be signed in here. Open {url.partition('?')[0]} instead, or "
        f'correct settings.ORY["{alias}"]["KRATOS_BROWSER_URL"]. '
        f"(runserver prints 127.0.0.1; start it with: python manage.py runserver {theirs}:{port or 80})"
    )


def _key(error: OryError | None) -> str:
    path = error.operation.partition(" ")[2] if error else ""
    return next(key for starts, key in SETTINGS if path.startswith(starts))
