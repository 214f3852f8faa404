"""The configuration of Kratos for a Django site: a dictionary, and the comments of the YAML file."""

from __future__ import annotations

import base64
from itertools import takewhile
from typing import Any, Final
from urllib.parse import urlsplit

from django_ory.courier.messages import SECRET_HEADER
from django_ory.devstack.ports import HOST

from .identity_schema import schema_url
from .server_plan import PLACEHOLDER, ServerPlan
from .site import SELFSERVICE_PAGES, SiteUrls
from .yaml_writer import nest

_NEWER_VERSION: Final = (26, 2, 0)
"""The first version with the settings for which ``is_newer`` is True. Older ones reject unknown keys."""


#: A Jsonnet template. Kratos' default template leaves out the identity, so the mail would have no language.
COMPLETE_MESSAGE: Final = "base64://" + base64.b64encode(b"function(ctx) ctx").decode()


def build_kratos_config(site: SiteUrls, plan: ServerPlan) -> dict[str, Any]:
    """Return the configuration for ``plan.server_version``; the oldest is v1.3.1.

    Its JSON schema is ``embedx/config.schema.json`` in ory/kratos.
    """
    dev, is_newer = plan.dev, plan.server_version >= _NEWER_VERSION
    person = {"id": "person", "url": plan.identity_schema or schema_url()}
    relying_party = {"id": site.host, "origins": [site.url], "display_name": site.name}
    signed_up = {"hooks": [{"hook": "session"}, {"hook": "show_verification_ui"}]}
    values = {
        "version": plan.version,
        "dsn": plan.dsn,
        "serve.public.base_url": f"{plan.public_url}/",
        "serve.public.host": HOST if dev else None,
        "serve.public.port": plan.public_port,
        "serve.public.cors.enabled": True,
        "serve.public.cors.allowed_origins": [site.url],
        "serve.public.cors.allowed_methods": ["GET"],
        "serve.public.cors.allow_credentials": False,
        "serve.admin.base_url": f"{plan.admin_url}/",
        "serve.admin.host": HOST,
        "serve.admin.port": plan.admin_port,
        "log": {"level": "warning" if dev else "info", "format": "text", "leak_sensitive_values": False},
        "secrets.cookie": [plan.get_secret("cookie")],
        "secrets.cipher": [plan.get_secret("cipher")],
        "secrets.pagination": [plan.get_secret("pagination")] if is_newer else None,
        "ciphers.algorithm": "xchacha20-poly1305",
        "hashers.algorithm": "bcrypt",
        "hashers.bcrypt.cost": 4 if dev else 12,
        "cookies.domain": _get_cookie_domain(site, plan),
        "cookies.path": "/",
        "cookies.same_site": "Lax",
        "session.lifespan": f"{site.session_seconds}s",
        "session.cookie.name": site.session_cookie,
        "session.cookie.persistent": site.session_persistent,
        "session.cookie.same_site": "Lax",
        "session.whoami.required_aal": "highest_available",
        "identity.default_schema_id": "person",
        "identity.schemas": [{**person, "selfservice_selectable": True} if is_newer else person],
        "clients.web_hook.header_allowlist": ["Accept-Language", "User-Agent"] if is_newer else None,
        **(_build_http_courier(site, plan) if site.courier_url else _build_smtp_courier(site, plan)),
        "courier.worker": {"pull_count": 10, "pull_wait": "250ms"} if dev else None,
        "selfservice.default_browser_return_url": site.after_login,
        "selfservice.allowed_return_urls": [f"{site.url}/", *site.return_urls],
        **{f"selfservice.flows.{page}.ui_url": site.pages[page] for page in SELFSERVICE_PAGES},
        "selfservice.flows.login.lifespan": "1h",
        "selfservice.flows.login.style": "unified",
        "selfservice.flows.registration.enabled": True,
        "selfservice.flows.registration.lifespan": "1h",
        "selfservice.flows.registration.style": "profile_first" if is_newer else None,
        "selfservice.flows.registration.after": dict.fromkeys(
            ("password", "code", "webauthn", "passkey", "oidc"), signed_up
        ),
        "selfservice.flows.recovery.enabled": True,
        "selfservice.flows.recovery.use": "code",
        "selfservice.flows.recovery.lifespan": "1h",
        "selfservice.flows.recovery.notify_unknown_recipients": False,
        "selfservice.flows.verification.enabled": True,
        "selfservice.flows.verification.use": "code",
        "selfservice.flows.verification.lifespan": "1h",
        "selfservice.flows.verification.after.default_browser_return_url": site.after_login,
        "selfservice.flows.settings.lifespan": "1h",
        "selfservice.flows.settings.privileged_session_max_age": "15m",
        "selfservice.flows.settings.required_aal": "highest_available",
        "selfservice.flows.settings.after.password.hooks": [{"hook": "revoke_active_sessions"}],
        "selfservice.flows.logout.after.default_browser_return_url": site.after_logout,
        "selfservice.methods.profile.enabled": True,
        "selfservice.methods.password.enabled": True,
        "selfservice.methods.password.config.min_password_length": 8,
        "selfservice.methods.password.config.identifier_similarity_check_enabled": True,
        "selfservice.methods.password.config.haveibeenpwned_enabled": not dev,
        "selfservice.methods.password.config.ignore_network_errors": True,
        "selfservice.methods.code.enabled": True,
        "selfservice.methods.code.passwordless_enabled": True,
        "selfservice.methods.code.mfa_enabled": False,
        "selfservice.methods.code.config.lifespan": "15m",
        "selfservice.methods.code.config.max_submissions": 5 if is_newer else None,
        "selfservice.methods.link.enabled": True,
        "selfservice.methods.link.config.lifespan": "1h",
        "selfservice.methods.totp.enabled": True,
        "selfservice.methods.totp.config.issuer": site.name,
        "selfservice.methods.lookup_secret.enabled": True,
        "selfservice.methods.webauthn.enabled": False,
        "selfservice.methods.webauthn.config": {"passwordless": False, "rp": relying_party},
        "selfservice.methods.passkey.enabled": False,
        "selfservice.methods.passkey.config.rp": relying_party,
    }
    return nest(values)


