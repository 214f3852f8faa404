"""The settings: ``ORY = {"default": {...}}``, one dictionary per Ory project, read when used and never at
import.

A key that is not listed here is an error that names the nearest valid one. The documentation's settings page
is made from the fields below, so a field's ``help`` is what users read.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache, update_wrapper
from typing import Any, ClassVar, Generic, Literal, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from .client.transport import DEFAULT_MAX_RESPONSE_BYTES, DEFAULT_POOL_SIZE

__all__ = ["DEFAULT_ALIAS", "OryConfigurationError", "OrySettings", "aliases", "get_settings"]

T = TypeVar("T")

DEFAULT_ALIAS = "default"

#: The usual names of Kratos' session cookie, as a regular expression: self-hosted, and of Ory Network.
SESSION_COOKIE_NAMES = r"ory_kratos_session|ory_session_[A-Za-z0-9_-]+"

Unavailable = Literal["anonymous", "error", "stale"]


class OryConfigurationError(ImproperlyConfigured):
    """``settings.ORY`` cannot be used as it is. Deliberately not an ``OryError``: no handler of those may
    swallow it.
    """


class PerAlias(Generic[T]):
    """Makes a function of an alias into one that works once per alias and process, until ``settings.ORY``
    changes.

    Unlike ``functools.cache`` it knows that no alias and the default alias are the same.
    """

    _all: ClassVar[list[PerAlias[Any]]] = []

    def __init__(self, make: Callable[[str], T]) -> None:
        update_wrapper(self, make)
        self._make = make
        self._made: dict[str, T] = {}
        self._all.append(self)

    def __call__(self, alias: str = DEFAULT_ALIAS) -> T:
        try:
            return self._made[alias]
        except KeyError:
            return self._made.setdefault(alias, self._make(alias))

    def results(self) -> list[T]:
        """Return what was made so far."""
        return list(self._made.values())

    def clear(self) -> None:
        """Make everything anew when it is asked for next."""
        self._made.clear()

    @classmethod
    def clear_all(cls) -> None:
        """The same for every function: the settings have changed."""
        for each in cls._all:
            each.clear()


def _setting(default: Any, help_text: str) -> Any:
    if isinstance(default, (dict, list)):
        return field(default_factory=default.copy, metadata={"help": help_text})
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, kw_only=True)
class OrySettings:
    """One Ory project. Field ``kratos_public_url`` is the key ``KRATOS_PUBLIC_URL``, and so on."""

    alias: str = field(default=DEFAULT_ALIAS, metadata={"key": False})

    # Where the services are.
    kratos_public_url: str = _setting("", "Kratos' public API as Django reaches it.")
    kratos_admin_url: str = _setting(
        "", "Kratos' admin API. Never reachable from the internet; never the public URL."
    )
    kratos_browser_url: str = _setting(
        "", "Kratos' public API as browsers reach it. Unset: the same as KRATOS_PUBLIC_URL."
    )
    hydra_public_url: str = _setting("", "Hydra's public API (the issuer) as Django reaches it.")
    hydra_admin_url: str = _setting(
        "", "Hydra's admin API. Never reachable from the internet; never the public URL."
    )
    hydra_browser_url: str = _setting(
        "", "Hydra's public API as browsers reach it. Unset: the same as HYDRA_PUBLIC_URL."
    )
    keto_read_url: str = _setting("", "Keto's read API (permissions).")
    keto_write_url: str = _setting("", "Keto's write API (relationships).")
    console_url: str = _setting("", "The API of the Ory Console, for /projects and /workspaces.")
    sdk_url: str = _setting("", "Ory Network: one URL that stands for all of the above but the console.")
    api_key: str = _setting(
        "", "Ory Network: sent to admin endpoints, Keto's and the console's, and nowhere else. A secret."
    )
    timeout: float = _setting(
        3.0, "Seconds until a call to Ory is given up, all in all. Required; at most 10 is wise."
    )
    connect_timeout: float = _setting(1.0, "Seconds until a connection to Ory is given up.")
    max_response_bytes: int = _setting(
        DEFAULT_MAX_RESPONSE_BYTES,
        "How large a response of Ory may be, unpacked; a larger one is an error. Sessions and self-service "
        "flows: 1 MiB at most.",
    )
    pool_size: int = _setting(
        DEFAULT_POOL_SIZE, "Connections that are kept open to each service. More calls at once open more."
    )
    ca_bundle: str = _setting("", "Path of the certificates to trust for Ory. Unset: certifi's.")
    proxy: str = _setting(
        "", "URL of an HTTP proxy for every call to Ory. None of the environment is used. May be a secret."
    )

    # Who is asking.
    session_cookie_name: str = _setting(
        "", "Name of Kratos' session cookie. Unset: ory_kratos_session and Ory Network's ory_session_*."
    )
    tokenize_as: str = _setting(
        "", "Kratos' tokenizer template for request.ory.tokenized (a JWT of the session)."
    )
    hosts: list[str] = _setting(
        [],
        "Hosts of this site that belong to this alias, written as in ALLOWED_HOSTS. Unset: the default one.",
    )
    adapter: str = _setting("django_ory.adapter.OryAdapter", "Dotted path of your subclass of OryAdapter.")
    create_users: bool = _setting(True, "Make a Django user for an identity that is seen for the first time.")
    user_fields: dict[str, str] = _setting(
        {"email": "email", "first_name": "name.first", "last_name": "name.last"},
        "Field of the user model -> trait (dots go deeper, numbers into lists). Unknown fields are ignored.",
    )
    link_by_verified_email: bool = _setting(
        False,
        "Link a new identity to an existing user with the same e-mail address, once Kratos has verified it. "
        "Never staff; disables the user's password.",
    )

    # What happens when Kratos does not answer.
    when_unavailable_safe: Unavailable = _setting(
        "anonymous", "GET, HEAD, OPTIONS while Kratos is down: anonymous, error (503) or stale."
    )
    when_unavailable_unsafe: Unavailable = _setting(
        "error", "Other methods while Kratos is down: the same choices."
    )
    stale_seconds: int = _setting(300, "With 'stale': how old a remembered answer may be.")
    breaker_seconds: float = _setting(
        1.0,
        "Seconds between two probes of a service that hangs. Until one succeeds, calls to it fail at once. "
        "0 turns the circuit breaker off.",
    )

    # Cache of whoami.
    session_cache_seconds: int = _setting(0, "How long a whoami answer is remembered. 0 turns the cache off.")
    session_cache_alias: str = _setting("default", "Which of Django's CACHES remembers it.")

    # Pages.
    site_name: str = _setting("", "The name on top of the pages. Unset: the host.")
    allowed_return_hosts: list[str] = _setting(
        [], "Hosts besides the site's own that next and return_to may lead to."
    )
    server_timing: bool = _setting(False, "Add a Server-Timing header that says what Ory cost.")

    def __post_init__(self) -> None:
        for name, other in (
            ("kratos_public_url", "sdk_url"),
            ("kratos_admin_url", "sdk_url"),
            ("hydra_public_url", "sdk_url"),
            ("hydra_admin_url", "sdk_url"),
            ("keto_read_url", "sdk_url"),
            ("keto_write_url", "sdk_url"),
            ("kratos_browser_url", "kratos_public_url"),
            ("hydra_browser_url", "hydra_public_url"),
        ):
            object.__setattr__(self, name, (getattr(self, name) or getattr(self, other)).rstrip("/"))

    def __repr__(self) -> str:
        return f"<OrySettings {self.alias!r}>"  # never the API key

    @property
    def session_cookie_pattern(self) -> str:
        """The regular expression for the whole name of Kratos' session cookie."""
        return re.escape(self.session_cookie_name) if self.session_cookie_name else SESSION_COOKIE_NAMES


