"""The state of a login: signed text in the return URL or in a hidden field, valid for one challenge.

Nothing is stored on the server or in a cookie.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from django.core import signing

from django_ory.adapter import OryAdapter
from django_ory.client import models as ory
from django_ory.http.redirects import MAX_CLIENT_NAME_LENGTH, split_url
from django_ory.provider.client_profile import ClientProfile

MAX_STATE_LENGTH = 4_000
MAX_CLIENT_URL_LENGTH = 500
#: A longer request cannot begin again: the state is part of a URL, beside the challenge.
MAX_REQUEST_URL_LENGTH = 1_500
#: Parameters of a request with a token, which contains claims of the user or the client.
TOKEN_PARAMETERS = frozenset({"id_token_hint", "request"})


@dataclass(frozen=True, kw_only=True)
class ClientLink:
    """The ways on from an error page, "" if unknown: the client, and its request at Hydra.

    ``name``, ``url``: of the client. ``request_url``: as Hydra returned it, not validated.
    """

    name: str = ""
    url: str = ""
    request_url: str = ""

    @classmethod
    def from_client(cls, client: ory.OAuth2Client | None, *, adapter: OryAdapter) -> ClientLink:
        """Return the link of a client; an empty one for None.

        The address is only that of the consent page: a client that registered itself may have named the site
        of another app.
        """
        if client is None:
            return cls()
        profile = ClientProfile.from_client(client, adapter=adapter)
        return cls(name=profile.name, url=profile.site_url)

    @classmethod
    def from_request(
        cls, request: ory.OAuth2LoginRequest | ory.OAuth2ConsentRequest, *, adapter: OryAdapter
    ) -> ClientLink:
        """Return the link of a request and its client."""
        return replace(cls.from_client(request.client, adapter=adapter), request_url=request.request_url)


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
    request_url = client.request_url if _may_store(client.request_url) else ""
    value = [seen_at, int(state is not None and state.stepped_up), name, url, request_url]
    return signing.dumps(value, salt=_build_salt(challenge), compress=True)


def load_state(challenge: str, text: str | None) -> tuple[ClientLink | None, LoginState | None]:
    """Return the client link and the state; None for each if the text is not signed for the challenge."""
    if not text or len(text) > MAX_STATE_LENGTH:
        return None, None
    try:
        seen_at, stepped_up, name, url, request_url = signing.loads(text, salt=_build_salt(challenge))
    except (signing.BadSignature, ValueError):
        return None, None
    state = LoginState(seen_at=seen_at, stepped_up=bool(stepped_up)) if seen_at is not None else None
    return ClientLink(name=name, url=url, request_url=request_url), state


def _may_store(request_url: str) -> bool:
    """Return whether the state may contain the URL of a request.

    The state can be read by anyone who sees the URL of the sign-in page, such as in a log, and Kratos stores
    it. Hydra's challenge contains the same request, but encrypted.
    """
    names = {name for name, _ in parse_qsl(split_url(request_url).query)}
    return len(request_url) <= MAX_REQUEST_URL_LENGTH and names.isdisjoint(TOKEN_PARAMETERS)


def _build_salt(challenge: str) -> str:
    return f"django_ory.provider.state:{hashlib.sha256(challenge.encode()).hexdigest()}"
