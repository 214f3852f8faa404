"""The decorators as mixins for class-based views, sync and async. Put them left of the view's class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Literal

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from django_ory.authentication.access import acheck_access, check_access
from django_ory.authentication.oauth2 import aauthorize_view, authorize_view
from django_ory.authentication.requirements import Requirement
from django_ory.tokens.verification import VerificationMethod

__all__ = ["OAuth2RequiredMixin", "OrySessionRequiredMixin", "OryUserRequiredMixin"]


class OrySessionRequiredMixin:
    """``ory_session_required`` with its arguments as attributes."""

    ory_aal: ClassVar[Literal["aal1", "aal2"]] = "aal1"
    ory_max_age: ClassVar[timedelta | None] = None
    ory_verified: ClassVar[bool] = False
    ory_api: ClassVar[bool | None] = None
    ory_user: ClassVar[bool] = False

    def get_ory_requirement(self) -> Requirement:
        """Return the requirement of this view. Override for requirements that depend on the request."""
        return Requirement(
            aal=self.ory_aal, max_age=self.ory_max_age, verified=self.ory_verified, user=self.ory_user
        )

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Call the view if the requirement is met, else respond in its place."""
        if self.view_is_async:  # type: ignore[attr-defined]  # of View, a base class of the view
            return self._adispatch(request, *args, **kwargs)  # type: ignore[return-value]
        denial = check_access(request, self.get_ory_requirement(), api=self.ory_api)
        return denial or super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    async def _adispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        denial = await acheck_access(request, self.get_ory_requirement(), api=self.ory_api)
        return denial or await super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class OryUserRequiredMixin(OrySessionRequiredMixin):
    """``ory_user_required`` with its arguments as attributes."""

    ory_user: ClassVar[bool] = True


class OAuth2RequiredMixin:
    """``oauth2_required`` with its arguments as attributes."""

    oauth2_scopes: ClassVar[Sequence[str]] = ()
    oauth2_audience: ClassVar[Sequence[str] | None] = None
    oauth2_method: ClassVar[VerificationMethod | None] = None

    def get_oauth2_scopes(self) -> Sequence[str]:
        """Return the required scopes. Override for scopes that depend on the request."""
        return self.oauth2_scopes

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view, without checks of cookies: neither CSRF nor ``LoginRequiredMiddleware``."""
        view: Callable[..., HttpResponseBase] = super().as_view(**initkwargs)  # type: ignore[misc]
        return csrf_exempt(login_not_required(view))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Call the view if the token is accepted, else respond in its place."""
        options: dict[str, Any] = {
            "scopes": self.get_oauth2_scopes(),
            "audience": self.oauth2_audience,
            "method": self.oauth2_method,
        }
        if self.view_is_async:  # type: ignore[attr-defined]  # of View, a base class of the view
            return self._adispatch_with_token(request, options, *args, **kwargs)  # type: ignore[return-value]
        denial = authorize_view(request, **options)
        return denial or super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    async def _adispatch_with_token(
        self, request: HttpRequest, options: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        denial = await aauthorize_view(request, **options)
        return denial or await super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
