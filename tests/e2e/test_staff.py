"""A member becomes staff, and does in the Django admin what staff do."""

from __future__ import annotations
