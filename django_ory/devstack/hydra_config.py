"""Hydra's configuration for a Django site, as a dictionary and the comments that explain it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .configuration import FILL_IN

if TYPE_CHECKING:
    from .configuration import ServerPlan
    from .site import Site

__all__ = ["HYDRA_COMMENTS", "hydra_config"]


def hydra_config(site: Site, plan: ServerPlan) -> dict[str, Any]:
    """The configuration of Hydra (its JSON schema is ``.schema/config.schema.json`` in ory/hydra).

    For v2.3.0 and newer.
    """
    secrets = plan.secrets or {}
    return {
        "version": plan.version,
        "dsn": plan.dsn,
        "serve": {
            "public": {**({"host": "127.0.0.1"} if plan.dev else {}), "port": plan.public_port},
            "admin": {"host": "127.0.0.1", "port": plan.admin_port},
            "cookies": {"same_site_mode": "Lax"},
        },
        "log": {"level": "warn" if plan.dev else "info", "format": "text", "leak_sensitive_values": False},
        "urls": {
            "self": {"issuer": plan.public_url, "public": plan.public_url, "admin": plan.admin_url},
            "login": site.pages["oauth2_login"],
            "registration": site.pages["oauth2_login"],
            "consent": site.pages["oauth2_consent"],
            "logout": site.pages["oauth2_logout"],
            "error": site.pages["oauth2_error"],
            "post_logout_redirect": site.after_logout,
        },
        "secrets": {
            "system": [secrets.get("system", FILL_IN)],
            "cookie": [secrets.get("cookie", FILL_IN)],
        },
        "strategies": {"access_token": "opaque", "scope": "exact", "jwt": {"scope_claim": "both"}},
        "ttl": {
            "login_consent_request": "30m",
            "access_token": "1h",
            "refresh_token": "720h",
            "id_token": "1h",
            "auth_code": "10m",
        },
        "oauth2": {
            "expose_internal_errors": False,
            "pkce": {"enforced_for_public_clients": True},
            "hashers": {"algorithm": "pbkdf2", "pbkdf2": {"iterations": 25000}},
        },
        "oidc": {
            "subject_identifiers": {"supported_types": ["public"]},
            "dynamic_client_registration": {"enabled": False},
        },
    }


HYDRA_COMMENTS: Final = {
    "version": "The version of Hydra that this file was written for.",
    "dsn": "The database: postgres://user:password@host:5432/hydra. The environment variable DSN beats it.",
    "serve.public": "What browsers and OAuth2 clients talk to.",
    "serve.admin": (
        "Whoever reaches this can sign in as anybody; only Django may. If that runs on another machine or in "
        "another container, change the host, and let nothing else through."
    ),
    "serve.cookies": "Lax: the redirects between Hydra and the site are navigations.",
    "urls.self.issuer": "Stands in every token; clients compare it. It must never change.",
    "urls.login": (
        "The pages of django_ory's provider, from the URLconf. They accept Hydra's requests themselves; "
        "Kratos' setting oauth2_provider is not needed and stays unset."
    ),
    "urls.registration": "For prompt=registration. The same page: it leads on to registration.",
    "urls.post_logout_redirect": "After signing out when the client named no page. From LOGOUT_REDIRECT_URL.",
    "secrets": (
        "At least 16 characters each. system encrypts what is in the database: rotate by adding in front, "
        "never remove one that is in use. The environment variables SECRETS_SYSTEM and SECRETS_COOKIE beat "
        "this file."
    ),
    "strategies.access_token": (
        "opaque: checked by asking Hydra, revoked at once. jwt: checked without asking, good until it "
        "expires."
    ),
    "strategies.scope": "exact: a client gets no scope by a wildcard.",
    "ttl.login_consent_request": "How long somebody may take to sign in and agree.",
    "ttl.refresh_token": "How long an app stays connected without being used.",
    "oauth2.expose_internal_errors": "Never true in production: it shows internals to strangers.",
    "oauth2.pkce": "Apps that cannot keep a secret must use PKCE (RFC 9700, 2.1.1).",
    "oidc.dynamic_client_registration": (
        "Off: with true anybody can register a client, name any owner and any scope, and show people its "
        "name on your consent page."
    ),
}
