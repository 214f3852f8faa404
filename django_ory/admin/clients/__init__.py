"""The admin pages of OAuth2 clients."""

from __future__ import annotations

from .model_admin import OAuth2ClientAdmin

__all__ = ["OAuth2ClientAdmin"]
