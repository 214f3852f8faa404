"""Workspaces of Ory Network, through the API of the Ory Console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client import models
from django_ory.client.services import CONSOLE

from .operation import Operations, Paging, listing, operation

if TYPE_CHECKING:
    from collections.abc import Mapping


class WorkspaceOperations(Operations):
    """Workspaces and their API keys."""

    @listing(Paging.BODY)
    def list_workspaces(
        self, *, page_size: int | None = None, page_token: str | None = None
    ) -> models.ListWorkspaces:
        """List the workspaces that the API key may see; the response is one page.

        Raises OryBadRequest, OryUnauthorized, OryForbidden.
        Source: Ory Network, GET /workspaces.
        """
        return self._send(
            "GET /workspaces",
            CONSOLE,
            models.ListWorkspaces,
            query={"page_size": page_size, "page_token": page_token},
        )

    @operation
    def create_workspace(self, *, body: models.CreateWorkspaceBody | Mapping[str, Any]) -> models.Workspace:
        """Create a workspace.

        Raises OryBadRequest, OryUnauthorized, OryForbidden.
        Source: Ory Network, POST /workspaces.
        """
        return self._send("POST /workspaces", CONSOLE, models.Workspace, body=body)

    @operation
    def get_workspace(self, workspace: str) -> models.Workspace:
        """Read a workspace.

        Raises OryBadRequest, OryUnauthorized, OryForbidden.
        Source: Ory Network, GET /workspaces/{workspace}.
        """
        return self._send(
            "GET /workspaces/{workspace}", CONSOLE, models.Workspace, path={"workspace": workspace}
        )

    @operation
    def update_workspace(
        self, workspace: str, *, body: models.UpdateWorkspaceBody | Mapping[str, Any]
    ) -> models.Workspace:
        """Change a workspace.

        Raises OryBadRequest, OryUnauthorized, OryForbidden.
        Source: Ory Network, PUT /workspaces/{workspace}.
        """
        return self._send(
            "PUT /workspaces/{workspace}", CONSOLE, models.Workspace, path={"workspace": workspace}, body=body
        )

    @operation
    def list_workspace_projects(self, workspace: str) -> models.ListWorkspaceProjects:
        """List the projects of a workspace.

        The API has no parameter for ``next_page``.
        Raises OryBadRequest, OryUnauthorized, OryForbidden.
        Source: Ory Network, GET /workspaces/{workspace}/projects.
        """
        return self._send(
            "GET /workspaces/{workspace}/projects",
            CONSOLE,
            models.ListWorkspaceProjects,
            path={"workspace": workspace},
        )

    @listing(Paging.SINGLE)
    def list_workspace_api_keys(self, workspace: str) -> list[models.WorkspaceApiKey]:
        """List the API keys of a workspace, without their values.

        Source: Ory Network, GET /workspaces/{workspace}/tokens.
        """
        return self._send(
            "GET /workspaces/{workspace}/tokens",
            CONSOLE,
            list[models.WorkspaceApiKey],
            path={"workspace": workspace},
        )

    @operation
    def create_workspace_api_key(
        self, workspace: str, *, body: models.CreateWorkspaceApiKeyBody | Mapping[str, Any]
    ) -> models.WorkspaceApiKey:
        """Create an API key. Only this response contains the ``value``.

        Source: Ory Network, POST /workspaces/{workspace}/tokens.
        """
        return self._send(
            "POST /workspaces/{workspace}/tokens",
            CONSOLE,
            models.WorkspaceApiKey,
            path={"workspace": workspace},
            body=body,
        )

    @operation
    def delete_workspace_api_key(self, workspace: str, token_id: str) -> None:
        """Delete an API key, effective at once.

        Source: Ory Network, DELETE /workspaces/{workspace}/tokens/{token_id}.
        """
        return self._send(
            "DELETE /workspaces/{workspace}/tokens/{token_id}",
            CONSOLE,
            None,
            path={"workspace": workspace, "token_id": token_id},
        )
