"""Hydra: everything about OAuth2 and OpenID Connect in one class."""

from __future__ import annotations

from .jwk import JwkOperations
from .oauth2_clients import OAuth2ClientOperations
from .oauth2_flows import OAuth2FlowOperations
from .oauth2_requests import OAuth2RequestOperations
from .oauth2_sessions import OAuth2SessionOperations
from .oidc import OidcOperations
from .trust import TrustOperations

__all__ = ["HydraOperations"]


class HydraOperations(
    OAuth2RequestOperations,
    OAuth2ClientOperations,
    OAuth2SessionOperations,
    OAuth2FlowOperations,
    OidcOperations,
    JwkOperations,
    TrustOperations,
):
    """Every operation of Hydra."""
