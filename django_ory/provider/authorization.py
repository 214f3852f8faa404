"""What the client asked for beyond scopes: prompt, max_age, acr_values, a hint who it expects, where it will
go.

Hydra's API repeats only some of it. ``prompt`` and ``max_age`` have to be read from the request's URL, and
they count: accepting a session that is at hand would quietly defeat them. So the URL is read as Hydra reads
it. A client may also POST its request (Core 3.1.2.1); then the URL is bare and nothing is known of them.
Hydra 2.3 cannot finish such a one.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django_ory.client.models import OAuth2ConsentRequest, OAuth2LoginRequest

__all__ = ["Authorization", "read_authorization", "with_prompt_login"]

#: What Hydra itself knows. It lets other values pass until the very end, so they are refused at login.
PROMPTS = frozenset({"none", "login", "consent", "registration"})


@dataclass(frozen=True, kw_only=True)
class Authorization:
    """An authorization request (OpenID Connect Core 3.1.2.1), as far as pages must honor it."""

    prompt: frozenset[str] = frozenset()
    max_age: int | None = None  # seconds
    acr_values: tuple[str, ...] = ()  # in the client's order of preference
    hinted_subject: str = ""
    redirect_host: str = ""  # "" as well if the client has not registered where it wants to go
    opaque: bool = False  # the parameters cannot be read
    sealed: bool = False  # adding ``prompt`` to the URL has no effect, or may have none

    @property
    def unknown_prompts(self) -> tuple[str, ...]:
        """Values of ``prompt`` that Hydra does not implement, e.g. ``select_account``."""
        return tuple(sorted(self.prompt - PROMPTS))

    @property
    def needs_fresh_sign_in(self) -> bool:
        """No session at hand is good enough, however young. ``max_age=0`` is the same as ``prompt=login``."""
        return "login" in self.prompt or self.max_age == 0 or self.opaque


def read_authorization(request: OAuth2LoginRequest | OAuth2ConsentRequest) -> Authorization:
    """Read what the client asked for. Everything is optional: ``oidc_context`` is null in device flows."""
    is_device = _is_device_request(request.request_url)
    query = {} if is_device else _query(request.request_url)  # Hydra reads neither prompt nor max_age there
    claims: dict[str, Any] = {}
    opaque = not is_device and not query.get("client_id")
    if "openid" in query.get("scope", "").split(" "):  # else Hydra does not look at request objects
        claims = _request_object(query.get("request", ""))
        opaque = opaque or bool(query.get("request_uri"))
    asked = {name: str(value) for name, value in {**query, **claims}.items()}
    context = request.oidc_context
    hint = (context.id_token_hint_claims if context else None) or {}
    max_age, redirect_uri = asked.get("max_age", ""), asked.get("redirect_uri", "")
    return Authorization(
        prompt=frozenset(asked.get("prompt", "").split()),
        max_age=int(max_age) if max_age.isascii() and max_age.isdecimal() and len(max_age) < 12 else None,
        acr_values=tuple(context.acr_values if context else ()),
        hinted_subject=str(hint.get("sub") or ""),
        redirect_host=_host(redirect_uri) if _is_known(redirect_uri, request.client.redirect_uris) else "",
        opaque=opaque,
        sealed=is_device or opaque or "prompt" in claims,
    )


def with_prompt_login(request_url: str) -> str:
    """The same request with ``prompt=login`` beside what it had, so that Hydra asks for a sign-in."""
    try:
        parts = urlsplit(request_url)
    except ValueError:
        return request_url
    prompt = _query(request_url).get("prompt", "").split()
    query = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != "prompt"]
    both = " ".join(dict.fromkeys([*prompt, "login"]))
    return urlunsplit(parts._replace(query=urlencode([*query, ("prompt", both)])))


def _query(url: str) -> dict[str, str]:
    """The parameters. Of those that come twice the first one counts, empty ones included: as in Go."""
    try:
        pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:
        return {}
    return dict(reversed(pairs))


def _is_device_request(url: str) -> bool:
    """Whether the request belongs to the device flow (RFC 8628). Hydra masks the user code in its URL."""
    return url.partition("?")[0].endswith("/oauth2/device/verify")


def _is_known(uri: str, registered: Iterable[str]) -> bool:
    """Whether Hydra will go there. On the person's own machine any port will do (RFC 8252 section 7.3)."""
    if uri in registered:
        return True
    place = _on_this_machine(uri)
    return place is not None and place in map(_on_this_machine, registered)


def _on_this_machine(uri: str) -> tuple[str, str, str] | None:
    """Host, path and query of a loopback address; None for any other."""
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
        return (host, parts.path, parts.query) if ip_address(host).is_loopback else None
    except ValueError:
        return None


def _host(url: str) -> str:
    """Host and port to show; for an app's own scheme (``com.example.app:/callback``) the scheme."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2] or parts.scheme
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()  # as browsers do, for letters that only look like others
    except UnicodeError:
        return host.encode("ascii", "backslashreplace").decode()


def _request_object(token: str) -> dict[str, Any]:
    """The claims of a request object (Core 6.1). Hydra has verified it before it sent anybody here."""
    _, _, rest = token.partition(".")
    payload, _, _ = rest.partition(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
