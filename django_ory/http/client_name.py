"""The name of the OAuth2 client for which a user signs in, signed for the address of the sign-in page.

Kratos keeps the address of a flow, so the page can name the client without asking Hydra.
"""

from __future__ import annotations

from django.core import signing

__all__ = ["PARAMETER", "read_client_name", "sign_client_name"]

#: Of the sign-in and registration pages.
PARAMETER = "client"

SALT = "django_ory.client_name"
MAX_AGE_SECONDS = 24 * 60 * 60
MAX_NAME_LENGTH = 100


def sign_client_name(name: str) -> str:
    """The value of the parameter; empty for an empty name."""
    return signing.dumps(name[:MAX_NAME_LENGTH], salt=SALT) if name else ""


def read_client_name(value: str | None) -> str:
    """The name; empty if the value is missing, older than a day, or not signed by this site."""
    try:
        name = signing.loads(value or "", salt=SALT, max_age=MAX_AGE_SECONDS)
    except (signing.BadSignature, ValueError):
        return ""
    return name if isinstance(name, str) else ""
