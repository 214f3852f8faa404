"""The button of the list that looks up the words of the search in Kratos, for identities without a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from django_ory.admin.mirrored import MirroredAdmin
from django_ory.admin.personal_data import can_view_personal_data
from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.mirror.lookup import look_up_identities

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseBase
    from django.urls import URLPattern

    from django_ory.models import Identity

MAX_IDENTIFIER_LENGTH = 320


class LookupMixin(MirroredAdmin):
    """Adds the button and its view. A POST, because a found identity gets a row."""

    change_list_template = "admin/django_ory/identity/change_list.html"

    def has_lookup_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may sync and see names: a result confirms a name."""
        return self.has_sync_permission(request) and can_view_personal_data(request)

    def get_urls(self) -> list[URLPattern]:
        """Add the URL of the lookup."""
        view = self.admin_site.admin_view(sensitive_post_parameters()(self.lookup_view))
        name = f"{self.opts.app_label}_{self.opts.model_name}_lookup"
        return [path("lookup/", view, name=name), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the button to the results of a search."""
        is_shown = self.has_lookup_permission(request) and bool(self.configured())
        context = {"ory_lookup_url": self.url("lookup") if is_shown else "", **(extra_context or {})}
        return super().changelist_view(request, context)

    def lookup_view(self, request: HttpRequest) -> HttpResponseBase:
        """POST: look up ``q`` in each project. Redirects to the identity, or back to the search."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_lookup_permission(request):
            raise PermissionDenied
        identifier = request.POST.get("q", "").strip()
        found: list[Identity] = []
        has_failed = False
        if len(identifier) <= MAX_IDENTIFIER_LENGTH:
            for alias in self.configured():
                try:
                    found += look_up_identities(alias, identifier)
                except ORY_ERRORS as error:
                    has_failed = True
                    text = _("The lookup failed (project %(alias)s): %(reason)s")
                    messages.error(request, text % {"alias": alias, "reason": error_text(error)})
        if len(found) == 1:
            messages.success(request, _("The identity was found in Ory."))
            return HttpResponseRedirect(self.row_url(found[0]))
        if found:
            messages.success(request, _("Several identities were found in Ory."))
        elif not has_failed:
            messages.warning(request, _("Ory has no identity with exactly this identifier or id."))
        query = urlencode({"q": identifier[:MAX_IDENTIFIER_LENGTH]})
        return HttpResponseRedirect(f"{self.url('changelist')}?{query}")
