"""The Django admin over the mirror. Changes go to Ory first.

Django imports this package (``admin.autodiscover``). To change a page, unregister the class and register a
subclass.
"""

from __future__ import annotations

from .clients.model_admin import OAuth2ClientAdmin
from .identities.model_admin import IdentityAdmin
from .invitations.model_admin import InvitationAdmin
from .job_grants import JobGrantAdmin
from .jobs.model_admin import BulkJobAdmin
from .webhooks.model_admin import WebhookDeliveryAdmin

__all__ = [
    "BulkJobAdmin",
    "IdentityAdmin",
    "InvitationAdmin",
    "JobGrantAdmin",
    "OAuth2ClientAdmin",
    "WebhookDeliveryAdmin",
]
