"""Settings about access tokens of Hydra."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .field import define_setting


@dataclass(frozen=True, kw_only=True, repr=False)
class AccessTokenSettings:
    """APIs that accept access tokens of Hydra."""

    oauth2_verification: Literal["introspection", "jwt", "auto"] = define_setting(
        "introspection",
        "How access tokens are verified: introspection (one call to Hydra per request; revocation takes "
        "effect at once), jwt (by signature, without a call) or auto (JWTs by signature, other tokens by "
        "introspection).",
        example='"auto"',
    )
    introspection_cache_seconds: int = define_setting(
        0,
        "How long an introspection is cached, at most until the token expires. A token that is revoked "
        "elsewhere is accepted that long. 0 turns the cache off.",
        example="30",
    )
    oauth2_audience: list[str] = define_setting(
        [],
        "Audiences of this API. A token is accepted if its aud contains one of them. Unset: any audience.",
        example='["https://www.example.org/api"]',
    )
    oauth2_resources: dict[str, dict[str, Any]] = define_setting(
        {},
        'APIs of this site: path ("/api", or "" for the site) -> name, scopes, documentation. The URL of an '
        "API is the audience of its tokens, and its metadata are published (RFC 9728).",
        example='{"/api": {"scopes": ["loans.read"]}}',
    )
    oauth2_issuer: str = define_setting(
        "",
        "The iss of valid tokens, character by character. Unset: HYDRA_BROWSER_URL.",
        example='"https://oauth.example.org"',
    )
    oauth2_algorithms: list[str] = define_setting(
        ["RS256", "ES256", "EdDSA"],
        "Signatures of JWTs that are accepted. HMAC and none never are.",
        example='["ES256"]',
    )
    oauth2_keys_max_age_seconds: float = define_setting(
        3600.0,
        "Seconds since their last fetch that the keys for JWTs are used while Hydra is unavailable; then "
        "requests with a JWT get 503. While Hydra responds, keys are fetched every ten minutes.",
        example="600.0",
    )
    oauth2_leeway_seconds: float = define_setting(
        10.0,
        "Seconds by which the clocks of Hydra and this site may differ; at most 30 is wise.",
        example="30.0",
    )
    oauth2_scope_strategy: Literal["exact", "hierarchic", "wildcard"] = define_setting(
        "exact",
        "How a granted scope contains a required one: exact, hierarchic or wildcard, as in Hydra.",
        example='"hierarchic"',
    )
