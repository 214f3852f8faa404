"""Rows of ``Identity`` and ``OAuth2Client`` kept equal to Ory.

Changes are sent to Ory first. A row is only ever written from a response of Ory.
"""

from __future__ import annotations
