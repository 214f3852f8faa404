"""Rules about the values in ``settings.ORY``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from django_ory.adapter import OryAdapter
from django_ory.client.transport import is_proxy
from django_ory.conf import DEFAULT_ALIAS, KEYS, OrySettings, find_nearest_key, get_unknown_key_text
from django_ory.http.redirects import split_url
from django_ory.user_fields import PROTECTED_FIELDS

from .rules import (
    CheckContext,
    Finding,
    default_value,
    expected_types,
    project_rule,
    rule,
    setting_finding,
    setting_line,
    setting_path,
)

EXAMPLE = 'ORY = {"default": {"KRATOS_PUBLIC_URL": "http://localhost:4433"}}'
#: An example value, in Python, for each key.
EXAMPLES: dict[str, str] = {key: field.metadata["example"] for key, field in KEYS.items()}
SETTING_TYPES = get_type_hints(OrySettings)
#: The valid values of each key whose type is a ``Literal``.
CHOICES: dict[str, tuple[str, ...]] = {
    key: get_args(SETTING_TYPES[key.lower()])
    for key in KEYS
    if get_origin(SETTING_TYPES[key.lower()]) is Literal
}
#: The usual port of the public and of the admin API.
SERVER_PORTS = {"kratos": (4433, 4434), "hydra": (4444, 4445)}
MINIMUMS: dict[str, float] = {
    "TIMEOUT": 0.05,
    "CONNECT_TIMEOUT": 0.05,
    "MAX_RESPONSE_BYTES": 1,
    "POOL_SIZE": 1,
    "STALE_SECONDS": 0,
    "BREAKER_SECONDS": 0,
    "SESSION_CACHE_SECONDS": 0,
    "INTROSPECTION_CACHE_SECONDS": 0,
    "OAUTH2_KEYS_MAX_AGE_SECONDS": 0,
    "OAUTH2_LEEWAY_SECONDS": 0,
    "TOKEN_HOOK_ROW_SECONDS": 0,
    "MIN_PASSWORD_LENGTH": 0,
    "CONSENT_REMEMBER_SECONDS": 0,
    "OAUTH2_CLIENT_UNUSED_DAYS": 1,
}
TYPE_NAMES = {
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "True or False",
    "NoneType": "None",
}


@rule("E001", "`ORY` is missing or has the wrong shape.")
def shape(context: CheckContext) -> Iterator[Finding]:
    configured = getattr(settings, "ORY", None)
    if not isinstance(configured, Mapping):
        problem = "is missing" if configured is None else "is not a dictionary"
        yield Finding(f"settings.ORY {problem}.", EXAMPLE)
        return
    for alias, values in configured.items():
        if not isinstance(values, Mapping):
            yield Finding(f"{setting_path(alias)} is not a dictionary.", EXAMPLE)
    if DEFAULT_ALIAS not in configured:
        yield Finding('settings.ORY has no "default".', EXAMPLE)


@rule("E002", "A key in `ORY` does not exist; the nearest one is named.")
def unknown_keys(context: CheckContext) -> Iterator[Finding]:
    for alias, values in context.raw.items():
        for key in values:
            if key not in KEYS:
                remedy = _rename_key(key, find_nearest_key(key), values)
                yield Finding(get_unknown_key_text(alias, key), remedy)


def _rename_key(key: object, near: str, values: Mapping[str, Any]) -> str:
    """Return the remedy for an unknown key. Not a line to paste, which could replace a valid value."""
    if not near:
        return f"The keys are: {', '.join(KEYS)}."
    if near in values:
        return f'Remove "{key}": "{near}" is set already.'
    return f'Rename "{key}" to "{near}", or remove it.'


@rule("E003", "A value in `ORY` has the wrong type.")
def types(context: CheckContext) -> Iterator[Finding]:
    for alias, values in context.raw.items():
        for key, value in values.items():
            if key not in KEYS:
                continue  # E002
            expected = expected_types(key)
            is_unexpected_bool = isinstance(value, bool) and bool not in expected
            if not isinstance(value, expected) or is_unexpected_bool:
                line = setting_line(alias, key, _valid_value(key))
                yield Finding(
                    f"{setting_path(alias, key)} must be {_type_name(expected[0])}, "
                    f"not {_type_name(type(value))}.",
                    # None is usually os.environ.get() of a variable that is not set.
                    line if value is not None else f"Remove the key, or set a value: {line}",
                )


def _valid_value(key: str) -> str:
    """Return the default of a key, or an example if the default is empty, as Python."""
    default = default_value(key)
    return EXAMPLES[key] if default in ("", [], {}) else repr(default)


def _type_name(type_: type[Any]) -> str:
    return TYPE_NAMES.get(type_.__name__, f"a {type_.__name__}")


@project_rule("E004", "A value in `ORY` is not one of the valid values.")
def choices(project: OrySettings) -> Iterator[Finding]:
    for key, valid in CHOICES.items():
        value = getattr(project, key.lower())
        if value not in valid:
            problem = f"is {value!r}; valid values are {', '.join(valid)}."
            yield setting_finding(project, key, problem, repr(default_value(key)))
    for key, least in MINIMUMS.items():
        number = getattr(project, key.lower())
        if not number >= least:  # NaN is not, either
            problem = f"is {number}; it must be at least {least:g}."
            yield setting_finding(project, key, problem, repr(default_value(key)))


@rule("E005", "A URL in `ORY` is invalid: no scheme, no host, or a query.")
def urls(context: CheckContext) -> Iterator[Finding]:
    for project in context.projects:
        for key in (key for key in KEYS if key.endswith("_URL")):
            value = context.raw[project.alias].get(key)
            problem = _find_url_problem(value) if isinstance(value, str) and value else ""
            if problem:
                yield setting_finding(project, key, f"{problem}.", _example_url(key, str(value)))
        if project.proxy and not is_proxy(project.proxy):
            yield setting_finding(project, "PROXY", "is not the URL of an HTTP proxy.", EXAMPLES["PROXY"])


def _example_url(key: str, value: str) -> str:
    """Return the value with a scheme if only the scheme is missing, else an example."""
    if "://" not in value and not _find_url_problem(f"http://{value}"):
        return f'"http://{value}"  # or https://'
    service = key.partition("_")[0].lower()
    return f'"https://{service}.example.org"  # scheme, host, port, no query'


def _find_url_problem(value: str) -> str:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return "is not a URL"
    if parts.scheme not in ("http", "https"):
        return "does not start with http:// or https://"
    if not parts.hostname:
        return "has no host"
    if parts.username or parts.query or parts.fragment or any(char.isspace() for char in value):
        return "must be scheme, host, port and path only"
    return ""


@rule("E006", "A project in `ORY` has no service, or lacks its public URL.")
def no_service(context: CheckContext) -> Iterator[Finding]:
    for project in context.projects:
        if project.kratos_public_url or "KRATOS_PUBLIC_URL" in context.raw[project.alias]:
            continue  # E003 reports a value of the wrong type
        if project.kratos_admin_url or project.kratos_browser_url:
            problem = "is not set: users cannot sign in."
        elif project.hydra_admin_url or project.hydra_public_url:
            continue
        else:
            problem = "is not set, and neither is a URL of Hydra: the project has no service."
        yield setting_finding(project, "KRATOS_PUBLIC_URL", problem, EXAMPLES["KRATOS_PUBLIC_URL"])


@rule("E007", "An admin URL is the same as a public one.")
def admin_is_public(context: CheckContext) -> Iterator[Finding]:
    for project in context.projects:
        publics = {
            _normalize(getattr(project, f"{service}_{side}_url"))
            for service in ("kratos", "hydra")
            for side in ("public", "browser")
        }
        for key in ("KRATOS_ADMIN_URL", "HYDRA_ADMIN_URL"):
            admin = context.raw[project.alias].get(key)
            admin = _normalize(admin) if isinstance(admin, str) else ""
            if admin and admin in publics and admin != _normalize(project.sdk_url):
                problem = (
                    "is a public URL. The admin API has a URL of its own, which must be reachable from the "
                    "internal network only."
                )
                yield setting_finding(project, key, problem, EXAMPLES[key])


def _normalize(url: str) -> str:
    parts = split_url(url)
    return parts._replace(netloc=parts.netloc.lower(), path=parts.path.rstrip("/")).geturl()


@project_rule("W010", "The ports of a public and an admin URL are swapped.")
def swapped_urls(project: OrySettings) -> Iterator[Finding]:
    for service, (public_port, admin_port) in SERVER_PORTS.items():
        public, admin = getattr(project, f"{service}_public_url"), getattr(project, f"{service}_admin_url")
        if (_get_port(public), _get_port(admin)) != (admin_port, public_port):
            continue
        public_key, admin_key = f"{service.upper()}_PUBLIC_URL", f"{service.upper()}_ADMIN_URL"
        yield Finding(
            f"{setting_path(project.alias, public_key)} has the port {admin_port} and {admin_key} the port "
            f"{public_port}: they are probably swapped. The default port of the public API is {public_port}.",
            "Swap the values: "
            + setting_line(project.alias, public_key, f'"{admin}"')
            + " and "
            + setting_line(project.alias, admin_key, f'"{public}"'),
        )


def _get_port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return None  # E005 reports an invalid URL


@project_rule("E008", "`ADAPTER` cannot be imported, or is not an `OryAdapter`.")
def adapters(project: OrySettings) -> Iterator[Finding]:
    try:
        adapter = import_string(project.adapter)
    except (ImportError, ImproperlyConfigured) as error:
        problem = f"cannot be imported: {error}"
    else:
        if isinstance(adapter, type) and issubclass(adapter, OryAdapter):
            return
        problem = "is not a subclass of OryAdapter."
    yield setting_finding(project, "ADAPTER", problem, '"mysite.ory.Adapter"  # class Adapter(OryAdapter)')


@project_rule("E009", "`USER_FIELDS` fills a field that grants rights from a trait.")
def protected_fields(project: OrySettings) -> Iterator[Finding]:
    for name in PROTECTED_FIELDS.intersection(project.user_fields):
        yield Finding(
            f"{setting_path(project.alias, 'USER_FIELDS')} fills {name} from a trait, which is ignored: "
            "users edit their own traits.",
            "Override OryAdapter.grant and decide by identity.metadata_public.",
        )


@project_rule("E010", "`SESSION_CACHE_ALIAS` is not a cache of the project.")
def caches(project: OrySettings) -> Iterator[Finding]:
    if project.session_cache_alias not in settings.CACHES:
        problem = f"is {project.session_cache_alias!r}, which is not in settings.CACHES."
        yield setting_finding(project, "SESSION_CACHE_ALIAS", problem, '"default"')


@project_rule("W001", "`TIMEOUT` is longer than 10 seconds.")
def long_timeouts(project: OrySettings) -> Iterator[Finding]:
    if project.timeout > 10:
        problem = f"is {project.timeout:g} s: a request may block a worker for that long."
        yield setting_finding(project, "TIMEOUT", problem, "3")
