"""Messages for developers about servers, host names and templates: the failure, and the remedy.

Always logged. Pages show them only while DEBUG is on, because they contain internal URLs.
"""

from __future__ import annotations

from django.conf import settings as django_settings
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.templatetags.static import static

from django_ory.client import (
    OryDecodeError,
    OryError,
    OryNotFound,
    OryResponseTooLarge,
    OryServerError,
    OryUnexpectedRedirect,
    RouteNotFound,
)
from django_ory.conf import get_settings

from .redirects import split_url

#: Prefixes of an operation's path -> the setting with the URL of its server. The first match counts.
URL_SETTINGS = (
    (("/admin/oauth2/", "/admin/clients"), "HYDRA_ADMIN_URL"),
    (("/admin/",), "KRATOS_ADMIN_URL"),
    (("",), "KRATOS_PUBLIC_URL"),
)
#: An error -> the advice about the setting. The first match counts.
ADVICE: tuple[tuple[tuple[type[OryError], ...], str], ...] = (
    (
        (OryResponseTooLarge,),
        (
            "Limit the size of traits in the identity schema. manage.py ory_check names the traits without a "
            "limit."
        ),
    ),
    (
        (OryUnexpectedRedirect,),
        (
            "The admin APIs of Ory redirect public paths: check that {service}_PUBLIC_URL and "
            '{service}_ADMIN_URL in settings.ORY["{alias}"] are not swapped.'
        ),
    ),
    (
        (OryDecodeError, OryNotFound, RouteNotFound),
        'The server at this URL does not answer as {title} does: check settings.ORY["{alias}"]["{key}"].',
    ),
)
#: Part of Hydra's 502 for a request by http, unless Hydra runs with --dev.
INSECURE_HTTP = "insecure http"
INSECURE_HTTP_ADVICE = (
    'Hydra only accepts https here: use https in settings.ORY["{alias}"]["{key}"], or let a proxy in '
    "serve.admin.tls.allow_termination_from of Hydra send X-Forwarded-Proto: https"
)
MAX_SEARCHED_LENGTH = 2_000
#: Names of this machine. Browsers store separate cookies for each.
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
#: The start of the class attribute of each element in the block ory_body.
ELEMENT_CLASS = b'class="ory-'


def get_server_url(alias: str, error: OryError | None = None) -> str:
    """Return the URL that a failed call was sent to. Without an error: Kratos' public API."""
    return str(getattr(get_settings(alias), _get_setting(error).lower()))


def get_service_name(error: OryError) -> str:
    """Return the service that a failed call was sent to: "Hydra" or "Kratos"."""
    return _get_setting(error).partition("_")[0].capitalize()


def build_advice(alias: str, error: OryError) -> str:
    """Return advice about the settings, to append to the text of the error; "" if there is none."""
    key, title = _get_setting(error), get_service_name(error)
    if isinstance(error, OryServerError) and INSECURE_HTTP in str(error.body)[:MAX_SEARCHED_LENGTH].lower():
        return f". {INSECURE_HTTP_ADVICE.format(alias=alias, key=key)}"
    text = next((text for types, text in ADVICE if isinstance(error, types)), "")
    return text and f". {text.format(alias=alias, key=key, service=title.upper(), title=title)}"


def build_server_hint(alias: str, error: OryError | None = None) -> str:
    """Return a text for the 503 page: the failed URL, and useful commands. "" unless DEBUG is on."""
    if not django_settings.DEBUG:
        return ""
    key = _get_setting(error)
    return (
        f'No usable answer from {get_server_url(alias, error)} (settings.ORY["{alias}"]["{key}"]).'
        f"{build_advice(alias, error).removeprefix('.') if error else ''} "
        "If no server runs there, start Kratos and Hydra with: python manage.py ory_dev. "
        "If one does, compare it with this project: python manage.py ory_check."
    )


def build_host_hint(request: HttpRequest, alias: str) -> tuple[str, str]:
    """Return ``(URL, message)`` if the site is open at another name of this machine than Kratos.

    ``URL`` is the one to open instead. Both are empty if the names are the same, if one of them is not a name
    of this machine, or if DEBUG is off.
    """
    ours, port = split_domain_port(request.get_host())
    project = get_settings(alias)
    theirs, _ = split_domain_port(split_url(project.kratos_browser_url).netloc)
    if not django_settings.DEBUG or ours == theirs or not {ours, theirs} <= LOOPBACK:
        return "", ""
    url = f"{request.scheme}://{theirs}{f':{port}' if port else ''}{request.get_full_path()}"
    # The public URL is that for browsers, too, unless the settings have another one.
    same = project.kratos_browser_url == project.kratos_public_url
    key = "KRATOS_PUBLIC_URL" if same else "KRATOS_BROWSER_URL"
    return url, (
        f"This site is open at {ours}, and Kratos is at {theirs}: browsers keep the cookies of the two names "
        f"apart, so signing in has no effect here. Open {url.partition('?')[0]} instead, or "
        f'correct settings.ORY["{alias}"]["{key}"]. '
        f"(runserver prints 127.0.0.1; start it with: python manage.py runserver {theirs}:{port or 80})"
    )


def build_block_hint(page: bytes) -> str:
    """Return a text for the log that names missing blocks of a page. "" unless DEBUG is on.

    Django renders nothing for a block that the parent template does not define.
    """
    if not django_settings.DEBUG:
        return ""
    markers = {"ory_head": static("ory/ory.css").encode(), "ory_body": ELEMENT_CLASS}
    missing = [block for block, marker in markers.items() if marker not in page]
    if not missing:
        return ""
    lost = "style sheet" if missing == ["ory_head"] else "form"
    return (
        f"A page was rendered without the {' and the '.join(missing)} block, so it has no {lost}. "
        "The template ory/layouts/base.html must place {% block ory_head %} and {% block ory_body %} inside "
        "blocks that its base template has."
    )


def _get_setting(error: OryError | None) -> str:
    """The setting with the URL of the server that a call was sent to."""
    path = error.operation.partition(" ")[2] if error else ""
    return next(key for starts, key in URL_SETTINGS if path.startswith(starts))
