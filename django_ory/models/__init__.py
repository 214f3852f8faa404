"""The tables: the mirror of Ory, and this site's own, which have no counterpart in Ory."""

from __future__ import annotations

from .accounts import AccountDeletion, Invitation
from .hydra_sessions import HydraSession
from .jobs import BulkJob, BulkJobRow
from .mirror import Identity, OAuth2Client, SyncProgress
from .provider import JobGrant
from .rows import Mirrored as Mirrored
from .rows import ProjectRow as ProjectRow
from .rows import ReadableJSON as ReadableJSON  # by this path in migration 0001
from .webhooks import WebhookDelivery

__all__ = [
    "AccountDeletion",
    "BulkJob",
    "BulkJobRow",
    "HydraSession",
    "Identity",
    "Invitation",
    "JobGrant",
    "OAuth2Client",
    "SyncProgress",
    "WebhookDelivery",
]