def _build_smtp_courier(site: SiteUrls, plan: ServerPlan) -> dict[str, Any]:
    default = f"smtps://{PLACEHOLDER}:{PLACEHOLDER}@{PLACEHOLDER}:465/"
    return {
        "courier.smtp.connection_uri": plan.smtp_url or default,
        "courier.smtp.from_address": site.mail_address,
        "courier.smtp.from_name": site.mail_name or site.name,
    }


def _build_http_courier(site: SiteUrls, plan: ServerPlan) -> dict[str, Any]:
    secret = site.courier_secret if plan.dev else PLACEHOLDER
    request = {
        "url": site.courier_url,
        "method": "POST",
        "headers": {"Content-Type": "application/json"},
        "body": COMPLETE_MESSAGE,
        "auth": {"type": "api_key", "config": {"in": "header", "name": SECRET_HEADER, "value": secret}},
    }
    return {
        "courier.delivery_strategy": "http",
        "courier.http.request_config": request,
        "courier.channels": [{"id": "sms", "type": "http", "request_config": request}],
        "courier.message_retries": 60,
    }


def _get_cookie_domain(site: SiteUrls, plan: ServerPlan) -> str | None:
    """Return the domain of two hosts of one domain. A single host needs none."""
    hosts = (site.host, urlsplit(plan.public_url).hostname or "")
    if hosts[0] == hosts[1]:
        return None
    labels = zip(*(reversed(host.split(".")) for host in hosts), strict=False)
    shared = [one for one, _other in takewhile(lambda pair: pair[0] == pair[1], labels)]
    return ".".join(reversed(shared)) if len(shared) > 1 else None


_PASSKEYS = (
    "Change to true to offer it. The id is the host name of the site. It must not change once users have "
    "registered keys. Browsers require HTTPS or localhost."
)

