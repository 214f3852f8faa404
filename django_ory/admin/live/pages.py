"""The base class of the admin pages about Ory's data that is not mirrored: plain views, not models."""

from __future__ import annotations

from abc import ABC
from typing import TYPE_CHECKING, Any, ClassVar, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views import View

from django_ory.admin.row_pages import RowPage
from django_ory.admin.rows import configured_aliases
from django_ory.client import OryAPIError, OryTimeout, OryTransportError
from django_ory.conf import DEFAULT_ALIAS
from django_ory.mirror.errors import error_text

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase
    from django.urls import URLPattern
    from django.utils.functional import _StrOrPromise

    from django_ory.admin.row_pages import RowPagesAdmin
    from django_ory.models import Mirrored

MAX_KEY_LENGTH = 2000  # of an id or a page token in a request


class LivePage(ABC, View):
    """A page of the admin that reads Ory when it is opened. One instance serves one request.

    ``LIVE_PAGES`` of ``index.py`` adds a page to the URLs of a model. ``build_row_page`` returns the page of
    one row, for ``row_pages`` of an admin class.
    """

    name: ClassVar[str]  #: in the URL; the URL's name is ``admin:django_ory_<name>``
    title: ClassVar[_StrOrPromise]
    permission: ClassVar[str]  #: such as ``"view_session"``
    required_setting: ClassVar[str]  #: the field of OrySettings without which the page is hidden
    template: ClassVar[str]  #: below ``admin/django_ory/``
    is_listed: ClassVar[bool] = True  #: False for a page that other pages link to
    parent: ClassVar[type[LivePage] | None] = None  #: the page that links to this one, for the breadcrumbs
    http_method_names = ["get", "head", "post"]  # noqa: RUF012 (as Django declares it)

    model_admin: RowPagesAdmin = cast(
        "RowPagesAdmin", None
    )  # set by as_view, which accepts only existing names
    row: Mirrored | None = None

    @classmethod
    def build_url(cls, model_admin: RowPagesAdmin) -> URLPattern:
        """Return the URL pattern of the page among those of a model."""
        view = model_admin.admin_site.admin_view(cls.as_view(model_admin=model_admin))
        return path(f"{cls.name}/", view, name=f"django_ory_{cls.name}")

    @classmethod
    def build_row_page(cls, *, parent: str = "") -> RowPage[Any]:
        """Return the page of one row, with its tab; with ``parent`` without a tab of its own."""

        def view(model_admin: RowPagesAdmin, request: HttpRequest, row: Mirrored) -> HttpResponseBase:
            return cls.as_view(model_admin=model_admin, row=row)(request)

        return RowPage(
            name=cls.name,
            title=cls.title,
            permission=cls.permission,
            view=view,
            parent=parent,
            is_available=lambda row: row.alias in cls.list_aliases(),
        )

    @classmethod
    def get_link(cls, request: HttpRequest, *, site: str) -> str:
        """Return the URL of the page for lists of pages.

        "" if it is not listed, the user may not open it, or no project has its setting.
        """
        if not (cls.is_listed and has_permission(request, cls.permission) and cls.list_aliases()):
            return ""
        return reverse(f"admin:django_ory_{cls.name}", current_app=site)

    @classmethod
    def list_aliases(cls) -> list[str]:
        """Return the projects that have the setting."""
        return configured_aliases(cls.required_setting)

    @property
    def alias(self) -> str:
        """The project of the row, or the one that the request selects."""
        if self.row is not None:
            return self.row.alias
        aliases = self.list_aliases()
        selected = self.request.GET.get("alias", "")
        return selected if selected in aliases else next(iter(aliases), DEFAULT_ALIAS)

    def get_row(self) -> Mirrored:
        """Return the row of this page. Raises TypeError for a page that is not about one row."""
        if self.row is None:
            raise TypeError("This page has no row.")
        return self.row

    def has_permission(self, permission: str) -> bool:
        """Return whether the staff user has a permission of this app; "" is no permission to check."""
        return has_permission(self.request, permission)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check the permission, that the user may see the row, and that the project exists."""
        may_view = self.row is None or self.model_admin.has_view_permission(request, self.row)
        if not (may_view and self.has_permission(self.permission)):
            raise PermissionDenied
        if self.row is None and request.GET.get("alias", self.alias) != self.alias:
            raise Http404  # and not the first project: a key may exist there, too
        return super().dispatch(request, *args, **kwargs)

    def render(self, template: str = "", *, status: int = 200, **context: Any) -> HttpResponse:
        """Return a page in the look of the admin, with the tabs of the row if there is one.

        The template is below ``admin/django_ory/``; it extends ``frame`` and fills the block ``page``.
        """
        admin, request = self.model_admin, self.request
        if self.row is None:
            frame = {
                **admin.admin_site.each_context(request),
                "frame": "admin/django_ory/live/page.html",
                "opts": admin.opts,
                "media": admin.media,
                "title": self.title,
                "breadcrumbs": self.list_breadcrumbs(context.get("title")),
            }
        else:
            frame = {
                **admin.get_row_context(request, self.row, self.name),
                "frame": "admin/django_ory/live/row_page.html",
            }
        context = {**frame, "page_url": request.get_full_path(), **context}
        request.current_app = admin.admin_site.name
        path = f"admin/django_ory/{template or self.template}"
        return TemplateResponse(request, path, context, status=status)

    def list_breadcrumbs(self, subtitle: object = None) -> list[tuple[object, str]]:
        """Return titles with their URLs, without the index. ``subtitle``: of a page below this one."""
        app, changelist = self.model_admin.list_breadcrumbs()
        may_view = self.model_admin.has_view_permission(self.request)
        trail: list[tuple[object, str]] = [app, changelist] if may_view else [app]
        if self.parent is not None:
            trail.append((self.parent.title, self.get_subpage_url(self.parent)))
        page = (self.title, self.request.get_full_path() if subtitle else "")
        return [*trail, page, *([(subtitle, "")] if subtitle else [])]

    def get_subpage_url(self, page: type[LivePage], **query: str) -> str:
        """Return the URL of another page: of the same row, or among those without a row."""
        if self.row is not None:
            url = self.model_admin.url(page.name, quote(self.row.pk))
        else:
            url = reverse(f"admin:django_ory_{page.name}", current_app=self.model_admin.admin_site.name)
        alias = {"alias": self.alias} if self.row is None and len(self.list_aliases()) > 1 else {}
        parameters = urlencode({**alias, **query})
        return f"{url}?{parameters}" if parameters else url

    def redirect(self, url: str = "") -> HttpResponseRedirect:
        """Redirect with GET, by default to this page with its filters."""
        return HttpResponseRedirect(url or self.request.get_full_path())

    def report_error(self, error: Exception) -> None:
        """Add a message about a change that Ory did not confirm."""
        messages.error(self.request, describe_failed_change(error))


def has_permission(request: HttpRequest, permission: str) -> bool:
    """Return whether the user has a permission of this app; True for ""."""
    return not permission or bool(request.user.has_perm(f"django_ory.{permission}"))


def describe_failed_change(error: Exception) -> str:
    """Return the reason why a change failed. After a timeout the page shows Ory's state at once."""
    if isinstance(error, OryTimeout):
        return _(
            "Ory timed out, so it is unknown whether the change was made. This page shows the present state. "
            "Repeat the change if it is not there."
        )
    return error_text(error)


def get_status(error: Exception) -> int:
    """Return the HTTP status of a page that could not be read from Ory: 503 for an outage, else 200."""
    is_outage = isinstance(error, OryTransportError) or (
        isinstance(error, OryAPIError) and (error.status >= 500 or error.status == 429)
    )
    return 503 if is_outage else 200
