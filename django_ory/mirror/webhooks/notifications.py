"""``Notification``: the JSON of a web hook, which names an identity and nothing more.

Defined without models, because settings modules import the development stack, which writes the web hooks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django_ory.client.identifiers import parse_uuid

#: The header in which Kratos sends the secret. Django hides headers with this word in its error reports.
HOOK_SECRET_HEADER = "X-Webhook-Secret"

#: The flows after which ``ory_config`` lets Kratos post.
HOOK_EVENTS = ("registration", "login", "settings", "verification", "recovery")

#: Other names are accepted, too: a site may add web hooks of its own.
EVENT_PATTERN = re.compile(r"[a-z][a-z0-9_.-]{0,31}")


class InvalidNotification(Exception):
    """The JSON is not a notification. The text names the member and never its value."""


@dataclass(frozen=True, kw_only=True)
class Notification:
    """The identity with this id may have changed."""

    alias: str
    event: str
    identity_id: UUID

    @classmethod
    def from_json(cls, document: object, *, alias: str) -> Notification:
        """Read the JSON of ``build_hook_template``. Raises InvalidNotification."""
        if not isinstance(document, Mapping):
            raise InvalidNotification("the body is not a JSON object")
        event, identity_id = document.get("event"), document.get("identity_id")
        if not isinstance(event, str) or not EVENT_PATTERN.fullmatch(event):
            raise InvalidNotification("event is missing or not a name")
        key = parse_uuid(identity_id) if isinstance(identity_id, str) else None
        if key is None or not key.int:  # before Kratos has created the identity, the id is zero
            raise InvalidNotification("identity_id is missing or not the id of an identity")
        return cls(alias=alias, event=event, identity_id=key)


def build_hook_template(event: str) -> str:
    """Return the Jsonnet template of a web hook: no traits, no cookies, no form."""
    return f'function(ctx) {{ event: "{event}", identity_id: ctx.identity.id }}'
