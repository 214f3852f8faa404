"""The Django admin over the mirror. Nothing is edited here alone: every change goes to Ory first.

Django finds this package by itself (``admin.autodiscover``). To change a page, unregister the class and
register a subclass of it.
"""

from __future__ import annotations

from .clients import OAuth2ClientAdmin
from .identities import IdentityAdmin

__all__ = ["IdentityAdmin", "OAuth2ClientAdmin"]
