"""Settings about what Kratos posts to this site, and about the work outside of requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .field import define_setting


@dataclass(frozen=True, kw_only=True, repr=False)
class CourierSettings:
    """Mails and SMS that this site sends for Kratos."""

    courier_secrets: list[str] = define_setting(
        [],
        "Secrets that Kratos sends with each mail and SMS to ory:courier; every one is accepted, the first "
        "one is written by ory_config. Unset: the endpoint is off, and Kratos sends mails itself.",
        example='["<output of: openssl rand -hex 32>"]',
    )
    courier_url: str = define_setting(
        "",
        "URL of the endpoint ory:courier for Kratos, such as an internal one. Default: on the site's URL.",
        example='"https://www.example.org/auth/courier/default/"',
    )
    courier_locale_paths: list[str] = define_setting(
        ["traits.locale", "traits.language", "metadata_public.locale"],
        "Dotted paths in an identity with the language of its mails; the first supported language counts.",
        example='["traits.language"]',
    )
    courier_theme: dict[str, str] = define_setting(
        {},
        "Look of the HTML mails: accent, on_accent (colors such as #3650d4), logo_url (https) and logo_width "
        "(pixels). Default: the look of the pages.",
        example='{"accent": "#0a7d55"}',
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class WebhookSettings:
    """Changes that Kratos reports to this site."""

    webhook_secrets: list[str] = define_setting(
        [],
        "Secrets that Kratos sends with each web hook to ory:kratos_hook; every one is accepted, the first "
        "one is written by ory_config. Set: Kratos names each identity that a flow may have changed, and its "
        "row is updated. Unset: the endpoint is off.",
        example='["<output of: openssl rand -hex 32>"]',
    )
    webhook_url: str = define_setting(
        "",
        "URL of the endpoint ory:kratos_hook for Kratos, such as an internal one. Default: on the URL of the "
        "site.",
        example='"http://web.internal:8000/auth/hooks/kratos/default/"',
    )
    webhook_processing: Literal["auto", "command"] = define_setting(
        "auto",
        "Where web hooks are processed. auto: by the queue of TASKS, or without one by the process that "
        "received the post, after its response. command: only by manage.py ory_process_webhooks.",
        example='"command"',
    )
    kratos_networks: list[str] = define_setting(
        [],
        "IP addresses and networks that Kratos posts mails and web hooks from, such as 10.0.0.0/8, compared "
        "with REMOTE_ADDR. Other clients get 403. Unset: every address.",
        example='["10.0.0.0/8"]',
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class PasswordMigrationSettings:
    """The first sign-in of a user with a password hash that Kratos cannot check."""

    password_migration_secrets: list[str] = define_setting(
        [],
        "Secrets that Kratos sends to ory:password_migration with the first sign-in of a user whose password "
        "hash it cannot check; every one is accepted, the first one is written by ory_config. Unset: the "
        "endpoint is off.",
        example='["<output of: openssl rand -hex 32>"]',
    )
    password_migration_until: str = define_setting(
        "",
        "The last day of ory:password_migration, such as 2027-03-31. From the next day on, it rejects every "
        "password. Required with PASSWORD_MIGRATION_SECRETS.",
        example='"2027-03-31"',
    )
    password_migration_url: str = define_setting(
        "",
        "URL of the endpoint ory:password_migration for Kratos, such as an internal one. Default: on the URL "
        "of the site.",
        example='"https://www.example.org/auth/password-migration/default/"',
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class OperationSettings:
    """The rows of identities, the queue, and measurements."""

    mirror_personal_data: bool = define_setting(
        True,
        "Store names, traits, addresses and public metadata in the rows of identities. False: a row has only "
        "the id, state, schema and times; the next sync removes the rest.",
        example="False",
    )
    tasks: Literal["none", "django", "celery"] = define_setting(
        "none",
        "The queue for work outside of requests: none (commands and schedules do it), django (Django's tasks "
        "framework, Django 6.0 and later) or celery (extra celery).",
        example='"celery"',
    )
    server_timing: bool = define_setting(
        False, "Add a Server-Timing header with the duration of calls to Ory.", example="True"
    )
