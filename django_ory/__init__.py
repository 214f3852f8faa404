"""The Django app for Ory.

Importing this package touches neither Django's app registry nor its settings; everything public lives in the
documented modules below it.
"""

from __future__ import annotations

__version__ = "0.2.0"

__all__ = ["__version__"]
