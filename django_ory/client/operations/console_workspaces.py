"""Workspaces of Ory Network, through the API of the Ory Console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import CONSOLE

from .operation import Operations, Paging, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models


class WorkspaceOperations(Operations):
    """Workspaces and their API keys."""

    @endpoint("GET /workspaces", CONSOLE, paging=Paging.BODY)
    def list_workspaces(
        self, *, page_size: int | None = None, page_token: str | None = None
    ) -> models.ListWorkspaces:
        """List the workspaces that the API key may see; the response is one page.

        Raises OryBadRequest, OryUnauthorized, OryForbidden.
        """

    @endpoint("POST /workspaces", CONSOLE)
    def create_workspace(self, *, body: models.CreateWorkspaceBody | Mapping[str, Any]) -> models.Workspace:
        """Create a workspace.

        Raises OryBadRequest, OryUnauthorized, OryForbidden.
        """

    @endpoint("GET /workspaces/{workspace}", CONSOLE)
    def get_workspace(self, workspace: str) -> models.Workspace:
        """Read a workspace.

        Raises OryBadRequest, OryUnauthorized, OryForbidden.
        """

    @endpoint("PUT /workspaces/{workspace}", CONSOLE)
    def update_workspace(
        self, workspace: str, *, body: models.UpdateWorkspaceBody | Mapping[str, Any]
    ) -> models.Workspace:
        """Change a workspace.

        Raises OryBadRequest, OryUnauthorized, OryForbidden.
        """

    @endpoint("GET /workspaces/{workspace}/projects", CONSOLE)
    def list_workspace_projects(self, workspace: str) -> models.ListWorkspaceProjects:
        """List the projects of a workspace.

        The API has no parameter for ``next_page``.
        Raises OryBadRequest, OryUnauthorized, OryForbidden.
        """

    @endpoint("GET /workspaces/{workspace}/tokens", CONSOLE, paging=Paging.SINGLE)
    def list_workspace_api_keys(self, workspace: str) -> list[models.WorkspaceApiKey]:
        """List the API keys of a workspace, without their values."""

    @endpoint("POST /workspaces/{workspace}/tokens", CONSOLE)
    def create_workspace_api_key(
        self, workspace: str, *, body: models.CreateWorkspaceApiKeyBody | Mapping[str, Any]
    ) -> models.WorkspaceApiKey:
        """Create an API key. Only this response contains the ``value``."""

    @endpoint("DELETE /workspaces/{workspace}/tokens/{token_id}", CONSOLE)
    def delete_workspace_api_key(self, workspace: str, token_id: str) -> None:
        """Delete an API key, effective at once."""
