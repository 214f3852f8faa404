"""A strict Content-Security-Policy for a site with the pages, for Django 6 and for django-csp.

Importable in a settings module: nothing here reads the settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .conf import KEYS, OryConfigurationError, OrySettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

try:
    from django.utils.csp import CSP
except ImportError:  # Django 5.2
    NONCE = ""
else:
    NONCE = CSP.NONCE.value

__all__ = ["ory_csp"]

SELF, NOTHING = "'self'", "'none'"


def ory_csp(
    ory: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    nonce: Any = NONCE,
    sources: Mapping[str, Iterable[str]] | None = None,
    form_action: Iterable[str] | None = None,
) -> dict[str, list[Any]]:
    """Return a policy for ``SECURE_CSP``, or for the directives of django-csp.

    Args:
        ory: the setting ``ORY``. Adds Kratos' script, which is otherwise allowed by the nonce only, and the
            scripts of ``CAPTCHA_ORIGINS``.
        nonce: the placeholder of the nonce: ``csp.constants.NONCE`` for django-csp, by default Django's.
        sources: directive -> sources of your site, such as ``{"img-src": ["https://cdn.example.org"]}``.
        form_action: where forms and the redirects that follow may lead, beside this site, Kratos and Hydra:
            the origins of your social providers and OAuth2 clients. Without it, the policy has no
            ``form-action``, because browsers apply that directive to every redirect after a form.

    Raises:
        OryConfigurationError: a text instead of a list of sources.

    """
    projects = _read_projects(ory or {})
    kratos = [read_origin(each.kratos_browser_url) for each in projects]
    hydra = [read_origin(each.hydra_browser_url) for each in projects]
    captcha = [source for each in projects for source in _list("CAPTCHA_ORIGINS", each.captcha_origins)]
    policy: dict[str, list[Any]] = {
        "default-src": [SELF],
        "script-src": [SELF, nonce, *kratos, *captcha],
        "style-src": [SELF, nonce],
        "img-src": [SELF, "data:"],  # the QR code of an authenticator app
        "connect-src": [SELF, *captcha],
        "frame-src": captcha or [NOTHING],
        "object-src": [NOTHING],
        "base-uri": [NOTHING],
        "frame-ancestors": [NOTHING],
    }
    if form_action is not None:
        policy["form-action"] = [SELF, *kratos, *hydra, *_list("form_action", form_action)]
    for directive, more in (sources or {}).items():
        present = [each for each in policy.get(directive, [SELF]) if each != NOTHING]
        policy[directive] = [*present, *_list(directive, more)]
    return {
        directive: list(dict.fromkeys(filter(None, values))) or [NOTHING]
        for directive, values in policy.items()
    }


def _read_projects(ory: Mapping[str, Mapping[str, Any]]) -> list[OrySettings]:
    return [
        OrySettings(alias=alias, **{key.lower(): value for key, value in values.items() if key in KEYS})
        for alias, values in ory.items()
    ]


def read_origin(url: str) -> str:
    """Return the origin of a URL as a source; "" for a path and for an invalid host, such as ``http://[``."""
    try:
        parts = urlsplit(url)
    except ValueError:  # a system check reports the setting
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _list(name: str, values: Iterable[str]) -> list[str]:
    if isinstance(values, str):
        raise OryConfigurationError(f"{name} must be a list of sources, not a text.")
    return list(values)
