"""Settings about the OAuth2 provider and its clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .field import define_setting


@dataclass(frozen=True, kw_only=True, repr=False)
class ProviderSettings:
    """The login and consent pages of Hydra."""

    oauth2_accounts: Literal["kratos", "kratos_native", "django"] = define_setting(
        "kratos",
        "The accounts that users of the provider sign in with: kratos (this site accepts the logins), "
        "kratos_native (Kratos accepts them, by its own oauth2_provider.url) or django (the users of Django, "
        "signed in at LOGIN_URL, without a Kratos).",
        example='"kratos_native"',
    )
    oauth2_subject_key: str = define_setting(
        "",
        "A secret of at least 32 characters that makes the subjects of Django users from their primary keys. "
        "It must never change, because clients know users by their subjects. Required with OAUTH2_ACCOUNTS "
        "django, unless primary keys are UUIDs.",
        example='"<output of: openssl rand -hex 32>"',
    )
    first_party_clients: list[str] = define_setting(
        [],
        "Ids of OAuth2 clients of your own that need no consent of the user, besides those with skip_consent "
        "at Hydra.",
        example='["my-client-id"]',
    )
    consent_remember: Literal["never", "ask", "always"] = define_setting(
        "ask",
        "Whether a consent is remembered: never, ask (a box on the page, not checked) or always. Never for "
        "clients that are not verified. The metadata of a client override it.",
        example='"always"',
    )
    consent_remember_seconds: int = define_setting(
        0, "How long a consent is remembered, in seconds. 0: until it is revoked.", example="2_592_000"
    )
    consent_default_scope: list[str] = define_setting(
        [],
        "The scopes of a request without any, as far as the client has registered them.",
        example='["openid"]',
    )
    oauth2_popups: bool = define_setting(
        False,
        "Apps may open the sign-in in a popup window (display=popup) and stay connected with it: the pages "
        "have Cross-Origin-Opener-Policy unsafe-none instead of SECURE_CROSS_ORIGIN_OPENER_POLICY.",
        example="True",
    )
    oauth2_device_code_case: Literal["exact", "upper", "lower"] = define_setting(
        "exact",
        "The letters of the codes that devices show (Hydra 25.4 and later). exact: users must type the case "
        "that the device shows, as with Hydra's default. upper, lower: Hydra's character set has letters of "
        "one case only, so a typed code is converted. ory_config writes a character set that fits.",
        example='"upper"',
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class TokenIssueSettings:
    """Tokens that this site decides about when Hydra issues them, or requests for its jobs."""

    token_hook_secrets: list[str] = define_setting(
        [],
        "Secrets that Hydra sends to ory:token_hook before it issues a token; every one is accepted, the "
        "first one is written by ory_config. Set: users without an active account get no tokens, and a "
        "refreshed token has the present claims. Unset: the endpoint is off.",
        example='["<output of: openssl rand -hex 32>"]',
    )
    token_hook_url: str = define_setting(
        "",
        "URL of the endpoint ory:token_hook for Hydra, such as an internal one. Default: on the URL of the "
        "site.",
        example='"http://web.internal:8000/auth/token-hook/default/"',
    )
    token_hook_row_seconds: int = define_setting(
        0,
        "Age in seconds up to which ory:token_hook uses the row of an identity instead of a call to Kratos. "
        "So long a user that another program has deactivated in Kratos still gets tokens. 0: a call for each "
        "token.",
        example="60",
    )
    token_hook_when_unavailable: Literal["error", "stale"] = define_setting(
        "error",
        "Tokens while Kratos is down: error (none are issued) or stale (ory:token_hook uses the row of the "
        "identity, however old).",
        example='"stale"',
    )
    hydra_networks: list[str] = define_setting(
        [],
        "IP addresses and networks that Hydra posts to ory:token_hook from, such as 10.0.0.0/8, compared "
        "with REMOTE_ADDR. Other clients get 403. Unset: every address.",
        example='["10.0.0.0/8"]',
    )
    job_token_keys: list[str] = define_setting(
        [],
        "Private keys of this site for issue_token_for, each as PEM or as the path of a PEM file: EC (P-256, "
        "P-384) or RSA. The first one signs, every one is registered at Hydra. Unset: jobs get no tokens for "
        "users.",
        example='["/etc/site/job-token.pem"]',
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class RelyingPartySettings:
    """This site signs in at Hydra by another library for OpenID Connect."""

    logout_client_ids: list[str] = define_setting(
        [],
        "Ids of the OAuth2 clients with which this site signs users in at this Hydra by another library. The "
        "back-channel logouts of these clients are accepted (django_ory.relying_party).",
        example='["<the id of the OAuth2 client of this site>"]',
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class ClientRegistrationSettings:
    """OAuth2 clients that register themselves, such as agents."""

    oauth2_client_registration: bool = define_setting(
        False,
        "Clients can register themselves at ory:oauth2_register (RFC 7591). Requires HYDRA_ADMIN_URL.",
        example="True",
    )
    oauth2_client_registration_tokens: list[str] = define_setting(
        [],
        "Initial access tokens, secrets of which a registration must have one. Unset: every client can "
        "register itself.",
        example='["<output of: openssl rand -hex 32>"]',
    )
    oauth2_client_document_hosts: list[str] = define_setting(
        [],
        "Hosts of clients with the URL of their own description as id (client id metadata documents), as in "
        'ALLOWED_HOSTS. "*": every public host. Needs Hydra v25.4 or later. Unset: such clients are not '
        "looked up.",
        example='["agent.example"]',
    )
    oauth2_client_scopes: list[str] = define_setting(
        [],
        "Scopes that clients which register themselves can request. Default: openid, offline_access and the "
        "scopes of OAUTH2_RESOURCES.",
        example='["openid", "offline_access", "orders.read"]',
    )
    oauth2_client_audience: list[str] = define_setting(
        [],
        "Audiences that clients which register themselves can request. Default: the URLs of OAUTH2_RESOURCES "
        "on the host of the request.",
        example='["https://www.example.org/mcp"]',
    )
    oauth2_client_redirect_schemes: list[str] = define_setting(
        [],
        "Schemes of apps, such as com.example.app, that redirect URIs of clients which register themselves "
        "may have. https, and http on the computer of the user, are always allowed.",
        example='["com.example.app"]',
    )
    oauth2_client_auth_methods: list[str] = define_setting(
        ["none"],
        "Client authentication methods for a registration: none (public clients with PKCE), "
        "client_secret_basic, client_secret_post. The first one replaces a method that is not in the list.",
        example='["none", "client_secret_basic"]',
    )
    oauth2_client_unused_days: int = define_setting(
        7,
        "Days after which ory_delete_unused_clients deletes a client that registered itself and that no user "
        "has given access.",
        example="30",
    )
