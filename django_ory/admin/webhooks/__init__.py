"""The admin pages of web hook deliveries."""

from __future__ import annotations
