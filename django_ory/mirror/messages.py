"""Mails and text messages of Kratos' courier. Their texts contain codes and links, so lists have none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django_ory.client.pagination import ListedPage
from django_ory.clients import get_client

if TYPE_CHECKING:
    from uuid import UUID

    from django_ory.client.models import Message

__all__ = ["list_addresses", "list_identity_messages", "list_messages", "read_message"]

MAX_ADDRESSES = 10
LISTED_FIELDS = (
    *("id", "type", "status", "recipient", "template_type", "channel", "send_count", "created_at"),
    "updated_at",
)
_EARLIEST = datetime.min.replace(tzinfo=UTC)


def list_messages(
    alias: str,
    *,
    page_size: int,
    page_token: str = "",
    status: str = "",
    recipient: str = "",
) -> ListedPage[Message]:
    """Return one page of the messages, newest first, without subjects and texts.

    Args:
        alias: The key in ``settings.ORY``.
        page_size: The number of messages, at most 250.
        page_token: ``next_token`` of the page before.
        status: queued, processing, sent or abandoned; "" for all.
        recipient: An address in exactly the spelling of the message; "" for all.

    Raises:
        OryBadRequest: Kratos rejects the page token or the status.
        OryError: Kratos failed.

    """
    client = get_client(alias)
    page = client.read_page(
        client.admin_list_courier_messages,
        status=status or None,
        recipient=recipient or None,
        page_size=page_size,
        page_token=page_token,
    )
    return replace(page, items=[_without_text(message) for message in page.items])


def list_addresses(alias: str, identity_id: UUID | str) -> list[str]:
    """Return the addresses of an identity, as Kratos has them now: at most ten. Raises OryError."""
    identity = get_client(alias).admin_get_identity(str(identity_id))
    found = [each.value for each in identity.verifiable_addresses]
    found += [each.value for each in identity.recovery_addresses]
    return list(dict.fromkeys(address for address in found if address))[:MAX_ADDRESSES]


def list_identity_messages(
    alias: str, addresses: list[str], *, page_size: int, status: str = ""
) -> ListedPage[Message]:
    """Return the newest messages to several addresses, sorted by time, with at most ``page_size`` for each.

    The page has no next one: tokens belong to one address. Raises as ``list_messages`` does.
    """
    found = [
        message
        for address in addresses
        for message in list_messages(alias, recipient=address, status=status, page_size=page_size).items
    ]
    return ListedPage(sorted(found, key=lambda message: message.created_at or _EARLIEST, reverse=True))


def read_message(alias: str, message_id: UUID | str) -> Message:
    """Return one message with its text and the attempts to send it. Never log or store the text.

    Raises OryNotFound and OryError.
    """
    return get_client(alias).get_courier_message(str(message_id))


def _without_text(message: Message) -> Message:
    """Return a copy with known fields only: newer servers may have another field for the text."""
    listed = {name: getattr(message, name) for name in LISTED_FIELDS}
    return type(message).model_construct(None, **listed)
