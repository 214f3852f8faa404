"""Rules about the values in ``settings.ORY``."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from django_ory.adapter import OryAdapter
from django_ory.client.transport import is_proxy
from django_ory.conf import DEFAULT_ALIAS, KEYS, nearest_key, unknown_key_message
from django_ory.user_fields import PROTECTED_FIELDS

from .rule import EXAMPLES, Finding, Rule, Site, at, expected_types, paste

__all__ = ["RULES"]

EXAMPLE = 'ORY = {"default": {"KRATOS_PUBLIC_URL": "http://localhost:4433"}}'
URLS = tuple(key for key in KEYS if key.endswith("_URL"))
POLICIES = ("anonymous", "error", "stale")
#: The public and the admin port of a service in Ory's own examples.
USUAL_PORTS = {"KRATOS": (4433, 4434), "HYDRA": (4444, 4445)}
#: What a number must be: (at least, at most); both included.
BOUNDS: dict[str, tuple[float, float]] = {
    "TIMEOUT": (0.05, math.inf),
    "CONNECT_TIMEOUT": (0.05, math.inf),
    "MAX_RESPONSE_BYTES": (1, math.inf),
    "POOL_SIZE": (1, math.inf),
    "STALE_SECONDS": (0, math.inf),
    "BREAKER_SECONDS": (0, math.inf),
    "SESSION_CACHE_SECONDS": (0, math.inf),
}


def shape(site: Site) -> Iterator[Finding]:
    configured = getattr(settings, "ORY", None)
    if not isinstance(configured, Mapping):
        yield Finding(
            "settings.ORY is missing." if configured is None else "settings.ORY is not a dictionary.", EXAMPLE
        )
        return
    for alias, values in configured.items():
        if not isinstance(values, Mapping):
            yield Finding(f'settings.ORY["{alias}"] is not a dictionary.', EXAMPLE)
    if DEFAULT_ALIAS not in configured:
        yield Finding('settings.ORY has no "default".', EXAMPLE)


def unknown_keys(site: Site) -> Iterator[Finding]:
    for alias, values in site.raw.items():
        for key in values:
            if key not in KEYS:
                yield Finding(unknown_key_message(alias, key), _rename(key, nearest_key(key), values))


def _rename(key: object, near: str, values: Mapping[str, Any]) -> str:
    """Return the remedy for an unknown key. Not a line to paste, which could replace a valid value."""
    if not near:
        return f"The keys are: {', '.join(KEYS)}."
    if near in values:
        return f'Remove "{key}": "{near}" is set already.'
    return f'Rename "{key}" to "{near}", or remove it.'


def types(site: Site) -> Iterator[Finding]:
    for alias, values in site.raw.items():
        for key, value in values.items():
            if key not in KEYS:
                continue
            expected = expected_types(key)
            is_odd_bool = isinstance(value, bool) and bool not in expected
            if not isinstance(value, expected) or is_odd_bool:
                yield Finding(
                    f'settings.ORY["{alias}"]["{key}"] must be {_a(expected[0])}, not {_a(type(value))}.',
                    _set_or_remove(alias, key, value),
                )


def _set_or_remove(alias: str, key: str, value: object) -> str:
    line = paste(alias, key, EXAMPLES.get(key) or repr(_default(key)))
    if value is None:  # most often os.environ.get() of a variable that is not set
        return f"Remove the key, or set a value: {line}"
    return line


def choices(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        for key in ("WHEN_UNAVAILABLE_SAFE", "WHEN_UNAVAILABLE_UNSAFE"):
            value = getattr(project, key.lower())
            if value not in POLICIES:
                yield Finding(
                    f"{at(project, key)} is {value!r}; it can be {', '.join(POLICIES)}.",
                    paste(project.alias, key, repr(_default(key))),
                )
        for key, (least, most) in BOUNDS.items():
            number = getattr(project, key.lower())
            if not least <= number <= most:
                yield Finding(
                    f"{at(project, key)} is {number}; it must be at least {least:g}.",
                    paste(project.alias, key, repr(_default(key))),
                )


def urls(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        for key in URLS:
            value = site.raw[project.alias].get(key)
            problem = _problem_of_url(value) if isinstance(value, str) and value else ""
            if problem:
                yield Finding(f"{at(project, key)} {problem}.", _set_url(project.alias, key, str(value)))
        if project.proxy and not is_proxy(project.proxy):
            yield Finding(
                f"{at(project, 'PROXY')} is not the URL of an HTTP proxy.",
                paste(project.alias, "PROXY", '"http://proxy.example.org:3128"'),
            )


def _set_url(alias: str, key: str, value: str) -> str:
    """The line to paste: the value with a scheme if only that is missing, else an example."""
    if "://" not in value and not _problem_of_url(f"http://{value}"):
        return paste(alias, key, f'"http://{value}"  # or https://')
    service = key.partition("_")[0].lower()
    return paste(alias, key, f'"https://{service}.example.org"  # scheme, host, port, no query')


def _problem_of_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return "is not a URL"
    if parts.scheme not in ("http", "https"):
        return "has no http:// or https:// in front"
    if not parts.hostname:
        return "has no host"
    if parts.username or parts.query or parts.fragment or any(char.isspace() for char in value):
        return "must be scheme, host, port and path only"
    return ""


def no_service(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        if project.kratos_public_url or "KRATOS_PUBLIC_URL" in site.raw[project.alias]:
            continue  # a value of the wrong type is said elsewhere
        if project.kratos_admin_url or project.kratos_browser_url:
            problem = "has no KRATOS_PUBLIC_URL: nobody can sign in"
        elif project.hydra_admin_url or project.hydra_public_url:
            continue
        else:
            problem = "names neither a Kratos nor a Hydra"
        yield Finding(
            f"{at(project)} {problem}.",
            paste(project.alias, "KRATOS_PUBLIC_URL", '"http://localhost:4433"'),
        )


def admin_is_public(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        publics = {
            _same(getattr(project, f"{service}_{side}_url"))
            for service in ("kratos", "hydra")
            for side in ("public", "browser")
        }
        for key, port in (("KRATOS_ADMIN_URL", 4434), ("HYDRA_ADMIN_URL", 4445)):
            admin = site.raw[project.alias].get(key)
            admin = _same(admin) if isinstance(admin, str) else ""
            if admin and admin in publics and admin != _same(project.sdk_url):
                yield Finding(
                    f"{at(project, key)} is the public URL. The admin API has an address of its own, "
                    "and the internet must not reach it.",
                    paste(project.alias, key, f'"http://localhost:{port}"'),
                )


def swapped_urls(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        for service, (public_port, admin_port) in USUAL_PORTS.items():
            public, admin = (
                getattr(project, f"{service}_{side}_url".lower()) for side in ("public", "admin")
            )
            if (_port(public), _port(admin)) == (admin_port, public_port):
                yield Finding(
                    f"{at(project, f'{service}_PUBLIC_URL')} has the port {admin_port} and "
                    f"{service}_ADMIN_URL the port {public_port}: they are most likely swapped. "
                    f"{service.capitalize()}'s public API is at port {public_port} by default.",
                    f"Swap the values: {paste(project.alias, f'{service}_PUBLIC_URL', _quoted(admin))} and "
                    f"{paste(project.alias, f'{service}_ADMIN_URL', _quoted(public))}",
                )


def _quoted(url: str) -> str:
    return f'"{url}"'


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return None  # reported as an invalid URL


def _same(url: str) -> str:
    """A URL so that two spellings of one place are equal."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.lower(), path=parts.path.rstrip("/")).geturl()


