"""Event streams of Ory Network: the destinations of a project's events."""

from __future__ import annotations

from .model import AwareDatetime, NullableList, OryBody, OryModel


class _EventStreamFields(OryModel):
    https_auth_header_name: str | None = None
    https_auth_secret: str | None = None
    https_auth_type: str | None = None
    https_endpoint: str | None = None
    role_arn: str | None = None
    status: str | None = None
    topic_arn: str | None = None
    type: str | None = None


class EventStream(_EventStreamFields):
    """An event stream: ``type`` is sns or https."""

    created_at: AwareDatetime | None = None
    http_protocol_major_version: int | None = None
    id: str | None = None
    updated_at: AwareDatetime | None = None


class ListEventStreams(OryModel):
    """All event streams of a project."""

    event_streams: NullableList[EventStream] = []


class CreateEventStreamBody(_EventStreamFields, OryBody):
    """An event stream to create."""


class SetEventStreamBody(_EventStreamFields, OryBody):
    """An event stream to change."""
