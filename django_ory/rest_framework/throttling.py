"""Throttles by principal: all tokens and sessions of one user, and all tokens of one client, share a rate."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from django_ory.client.models import Session
from django_ory.tokens.principals import ClientPrincipal, UserPrincipal

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports this module

__all__ = ["PrincipalRateThrottle"]


class PrincipalRateThrottle(SimpleRateThrottle):
    """The rate ``principal`` of ``DEFAULT_THROTTLE_RATES``. Anonymous requests are throttled by address."""

    scope = "principal"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """The key of the principal, or of the address."""
        auth = request.auth
        if isinstance(auth, UserPrincipal | ClientPrincipal):
            ident = auth.key
        elif isinstance(auth, Session) and auth.identity is not None:
            ident = f"identity:{auth.identity.id}"
        else:
            ident = f"address:{self.get_ident(request)}"
        # Subjects are of any length and content, keys of memcached are not.
        digest = hashlib.sha256(ident.encode()).hexdigest()
        return self.cache_format % {"scope": self.scope, "ident": digest}
