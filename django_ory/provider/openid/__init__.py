"""OpenID Connect: authorization requests, assurance, scopes and claims."""

from __future__ import annotations
