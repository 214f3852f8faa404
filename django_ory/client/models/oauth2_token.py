"""Tokens of Hydra and their introspection."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Strict

from .model import NullableList, OryModel


class IntrospectedOAuth2Token(OryModel):
    """The introspection of a token (RFC 7662). ``exp``: seconds since 1970; ``ext``: from the consent.

    The fields that decide about access are strict: a text is no time, and 1 is not true.
    """

    active: Annotated[bool, Strict()]
    aud: NullableList[str] = []
    client_id: Annotated[str, Strict()] | None = None
    exp: Annotated[int, Strict()] | None = None
    ext: dict[str, Any] | None = None
    iat: Annotated[int, Strict()] | None = None
    iss: str | None = None
    nbf: Annotated[int, Strict()] | None = None
    obfuscated_subject: str | None = None
    scope: str | None = None
    sub: Annotated[str, Strict()] | None = None
    token_type: str | None = None
    token_use: str | None = None
    username: str | None = None


class OAuth2TokenExchange(OryModel):
    """Tokens for a grant (RFC 6749 section 5.1). ``expires_in`` is in seconds."""

    access_token: str | None = None
    expires_in: int | None = None
    id_token: str | None = None
    refresh_token: str | None = None
    scope: str | None = None
    token_type: str | None = None


class DeviceAuthorization(OryModel):
    """A code to show on a device (RFC 8628). ``expires_in`` and ``interval`` are in seconds."""

    device_code: str | None = None
    expires_in: int | None = None
    interval: int | None = None
    user_code: str | None = None
    verification_uri: str | None = None
    verification_uri_complete: str | None = None
