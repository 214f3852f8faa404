"""The base class of the admin pages: read-only rows of the projects that use them, and a private history."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from django_ory.conf import OryConfigurationError, aliases, get_settings
from django_ory.models import ProjectRow

from .actions import write_log_entry

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


def select_aliases(is_selected: Callable[[str], object]) -> list[str]:
    """Return the aliases for which ``is_selected`` is true; none with invalid settings."""
    try:
        return [alias for alias in aliases() if is_selected(alias)]
    except OryConfigurationError:  # reported by a system check; the admin must not fail
        return []


def configured_aliases(setting: str) -> list[str]:
    """Return the aliases with a value for ``setting``, a field of OrySettings such as ``"hydra_admin_url"``.

    "" for all aliases.
    """
    return select_aliases(lambda alias: not setting or getattr(get_settings(alias), setting))


class RowAdmin(ModelAdmin):
    """Shows the rows of the projects that ``configured`` returns."""

    #: The field of OrySettings without which a project does not use these rows; "": all projects use them.
    required_setting: ClassVar[str] = ""

    list_per_page = 50

    class Media:
        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("ory/admin.css",)}

    def configured(self) -> list[str]:
        """Return the aliases that use these rows. The pages are hidden without one."""
        return configured_aliases(self.required_setting)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: rows are read-only, and changed by actions."""
        return False

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Hide the model in the index if no alias uses it."""
        return super().get_model_perms(request) if self.configured() else {}

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Return the filters, without the alias if there is only one."""
        hidden = () if len(self.configured()) > 1 else ("alias",)
        return [name for name in super().get_list_filter(request) if name not in hidden]

    def url(self, page: str, *args: object) -> str:
        """Return the URL of one of this model's admin pages."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=args, current_app=self.admin_site.name)

    def row_url(self, row: ProjectRow) -> str:
        """Return the URL of a row's page."""
        return self.url("change", quote(row.pk))

    def missing_row(self, request: HttpRequest) -> HttpResponseRedirect:
        """Redirect to the list, for a row that was deleted in the meantime."""
        messages.warning(request, _("This object no longer exists."))
        return self.redirect_back(request, self.url("changelist"))

    def redirect_back(self, request: HttpRequest, url: str) -> HttpResponseRedirect:
        """Redirect, and keep the filters of the list."""
        context: Any = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return HttpResponseRedirect(add_preserved_filters(context, url))

    def list_breadcrumbs(self) -> list[tuple[Any, str]]:
        """Return the titles and URLs of the app and of the list, which are above every page of a row."""
        site, label = self.admin_site.name, self.opts.app_label
        return [
            (self.opts.app_config.verbose_name, reverse("admin:app_list", args=[label], current_app=site)),
            (capfirst(self.opts.verbose_name_plural), self.url("changelist")),
        ]

    def get_page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return the context that all pages of our own about a row have."""
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "has_view_permission": self.has_view_permission(request, row),
            "media": self.media,
            "url": self.row_url(row),
        }

    def render_page(self, request: HttpRequest, row: Any, template: str, **context: Any) -> TemplateResponse:
        """Return a page of our own about a row."""
        context = {**self.get_page_context(request, row), **context}
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"admin/django_ory/{template}", context)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        """Add Django's entry to the history, without personal data."""
        return write_log_entry(request.user.pk, obj, ADDITION, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        """Add Django's entry to the history, without personal data."""
        return write_log_entry(request.user.pk, obj, CHANGE, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> list[LogEntry]:
        """Add Django's entries to the history, without personal data."""
        return [write_log_entry(request.user.pk, each, DELETION, "") for each in queryset]
