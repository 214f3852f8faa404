"""Signals for projects. Receivers run in the request that caused the signal, so keep them short."""

from __future__ import annotations

from django.dispatch import Signal

__all__ = ["account_deleted", "decision_recorded", "identity_linked", "identity_synced", "ory_unavailable"]

#: Sent after a user's request to delete the account was finished. Sender: AccountDeletion. Arguments: alias,
#: identity_id (UUID), user (None if there was none; without a key if the adapter has deleted the user).
account_deleted = Signal()

#: Sent after a decision of the provider, such as a consent. Sender: AuditEvent. Arguments: event
#: (AuditEvent), request (None outside of a request).
decision_recorded = Signal()

#: Sent when an identity is linked to a Django user. Sender: Identity. Arguments: identity (row), user,
#: created (whether the user is new).
identity_linked = Signal()

#: Sent after an identity's row was updated from Ory's response. Sender: Identity. Arguments: identity (row),
#: created (whether the row is new).
identity_synced = Signal()

#: Sent when a whoami call or a call of a page failed. Sender: OryClient. Arguments: request (None in an MCP
#: server), alias, error.
ory_unavailable = Signal()