KEYS = {f.name.upper(): f for f in fields(OrySettings) if f.metadata.get("key", True)}


def aliases() -> list[str]:
    """The names of the configured Ory projects, ``"default"`` first."""
    return list(_aliases())


@cache
def _aliases() -> tuple[str, ...]:
    configured = _configured()
    return tuple(sorted(configured, key=lambda alias: (alias != DEFAULT_ALIAS, alias)))


@PerAlias
def get_settings(alias: str) -> OrySettings:
    """The settings of one Ory project.

    Raises OryConfigurationError if ``settings.ORY`` has no such alias or a key that does not exist.
    """
    configured = _configured()
    if alias not in configured:
        raise OryConfigurationError(
            f'settings.ORY has no "{alias}". It has: {", ".join(sorted(configured)) or "nothing"}.'
        )
    values = configured[alias]
    unknown = [key for key in values if key not in KEYS]
    if unknown:
        raise OryConfigurationError("; ".join(unknown_key_message(alias, key) for key in unknown))
    return OrySettings(alias=alias, **{key.lower(): value for key, value in values.items()})


def unknown_key_message(alias: str, key: object) -> str:
    """What is wrong with a key that does not exist, with the nearest one that does."""
    near = nearest_key(key)
    hint = f' Did you mean "{near}"?' if near else ""
    return f'settings.ORY["{alias}"] has no key "{key}".{hint}'


def nearest_key(key: object) -> str:
    """The key that was probably meant, or "".

    A key with all words of the given one is nearer than one of similar spelling, and the first in the order
    of the documentation wins: KRATOS_URL is KRATOS_PUBLIC_URL, never KRATOS_ADMIN_URL.
    """
    name = str(key).upper()
    words = set(name.split("_"))
    with_all_words = (each for each in KEYS if words <= set(each.split("_")))
    return next(with_all_words, next(iter(difflib.get_close_matches(name, KEYS, n=1)), ""))


def _configured() -> Mapping[str, Mapping[str, Any]]:
    configured = getattr(settings, "ORY", None)
    if not isinstance(configured, Mapping) or not all(
        isinstance(value, Mapping) for value in configured.values()
    ):
        raise OryConfigurationError(
            'settings.ORY must be a dictionary of dictionaries: ORY = {"default": {...}}.'
        )
    return configured


def _forget(*, setting: str, **_: object) -> None:
    if setting == "ORY":
        PerAlias.clear_all()
        _aliases.cache_clear()


setting_changed.connect(_forget, dispatch_uid="django_ory.conf")
