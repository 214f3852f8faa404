"""Mails and text messages of Kratos. ``body`` contains codes and links: a secret."""

from __future__ import annotations

from .model import AwareDatetime, NullableList, OryModel


class MessageDispatch(OryModel):
    """One attempt to send a message."""

    id: str = ""
    message_id: str = ""
    status: str = ""
    error: object = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


class Message(OryModel):
    """A mail or text message: queued, sent, processing or abandoned.

    ``dispatches`` is only set for a single message.
    """

    id: str
    type: str = ""
    status: str = ""
    recipient: str = ""
    subject: str = ""
    body: str = ""
    template_type: str = ""
    channel: str | None = None
    send_count: int = 0
    dispatches: NullableList[MessageDispatch] = []
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
