"""Kratos' configuration for a Django site, as a dictionary and the comments that explain it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from .configuration import FILL_IN, SELFSERVICE_PAGES, duration
from .document import merged
from .identity_schema import schema_url
from .server_version import NEWER_KRATOS_COMMENTS, NEWER_KRATOS_VERSION, build_newer_kratos_settings

if TYPE_CHECKING:
    from .configuration import ServerPlan
    from .site import Site

__all__ = ["KRATOS_COMMENTS", "kratos_config"]


def kratos_config(site: Site, plan: ServerPlan) -> dict[str, Any]:
    """The configuration of Kratos (its JSON schema is ``embedx/config.schema.json`` in ory/kratos).

    For ``plan.server_version``; the oldest is v1.3.1.
    """
    config = _config(site, plan)
    if plan.server_version < NEWER_KRATOS_VERSION:
        return config
    for schema in config["identity"]["schemas"]:
        schema["selfservice_selectable"] = True
    return merged(config, build_newer_kratos_settings(plan))


def _config(site: Site, plan: ServerPlan) -> dict[str, Any]:
    secrets = plan.secrets or {}
    relying_party = {"id": site.host, "origins": [site.url], "display_name": site.name}
    return {
        "version": plan.version,
        "dsn": plan.dsn,
        "serve": {
            "public": {
                "base_url": f"{plan.public_url}/",
                **({"host": "127.0.0.1"} if plan.dev else {}),
                "port": plan.public_port,
                "cors": {
                    "enabled": True,
                    "allowed_origins": [site.url],
                    "allowed_methods": ["GET"],
                    "allow_credentials": False,
                },
            },
            "admin": {
                "base_url": f"{plan.admin_url}/",
                "host": "127.0.0.1",
                "port": plan.admin_port,
            },
        },
        "log": {"level": "warning" if plan.dev else "info", "format": "text", "leak_sensitive_values": False},
        "secrets": {
            "cookie": [secrets.get("cookie", FILL_IN)],
            "cipher": [secrets.get("cipher", FILL_IN)],
        },
        "ciphers": {"algorithm": "xchacha20-poly1305"},
        "hashers": {"algorithm": "bcrypt", "bcrypt": {"cost": 4 if plan.dev else 12}},
        "cookies": {**_cookie_domain(site, plan), "path": "/", "same_site": "Lax"},
        "session": {
            "lifespan": duration(site.session_seconds),
            "cookie": {
                "name": site.session_cookie,
                "persistent": site.session_persistent,
                "same_site": "Lax",
            },
            "whoami": {"required_aal": "highest_available"},
        },
        "identity": {
            "default_schema_id": "person",
            "schemas": [{"id": "person", "url": plan.identity_schema or schema_url()}],
        },
        "courier": {
            "smtp": {
                "connection_uri": plan.smtp_url or f"smtps://{FILL_IN}:{FILL_IN}@{FILL_IN}:465/",
                "from_address": site.mail_address,
                "from_name": site.mail_name or site.name,
            },
            **({"worker": {"pull_count": 10, "pull_wait": "250ms"}} if plan.dev else {}),
        },
        "selfservice": {
            "default_browser_return_url": site.after_login,
            "allowed_return_urls": [f"{site.url}/", *site.return_urls],
            "flows": _flows(site),
            "methods": {
                "profile": {"enabled": True},
                "password": {
                    "enabled": True,
                    "config": {
                        "min_password_length": 8,
                        "identifier_similarity_check_enabled": True,
                        "haveibeenpwned_enabled": not plan.dev,
                        "ignore_network_errors": True,
                    },
                },
                "code": {
                    "enabled": True,
                    "passwordless_enabled": True,
                    "mfa_enabled": False,
                    "config": {"lifespan": "15m"},
                },
                "link": {"enabled": True, "config": {"lifespan": "1h"}},
                "totp": {"enabled": True, "config": {"issuer": site.name}},
                "lookup_secret": {"enabled": True},
                "webauthn": {"enabled": False, "config": {"passwordless": False, "rp": relying_party}},
                "passkey": {"enabled": False, "config": {"rp": relying_party}},
            },
        },
    }


def _flows(site: Site) -> dict[str, Any]:
    signed_up = {"hooks": [{"hook": "session"}, {"hook": "show_verification_ui"}]}
    special: dict[str, dict[str, Any]] = {
        "registration": {
            "enabled": True,
            "lifespan": "1h",
            "after": dict.fromkeys(("password", "code", "webauthn", "passkey", "oidc"), signed_up),
        },
        "login": {"lifespan": "1h", "style": "unified"},
        "recovery": {"enabled": True, "use": "code", "lifespan": "1h", "notify_unknown_recipients": False},
        "verification": {
            "enabled": True,
            "use": "code",
            "lifespan": "1h",
            "after": {"default_browser_return_url": site.after_login},
        },
        "settings": {
            "lifespan": "1h",
            "privileged_session_max_age": "15m",
            "required_aal": "highest_available",
            "after": {"password": {"hooks": [{"hook": "revoke_active_sessions"}]}},
        },
    }
    flows = {page: {"ui_url": site.pages[page], **special.get(page, {})} for page in SELFSERVICE_PAGES}
    return {**flows, "logout": {"after": {"default_browser_return_url": site.after_logout}}}


def _cookie_domain(site: Site, plan: ServerPlan) -> dict[str, str]:
    """The domain that the site and Kratos share, when they are two hosts of one domain."""
    hosts = (site.host, urlsplit(plan.public_url).hostname or "")
    if hosts[0] == hosts[1]:
        return {}
    shared: list[str] = []
    for one, other in zip(*(reversed(host.split(".")) for host in hosts), strict=False):
        if one != other:
            break
        shared.insert(0, one)
    return {"domain": ".".join(shared)} if len(shared) > 1 else {}


_PASSKEYS = (
    "Change to true to offer it. The id is the site's host name and must never change once people have "
    "enrolled; browsers insist on HTTPS or on localhost."
)

KRATOS_COMMENTS: Final = {
    **NEWER_KRATOS_COMMENTS,
    "version": "The version of Kratos that this file was written for.",
    "dsn": "The database: postgres://user:password@host:5432/kratos. The environment variable DSN beats it.",
    "serve.public": "What browsers and Django talk to.",
    "serve.public.base_url": (
        "As browsers reach it. Cookies are tied to the host name but not to the port: the site and Kratos "
        "must share a host name (localhost and 127.0.0.1 are two) or be hosts of one domain (see "
        "cookies.domain)."
    ),
    "serve.public.cors": "Only for webauthn.js, which pages load with a checksum, hence by CORS.",
    "serve.admin": (
        "Whoever reaches this can do anything with any account; only Django may. If that runs on another "
        "machine or in another container, change the host, and let nothing else through."
    ),
    "secrets": (
        "The first one signs or encrypts, the others still verify: rotate by adding in front. Cookie secrets "
        "have at least 16 characters, cipher secrets exactly 32 (python -c 'import secrets; "
        "print(secrets.token_hex(16))'). Or leave them out of this file: the environment variables "
        "SECRETS_COOKIE and SECRETS_CIPHER beat it."
    ),
    "ciphers": "How second factors' secrets are stored.",
    "hashers": "Cost 12 or more in production.",
    "cookies": "Lax: a Strict cookie is missing on the first page after a link in a mail or other provider.",
    "session.lifespan": "From Django's SESSION_COOKIE_AGE.",
    "session.cookie.persistent": "The opposite of Django's SESSION_EXPIRE_AT_BROWSER_CLOSE.",
    "session.whoami.required_aal": (
        "highest_available: whoever has set up a second factor is not signed in before having used it; until "
        "then whoami answers 403 session_aal2_required and django_ory leads to the second step. With aal1 a "
        "stolen password alone would open every page that does not itself ask for aal2. People without a "
        "second factor notice nothing, and a page that asks for aal2 sends them to set one up."
    ),
    "identity.schemas": (
        "What is known about a person: a JSON schema at a file://, https:// or base64:// address. ory_config "
        "--identity-schema embeds another file; without it, an e-mail address and a name. Newer servers take "
        "?identity_schema=ID at registration where selfservice_selectable is true."
    ),
    "courier.smtp.connection_uri": (
        "Where mails go: smtps://user:password@host:465/ or smtp://user:password@host:587/ (STARTTLS)."
    ),
    "courier.smtp.from_address": "From Django's DEFAULT_FROM_EMAIL.",
    "selfservice.default_browser_return_url": (
        "Where people land when nothing else was asked for, also after a form was sent twice. From Django's "
        "LOGIN_REDIRECT_URL."
    ),
    "selfservice.allowed_return_urls": (
        "Where return_to may lead. Whole origins, each with a slash at the end. The settings page must be "
        "among them."
    ),
    "selfservice.flows": "The pages of django_ory, from the URLconf.",
    "selfservice.flows.registration.after": (
        "Signed in at once, then led to the page that asks for the code from the mail."
    ),
    "selfservice.flows.recovery.use": "Codes, not links: scanners of mails open links and use them up.",
    "selfservice.flows.settings.privileged_session_max_age": (
        "Passwords, second factors and the e-mail address are changed only this soon after signing in; later "
        "Kratos asks again."
    ),
    "selfservice.flows.settings.required_aal": "A password alone must not remove the second factor.",
    "selfservice.flows.settings.after.password": "A new password signs the person out everywhere else.",
    "selfservice.methods.password.config.haveibeenpwned_enabled": (
        "Refuses passwords known from breaches; asks api.pwnedpasswords.com with the first five characters "
        "of a hash."
    ),
    "selfservice.methods.code": (
        "One-time codes by mail: for recovery and verification, and to sign in without a password. They may "
        "be a second factor instead (mfa_enabled), not both. Signing in by code tells whether an address has "
        "an account; set passwordless_enabled to false if that must not be known."
    ),
    "selfservice.methods.link": "One-time links by mail, for administrators who recover an account.",
    "selfservice.methods.totp": "Second factor: an authenticator app.",
    "selfservice.methods.lookup_secret": "Second factor: recovery codes on paper.",
    "selfservice.methods.webauthn": f"Second factor: a security key. {_PASSKEYS}",
    "selfservice.methods.passkey": f"Instead of a password. {_PASSKEYS}",
}
