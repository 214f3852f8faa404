"""The door of the Django admin, with Ory's key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from django_ory.http.return_to import safe_return_to

from .access import check_request
from .denials import refusal_response
from .request import get_ory
from .requirements import Requirement, Verdict

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest

__all__ = ["enter_admin"]


def enter_admin(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """What the admin's sign-in page answers: on to the page that was wanted, to our sign-in page, or 403.

    Who is signed in and still not let into the admin is refused here; another redirect would go round in
    circles.
    """
    index = reverse("admin:index", current_app=site.name)
    wanted = request.GET.get(REDIRECT_FIELD_NAME) or request.POST.get(REDIRECT_FIELD_NAME)
    page = safe_return_to(request, wanted, alias=get_ory(request).alias) or request.build_absolute_uri(index)
    if site.has_permission(request):
        return HttpResponseRedirect(page)
    refusal = check_request(request, Requirement(), page=page)
    return refusal or refusal_response(request, Verdict.REFUSE)
