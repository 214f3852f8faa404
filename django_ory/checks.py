"""System checks with stable ids."""

from __future__ import annotations

