"""Settings about sessions, users, outages and the session cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .field import define_setting

Unavailable = Literal["anonymous", "error", "stale"]


@dataclass(frozen=True, kw_only=True, repr=False)
class SignInSettings:
    """Sessions of Kratos, and the users of Django that belong to them."""

    session_cookie_name: str = define_setting(
        "",
        "Name of Kratos' session cookie. Default: ory_kratos_session, and ory_session_* of Ory Network.",
        example='"ory_kratos_session"',
    )
    tokenize_as: str = define_setting(
        "",
        "Kratos' tokenizer template for request.ory.tokenized (a JWT of the session).",
        example='"my_template"',
    )
    hosts: list[str] = define_setting(
        [],
        "Hosts of this site that use this alias, as in ALLOWED_HOSTS. Other hosts use the default alias.",
        example='["shop.example.org"]',
    )
    adapter: str = define_setting(
        "django_ory.adapter.OryAdapter",
        "Dotted path of your subclass of OryAdapter.",
        example='"mysite.ory.Adapter"',
    )
    create_users: bool = define_setting(
        True, "Create a Django user for an identity that signs in for the first time.", example="False"
    )
    user_fields: dict[str, str] = define_setting(
        {"email": "email", "first_name": "name.first", "last_name": "name.last"},
        "User model field -> dotted path of a trait (numbers are list indexes). Unknown fields are ignored.",
        example='{"email": "email", "first_name": "name.first"}',
    )
    link_by_verified_email: bool = define_setting(
        False,
        "Link a new identity to an existing user with the same e-mail address if Kratos has verified it. "
        "Never links staff. Disables the user's password.",
        example="True",
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class OutageSettings:
    """Requests while Kratos or Hydra does not respond."""

    when_unavailable_safe: Unavailable = define_setting(
        "anonymous",
        "GET, HEAD and OPTIONS while Kratos is down: anonymous, error (503) or stale.",
        example='"stale"',
    )
    when_unavailable_unsafe: Unavailable = define_setting(
        "error", "Other methods while Kratos is down: anonymous, error (503) or stale.", example='"stale"'
    )
    stale_seconds: int = define_setting(
        300, "With 'stale': the maximum age of a cached session in seconds.", example="600"
    )
    breaker_seconds: float = define_setting(
        1.0,
        "Seconds between two probes of a service that does not respond. Calls fail at once until a probe "
        "succeeds. 0 disables the circuit breaker.",
        example="2.0",
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class SessionCacheSettings:
    """The cache of sessions between requests."""

    session_cache_seconds: int = define_setting(
        0, "Seconds that a session is cached. 0 disables the cache.", example="60"
    )
    session_cache_alias: str = define_setting(
        "default", "The name in Django's CACHES to use.", example='"sessions"'
    )
