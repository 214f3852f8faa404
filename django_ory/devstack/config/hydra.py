"""The configuration of Hydra for a Django site: a dictionary, and the comments of the YAML file."""

from __future__ import annotations

from typing import Any, Final

from django_ory.devstack.ports import HOST

from .server_plan import ServerPlan
from .site import SiteUrls
from .yaml_writer import nest


def build_hydra_config(site: SiteUrls, plan: ServerPlan) -> dict[str, Any]:
    """Return the configuration for v2.3.0 and newer.

    Its JSON schema is ``.schema/config.schema.json`` in ory/hydra.
    """
    values = {
        "version": plan.version,
        "dsn": plan.dsn,
        "serve.public.host": HOST if plan.dev else None,
        "serve.public.port": plan.public_port,
        "serve.admin.host": HOST,
        "serve.admin.port": plan.admin_port,
        "serve.cookies.same_site_mode": "Lax",
        "log": {"level": "warn" if plan.dev else "info", "format": "text", "leak_sensitive_values": False},
        "urls.self": {"issuer": plan.public_url, "public": plan.public_url, "admin": plan.admin_url},
        "urls.login": site.pages["oauth2_login"],
        "urls.registration": site.pages["oauth2_login"],
        "urls.consent": site.pages["oauth2_consent"],
        "urls.logout": site.pages["oauth2_logout"],
        "urls.error": site.pages["oauth2_error"],
        "urls.post_logout_redirect": site.after_logout,
        "secrets.system": [plan.get_secret("system")],
        "secrets.cookie": [plan.get_secret("cookie")],
        "strategies.access_token": "opaque",
        "strategies.scope": "exact",
        "strategies.jwt.scope_claim": "both",
        "ttl.login_consent_request": "30m",
        "ttl.access_token": "1h",
        "ttl.refresh_token": "720h",
        "ttl.id_token": "1h",
        "ttl.auth_code": "10m",
        "oauth2.expose_internal_errors": False,
        "oauth2.pkce.enforced_for_public_clients": True,
        "oauth2.hashers": {"algorithm": "pbkdf2", "pbkdf2": {"iterations": 25000}},
        "oidc.subject_identifiers.supported_types": ["public"],
        "oidc.dynamic_client_registration.enabled": False,
    }
    return nest(values)


HYDRA_COMMENTS: Final = {
    "version": "The version of Hydra that this file was written for.",
    "dsn": "The database: postgres://user:password@host:5432/hydra. The variable DSN overrides it.",
    "serve.public": "For browsers and OAuth2 clients.",
    "serve.admin": (
        "Can sign in as any user, without authentication: only Django may reach it. Change the host if "
        "Django runs on another machine or in another container, and block all other clients."
    ),
    "serve.cookies": "Lax: the redirects between Hydra and the site are navigations.",
    "urls.self.issuer": "The issuer in every token, which clients compare. It must not change.",
    "urls.login": (
        "The pages of django_ory's provider, from the URLconf. They accept Hydra's requests themselves; "
        "Kratos' setting oauth2_provider is not needed and stays unset."
    ),
    "urls.registration": "For prompt=registration. The same page, which redirects to registration.",
    "urls.post_logout_redirect": (
        "The page after signing out, if the client requested none. From Django's LOGOUT_REDIRECT_URL."
    ),
    "secrets": (
        "At least 16 characters each. system encrypts the data in the database: rotate by adding a new "
        "one in front, and never remove one that is in use. The environment variables SECRETS_SYSTEM and "
        "SECRETS_COOKIE override this file."
    ),
    "strategies.access_token": (
        "opaque: validated by a request to Hydra, revoked at once. jwt: validated without a request, valid "
        "until it expires."
    ),
    "strategies.scope": "exact: no wildcards in the scopes of a client.",
    "ttl.login_consent_request": "The longest time for sign-in and consent.",
    "ttl.refresh_token": "The time after which an unused app is disconnected.",
    "oauth2.expose_internal_errors": "Never true in production: error pages would show internals.",
    "oauth2.pkce": "Clients that cannot keep a secret must use PKCE (RFC 9700, section 2.1.1).",
    "oidc.dynamic_client_registration": (
        "With true, any client can register itself with any owner, scope and name, and the name is shown on "
        "your consent page."
    ),
}
