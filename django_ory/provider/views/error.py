"""Where Hydra sends a browser when there is no client that it could safely tell what went wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from django_ory.provider.problems import PROBLEMS

from .page import ProviderView, logger

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_CODE = re.compile(r"[a-z][a-z_]{0,63}")
_LONGEST = 1_000  # characters of the description


class ErrorView(ProviderView):
    """``urls.error`` of Hydra. The parameters are anybody's: text, never a link, and not too much of it."""

    parameter: ClassVar[str] = ""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, with status 400."""
        code = request.GET.get("error", "")
        code = code if _CODE.fullmatch(code) else ""
        logger.warning("Hydra refused a request: %s", code or "no error code", extra={"alias": self.alias})
        return self.problem(
            PROBLEMS["refused"], detail=request.GET.get("error_description", "")[:_LONGEST], reference=code
        )
