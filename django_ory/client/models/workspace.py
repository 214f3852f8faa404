"""Workspaces of Ory Network: groups of projects and their members."""

from __future__ import annotations

from .model import AwareDatetime, NullableList, OryBody, OryModel, TokenPage


class Workspace(OryModel):
    """A workspace."""

    id: str
    access_policy: str | None = None
    created_at: AwareDatetime | None = None
    name: str | None = None
    organization_id: str | None = None
    subscription_id: str | None = None
    subscription_plan: str | None = None
    updated_at: AwareDatetime | None = None


class ListWorkspaces(TokenPage):
    """One page of workspaces."""

    has_next_page: bool | None = None
    workspaces: NullableList[Workspace] = []

    def page_items(self) -> list[Workspace]:
        """Return the items of the page."""
        return self.workspaces


class CreateWorkspaceBody(OryBody):
    """A workspace to create."""

    name: str | None = None


class UpdateWorkspaceBody(OryBody):
    """A workspace to change."""

    access_policy: str | None = None
    name: str | None = None


class WorkspaceApiKey(OryModel):
    """An API key. ``value`` is only in the response that created the key."""

    id: str
    created_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    last_characters: str | None = None
    name: str | None = None
    owner_id: str | None = None
    updated_at: AwareDatetime | None = None
    value: str | None = None
    workspace_id: str | None = None


class CreateWorkspaceApiKeyBody(OryBody):
    """An API key to create."""

    expires_at: AwareDatetime | None = None
    name: str | None = None
