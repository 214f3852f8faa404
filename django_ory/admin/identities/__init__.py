"""The admin pages of identities."""

from __future__ import annotations

from .model_admin import IdentityAdmin

__all__ = ["IdentityAdmin"]
