"""From the credential of a request to its session: credential -> cache -> whoami -> session -> user."""

from __future__ import annotations
