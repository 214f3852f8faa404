"""Workspaces of Ory Network: several projects and the people who work on them."""

from __future__ import annotations

from .model import Many, OryBody, OryModel, Time, TokenPage

__all__ = [
    "CreateWorkspaceApiKeyBody",
    "CreateWorkspaceBody",
    "ListWorkspaces",
    "UpdateWorkspaceBody",
    "Workspace",
    "WorkspaceApiKey",
]


class Workspace(OryModel):
    """A workspace."""

    id: str
    access_policy: str | None = None
    created_at: Time | None = None
    name: str | None = None
    organization_id: str | None = None
    subscription_id: str | None = None
    subscription_plan: str | None = None
    updated_at: Time | None = None


class ListWorkspaces(TokenPage):
    """One page of workspaces."""

    has_next_page: bool | None = None
    workspaces: Many[Workspace] = []

    def page_items(self) -> list[Workspace]:
        """What the page lists."""
        return self.workspaces


class CreateWorkspaceBody(OryBody):
    """A workspace to create."""

    name: str | None = None


class UpdateWorkspaceBody(OryBody):
    """A workspace to change."""

    access_policy: str | None = None
    name: str | None = None


class WorkspaceApiKey(OryModel):
    """An API key. ``value`` is only in the answer that made it."""

    id: str
    created_at: Time | None = None
    expires_at: Time | None = None
    last_characters: str | None = None
    name: str | None = None
    owner_id: str | None = None
    updated_at: Time | None = None
    value: str | None = None
    workspace_id: str | None = None


class CreateWorkspaceApiKeyBody(OryBody):
    """An API key to create."""

    expires_at: Time | None = None
    name: str | None = None
