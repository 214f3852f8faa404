"""Pages of one row beside its form, reached by tabs: the table of pages, their URLs and their template.

A page reads Ory on GET and changes Ory only on POST. Errors of Ory become a message, never a 500.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from django_ory.client import OryNotFound
from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.models import Mirrored

from .actions import OryAction
from .reasons import redact_hidden
from .rows import RowAdmin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.http import HttpRequest, HttpResponse, HttpResponseBase
    from django.urls import URLPattern
    from django.utils.functional import _StrOrPromise

__all__ = ["RowPage"]

Row = TypeVar("Row", bound=Mirrored)

DETAILS, HISTORY = "change", "history"  # the pages of Django, by the names of their URLs


@dataclass(frozen=True, kw_only=True)
class RowPage(Generic[Row]):
    """A page of one row, for ``row_pages`` of an admin class.

    Example::

        def show_sessions(admin, request, row):
            if request.method == "POST":
                end_all_sessions(row.identity_id, alias=row.alias)
                messages.success(request, _("The sessions were ended."))
                return admin.redirect_to_page(request, row, "sessions")
            sessions = list_sessions(row.identity_id, alias=row.alias)
            return admin.render_row_page(
                request, row, "sessions", "identity/sessions.html", sessions=sessions
            )

        class IdentityAdmin(MirroredAdmin):
            row_pages = (
                RowPage[Identity](
                    name="sessions",
                    title=gettext_lazy("Sessions"),
                    permission="view_session",
                    view=show_sessions,
                ),
            )

    The template extends ``admin/django_ory/row_page.html`` and fills the block ``page``. The URL is
    ``<row>/sessions/`` with the name ``admin:django_ory_identity_sessions``.

    ``view`` may raise the errors of ``ORY_ERRORS``: GET shows the reason with status 503, and POST redirects
    to the page with the reason as a message. For OryNotFound, the row is read again, and marked as missing if
    Ory does not have it.
    """

    name: str  #: of the URL; neither a name of Django's pages nor ``do``
    title: _StrOrPromise
    #: The codename, such as ``view_session``, needed in addition to the permission to view the row; "": none.
    permission: str
    view: Callable[[Any, HttpRequest, Row], HttpResponseBase]  #: gets the admin class, the request, the row
    parent: str = ""  #: the page whose tab is selected, for a page without a tab
    is_available: Callable[[Row], bool] = lambda row: True  #: whether there is a tab for this row


class RowPagesAdmin(RowAdmin):
    """Adds the pages of ``row_pages`` to the pages of each row, and tabs to all of them."""

    row_pages: ClassVar[Sequence[RowPage[Any]]] = ()
    ory_actions: ClassVar[Sequence[OryAction[Any]]]  #: buttons beside the tabs, and actions of the list
    refresh_row: ClassVar[Callable[..., Mirrored]]  #: rewrites a row from Ory and returns it

    change_form_template = "admin/django_ory/change_form.html"
    object_history_template = "admin/django_ory/object_history.html"

    def get_row_pages(self) -> Sequence[RowPage[Any]]:
        """Return the pages of each row, without Django's own."""
        return self.row_pages

    def has_page_permission(self, request: HttpRequest, row: Any, page: RowPage[Any]) -> bool:
        """Return whether the user may view the row and has the permission of the page."""
        name = page.permission
        is_permitted = not name or request.user.has_perm(f"{self.opts.app_label}.{name}")
        return bool(is_permitted and self.has_view_permission(request, row))

    def has_permission_for(self, request: HttpRequest, action: OryAction[Any]) -> bool:
        """Return whether the user may run this action."""
        return bool(getattr(self, f"has_{action.permission}_permission")(request))

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of the pages. Error reports leave out what is posted, and variables."""

        def view(function: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
            return self.admin_site.admin_view(sensitive_post_parameters()(sensitive_variables()(function)))

        prefix = f"{self.opts.app_label}_{self.opts.model_name}"
        urls = [
            path(
                f"<path:object_id>/{page.name}/",
                view(partial(self.row_page_view, page=page)),
                name=f"{prefix}_{page.name}",
            )
            for page in self.get_row_pages()
        ]
        return [*urls, *super().get_urls()]

    def row_page_view(self, request: HttpRequest, object_id: str, *, page: RowPage[Any]) -> HttpResponseBase:
        """Check the permission, call the view of the page, and show errors of Ory."""
        row = self.get_object(request, unquote(object_id))
        if not self.has_page_permission(request, row, page):
            raise PermissionDenied
        if row is None:
            return self.missing_row(request)
        try:
            return page.view(self, request, row)
        except ORY_ERRORS as error:
            reason = self.explain_error(row, error)
            if request.method == "POST":
                messages.error(request, reason)
                return self.redirect_to_page(request, row, page.parent or page.name)
            return self.render_row_page(
                request, row, page.name, "row_page.html", status=503, unavailable=reason
            )

    def explain_error(self, row: Any, error: Exception) -> str:
        """Return the reason of an error. If Ory does not have the resource, its row is marked as missing."""
        if isinstance(error, OryNotFound):
            try:
                if type(self).refresh_row(row).missing_since:
                    return _("This object no longer exists in Ory.")
            except ORY_ERRORS as another:
                return redact_hidden(error_text(another), row)
        return redact_hidden(error_text(error), row)

    def render_row_page(
        self, request: HttpRequest, row: Any, name: str, template: str, *, status: int = 200, **context: Any
    ) -> TemplateResponse:
        """Return a page with tabs, buttons and breadcrumbs.

        Args:
            request: The request.
            row: The row.
            name: The page in ``row_pages``.
            template: Below ``admin/django_ory/``; extends ``row_page.html``.
            status: The HTTP status.
            context: Values for the template. ``title`` replaces the title of the page.
        """
        context = {**self.get_row_context(request, row, name), **context}
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"admin/django_ory/{template}", context, status=status)

    def redirect_to_page(self, request: HttpRequest, row: Any, name: str) -> HttpResponseRedirect:
        """Redirect to a page of the row, after a POST. Keeps the filters of the list."""
        return self.redirect_back(request, self.url(name, quote(row.pk)))

    def finish_change(
        self, request: HttpRequest, row: Any, name: str, text: str, *, problems: Sequence[str] = ()
    ) -> HttpResponseRedirect:
        """Add messages with the result of a change and its failed follow-up steps, and redirect to a page."""
        messages.success(request, text)
        for problem in problems:
            messages.warning(request, problem)
        return self.redirect_to_page(request, row, name)

    def get_row_context(self, request: HttpRequest, row: Any, name: str) -> dict[str, Any]:
        """Return the context of a page of one row. ``name`` is a page in ``row_pages``."""
        page = next(page for page in self.get_row_pages() if page.name == name)
        parents = [each for each in self.get_row_pages() if each.name == page.parent]
        trail = [(each.title, self.url(each.name, quote(row.pk))) for each in parents]
        return {
            **self.get_page_context(request, row),
            **self.get_tab_context(request, row, page.parent or name),
            "breadcrumbs": [
                *self.list_breadcrumbs(),
                (str(row), self.row_url(row)),
                *trail,
                (page.title, ""),
            ],
            "title": page.title,
            "subtitle": str(row),
            "preserved_filters": self.get_preserved_filters(request),
            "url": self.url(name, quote(row.pk)),
        }

    def get_tab_context(self, request: HttpRequest, row: Any, current: str) -> dict[str, Any]:
        """Return the tabs and the buttons that the user may use on this row.

        Args:
            request: The request.
            row: The row.
            current: The name of the selected tab: of a page, ``"change"`` or ``"history"``.
        """
        pages = [
            (page.name, page.title)
            for page in self.get_row_pages()
            if not page.parent and self.has_page_permission(request, row, page) and page.is_available(row)
        ]
        return {
            "ory_tabs": [
                {"title": title, "url": self.url(name, quote(row.pk)), "is_current": name == current}
                for name, title in ((DETAILS, _("Details")), *pages, (HISTORY, _("History")))
            ],
            "ory_buttons": [
                {"label": action.button_label, "url": self.url("do", quote(row.pk), action.name)}
                for action in self.ory_actions
                if self.has_permission_for(request, action) and action.is_available(row)
            ],
        }

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the tabs to the page of a row."""
        if row := context.get("original"):
            context |= self.get_tab_context(request, row, DETAILS)
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the tabs to Django's page."""
        row = self.get_object(request, unquote(object_id))
        tabs = self.get_tab_context(request, row, HISTORY) if row else {}
        return super().history_view(
            request, object_id, {**tabs, "media": self.media, **(extra_context or {})}
        )
