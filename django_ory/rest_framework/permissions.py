"""Permissions for scopes, second factor, recent sign-in, verified address and kind of principal.

All are composable: ``permission_classes = [IsUser & (HasScope("loans.read") | IsSession)]``.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from rest_framework.permissions import BasePermission, OperandHolder, OperationHolderMixin
from rest_framework.request import Request

from django_ory.adapter import get_adapter
from django_ory.authentication.access import get_access_decision
from django_ory.authentication.requirements import AccessDecision, Requirement
from django_ory.client import models as ory
from django_ory.client.identifiers import parse_uuid
from django_ory.client.models import Session
from django_ory.conf import get_settings
from django_ory.models import Identity
from django_ory.tokens.principals import ClientPrincipal, UserPrincipal
from django_ory.tokens.scopes import is_scope_granted

from .denials import SessionDenial, TokenDenial, deny

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports this module

__all__ = ["HasAAL", "HasScope", "IsClient", "IsSession", "IsUser", "IsVerified", "RecentLogin"]

Scopes = str | Iterable[str]


class _Permission(BasePermission):
    """Of views, not of objects. DRF's ``~`` negates both answers, so both must be the same."""

    def has_object_permission(self, request: Request, view: APIView, obj: Any) -> bool:
        """As ``has_permission``."""
        return bool(self.has_permission(request, view))


class _Configured(OperationHolderMixin, _Permission):
    """A permission with arguments. DRF calls each entry of ``permission_classes``; this returns itself."""

    def __call__(self) -> _Configured:
        return self

    if TYPE_CHECKING:  # the types of DRF allow classes only: `HasScope("a") & HasAAL("aal2")`

        def __and__(self, other: Any) -> OperandHolder: ...
        def __or__(self, other: Any) -> OperandHolder: ...


class HasScope(_Configured):
    """The access token has the scopes. Sessions have no scopes: combine with ``IsSession`` to allow them.

    Args:
        scopes: all of them are required.
        any_of: one of them is required.
        methods: the required scopes per HTTP method. A method that is not listed is denied; HEAD needs the
            scopes of GET.
        actions: the required scopes per action of a view set. An action that is not listed is denied.
    """

    def __init__(
        self,
        *scopes: str,
        any_of: Iterable[str] = (),
        methods: Mapping[str, Scopes] | None = None,
        actions: Mapping[str, Scopes] | None = None,
    ) -> None:
        self.scopes = scopes
        self.any_of = tuple(any_of)
        self.methods = _normalize(methods)
        self.actions = _normalize(actions)
        if not (scopes or self.any_of or self.methods or self.actions):
            raise ValueError("HasScope needs at least one scope.")

    def get_required_scopes(self, request: Request, view: APIView) -> tuple[str, ...] | None:
        """The scopes that this request needs, all of them; None if the method or action is not listed."""
        required = self.scopes
        method = "GET" if request.method == "HEAD" else request.method
        for table, name in ((self.methods, method), (self.actions, getattr(view, "action", None))):
            if table is not None:
                if name not in table:
                    return None
                required += table[name]
        return required

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the token has the scopes."""
        auth = request.auth
        if not isinstance(auth, UserPrincipal | ClientPrincipal):
            return False
        required = self.get_required_scopes(request, view)
        if required is None:
            return False
        strategy = get_settings(auth.alias).oauth2_scope_strategy
        granted = auth.token.scopes
        missing = tuple(x for x in required if not is_scope_granted(granted, x, strategy=strategy))
        if self.any_of and not any(is_scope_granted(granted, x, strategy=strategy) for x in self.any_of):
            missing += self.any_of[:1]
        return not missing or deny(request, TokenDenial("insufficient_scope", scopes=missing))


class HasAAL(_Configured):
    """The user signed in with this authenticator assurance level: "aal2" needs a second factor.

    For access tokens the claim ``acr`` counts, by ``OryAdapter.get_acr_values``.
    """

    def __init__(self, aal: Literal["aal1", "aal2"]) -> None:
        self.requirement = Requirement(aal=aal)

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the level is high enough."""
        auth = request.auth
        if isinstance(auth, UserPrincipal):
            acr_values = get_adapter(auth.alias).get_acr_values()
            accepted = [acr_values[aal] for aal in _LEVELS[self.requirement.aal] if aal in acr_values]
            if auth.token.get_claim("acr") in accepted:
                return True
            needed = acr_values.get(self.requirement.aal, self.requirement.aal)
            return deny(request, TokenDenial("insufficient_user_authentication", acr_values=(needed,)))
        return isinstance(auth, Session) and _meets(request, self.requirement)


class RecentLogin(_Configured):
    """The user signed in within ``max_age``. For access tokens the claim ``auth_time`` counts."""

    def __init__(self, max_age: timedelta) -> None:
        self.requirement = Requirement(max_age=max_age)
        self.max_age_seconds = int(max_age.total_seconds())

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the sign-in is recent enough."""
        auth = request.auth
        if isinstance(auth, UserPrincipal):
            signed_in_at = auth.token.get_claim("auth_time")
            is_time = isinstance(signed_in_at, int | float) and not isinstance(signed_in_at, bool)
            if is_time and 0 <= time.time() - signed_in_at <= self.max_age_seconds:
                return True
            denial = TokenDenial("insufficient_user_authentication", max_age=self.max_age_seconds)
            return deny(request, denial)
        return isinstance(auth, Session) and _meets(request, self.requirement)


class IsVerified(_Permission):
    """The user's own e-mail address is verified, by ``OryAdapter.is_verified``.

    For access tokens the row of the identity counts, as of its last sync.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the address is verified."""
        auth = request.auth
        if isinstance(auth, UserPrincipal):
            if parse_uuid(auth.identity_id) is None:
                return False
            row = Identity.objects.filter(alias=auth.alias, identity_id=auth.identity_id).first()
            if row is None:
                return False
            identity = ory.Identity.model_validate(row.data)
            return get_adapter(auth.alias).is_verified(identity)
        return isinstance(auth, Session) and _meets(request, Requirement(verified=True))


class IsUser(_Permission):
    """A user, by a session or a token: not a client's own token."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether a user is signed in."""
        return isinstance(request.auth, Session | UserPrincipal) and bool(request.user.is_authenticated)


class IsClient(_Permission):
    """A client with a token of its own (client credentials)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the request is by a client."""
        return isinstance(request.auth, ClientPrincipal)


class IsSession(_Permission):
    """A Kratos session: the site's own pages and apps, not an OAuth2 client."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the request has a session."""
        return isinstance(request.auth, Session)


#: Levels that are high enough.
_LEVELS: dict[str, tuple[str, ...]] = {"aal1": ("aal1", "aal2", "aal3"), "aal2": ("aal2", "aal3")}


def _meets(request: Request, requirement: Requirement) -> bool:
    decision = get_access_decision(request._request, requirement)  # noqa: SLF001
    return decision is AccessDecision.ALLOW or deny(request, SessionDenial(decision))


def _normalize(table: Mapping[str, Scopes] | None) -> dict[Any, tuple[str, ...]] | None:
    if table is None:
        return None
    return {name: (value,) if isinstance(value, str) else tuple(value) for name, value in table.items()}
