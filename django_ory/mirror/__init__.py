"""Rows kept true to Ory: syncs, and changes that go to Ory first and into the row from Ory's answer.

Ory's answer is the only thing that is ever written; nothing here runs HTTP inside a database transaction.
"""

from __future__ import annotations
