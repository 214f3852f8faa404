"""Projects of Ory Network, as the Ory Console shows them, and the destinations of their events."""

from __future__ import annotations

from typing import Any

from .model import AwareDatetime, NullableList, OryBody, OryModel
from .organization import BasicOrganization
from .workspace import Workspace


class _ProjectService(OryModel):
    config: dict[str, Any] | None = None


class ProjectServiceAccountExperience(_ProjectService):
    """Configuration of the pages that Ory hosts."""


class ProjectServiceIdentity(_ProjectService):
    """Configuration of Kratos."""


class ProjectServiceOAuth2(_ProjectService):
    """Configuration of Hydra."""


class ProjectServicePermission(_ProjectService):
    """Configuration of Keto."""


class ProjectServiceTalos(_ProjectService):
    """Configuration of the API keys."""


class ProjectServices(OryModel):
    """The configuration of each service."""

    account_experience: ProjectServiceAccountExperience | None = None
    identity: ProjectServiceIdentity | None = None
    oauth2: ProjectServiceOAuth2 | None = None
    permission: ProjectServicePermission | None = None
    talos: ProjectServiceTalos | None = None


class ProjectCors(OryModel):
    """The origins that may call the project."""

    enabled: bool | None = None
    origins: NullableList[str] = []


class Project(OryModel):
    """A project."""

    id: str
    cors_admin: ProjectCors | None = None
    cors_public: ProjectCors | None = None
    environment: str | None = None
    home_region: str | None = None
    name: str | None = None
    organizations: NullableList[BasicOrganization] = []
    revision_id: str | None = None
    services: ProjectServices | None = None
    slug: str | None = None
    state: str | None = None
    workspace_id: str | None = None


class ProjectMetadata(OryModel):
    """A project, in a list."""

    id: str
    created_at: AwareDatetime | None = None
    environment: str | None = None
    home_region: str | None = None
    hosts: NullableList[str] = []
    name: str | None = None
    slug: str | None = None
    state: str | None = None
    subscription_id: str | None = None
    subscription_plan: str | None = None
    updated_at: AwareDatetime | None = None
    workspace: Workspace | None = None
    workspace_id: str | None = None


class ListWorkspaceProjects(OryModel):
    """The projects of a workspace."""

    has_next_page: bool | None = None
    next_page: str | None = None
    projects: NullableList[ProjectMetadata] = []


class ProjectMember(OryModel):
    """A member of a project."""

    id: str
    break_glass: bool | None = None
    email: str | None = None
    email_verified: bool | None = None
    name: str | None = None
    organization_id: str | None = None
    role: str | None = None
    source: str | None = None


class ProjectApiKey(OryModel):
    """An API key. ``value`` is only in the response that created the key."""

    id: str
    created_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    last_characters: str | None = None
    name: str | None = None
    owner_id: str | None = None
    project_id: str | None = None
    updated_at: AwareDatetime | None = None
    value: str | None = None


class CreateProjectBody(OryBody):
    """A project to create: ``environment`` is prod, stage or dev."""

    environment: str | None = None
    home_region: str | None = None
    name: str | None = None
    workspace_id: str | None = None


class CreateProjectApiKeyBody(OryBody):
    """An API key to create."""

    expires_at: AwareDatetime | None = None
    name: str | None = None


class SetProject(OryBody):
    """A replacement of a project."""

    cors_admin: ProjectCors | None = None
    cors_public: ProjectCors | None = None
    name: str | None = None
    organizations: NullableList[BasicOrganization] = []
    services: ProjectServices | None = None


class Warning(OryModel):  # noqa: A001 (the name that Ory uses)
    """A warning about a change."""

    code: int | None = None
    message: str | None = None


class SuccessfulProjectUpdate(OryModel):
    """The project after a change."""

    project: Project
    warnings: NullableList[Warning] = []


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
