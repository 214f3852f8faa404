"""What happened, for a project to hear. Receivers run in the request that caused it: keep them short."""

from __future__ import annotations

from django.dispatch import Signal

__all__ = ["identity_linked", "identity_synced", "ory_unavailable"]

#: Sent once, when an identity is linked to a Django user. Sender: Identity. Provides: identity (row), user,
#: created.
identity_linked = Signal()

#: Sent after an identity's row was rewritten from Ory's answer. Sender: Identity. Provides: identity (row),
#: created.
identity_synced = Signal()

#: Sent when Ory did not give a usable answer to whoami or to a page. Sender: OryClient. Provides: request,
#: alias, error.
ory_unavailable = Signal()
