"""The grant types by which Hydra issues tokens (RFC 6749, RFC 7523, RFC 8628)."""

from __future__ import annotations

__all__ = ["CLIENT_ASSERTION_TYPE", "CLIENT_CREDENTIALS", "DEVICE_CODE", "JWT_BEARER", "REFRESH_TOKEN"]

REFRESH_TOKEN = "refresh_token"
CLIENT_CREDENTIALS = "client_credentials"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
#: The type of the JWT with which a client authenticates (``private_key_jwt``).
CLIENT_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