def adapters(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        hint = paste(project.alias, "ADAPTER", '"mysite.ory.Adapter"  # class Adapter(OryAdapter)')
        try:
            adapter = import_string(project.adapter)
        except (ImportError, ImproperlyConfigured) as error:
            yield Finding(f"{at(project, 'ADAPTER')} cannot be imported: {error}", hint)
            continue
        if not (isinstance(adapter, type) and issubclass(adapter, OryAdapter)):
            yield Finding(f"{at(project, 'ADAPTER')} is no subclass of OryAdapter.", hint)


def protected_fields(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        for name in PROTECTED_FIELDS.intersection(project.user_fields):
            yield Finding(
                f"{at(project, 'USER_FIELDS')} maps a trait to {name}, which is never done: "
                "people edit their own traits.",
                "Override OryAdapter.grant and decide by identity.metadata_public.",
            )


def caches(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        if project.session_cache_alias not in settings.CACHES:
            yield Finding(
                f"{at(project, 'SESSION_CACHE_ALIAS')} is not in settings.CACHES.",
                paste(project.alias, "SESSION_CACHE_ALIAS", '"default"'),
            )


def long_timeouts(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        if project.timeout > 10:
            yield Finding(
                f"{at(project, 'TIMEOUT')} is {project.timeout:g} s: so long may every request "
                "of a signed-in person hang.",
                paste(project.alias, "TIMEOUT", "3"),
            )


def _default(key: str) -> Any:
    field = KEYS[key]
    return field.default_factory() if callable(field.default_factory) else field.default


def _a(kind: type[Any]) -> str:
    names = {
        "str": "text",
        "int": "a number",
        "float": "a number",
        "bool": "True or False",
        "NoneType": "None",
    }
    return names.get(kind.__name__, f"a {kind.__name__}")


RULES = (
    Rule(id="E001", about="`ORY` is missing or has the wrong shape.", find=shape),
    Rule(id="E002", about="A key in `ORY` does not exist; the nearest one is named.", find=unknown_keys),
    Rule(id="E003", about="A value in `ORY` has the wrong type.", find=types),
    Rule(id="E004", about="A value in `ORY` is not one of those possible.", find=choices),
    Rule(id="E005", about="A URL in `ORY` is none: no scheme, no host, or a query.", find=urls),
    Rule(id="E006", about="A project in `ORY` names no service, or lacks its public URL.", find=no_service),
    Rule(id="E007", about="An admin URL is the same as the public one.", find=admin_is_public),
    Rule(id="E008", about="`ADAPTER` cannot be imported, or is no `OryAdapter`.", find=adapters),
    Rule(id="E009", about="`USER_FIELDS` maps a trait to a field that gives rights.", find=protected_fields),
    Rule(id="E010", about="`SESSION_CACHE_ALIAS` names no cache.", find=caches),
    Rule(id="W001", about="`TIMEOUT` is longer than 10 seconds.", find=long_timeouts),
    Rule(id="W010", about="The ports of a public and an admin URL are swapped.", find=swapped_urls),
)
