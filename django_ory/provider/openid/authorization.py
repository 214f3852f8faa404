"""The authorization request of a client: prompt, max_age, acr_values, the hinted user and the redirect URI.

Hydra's API omits ``prompt`` and ``max_age``, so they are read from the URL of the request, by Hydra's rules.
Without them, a session that is too old for the client would be accepted. A client may also POST the request
(Core 3.1.2.1). Then the URL has no parameters, and Hydra 2.3 cannot complete the request.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

from django_ory.client import models as ory
from django_ory.http.redirects import clean_login_hint, is_loopback_url, split_url
from django_ory.tokens.unverified_claims import parse_unverified_claims

from .queries import parse_hydra_query

#: The prompts that Hydra implements. Hydra only rejects others after the login.
KNOWN_PROMPTS = frozenset({"none", "login", "consent", "registration"})
#: Standard prompts that Hydra rejects -> the ones that it implements. Versions of Hydra that implement
#: ``select_account`` treat it as ``login``. ``create`` is of "Initiating User Registration 1.0".
TRANSLATED_PROMPTS = {"select_account": "login", "create": "registration"}
MAX_AGE_DIGITS = 11


@dataclass(frozen=True, kw_only=True)
class AuthorizationRequest:
    """The parameters of an authorization request (Core 3.1.2.1) that the pages must honor."""

    prompt: frozenset[str] = frozenset()
    max_age: int | None = None  #: the allowed age of the login in seconds
    acr_values: tuple[str, ...] = ()  #: in the client's order of preference
    is_acr_essential: bool = False  #: the client wants an error rather than another level (Core 5.5.1.1)
    login_hint: str = ""  #: the identifier with which the user may sign in
    ui_locales: tuple[str, ...] = ()  #: languages, the preferred one first
    hinted_subject: str = ""  #: the subject of the ``id_token_hint``
    resources: tuple[str, ...] = ()  #: the APIs that the token is for (RFC 8707), ignored by Hydra
    redirect_uri: str = ""  #: if the client has registered it
    unreadable: bool = False  #: the parameters are not in the URL
    is_device: bool = False  #: the user authorizes a device (RFC 8628)
    prompt_is_fixed: bool = False  #: a ``prompt`` in the URL has no effect, or may have none

    @property
    def unknown_prompts(self) -> tuple[str, ...]:
        """Values of ``prompt`` that Hydra does not implement and that cannot be translated.

        ``none`` must be alone (Core 3.1.2.1).
        """
        can_translate = not (self.prompt_is_fixed or self.is_silent)
        known = KNOWN_PROMPTS | TRANSLATED_PROMPTS.keys() if can_translate else KNOWN_PROMPTS
        return tuple(sorted(self.prompt - known))

    @property
    def needs_translation(self) -> bool:
        """Whether the request must be restarted with prompts that Hydra implements."""
        return bool(self.prompt & TRANSLATED_PROMPTS.keys())

    @property
    def is_silent(self) -> bool:
        """Whether no page may be shown (``prompt=none``)."""
        return "none" in self.prompt

    @property
    def needs_fresh_login(self) -> bool:
        """Whether an existing session is never sufficient. ``max_age=0`` equals ``prompt=login``."""
        return "login" in self.prompt or self.max_age == 0 or self.unreadable


def parse_authorization_request(
    request: ory.OAuth2LoginRequest | ory.OAuth2ConsentRequest,
) -> AuthorizationRequest:
    """Parse the request of the client. All parts are optional: ``oidc_context`` is null in device flows."""
    is_device = is_device_request(request.request_url)
    query = {} if is_device else _parse_query(request.request_url)  # Hydra ignores prompt and max_age there
    claims: dict[str, Any] = {}
    unreadable = not is_device and not query.get("client_id")
    if "openid" in query.get("scope", "").split(" "):  # otherwise Hydra ignores request objects
        claims = parse_unverified_claims(query.get("request", ""))  # Hydra has verified the signature
        unreadable = unreadable or bool(query.get("request_uri"))
    parameters = {name: str(value) for name, value in {**query, **claims}.items()}
    context = request.oidc_context
    hint = (context.id_token_hint_claims if context else None) or {}
    max_age = parameters.get("max_age", "")
    is_number = max_age.isascii() and max_age.isdecimal() and len(max_age) <= MAX_AGE_DIGITS
    requested = claims.get("claims", _parse_json(query.get("claims", "")))
    acr_claim = _parse_acr_claim(requested)
    return AuthorizationRequest(
        prompt=frozenset(parameters.get("prompt", "").split()),
        max_age=int(max_age) if is_number else None,
        acr_values=acr_claim.values or tuple(context.acr_values if context else ()),
        is_acr_essential=acr_claim.is_essential,
        login_hint=clean_login_hint(context.login_hint if context else None),
        ui_locales=tuple(context.ui_locales if context else ()),
        hinted_subject=str(hint.get("sub") or ""),
        resources=() if is_device else _parse_resources(request.request_url),
        redirect_uri="" if is_device else _find_redirect_uri(parameters, request.client.redirect_uris),
        unreadable=unreadable,
        is_device=is_device,
        prompt_is_fixed=is_device or unreadable or "prompt" in claims,
    )


def add_prompt_login(request_url: str) -> str:
    """Return the URL of the request with ``login`` among its prompts, so that Hydra requires a login."""
    return translate_prompts(request_url, "login")


def translate_prompts(request_url: str, *added: str) -> str:
    """Return the URL of the request with prompts that Hydra implements, and the ``added`` ones."""
    try:
        parts = urlsplit(request_url)
    except ValueError:
        return request_url
    prompts = [*_parse_query(request_url).get("prompt", "").split(), *added]
    translated = dict.fromkeys(TRANSLATED_PROMPTS.get(prompt, prompt) for prompt in prompts)
    query = [(key, value) for key, value in parse_hydra_query(parts.query) if key != "prompt"]
    query.append(("prompt", " ".join(translated)))
    return urlunsplit(parts._replace(query=urlencode(query)))


def _parse_query(url: str) -> dict[str, str]:
    """Parse the parameters. The first of equal names counts, even if empty, as in Go."""
    return dict(reversed(parse_hydra_query(split_url(url).query)))


class AcrClaim(NamedTuple):
    """The claim ``acr`` as the client requests it by the parameter ``claims`` (Core 5.5).

    Its values replace those of the parameter ``acr_values``.
    """

    values: tuple[str, ...] = ()
    is_essential: bool = False


def _parse_acr_claim(requested: Any) -> AcrClaim:
    """Parse the request for ``acr`` in the ID token. Hydra ignores the parameter ``claims``."""
    id_token = requested.get("id_token") if isinstance(requested, dict) else None
    acr = id_token.get("acr") if isinstance(id_token, dict) else None
    if not isinstance(acr, dict):
        return AcrClaim()
    listed = acr.get("values")
    values = [*(listed if isinstance(listed, list) else []), acr.get("value")]
    texts = tuple(value for value in values if isinstance(value, str) and value)
    return AcrClaim(texts, acr.get("essential") is True and bool(texts))


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _parse_resources(url: str) -> tuple[str, ...]:
    """Parse ``resource``, which a request may have several times."""
    pairs = parse_hydra_query(split_url(url).query)
    return tuple(dict.fromkeys(value for key, value in pairs if key == "resource" and value))


def is_device_request(url: str) -> bool:
    """Return whether the request is of the device flow (RFC 8628). Hydra masks the user code in its URL."""
    return url.partition("?")[0].endswith("/oauth2/device/verify")


def _find_redirect_uri(parameters: Mapping[str, str], registered: Sequence[str]) -> str:
    """Return the URI to which Hydra redirects; "" if it is unknown. A client with one URI may omit it."""
    uri = parameters.get("redirect_uri", "")
    if not uri and len(registered) == 1:
        return registered[0]
    return uri if _is_registered(uri, registered) else ""


def _is_registered(uri: str, registered: Iterable[str]) -> bool:
    """Return whether Hydra redirects to the URI. Ports of loopback addresses may differ (RFC 8252, 7.3)."""
    if uri in registered:
        return True
    target = _parse_loopback(uri)
    return target is not None and target in map(_parse_loopback, registered)


def _parse_loopback(uri: str) -> tuple[str, str, str] | None:
    """Return host, path and query of a loopback address; None for any other URI, and for ``localhost``."""
    parts = split_url(uri)
    is_address = is_loopback_url(uri) and parts.hostname != "localhost"
    return (parts.hostname or "", parts.path, parts.query) if is_address else None
