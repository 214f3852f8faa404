"""The view for errors that Hydra cannot safely report to a client."""

from __future__ import annotations

import re

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse

from django_ory.provider.audit import record_event
from django_ory.provider.error_pages import HYDRA_ERROR_PAGES

from .page import ProviderView, logger

ERROR_CODE = re.compile(r"[a-z][a-z_]{0,63}")
MAX_DESCRIPTION_LENGTH = 1_000


class ErrorView(ProviderView):
    """The view for ``urls.error``.

    Any site can link here with any parameters, so the description is only shown while DEBUG is on.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page for the code of the error, with its status."""
        code = request.GET.get("error", "")
        code = code if ERROR_CODE.fullmatch(code) else ""
        logger.warning(
            "Hydra rejected a request (project %s): %s",
            self.alias,
            code or "no error code",
            extra={"alias": self.alias},
        )
        record_event("request.failed", alias=self.alias, request=request, reason=code or "no_error_code")
        detail = request.GET.get("error_description", "") if django_settings.DEBUG else ""
        name = HYDRA_ERROR_PAGES.get(code, "request_failed")
        return self.render_error(name, detail=detail[:MAX_DESCRIPTION_LENGTH], reference=code)
