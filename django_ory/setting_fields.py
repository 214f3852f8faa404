"""The table of the settings: type, default and text of each key, for the code and the settings page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

from .client.transport import DEFAULT_MAX_RESPONSE_BYTES, DEFAULT_POOL_SIZE

DEFAULT_ALIAS = "default"

#: The usual names of Kratos' session cookie, as a regular expression: self-hosted, and of Ory Network.
SESSION_COOKIE_NAMES = r"ory_kratos_session|ory_session_[A-Za-z0-9_-]+"

Unavailable = Literal["anonymous", "error", "stale"]


def _setting(default: Any, help_text: str) -> Any:
    if isinstance(default, (dict, list)):
        return field(default_factory=default.copy, metadata={"help": help_text})
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, kw_only=True)
class OrySettings:
    """One Ory project. Field ``kratos_public_url`` is the key ``KRATOS_PUBLIC_URL``, and so on."""

    alias: str = field(default=DEFAULT_ALIAS, metadata={"key": False})

    # URLs of the services.
    kratos_public_url: str = _setting("", "URL of Kratos' public API for Django.")
    kratos_admin_url: str = _setting(
        "", "URL of Kratos' admin API. Must not be reachable from the internet, and is never the public URL."
    )
    kratos_browser_url: str = _setting(
        "", "URL of Kratos' public API for browsers. Default: KRATOS_PUBLIC_URL."
    )
    hydra_public_url: str = _setting("", "URL of Hydra's public API (the issuer) for Django.")
    hydra_admin_url: str = _setting(
        "", "URL of Hydra's admin API. Must not be reachable from the internet, and is never the public URL."
    )
    hydra_browser_url: str = _setting(
        "", "URL of Hydra's public API for browsers. Default: HYDRA_PUBLIC_URL."
    )
    keto_read_url: str = _setting("", "URL of Keto's read API (permissions).")
    keto_write_url: str = _setting("", "URL of Keto's write API (relationships).")
    console_url: str = _setting("", "URL of the Ory Console's API, for /projects and /workspaces.")
    sdk_url: str = _setting("", "Ory Network: the URL of all services above except the console.")
    api_key: str = _setting("", "Ory Network: a secret, sent to admin endpoints, Keto and the console only.")
    timeout: float = _setting(3.0, "Timeout of a whole call to Ory in seconds. At most 10 is recommended.")
    connect_timeout: float = _setting(1.0, "Timeout of connecting to Ory in seconds.")
    max_response_bytes: int = _setting(
        DEFAULT_MAX_RESPONSE_BYTES,
        "The size limit of a response, unpacked; a larger one is an error. Sessions and self-service flows: "
        "at most 1 MiB.",
    )
    pool_size: int = _setting(
        DEFAULT_POOL_SIZE, "Idle connections to keep per service. More concurrent calls open more."
    )
    ca_bundle: str = _setting("", "Path of the certificates to trust for Ory. Default: those of certifi.")
    proxy: str = _setting(
        "",
        "URL of an HTTP proxy for every call to Ory. Proxies of the environment are ignored. Can be secret.",
    )

    # Authentication.
    session_cookie_name: str = _setting(
        "", "Name of Kratos' session cookie. Default: ory_kratos_session, and ory_session_* of Ory Network."
    )
    tokenize_as: str = _setting(
        "", "Kratos' tokenizer template for request.ory.tokenized (a JWT of the session)."
    )
    hosts: list[str] = _setting(
        [],
        "Hosts of this site that use this alias, as in ALLOWED_HOSTS. Other hosts use the default alias.",
    )
    adapter: str = _setting("django_ory.adapter.OryAdapter", "Dotted path of your subclass of OryAdapter.")
    create_users: bool = _setting(
        True, "Create a Django user for an identity that signs in for the first time."
    )
    user_fields: dict[str, str] = _setting(
        {"email": "email", "first_name": "name.first", "last_name": "name.last"},
        "User model field -> dotted path of a trait (numbers are list indexes). Unknown fields are ignored.",
    )
    link_by_verified_email: bool = _setting(
        False,
        "Link a new identity to an existing user with the same e-mail address if Kratos has verified it. "
        "Never links staff. Disables the user's password.",
    )

    # Outages of Kratos.
    when_unavailable_safe: Unavailable = _setting(
        "anonymous", "GET, HEAD and OPTIONS while Kratos is down: anonymous, error (503) or stale."
    )
    when_unavailable_unsafe: Unavailable = _setting(
        "error", "Other methods while Kratos is down: anonymous, error (503) or stale."
    )
    stale_seconds: int = _setting(300, "With 'stale': the maximum age of a cached session in seconds.")
    breaker_seconds: float = _setting(
        1.0,
        "Seconds between two probes of a service that does not respond. Calls fail at once until a probe "
        "succeeds. 0 disables the circuit breaker.",
    )

    # Cache of whoami.
    session_cache_seconds: int = _setting(0, "Seconds that a session is cached. 0 disables the cache.")
    session_cache_alias: str = _setting("default", "The name in Django's CACHES to use.")

    # Access tokens of Hydra.
    oauth2_verification: Literal["introspection", "jwt", "auto"] = _setting(
        "introspection",
        "How access tokens are verified: introspection (one call to Hydra per request; revocation takes "
        "effect at once), jwt (by signature, without a call) or auto (JWTs by signature, other tokens by "
        "introspection).",
    )
    introspection_cache_seconds: int = _setting(
        0,
        "How long an introspection is cached, at most until the token expires. A token that is revoked "
        "elsewhere is accepted that long. 0 turns the cache off.",
    )
    oauth2_audience: list[str] = _setting(
        [],
        "Audiences of this API. A token is accepted if its aud contains one of them. Unset: any audience.",
    )
    oauth2_resources: dict[str, dict[str, Any]] = _setting(
        {},
        'APIs of this site: path ("/api", or "" for the site) -> name, scopes, documentation. The URL of an '
        "API is the audience of its tokens, and its metadata are published (RFC 9728).",
    )
    oauth2_issuer: str = _setting(
        "", "The iss of valid tokens, character by character. Unset: HYDRA_BROWSER_URL."
    )
    oauth2_algorithms: list[str] = _setting(
        ["RS256", "ES256", "EdDSA"], "Signatures of JWTs that are accepted. HMAC and none never are."
    )
    oauth2_keys_max_age_seconds: float = _setting(
        3600.0,
        "Seconds since their last fetch that the keys for JWTs are used while Hydra is unavailable; then "
        "requests with a JWT get 503. While Hydra responds, keys are fetched every ten minutes.",
    )
    oauth2_leeway_seconds: float = _setting(
        10.0, "Seconds by which the clocks of Hydra and this site may differ; at most 30 is wise."
    )
    oauth2_scope_strategy: Literal["exact", "hierarchic", "wildcard"] = _setting(
        "exact", "How a granted scope contains a required one: exact, hierarchic or wildcard, as in Hydra."
    )

    # The OAuth2 provider.
    first_party_clients: list[str] = _setting(
        [],
        "Ids of OAuth2 clients of your own that need no consent of the user, besides those with skip_consent "
        "at Hydra.",
    )
    consent_remember: Literal["never", "ask", "always"] = _setting(
        "ask",
        "Whether a consent is remembered: never, ask (a box on the page, not checked) or always. Never for "
        "clients that are not verified. The metadata of a client override it.",
    )
    consent_remember_seconds: int = _setting(
        0, "How long a consent is remembered, in seconds. 0: until it is revoked."
    )
    consent_default_scope: list[str] = _setting(
        [], "The scopes of a request without any, as far as the client has registered them."
    )
    oauth2_accounts: Literal["kratos", "kratos_native", "django"] = _setting(
        "kratos",
        "The accounts that users of the provider sign in with: kratos (this site accepts the logins), "
        "kratos_native (Kratos accepts them, by its own oauth2_provider.url) or django (the users of Django, "
        "signed in at LOGIN_URL, without a Kratos).",
    )
    oauth2_popups: bool = _setting(
        False,
        "Apps may open the sign-in in a popup window (display=popup) and stay connected with it: the pages "
        "have Cross-Origin-Opener-Policy unsafe-none instead of SECURE_CROSS_ORIGIN_OPENER_POLICY.",
    )
    oauth2_subject_key: str = _setting(
        "",
        "A secret of at least 32 characters that makes the subjects of Django users from their primary keys. "
        "It must never change, because clients know users by their subjects. Required with OAUTH2_ACCOUNTS "
        "django, unless primary keys are UUIDs.",
    )
    token_hook_secrets: list[str] = _setting(
        [],
        "Secrets that Hydra sends to ory:token_hook before it issues a token; every one is accepted, the "
        "first one is written by ory_config. Set: users without an active account get no tokens, and a "
        "refreshed token has the present claims. Unset: the endpoint is off.",
    )
    token_hook_url: str = _setting(
        "",
        "URL of the endpoint ory:token_hook for Hydra, such as an internal one. Default: on the URL of the "
        "site.",
    )
    token_hook_row_seconds: int = _setting(
        0,
        "Age in seconds up to which ory:token_hook uses the row of an identity instead of a call to Kratos. "
        "So long a user that another program has deactivated in Kratos still gets tokens. 0: a call for each "
        "token.",
    )
    token_hook_when_unavailable: Literal["error", "stale"] = _setting(
        "error",
        "Tokens while Kratos is down: error (none are issued) or stale (ory:token_hook uses the row of the "
        "identity, however old).",
    )
    hydra_networks: list[str] = _setting(
        [],
        "IP addresses and networks that Hydra posts to ory:token_hook from, such as 10.0.0.0/8, compared "
        "with REMOTE_ADDR. Other clients get 403. Unset: every address.",
    )
    job_token_keys: list[str] = _setting(
        [],
        "Private keys of this site for issue_token_for, each as PEM or as the path of a PEM file: EC (P-256, "
        "P-384) or RSA. The first one signs, every one is registered at Hydra. Unset: jobs get no tokens for "
        "users.",
    )
    oauth2_device_code_case: Literal["exact", "upper", "lower"] = _setting(
        "exact",
        "The letters of the codes that devices show (Hydra 25.4 and later). exact: users must type the case "
        "that the device shows, as with Hydra's default. upper, lower: Hydra's character set has letters of "
        "one case only, so a typed code is converted. ory_config writes a character set that fits.",
    )

    # Sign-in at this Hydra by a library for OpenID Connect.
    logout_client_ids: list[str] = _setting(
        [],
        "Ids of the OAuth2 clients with which this site signs users in at this Hydra by another library. The "
        "back-channel logouts of these clients are accepted (django_ory.relying_party).",
    )

    # OAuth2 clients that register themselves, such as agents.
    oauth2_client_registration: bool = _setting(
        False,
        "Clients can register themselves at ory:oauth2_register (RFC 7591). Requires HYDRA_ADMIN_URL.",
    )
    oauth2_client_registration_tokens: list[str] = _setting(
        [],
        "Initial access tokens, secrets of which a registration must have one. Unset: every client can "
        "register itself.",
    )
    oauth2_client_document_hosts: list[str] = _setting(
        [],
        "Hosts of clients with the URL of their own description as id (client id metadata documents), as in "
        'ALLOWED_HOSTS. "*": every public host. Needs Hydra v25.4 or later. Unset: such clients are not '
        "looked up.",
    )
    oauth2_client_scopes: list[str] = _setting(
        [],
        "Scopes that clients which register themselves can request. Default: openid, offline_access and the "
        "scopes of OAUTH2_RESOURCES.",
    )
    oauth2_client_audience: list[str] = _setting(
        [],
        "Audiences that clients which register themselves can request. Default: the URLs of OAUTH2_RESOURCES "
        "on the host of the request.",
    )
    oauth2_client_redirect_schemes: list[str] = _setting(
        [],
        "Schemes of apps, such as com.example.app, that redirect URIs of clients which register themselves "
        "may have. https, and http on the computer of the user, are always allowed.",
    )
    oauth2_client_auth_methods: list[str] = _setting(
        ["none"],
        "Client authentication methods for a registration: none (public clients with PKCE), "
        "client_secret_basic, client_secret_post. The first one replaces a method that is not in the list.",
    )
    oauth2_client_unused_days: int = _setting(
        7,
        "Days after which ory_delete_unused_clients deletes a client that registered itself and that no user "
        "has given access.",
    )

    # The mirror.
    mirror_personal_data: bool = _setting(
        True,
        "Store names, traits, addresses and public metadata in the rows of identities. False: a row has only "
        "the id, state, schema and times; the next sync removes the rest.",
    )

    # Pages.
    site_name: str = _setting("", "The name at the top of the pages. Default: the host.")
    min_password_length: int = _setting(
        8,
        "Characters of the shortest password that Kratos accepts, for the hint at new passwords: "
        "selfservice.methods.password.config.min_password_length. 0: no hint.",
    )
    captcha_origins: list[str] = _setting(
        [],
        "Origins that the script of a captcha in Kratos' forms may come from, such as "
        "https://challenges.cloudflare.com. Scripts of other origins are left out.",
    )
    allowed_return_hosts: list[str] = _setting(
        [], "Hosts that next and return_to may redirect to, besides the site's own."
    )
    identity_schemas: dict[str, str] = _setting(
        {},
        "Identity schemas that a sign-up offers: id -> title, such as 'For a company'. With two or more, the "
        "user chooses one first. Needs Kratos v25.4 or later, with selfservice_selectable for each schema. "
        "Default: Kratos' default schema.",
    )
    courier_secrets: list[str] = _setting(
        [],
        "Secrets that Kratos sends with each mail and SMS to ory:courier; every one is accepted, the first "
        "one is written by ory_config. Unset: the endpoint is off, and Kratos sends mails itself.",
    )
    courier_url: str = _setting(
        "", "URL of the endpoint ory:courier for Kratos, such as an internal one. Default: on the site's URL."
    )
    courier_locale_paths: list[str] = _setting(
        ["traits.locale", "traits.language", "metadata_public.locale"],
        "Dotted paths in an identity with the language of its mails; the first supported language counts.",
    )
    courier_theme: dict[str, str] = _setting(
        {},
        "Look of the HTML mails: accent, on_accent (colors such as #3650d4), logo_url (https) and logo_width "
        "(pixels). Default: the look of the pages.",
    )
    account_deletion: bool = _setting(
        False,
        "Users can delete their accounts in the account area. Requires KRATOS_ADMIN_URL, and "
        "ory_delete_due_accounts in a schedule.",
    )
    data_download: bool = _setting(
        False, "Users can download their data in the account area. Requires KRATOS_ADMIN_URL."
    )
    invitation_secrets: list[str] = _setting(
        [],
        "Secrets that Kratos sends with each sign-up to ory:invitation_hook; every one is accepted, the "
        "first one is written by ory_config. Set: a sign-up requires an invitation. Unset: the endpoint is "
        "off, and sign-up is open.",
    )
    invitation_hook_url: str = _setting(
        "",
        "URL of the endpoint ory:invitation_hook for Kratos, such as an internal one. Default: on the URL of "
        "the site.",
    )
    tasks: Literal["none", "django", "celery"] = _setting(
        "none",
        "The queue for work outside of requests: none (commands and schedules do it), django (Django's tasks "
        "framework, Django 6.0 and later) or celery (extra celery).",
    )
    webhook_secrets: list[str] = _setting(
        [],
        "Secrets that Kratos sends with each web hook to ory:kratos_hook; every one is accepted, the first "
        "one is written by ory_config. Set: Kratos names each identity that a flow may have changed, and its "
        "row is updated. Unset: the endpoint is off.",
    )
    webhook_url: str = _setting(
        "",
        "URL of the endpoint ory:kratos_hook for Kratos, such as an internal one. Default: on the URL of the "
        "site.",
    )
    webhook_processing: Literal["auto", "command"] = _setting(
        "auto",
        "Where web hooks are processed. auto: by the queue of TASKS, or without one by the process that "
        "received the post, after its response. command: only by manage.py ory_process_webhooks.",
    )
    kratos_networks: list[str] = _setting(
        [],
        "IP addresses and networks that Kratos posts mails and web hooks from, such as 10.0.0.0/8, compared "
        "with REMOTE_ADDR. Other clients get 403. Unset: every address.",
    )
    password_migration_secrets: list[str] = _setting(
        [],
        "Secrets that Kratos sends to ory:password_migration with the first sign-in of a user whose password "
        "hash it cannot check; every one is accepted, the first one is written by ory_config. Unset: the "
        "endpoint is off.",
    )
    password_migration_until: str = _setting(
        "",
        "The last day of ory:password_migration, such as 2027-03-31. From the next day on, it rejects every "
        "password. Required with PASSWORD_MIGRATION_SECRETS.",
    )
    password_migration_url: str = _setting(
        "",
        "URL of the endpoint ory:password_migration for Kratos, such as an internal one. Default: on the URL "
        "of the site.",
    )
    server_timing: bool = _setting(False, "Add a Server-Timing header with the duration of calls to Ory.")

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
        object.__setattr__(self, "oauth2_issuer", self.oauth2_issuer or self.hydra_browser_url)

    def __repr__(self) -> str:
        return f"<OrySettings {self.alias!r}>"  # never the API key

    @property
    def session_cookie_pattern(self) -> str:
        """The regular expression for the name of Kratos' session cookie."""
        return re.escape(self.session_cookie_name) if self.session_cookie_name else SESSION_COOKIE_NAMES
