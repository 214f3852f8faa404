"""Rejects sign-ups and changes of profiles by ``OryAdapter``, before Kratos stores them.

Kratos asks by a blocking web hook. Without a valid answer, Kratos stores nothing.
"""

from __future__ import annotations
