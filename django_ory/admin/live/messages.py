"""The lists of mails and text messages of Kratos, and the page of one message.

The text of a message has codes and links. It is only in the response to a POST, and each reading is logged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.admin.models import CHANGE
from django.core.exceptions import PermissionDenied
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.admin.actions import write_log_entry
from django_ory.admin.display import render_value
from django_ory.admin.takeover import get_message_denial
from django_ory.client.identifiers import parse_uuid
from django_ory.client.models import Message
from django_ory.mirror import messages
from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.models import Identity

from .history import log_object_change
from .lists import PAGE_SIZE, LiveColumn, LiveList
from .pages import LivePage, get_status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrOrPromise

    from django_ory.client.pagination import ListedPage

PERSONAL = "view_personal_data"
MESSAGE_STATUS_LABELS: Mapping[str, Any] = {
    "queued": gettext_lazy("Waiting"),
    "processing": gettext_lazy("Being sent"),
    "sent": gettext_lazy("Sent"),
    "abandoned": gettext_lazy("Not sent"),
}
TYPE_LABELS: Mapping[str, Any] = {"email": gettext_lazy("Mail"), "phone": gettext_lazy("Text message")}


def render_status(message: Message) -> str:
    """Return the status in words; as in Ory's response for one that Ory added."""
    return str(MESSAGE_STATUS_LABELS.get(message.status, message.status))


class MessageStatusFilter(forms.Form):
    """The filter of the messages to one identity."""

    status = forms.ChoiceField(
        required=False,
        label=gettext_lazy("status"),
        choices=(("", gettext_lazy("All")), *MESSAGE_STATUS_LABELS.items()),
    )


class MessageFilter(MessageStatusFilter):
    """The filter of the list of all messages."""

    recipient = forms.CharField(
        required=False,
        max_length=320,
        label=gettext_lazy("Recipient"),
        help_text=gettext_lazy("The whole address, in exactly its spelling."),
    )


class MessageList(LiveList[Message]):
    """All messages."""

    name = "messages"
    title = gettext_lazy("Messages")
    permission = "view_message"
    required_setting = "kratos_admin_url"
    filter_form: ClassVar[type[forms.Form]] = MessageFilter
    empty_text: _StrOrPromise = gettext_lazy(
        "Kratos has sent no messages, or has deleted them after its retention time."
    )

    def get_columns(self) -> Sequence[LiveColumn[Any]]:
        """Return the columns; the first one has the link to the page of the message."""
        return (
            LiveColumn[Message](name="template", label=gettext_lazy("message"), value=self.render_link),
            LiveColumn[Message](
                name="type",
                label=gettext_lazy("type"),
                value=lambda message: TYPE_LABELS.get(message.type, message.type),
            ),
            LiveColumn[Message](
                name="recipient",
                label=gettext_lazy("recipient"),
                value=lambda message: message.recipient,
                permission=PERSONAL,
            ),
            LiveColumn[Message](name="status", label=gettext_lazy("status"), value=render_status),
            LiveColumn[Message](
                name="send_count", label=gettext_lazy("attempts"), value=lambda message: message.send_count
            ),
            LiveColumn[Message](
                name="created_at", label=gettext_lazy("created at"), value=lambda message: message.created_at
            ),
        )

    def build_filter_form(self) -> forms.Form:
        """Build the form; without the recipient if the user may not see addresses."""
        form = super().build_filter_form()
        if not self.has_permission(PERSONAL):
            form.fields.pop("recipient", None)
        return form

    def read(self, filters: Mapping[str, Any], page_token: str) -> ListedPage[Message]:
        return messages.list_messages(
            self.alias,
            status=filters["status"],
            recipient=filters.get("recipient") or "",
            page_size=PAGE_SIZE,
            page_token=page_token,
        )

    def get_key(self, item: Message) -> str:
        return str(parse_uuid(item.id) or "")

    def render_link(self, message: Message) -> Any:
        """Return the kind of the message, with a link to its page."""
        text, key = message.template_type or message.id, self.get_key(message)
        if not key:
            return text
        return format_html('<a href="{}">{}</a>', self.get_subpage_url(MessagePage, id=key), text[:100])


