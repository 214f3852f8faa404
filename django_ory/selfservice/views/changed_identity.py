"""The cached sessions of an identity that the form of a flow has changed or may change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_ory.authentication.invalidation import invalidate_identity
from django_ory.authentication.resolver import get_resolver
from django_ory.selfservice.flow_types import SETTINGS

if TYPE_CHECKING:
    from django_ory.authentication.request import OryRequest
    from django_ory.selfservice.flow_types import AnyFlow, FlowType

__all__ = ["invalidate_changed"]

#: States of a flow after its form has changed the identity.
CHANGED_STATES = frozenset({"success", "passed_challenge"})


def invalidate_changed(ory: OryRequest, flow_type: FlowType, flow: AnyFlow, *, clock_offset: float) -> None:
    """Invalidate the cached sessions of an identity that has changed, for the user's other browsers.

    Kratos may redirect from settings to the ``return_to`` without another request to this site, so the
    identity may change at any time until the flow expires. ``clock_offset``: seconds that Kratos' clock is
    ahead of this machine's.
    """
    if flow_type is not SETTINGS and str(flow.state) not in CHANGED_STATES:
        return
    if not get_resolver(ory.alias).cache.is_enabled:
        return
    session = ory.whoami.session
    if session is None or session.identity is None:
        return
    until = 0.0
    if flow_type is SETTINGS and flow.expires_at:
        until = flow.expires_at.timestamp() - clock_offset
    invalidate_identity(session.identity.id, alias=ory.alias, until=until)
