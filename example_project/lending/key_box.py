"""The code of the key box at the door."""

from __future__ import annotations

from django.utils import timezone
from django.utils.crypto import salted_hmac


def get_key_box_code() -> str:
    """Return this week's code, four digits."""
    week = timezone.localdate().strftime("%G week %V")
    code = int(salted_hmac("key box", week, algorithm="sha256").hexdigest(), 16) % 10_000
    return f"{code:04d}"
