"""The language of a message: of the identity, of the browser, of the flow, or ``LANGUAGE_CODE``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import get_supported_language_variant

from django_ory.conf import get_settings
from django_ory.http.redirects import LANGUAGE_PARAMETER
from django_ory.traits import get_trait

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django_ory.client.models import Identity

    from .messages import CourierMessage

__all__ = [
    "FLOW_PARAMETERS",
    "choose_identity_language",
    "choose_language",
    "find_language",
    "list_accepted_languages",
]

#: Query parameters of the URL that started the flow: ours, and that of OpenID Connect.
FLOW_PARAMETERS = (LANGUAGE_PARAMETER, "ui_locales")
#: A longer value is not a language.
MAX_LANGUAGE_LENGTH = 500


def choose_language(message: CourierMessage) -> str:
    """Return the language for a message, one of ``settings.LANGUAGES`` or ``LANGUAGE_CODE``.

    The first supported language counts: ``COURIER_LOCALE_PATHS`` in the identity, ``Accept-Language`` of the
    browser if sent by Kratos, the parameters of the flow.
    """
    for candidates in (_get_identity_languages(message), _get_browser_languages(message)):
        if found := find_language(candidates):
            return found
    return find_language(_get_flow_languages(message)) or settings.LANGUAGE_CODE


def choose_identity_language(identity: Identity, *, alias: str) -> str:
    """Return the language for a mail to the owner of an identity, by ``COURIER_LOCALE_PATHS``.

    Args:
        identity: the identity from Kratos.
        alias: the key in ``settings.ORY``.
    """
    values = {"traits": identity.traits, "metadata_public": identity.metadata_public}
    return find_language(_list_languages(values, alias=alias)) or settings.LANGUAGE_CODE


def find_language(candidates: Iterable[str]) -> str:
    """Return the first supported language of some tags, or "".

    ``de_AT`` and ``de-AT`` are ``de-at`` if supported, else ``de``, else another ``de-``. Related tags
    are those of Django, such as ``zh-hant`` for ``zh-TW``.
    """
    supported = {code.lower(): code for code, _name in settings.LANGUAGES}
    for candidate in candidates:
        tag = candidate.strip().replace("_", "-").partition(".")[0].lower()
        if tag not in supported and (related := _find_related(tag)) in supported:
            return supported[related]
        while tag:
            if tag in supported:
                return supported[tag]
            tag = tag.rpartition("-")[0]
        base = candidate.strip().replace("_", "-").partition("-")[0].lower()
        if base.isalpha():
            for code, name in supported.items():
                if code.startswith(f"{base}-"):
                    return name
    return ""


def _find_related(tag: str) -> str:
    """Return the language that Django has for a tag, or ""."""
    try:
        return get_supported_language_variant(tag).lower()
    except LookupError:
        return ""


def _get_identity_languages(message: CourierMessage) -> Iterator[str]:
    return _list_languages(message.identity, alias=message.alias)


def _list_languages(identity: Any, *, alias: str) -> Iterator[str]:
    for path in get_settings(alias).courier_locale_paths:
        value = get_trait(identity, path)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str) and len(item) <= MAX_LANGUAGE_LENGTH:
                yield item


def _get_browser_languages(message: CourierMessage) -> list[str]:
    """Return the tags of Accept-Language, the most wanted first."""
    headers = {str(name).lower(): value for name, value in message.request_headers.items()}
    return list_accepted_languages(headers.get("accept-language"))


def list_accepted_languages(header: Any) -> list[str]:
    """Return the tags of an Accept-Language header, the most wanted first. Lists of lines are accepted."""
    if isinstance(header, list):  # as Go writes headers
        header = ",".join(str(line) for line in header)
    if not isinstance(header, str) or len(header) > MAX_LANGUAGE_LENGTH:
        return []
    weighted = []
    for part in header.split(","):
        tag, _, parameters = part.partition(";")
        weighted.append((_parse_weight(parameters), tag.strip()))
    # The sort keeps the order of equal weights.
    return [tag for weight, tag in sorted(weighted, key=lambda pair: -pair[0]) if weight > 0]


def _get_flow_languages(message: CourierMessage) -> Iterator[str]:
    for key in FLOW_PARAMETERS:
        value = message.get_flow_parameter(key)
        if len(value) <= MAX_LANGUAGE_LENGTH:
            yield from value.split()


def _parse_weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        weight = float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
