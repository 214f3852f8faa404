"""The state of a login: signed text in the return URL or in a hidden field, valid for one challenge.

Nothing is stored on the server or in a cookie.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.core import signing

from django_ory.client import models as ory
from django_ory.http.redirects import MAX_CLIENT_NAME_LENGTH, web_url
from django_ory.provider.client_profile import clean_name

MAX_STATE_LENGTH = 2_000
MAX_CLIENT_URL_LENGTH = 500


@dataclass(frozen=True, kw_only=True)
class ClientLink:
    """The name and web address of a client, "" if unknown. Shown if the challenge has expired."""

    name: str = ""
    url: str = ""

    @classmethod
    def from_client(cls, client: ory.OAuth2Client | None) -> ClientLink:
        """Return the link of a client; an empty one for None."""
        if client is None:
            return cls()
        name = clean_name(client.client_name or "") or clean_name(client.client_id or "")
        return cls(name=name, url=web_url(client.client_uri))


@dataclass(frozen=True, kw_only=True)
class LoginState:
    """Exists if the browser was sent to the sign-in page.

    ``seen_at``: the Unix time at which the challenge was first seen. A later login is fresh.
    ``stepped_up``: the browser was sent for the second factor.
    """

    seen_at: float
    stepped_up: bool = False


def dump_state(challenge: str, *, client: ClientLink, state: LoginState | None = None) -> str:
    """Sign a client link and a state for a challenge."""
    seen_at = round(state.seen_at, 3) if state else None
    name, url = client.name[:MAX_CLIENT_NAME_LENGTH], client.url[:MAX_CLIENT_URL_LENGTH]
    value = [seen_at, int(state is not None and state.stepped_up), name, url]
    return signing.dumps(value, salt=_build_salt(challenge), compress=True)


def load_state(challenge: str, text: str | None) -> tuple[ClientLink | None, LoginState | None]:
    """Return the client link and the state; None for each if the text is not signed for the challenge."""
    if not text or len(text) > MAX_STATE_LENGTH:
        return None, None
    try:
        seen_at, stepped_up, name, url = signing.loads(text, salt=_build_salt(challenge))
    except (signing.BadSignature, ValueError):
        return None, None
    state = LoginState(seen_at=seen_at, stepped_up=bool(stepped_up)) if seen_at is not None else None
    return ClientLink(name=name, url=url), state


def _build_salt(challenge: str) -> str:
    return f"django_ory.provider.state:{hashlib.sha256(challenge.encode()).hexdigest()}"
