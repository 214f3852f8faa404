"""The answer for an outage, which these pages share with the provider's."""

from __future__ import annotations

from django_ory.sessions.outages import outage_response

__all__ = ["outage_response"]
