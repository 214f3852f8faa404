"""The decorators as mixins for class-based views, sync and async. Put them left of the view's class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from django_ory.authentication.access import acheck_access, check_access
from django_ory.authentication.requirements import Requirement

if TYPE_CHECKING:
    from datetime import timedelta

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

__all__ = ["OrySessionRequiredMixin", "OryUserRequiredMixin"]


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
