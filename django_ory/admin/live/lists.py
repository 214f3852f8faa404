"""The base class of lists that are read from Ory page by page, in the look of Django's changelist."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.admin.display import render_value
from django_ory.client import OryBadRequest, OryNotFound, OryUsageError
from django_ory.client.pagination import ListedPage
from django_ory.mirror.errors import ORY_ERRORS, error_text

from .pages import MAX_KEY_LENGTH, LivePage, get_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrOrPromise

__all__ = ["PAGE_SIZE", "LiveAction", "LiveColumn", "LiveList"]

ItemT = TypeVar("ItemT")

PAGE_SIZE = 50
MAX_ITEMS = 500  # of one page, if a server ignores the size
INVALID_TOKEN = gettext_lazy("The page token of this URL is not valid. Start at the first page.")


@dataclass(frozen=True, kw_only=True)
class LiveColumn(Generic[ItemT]):
    """A column of a list. ``value`` returns text, a number, a time, a bool, a list of texts, or safe HTML."""

    name: str
    label: _StrOrPromise
    value: Callable[[ItemT], Any]
    permission: str = ""  #: without this permission the column is hidden


@dataclass(frozen=True, kw_only=True)
class LiveAction(Generic[ItemT]):
    """A change that staff can make by a button: in the row of an item, or above the list.

    ``run`` gets the page and the key of the item, changes Ory, adds the entry to the history, and returns a
    sentence for each step after the change that failed. It raises the errors of ``ORY_ERRORS``.
    """

    name: str
    label: _StrOrPromise
    permission: str
    run: Callable[[Any, str], Iterable[str]]
    success: _StrOrPromise  #: the message after the change
    confirmation: _StrOrPromise = ""  #: a question; "" runs the action at once
    is_for_list: bool = False  #: True: one button above the list, with the key of ``get_list_key``
    needs_typed_key: bool = False  #: the user must type the key on the page of the confirmation
    is_available: Callable[[ItemT], bool] = lambda item: True


class LiveList(LivePage, Generic[ItemT]):
    """A list of Ory's items, paged by Ory's tokens.

    ::

        class KeyFilter(forms.Form):
            q = forms.CharField(required=False, label="Name")            # the search bar
            status = forms.ChoiceField(required=False, choices=[...])    # the filter at the side

        class MessageList(LiveList[Message]):
            name, title = "messages", "Messages"
            permission, required_setting = "view_message", "kratos_admin_url"
            filter_form = MessageFilter
            columns = (LiveColumn(name="status", label="Status", value=lambda message: message.status),)
            actions = (LiveAction(name="remove", label="Remove", permission="...", run=remove,
                                  success="Removed.", confirmation="Remove this message?"),)

            def read(self, filters, page_token):
                return list_messages(self.alias, status=filters["status"], page_token=page_token)

            def get_key(self, message):
                return message.id

    GET shows one page and changes nothing. A POST of a button shows the question, and with ``confirm`` runs
    the action; then the list is read again. While Ory is down, the page has the reason and status 503.
    """

    template = "live/list.html"
    confirm_template: ClassVar[str] = "live/confirm.html"
    filter_form: ClassVar[type[forms.Form]] = forms.Form
    columns: ClassVar[Sequence[LiveColumn[Any]]]
    actions: ClassVar[Sequence[LiveAction[Any]]] = ()
    empty_text: _StrOrPromise = gettext_lazy("Nothing was found.")
    help_text: _StrOrPromise = ""

    @abstractmethod
    def read(self, filters: Mapping[str, Any], page_token: str) -> ListedPage[ItemT]:
        """Read one page of ``PAGE_SIZE`` items. ``filters``: the cleaned data of the filter form.

        Raises the errors of ``ORY_ERRORS``.
        """

    @abstractmethod
    def get_key(self, item: ItemT) -> str:
        """Return the text that identifies an item in the form of a button; "" for an item without actions."""

    def get_list_key(self) -> str:
        """Return the key of actions above the list; "" if there is nothing to act on."""
        return ""

    def get_columns(self) -> Sequence[LiveColumn[Any]]:
        """Return the columns, before the permissions are checked."""
        return self.columns

    def list_tool_links(self) -> list[dict[str, Any]]:
        """Return the links above the list: ``title`` and ``url``."""
        return []

    def describe_key(self, key: str) -> str:
        """Return the name of an item on the page of the confirmation, without personal data."""
        return key

    def build_filter_form(self) -> forms.Form:
        """Build the form. Subclasses remove fields that the user may not use."""
        form = self.filter_form(self.request.GET, auto_id="filter_%s")
        for field in form.fields.values():
            field.widget.attrs.setdefault("size", "40")  # as the search of Django's lists
        aliases = self.list_aliases()
        if self.row is None and len(aliases) > 1:
            choices = [(alias, alias) for alias in aliases]
            form.fields["alias"] = forms.ChoiceField(required=False, label=_("Ory project"), choices=choices)
        return form

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of the list."""
        form, signed = self.build_filter_form(), request.GET.get("page_token", "")
        page: ListedPage[ItemT] = ListedPage(items=[])
        problem: _StrOrPromise = ""
        status = 200
        if form.is_valid():
            try:
                page = self.read(form.cleaned_data, self.get_signer().unsign(signed) if signed else "")
            except signing.BadSignature:
                problem = INVALID_TOKEN
            except ORY_ERRORS as error:
                problem, status = self.describe_problem(error, signed), get_status(error)
        columns = [column for column in self.get_columns() if self.has_permission(column.permission)]
        allowed = [action for action in self.actions if self.has_permission(action.permission)]
        row_actions = [action for action in allowed if not action.is_for_list]
        items = [self.build_row(item, columns, row_actions) for item in page.items[:MAX_ITEMS]]
        return self.render(
            status=status,
            form=form,
            filters=self.build_side_filters(form),
            search_fields=[field for field in form if not isinstance(field.field, forms.ChoiceField)],
            hidden_parameters=[
                (name, value)
                for name, value in request.GET.items()
                if name in form.fields and isinstance(form.fields[name], forms.ChoiceField)
            ],
            columns=columns,
            items=items,
            has_row_actions=any(item["actions"] for item in items),
            is_cut=len(page.items) > MAX_ITEMS,
            problem=problem,
            empty_text=self.empty_text,
            help_text=self.help_text,
            first_url=self.build_query(page_token=None) if signed else "",
            next_url=self.build_next_query(page.next_token),
            list_actions=[action for action in allowed if action.is_for_list] if self.get_list_key() else [],
            tool_links=self.list_tool_links(),
        )

    def describe_problem(self, error: Exception, page_token: str) -> str:
        """Return the reason why the list could not be read."""
        if page_token and isinstance(error, (OryBadRequest, OryNotFound, OryUsageError)):
            return str(INVALID_TOKEN)
        return error_text(error)

    def build_row(
        self, item: ItemT, columns: Sequence[LiveColumn[ItemT]], actions: Sequence[LiveAction[ItemT]]
    ) -> dict[str, Any]:
        """Build the cells and buttons of one item. ``actions``: those that the user may run in a row."""
        key = self.get_key(item)
        return {
            "key": key,
            "cells": [(column.name, column.label, render_value(column.value(item))) for column in columns],
            "actions": [action for action in actions if key and action.is_available(item)],
            "is_unreadable": getattr(item, "is_unreadable", False),
        }

    def build_side_filters(self, form: forms.Form) -> list[dict[str, Any]]:
        """Build the links of the filters with choices."""
        filters = []
        for field in form:
            if isinstance(field.field, forms.ChoiceField):
                options: Any = field.field.choices
                selected = self.alias if field.name == "alias" else self.request.GET.get(field.name, "")
                choices = [
                    {
                        "label": label,
                        "is_selected": str(value) == selected,
                        "url": self.build_query(**{field.name: value or None, "page_token": None}),
                    }
                    for value, label in options
                ]
                filters.append({"title": field.label, "choices": choices})
        return filters

    def build_query(self, **changes: str | None) -> str:
        """Return the query of this page with some parameters changed; None removes one."""
        query = self.request.GET.copy()
        for name, value in changes.items():
            query.pop(name, None)
            if value is not None:
                query[name] = value
        return f"?{query.urlencode()}"

    def build_next_query(self, token: str) -> str:
        """Return the query of the next page; "" without a token, or with one that is too long for a URL."""
        if not token or len(token) > MAX_KEY_LENGTH:
            return ""
        return self.build_query(page_token=self.get_signer().sign(token))

    def get_signer(self) -> signing.Signer:
        """Return the signer of page tokens: Hydra 2.3 returns the first page for an invalid token."""
        return signing.Signer(salt=f"django_ory.live.{self.name}.{self.alias}")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask for a confirmation, or run an action."""
        action = next((each for each in self.actions if each.name == request.POST.get("action")), None)
        if action is None:
            raise Http404
        if not self.has_permission(action.permission):
            raise PermissionDenied
        key = self.get_list_key() if action.is_for_list else request.POST.get("key", "")
        if not key or len(key) > MAX_KEY_LENGTH or "\x00" in key:
            messages.error(request, _("The request has no valid id, so nothing was changed."))
            return self.redirect()
        if action.confirmation and not request.POST.get("confirm"):
            return self.render_confirmation(action, key)
        if action.needs_typed_key and request.POST.get("typed_key", "").strip() != key:
            return self.render_confirmation(action, key, has_wrong_key=True)
        try:
            problems = list(action.run(self, key))
        except OryNotFound:
            messages.warning(request, _("Ory has no such object any more, so nothing was changed."))
        except ORY_ERRORS as error:
            self.report_error(error)
        else:
            if not problems:
                messages.success(request, action.success)
            for problem in problems:
                messages.warning(request, problem)
        return self.redirect()

    def render_confirmation(
        self, action: LiveAction[Any], key: str, *, has_wrong_key: bool = False
    ) -> HttpResponse:
        """Return the page with the question."""
        return self.render(
            self.confirm_template,
            title=action.label,
            action=action,
            key=key,
            key_name=self.describe_key(key),
            has_wrong_key=has_wrong_key,
        )
