"""Settings about the servers and the calls to them."""

from __future__ import annotations

from dataclasses import dataclass

from django_ory.client.transport import DEFAULT_MAX_RESPONSE_BYTES, DEFAULT_POOL_SIZE

from .field import define_setting


@dataclass(frozen=True, kw_only=True, repr=False)
class ServerSettings:
    """Where Kratos, Hydra and Keto are, for Django and for browsers."""

    kratos_public_url: str = define_setting(
        "", "URL of Kratos' public API for Django.", example='"http://localhost:4433"'
    )
    kratos_admin_url: str = define_setting(
        "",
        "URL of Kratos' admin API. Must not be reachable from the internet, and is never the public URL.",
        example='"http://localhost:4434"',
    )
    kratos_browser_url: str = define_setting(
        "",
        "URL of Kratos' public API for browsers. Default: KRATOS_PUBLIC_URL.",
        example='"https://auth.example.org"',
    )
    hydra_public_url: str = define_setting(
        "", "URL of Hydra's public API (the issuer) for Django.", example='"http://localhost:4444"'
    )
    hydra_admin_url: str = define_setting(
        "",
        "URL of Hydra's admin API. Must not be reachable from the internet, and is never the public URL.",
        example='"http://localhost:4445"',
    )
    hydra_browser_url: str = define_setting(
        "",
        "URL of Hydra's public API for browsers. Default: HYDRA_PUBLIC_URL.",
        example='"https://oauth.example.org"',
    )
    keto_read_url: str = define_setting(
        "", "URL of Keto's read API (permissions).", example='"http://localhost:4466"'
    )
    keto_write_url: str = define_setting(
        "", "URL of Keto's write API (relationships).", example='"http://localhost:4467"'
    )
    console_url: str = define_setting(
        "",
        "URL of the Ory Console's API, for /projects and /workspaces.",
        example='"https://api.console.ory.sh"',
    )
    sdk_url: str = define_setting(
        "",
        "Ory Network: the URL of all services above except the console.",
        example='"https://<slug>.projects.oryapis.com"',
    )
    api_key: str = define_setting(
        "",
        "Ory Network: a secret, sent to admin endpoints, Keto and the console only.",
        example='"ory_pat_..."',
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class CallSettings:
    """Limits of a call to Ory, and the way to the servers."""

    timeout: float = define_setting(
        3.0, "Timeout of a whole call to Ory in seconds. At most 10 is recommended.", example="2.0"
    )
    connect_timeout: float = define_setting(1.0, "Timeout of connecting to Ory in seconds.", example="0.5")
    max_response_bytes: int = define_setting(
        DEFAULT_MAX_RESPONSE_BYTES,
        "The size limit of a response, unpacked; a larger one is an error. Sessions and self-service flows: "
        "at most 1 MiB.",
        example="4_000_000",
    )
    pool_size: int = define_setting(
        DEFAULT_POOL_SIZE,
        "Idle connections to keep per service. More concurrent calls open more.",
        example="20",
    )
    ca_bundle: str = define_setting(
        "",
        "Path of the certificates to trust for Ory. Default: those of certifi.",
        example='"/etc/ssl/certs/ca-certificates.crt"',
    )
    proxy: str = define_setting(
        "",
        "URL of an HTTP proxy for every call to Ory. Proxies of the environment are ignored. Can be secret.",
        example='"http://proxy.example.org:3128"',
    )
