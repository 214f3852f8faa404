"""Pages of the account area without a flow of Kratos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from django_ory.authentication.access import check_access
from django_ory.authentication.request import get_ory
from django_ory.authentication.requirements import Requirement
from django_ory.http.redirects import read_return_to
from django_ory.http.views import PageView
from django_ory.selfservice.account.navigation import build_navigation, get_offered_groups
from django_ory.selfservice.account.sections import ACCOUNT_ENTRIES, SECTIONS_BY_KEY

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

__all__ = ["AccountPageView", "AccountView"]


class AccountPageView(PageView):
    """A page of the account area for a signed-in user. Subclasses define ``get`` and ``post``.

    ``section_key``: the current section of the navigation. ``requirement``: what the session must meet.
    """

    section_key = "account"
    requirement = Requirement()

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.ory = get_ory(request)
        self.alias = self.ory.alias

    def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        denied = self.get_denial()
        return denied if denied is not None else super().handle(request, *args, **kwargs)

    def get_denial(self) -> HttpResponseBase | None:
        """Return the response to a user who may not open the page, else None."""
        return check_access(self.request, self.requirement, api=False)

    def render_page(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """Render a template that extends ``ory/layouts/account.html``."""
        return_to = read_return_to(self.request, alias=self.alias)
        groups = get_offered_groups(self.alias)
        common = {
            "section": SECTIONS_BY_KEY[self.section_key],
            "navigation": build_navigation(
                self.request, self.section_key, groups=groups, return_to=return_to
            ),
            "return_to": return_to,
        }
        return render(self.request, template, {**common, **context}, status=status)


class AccountView(AccountPageView):
    """The addresses of the account, and the pages of ``ACCOUNT_ENTRIES``."""

    http_method_names = ["get", "head"]  # noqa: RUF012 (as Django declares it)

    def get(self, request: HttpRequest) -> HttpResponse:
        identity = self.ory.identity
        context = {
            "identity": identity,
            "addresses": identity.verifiable_addresses if identity else (),
            "entries": [each for each in ACCOUNT_ENTRIES if each.is_enabled(self.alias)],
        }
        return self.render_page("ory/selfservice/account.html", context)