KRATOS_COMMENTS: Final = {
    "version": "The version of Kratos that this file was written for.",
    "dsn": "The database: postgres://user:password@host:5432/kratos. The variable DSN overrides it.",
    "serve.public": "For browsers and Django.",
    "serve.public.base_url": (
        "The URL for browsers. Cookies are bound to the host name, not to the port: the site and Kratos must "
        "have the same host name (localhost and 127.0.0.1 differ) or be hosts of one domain (see "
        "cookies.domain)."
    ),
    "serve.public.cors": "Only for webauthn.js, which pages load with a checksum, hence with CORS.",
    "serve.admin": (
        "Full access to all accounts, without authentication: only Django may reach it. Change the host if "
        "Django runs on another machine or in another container, and block all other clients."
    ),
    "secrets": (
        "The first one signs or encrypts, the others only verify: rotate by adding a new one in front. "
        "Cookie secrets have at least 16 characters, cipher secrets exactly 32 (python -c 'import secrets; "
        "print(secrets.token_hex(16))'). They can be omitted here: the environment variables SECRETS_COOKIE "
        "and SECRETS_CIPHER override this file."
    ),
    "secrets.pagination": "Encrypts page tokens; without it the key is all zeros.",
    "ciphers": "Encryption of the secrets of second factors.",
    "hashers": "Cost 12 or more in production.",
    "cookies": "Lax: a Strict cookie is not sent after a link in a mail or a redirect from another provider.",
    "session.lifespan": "From Django's SESSION_COOKIE_AGE.",
    "session.cookie.persistent": "The opposite of Django's SESSION_EXPIRE_AT_BROWSER_CLOSE.",
    "session.whoami.required_aal": (
        "highest_available: a user with a second factor is not signed in before using it; until then whoami "
        "returns 403 session_aal2_required and django_ory redirects to the second step. With aal1 a stolen "
        "password opens every page that does not require aal2 itself. Users without a second factor are not "
        "affected, and a page that requires aal2 asks them to set one up."
    ),
    "identity.schemas": (
        "The traits of an identity: a JSON schema at a file://, https:// or base64:// URL. ory_config "
        "--identity-schema embeds another file; the default has an e-mail address and a name. Newer servers "
        "accept ?identity_schema=ID at registration where selfservice_selectable is true."
    ),
    "clients.web_hook.header_allowlist": "Headers of the browser that web hooks receive. Never Cookie.",
    "courier.smtp.connection_uri": (
        "The mail server: smtps://user:password@host:465/ or smtp://user:password@host:587/ (STARTTLS)."
    ),
    "courier.smtp.from_address": "From Django's DEFAULT_FROM_EMAIL.",
    "courier.http.request_config": (
        "Mails are posted to Django, which sends them: templates in ory/mails/. Kratos must reach this URL; "
        "set COURIER_URL if it differs from the one for browsers. The value of auth is one of "
        "COURIER_SECRETS. body is the Jsonnet template function(ctx) ctx, in base64: the whole message with "
        "the identity."
    ),
    "courier.channels": "SMS are posted to Django, too, for OryAdapter.send_sms.",
    "courier.message_retries": (
        "How often Kratos tries again. 60: about ten minutes of a mail server that is down."
    ),
    "selfservice.default_browser_return_url": (
        "The page after a flow without return_to, and after a form was sent twice. From Django's "
        "LOGIN_REDIRECT_URL."
    ),
    "selfservice.allowed_return_urls": (
        "Allowed targets of return_to: whole origins, each with a trailing slash. The settings page must be "
        "among them."
    ),
    "selfservice.flows": "The pages of django_ory, from the URLconf.",
    "selfservice.flows.registration.style": (
        "profile_first: first the traits, then the method. unified: both on one page."
    ),
    "selfservice.flows.registration.after": (
        "The user is signed in, then redirected to the page for the code from the mail."
    ),
    "selfservice.flows.recovery.use": "Codes: mail scanners open links, which makes the links invalid.",
    "selfservice.flows.settings.privileged_session_max_age": (
        "Password, second factors and e-mail address can be changed for this long after signing in; later "
        "Kratos requires a new sign-in."
    ),
    "selfservice.flows.settings.required_aal": "A password alone must not remove the second factor.",
    "selfservice.flows.settings.after.password": "A new password signs the user out of all other devices.",
    "selfservice.methods.password.config.haveibeenpwned_enabled": (
        "Rejects passwords known from breaches. Sends the first five characters of a hash to "
        "api.pwnedpasswords.com."
    ),
    "selfservice.methods.code": (
        "One-time codes by mail: for recovery, verification, and sign-in without a password. Instead of "
        "that they can be a second factor (mfa_enabled), not both. Sign-in by code shows whether an "
        "address has an account; set passwordless_enabled to false to hide that."
    ),
    "selfservice.methods.code.config.max_submissions": "The number of wrong codes that a flow accepts.",
    "selfservice.methods.link": "One-time links by mail, for administrators who recover an account.",
    "selfservice.methods.totp": "Second factor: an authenticator app.",
    "selfservice.methods.lookup_secret": "Second factor: backup codes.",
    "selfservice.methods.webauthn": f"Second factor: a security key. {_PASSKEYS}",
    "selfservice.methods.passkey": f"Sign-in without a password. {_PASSKEYS}",
}
