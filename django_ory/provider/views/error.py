"""Where Hydra sends a browser when there is no client that it could safely tell what went wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings as django_settings

from django_ory.provider.problems import PROBLEMS

from .page import ProviderView, logger

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_CODE = re.compile(r"[a-z][a-z_]{0,63}")
_LONGEST = 1_000  # characters of the description


class ErrorView(ProviderView):
    """``urls.error`` of Hydra. The parameters are anybody's, so what they describe is for developers only: on
    the page it would stand as our words.
    """

    parameter: ClassVar[str] = ""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, with status 400."""
        code = request.GET.get("error", "")
        code = code if _CODE.fullmatch(code) else ""
        logger.warning("Hydra refused a request: %s", code or "no error code", extra={"alias": self.alias})
        detail = request.GET.get("error_description", "")[:_LONGEST] if django_settings.DEBUG else ""
        return self.problem(PROBLEMS["refused"], detail=detail, reference=code)
