"""Projects and workspaces of Ory Network, at the Ory Console's API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import CONSOLE

from .operation import Operations, Paging, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django_ory.client import models


class ProjectOperations(Operations):
    """Projects, their members and their API keys."""

    @endpoint("GET /projects", CONSOLE, paging=Paging.SINGLE)
    def list_projects(self) -> list[models.ProjectMetadata]:
        """List the projects that the API key may see.

        Raises OryUnauthorized, OryForbidden, OryNotFound.
        """

    @endpoint("POST /projects", CONSOLE)
    def create_project(self, *, body: models.CreateProjectBody | Mapping[str, Any]) -> models.Project:
        """Create a project; ``environment`` is prod, stage or dev.

        Raises OryBadRequest, OryUnauthorized, OryForbidden, OryNotFound.
        """

    @endpoint("GET /projects/{project_id}", CONSOLE)
    def get_project(self, project_id: str) -> models.Project:
        """Read a project with the configuration of its services.

        Raises OryUnauthorized, OryForbidden, OryNotFound.
        """

    @endpoint("PUT /projects/{project_id}", CONSOLE)
    def update_project(
        self, project_id: str, *, body: models.SetProject | Mapping[str, Any]
    ) -> models.SuccessfulProjectUpdate:
        """Replace the configuration of a project as a whole.

        Raises OryBadRequest, OryUnauthorized, OryForbidden, OryNotFound.
        """

    set_project = update_project

    @endpoint("PATCH /projects/{project_id}", CONSOLE)
    def patch_project(
        self, project_id: str, *, body: Sequence[models.JsonPatch | Mapping[str, Any]]
    ) -> models.SuccessfulProjectUpdate:
        """Change the configuration of a project by a JSON Patch (RFC 6902).

        ``patch_project_with_revision`` does not overwrite concurrent changes.
        Raises OryBadRequest, OryUnauthorized, OryForbidden, OryNotFound.
        """

    @endpoint("PATCH /projects/{project_id}/revision/{revision_id}", CONSOLE)
    def patch_project_with_revision(
        self, project_id: str, revision_id: str, *, body: Sequence[models.JsonPatch | Mapping[str, Any]]
    ) -> models.SuccessfulProjectUpdate:
        """Change a project by a JSON Patch if it still has that revision.

        Raises OryConflict for another revision; OryBadRequest, OryUnauthorized, OryForbidden, OryNotFound.
        """

    @endpoint("DELETE /projects/{project_id}", CONSOLE)
    def purge_project(self, project_id: str) -> None:
        """Delete a project and all its data. This cannot be undone.

        Raises OryUnauthorized, OryForbidden, OryNotFound.
        """

    @endpoint("GET /projects/{project_id}/members", CONSOLE, paging=Paging.SINGLE)
    def get_project_members(self, project_id: str) -> list[models.ProjectMember]:
        """List the members of a project.

        Raises OryUnauthorized.
        """

    @endpoint("DELETE /projects/{project_id}/members/{member_id}", CONSOLE)
    def remove_project_member(self, project_id: str, member_id: str) -> None:
        """Remove a member from a project.

        Raises OryBadRequest, OryUnauthorized.
        """

    @endpoint("GET /projects/{project}/tokens", CONSOLE, paging=Paging.SINGLE)
    def list_project_api_keys(self, project: str) -> list[models.ProjectApiKey]:
        """List the API keys of a project, without their values. ``project`` is an id or a slug."""

    @endpoint("POST /projects/{project}/tokens", CONSOLE)
    def create_project_api_key(
        self, project: str, *, body: models.CreateProjectApiKeyBody | Mapping[str, Any]
    ) -> models.ProjectApiKey:
        """Create an API key. Only this response contains the ``value``."""

    @endpoint("DELETE /projects/{project}/tokens/{token_id}", CONSOLE)
    def delete_project_api_key(self, project: str, token_id: str) -> None:
        """Delete an API key, effective at once."""


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
