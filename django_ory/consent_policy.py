"""How users are asked for consent to a client: from the metadata of the client and the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from .client.models import OAuth2Client
from .client_metadata import read_client_metadata
from .conf import OrySettings

__all__ = ["ConsentPolicy"]

Remember = Literal["never", "ask", "always"]

REMEMBER_CHOICES: tuple[Remember, ...] = ("never", "ask", "always")
MAX_REMEMBER_SECONDS = 10 * 365 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class ConsentPolicy:
    """How users are asked for consent to one client.

    Clients that staff have not verified are never first-party, and consents to them are never remembered.
    """

    is_first_party: bool = False  #: users are not asked
    remember: Remember = "ask"  #: ask: the page has a box, which is not checked
    remember_seconds: int = 0  #: how long a consent is remembered; 0: until the user revokes access
    required_scope: frozenset[str] = frozenset()  #: scopes that users cannot deselect, besides openid
    default_scope: tuple[str, ...] = ()  #: of a request without a scope, as far as registered


def read_consent_policy(client: OAuth2Client, *, settings: OrySettings, is_verified: bool) -> ConsentPolicy:
    """Read the policy of a client.

    Args:
        client: The current client of Hydra.
        settings: The settings of the Ory project. They apply where the metadata have no valid value.
        is_verified: Staff know the client. The metadata of other clients are ignored.
    """
    values: Mapping[str, Any] = read_client_metadata(client) if is_verified else {}
    remember, seconds = values.get("remember"), values.get("remember_seconds")
    is_number = isinstance(seconds, int) and not isinstance(seconds, bool) and seconds >= 0
    default_scope = _parse_scope(values.get("default_scope"))
    return ConsentPolicy(
        is_first_party=client.skip_consent is True or client.client_id in settings.first_party_clients,
        remember=cast("Remember", remember if remember in REMEMBER_CHOICES else settings.consent_remember),
        remember_seconds=min(
            cast("int", seconds) if is_number else settings.consent_remember_seconds, MAX_REMEMBER_SECONDS
        ),
        required_scope=frozenset(_parse_scope(values.get("required_scope"))),
        default_scope=default_scope or tuple(settings.consent_default_scope),
    )


def _parse_scope(value: Any) -> tuple[str, ...]:
    """Return the scopes of a text with spaces between them, or of a list; none of any other value."""
    if isinstance(value, str):
        return tuple(value.split())
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
