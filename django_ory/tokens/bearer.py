"""The access token of a request: ``Authorization: Bearer <token>`` (RFC 6750 section 2.1) only."""

from __future__ import annotations

import re

from django.http import HttpRequest

from .access_token import InvalidToken

#: Longer tokens are rejected unread. A JWT with many claims has about 2,000 characters.
MAX_TOKEN_LENGTH = 8_192
#: The syntax "b64token" of RFC 6750, which opaque tokens and JWTs have.
B64_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
#: The prefix of Kratos' session tokens, which are no OAuth2 tokens.
SESSION_TOKEN_PREFIX = "ory_st_"


def get_bearer_token(request: HttpRequest) -> str | None:
    """The text of the access token; None if the request has no Bearer credential.

    Servers join repeated Authorization headers with a comma, so two headers are malformed.
    Raises InvalidToken for a malformed or too long credential.
    """
    header: str = request.META.get("HTTP_AUTHORIZATION", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        return None
    return check_token_text(token.strip(" "))


def check_token_text(token: str) -> str:
    """Return the text after ``Bearer``. Raises InvalidToken if it is malformed or too long."""
    if len(token) > MAX_TOKEN_LENGTH:
        raise InvalidToken(f"The token is longer than {MAX_TOKEN_LENGTH} characters.")
    if not B64_TOKEN.fullmatch(token):
        raise InvalidToken("The Authorization header is malformed.")
    return token


def is_kratos_token(token: str) -> bool:
    """True for a session token of Kratos."""
    return token.startswith(SESSION_TOKEN_PREFIX)