class IdentityMessageList(MessageList):
    """The messages to the addresses of one identity."""

    filter_form = MessageStatusFilter
    empty_text: _StrOrPromise = gettext_lazy("Kratos has no messages to the addresses of this identity.")

    def build_filter_form(self) -> forms.Form:
        """Add the addresses, as they are in Kratos now."""
        form = super().build_filter_form()
        self.addresses, self.problem = [], None
        try:
            self.addresses = messages.list_addresses(self.alias, self.get_row().log_name)
        except ORY_ERRORS as error:
            self.problem = error
        if len(self.addresses) > 1:
            shown = self.has_permission(PERSONAL)
            choices = [
                (str(index), address if shown else _("Address %(number)s") % {"number": index + 1})
                for index, address in enumerate(self.addresses)
            ]
            form.fields["address"] = forms.ChoiceField(
                required=False, label=_("address"), choices=[("", _("All")), *choices]
            )
        return form

    def read(self, filters: Mapping[str, Any], page_token: str) -> ListedPage[Message]:
        if self.problem is not None:
            raise self.problem
        selected = filters.get("address") or ("0" if len(self.addresses) == 1 else "")
        if not selected:
            return messages.list_identity_messages(
                self.alias, self.addresses, status=filters["status"], page_size=PAGE_SIZE
            )
        recipient = {"recipient": self.addresses[int(selected)]}
        return super().read({**filters, **recipient}, page_token)


class MessagePage(LivePage):
    """One message, with the attempts to send it. A POST shows the text."""

    name = "message"
    title = gettext_lazy("Message")
    permission = "view_message"
    required_setting = "kratos_admin_url"
    template = "live/message.html"
    is_listed = False
    parent = MessageList

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the message without its text."""
        return self.show()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Show the message with its text, after the entry in the history."""
        if not self.has_permission("view_message_body"):
            raise PermissionDenied
        return self.show(has_text=True)

    def show(self, *, has_text: bool = False) -> HttpResponse:
        """Read the message and return the page.

        Raises PermissionDenied if the text gives access to a user with more rights.
        """
        may_read, denial = self.has_permission("view_message_body"), ""
        try:
            message = self.read()
            if message is not None and may_read:
                row = self.row if isinstance(self.row, Identity) else None
                denial = get_message_denial(self.request, row, alias=self.alias, recipient=message.recipient)
        except ORY_ERRORS as error:
            return self.render(problem=error_text(error), status=get_status(error))
        if message is None:
            return self.render(problem=_("This message does not exist any more."))
        if has_text:
            if denial:
                raise PermissionDenied(denial)
            self.log_reading(message)
        is_personal = self.has_permission(PERSONAL)
        fields = [
            (_("Message"), message.template_type or "-"),
            (_("Type"), TYPE_LABELS.get(message.type, message.type)),
            *([(_("Recipient"), message.recipient)] if is_personal else []),
            (_("Status"), render_status(message)),
            (_("Attempts"), message.send_count),
            (_("Created at"), message.created_at),
        ]
        return self.render(
            fields=[(label, render_value(value)) for label, value in fields],
            dispatches=[
                {
                    "status": render_value(dispatch.status),
                    "created_at": render_value(dispatch.created_at),
                    "error": render_value(_get_error(dispatch.error)) if is_personal else "",
                }
                for dispatch in message.dispatches[:PAGE_SIZE]
            ],
            shows_errors=is_personal,
            can_show_text=may_read and not denial and not has_text,
            denial=denial,
            text={"subject": message.subject, "body": message.body} if has_text else None,
        )

    def read(self) -> Message | None:
        """Read the message of the request; None if it is not one to the identity of this page."""
        key = parse_uuid(self.request.GET.get("id"))
        if key is None:
            return None
        message = messages.read_message(self.alias, key)
        if self.row is None:
            return message
        addresses = messages.list_addresses(self.alias, self.row.log_name)
        return message if message.recipient in addresses else None

    def log_reading(self, message: Message) -> None:
        """Add the entry that the text was read: to the identity, or to the message."""
        text = f"Text of message {message.id} read."
        if self.row is not None:
            write_log_entry(self.request.user.pk, self.row, CHANGE, text)
        else:
            log_object_change(
                self.request,
                Identity,
                object_id=f"message:{message.id}",
                name=f"message {message.id}",
                message=text,
            )


def _get_error(error: Any) -> str:
    """Return the reason why an attempt failed."""
    if isinstance(error, dict):
        found = error.get("reason") or error.get("message") or error.get("error")
        return str(found or error)
    return str(error or "")
