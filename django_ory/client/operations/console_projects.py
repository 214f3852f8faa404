"""Projects of Ory Network, through the API of the Ory Console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client import models
from django_ory.client.services import CONSOLE

from .operation import Operations, Paging, listing, operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class ProjectOperations(Operations):
    """Projects, their members and their API keys."""

    @listing(Paging.SINGLE)
    def list_projects(self) -> list[models.ProjectMetadata]:
        """List the projects that the API key may see.

        Raises OryUnauthorized, OryForbidden, OryNotFound.
        Source: Ory Network, GET /projects.
        """
        return self._send("GET /projects", CONSOLE, list[models.ProjectMetadata])

    @operation
    def create_project(self, *, body: models.CreateProjectBody | Mapping[str, Any]) -> models.Project:
        """Create a project; ``environment`` is prod, stage or dev.

        Raises OryBadRequest, OryUnauthorized, OryForbidden, OryNotFound.
        Source: Ory Network, POST /projects.
        """
        return self._send("POST /projects", CONSOLE, models.Project, body=body)

    @operation
    def get_project(self, project_id: str) -> models.Project:
        """Read a project with the configuration of its services.

        Raises OryUnauthorized, OryForbidden, OryNotFound.
        Source: Ory Network, GET /projects/{project_id}.
        """
        return self._send(
            "GET /projects/{project_id}", CONSOLE, models.Project, path={"project_id": project_id}
        )

    @operation
    def update_project(
        self, project_id: str, *, body: models.SetProject | Mapping[str, Any]
    ) -> models.SuccessfulProjectUpdate:
        """Replace the configuration of a project as a whole.

        Raises OryBadRequest, OryUnauthorized, OryForbidden, OryNotFound.
        Source: Ory Network, PUT /projects/{project_id}.
        """
        return self._send(
            "PUT /projects/{project_id}",
            CONSOLE,
            models.SuccessfulProjectUpdate,
            path={"project_id": project_id},
            body=body,
        )

    set_project = update_project

    @operation
    def patch_project(
        self, project_id: str, *, body: Sequence[models.JsonPatch | Mapping[str, Any]]
    ) -> models.SuccessfulProjectUpdate:
        """Change the configuration of a project by a JSON Patch (RFC 6902).

        ``patch_project_with_revision`` does not overwrite concurrent changes.
        Raises OryBadRequest, OryUnauthorized, OryForbidden, OryNotFound.
        Source: Ory Network, PATCH /projects/{project_id}.
        """
        return self._send(
            "PATCH /projects/{project_id}",
            CONSOLE,
            models.SuccessfulProjectUpdate,
            path={"project_id": project_id},
            body=body,
        )

    @operation
    def patch_project_with_revision(
        self, project_id: str, revision_id: str, *, body: Sequence[models.JsonPatch | Mapping[str, Any]]
    ) -> models.SuccessfulProjectUpdate:
        """Change a project by a JSON Patch if it still has that revision.

        Raises OryConflict for another revision; OryBadRequest, OryUnauthorized, OryForbidden, OryNotFound.
        Source: Ory Network, PATCH /projects/{project_id}/revision/{revision_id}.
        """
        return self._send(
            "PATCH /projects/{project_id}/revision/{revision_id}",
            CONSOLE,
            models.SuccessfulProjectUpdate,
            path={"project_id": project_id, "revision_id": revision_id},
            body=body,
        )

    @operation
    def purge_project(self, project_id: str) -> None:
        """Delete a project and all its data. This cannot be undone.

        Raises OryUnauthorized, OryForbidden, OryNotFound.
        Source: Ory Network, DELETE /projects/{project_id}.
        """
        return self._send("DELETE /projects/{project_id}", CONSOLE, None, path={"project_id": project_id})

    @listing(Paging.SINGLE)
    def get_project_members(self, project_id: str) -> list[models.ProjectMember]:
        """List the members of a project.

        Raises OryUnauthorized.
        Source: Ory Network, GET /projects/{project_id}/members.
        """
        return self._send(
            "GET /projects/{project_id}/members",
            CONSOLE,
            list[models.ProjectMember],
            path={"project_id": project_id},
        )

    @operation
    def remove_project_member(self, project_id: str, member_id: str) -> None:
        """Remove a member from a project.

        Raises OryBadRequest, OryUnauthorized.
        Source: Ory Network, DELETE /projects/{project_id}/members/{member_id}.
        """
        return self._send(
            "DELETE /projects/{project_id}/members/{member_id}",
            CONSOLE,
            None,
            path={"project_id": project_id, "member_id": member_id},
        )

    @listing(Paging.SINGLE)
    def list_project_api_keys(self, project: str) -> list[models.ProjectApiKey]:
        """List the API keys of a project, without their values. ``project`` is an id or a slug.

        Source: Ory Network, GET /projects/{project}/tokens.
        """
        return self._send(
            "GET /projects/{project}/tokens", CONSOLE, list[models.ProjectApiKey], path={"project": project}
        )

    @operation
    def create_project_api_key(
        self, project: str, *, body: models.CreateProjectApiKeyBody | Mapping[str, Any]
    ) -> models.ProjectApiKey:
        """Create an API key. Only this response contains the ``value``.

        Source: Ory Network, POST /projects/{project}/tokens.
        """
        return self._send(
            "POST /projects/{project}/tokens",
            CONSOLE,
            models.ProjectApiKey,
            path={"project": project},
            body=body,
        )

    @operation
    def delete_project_api_key(self, project: str, token_id: str) -> None:
        """Delete an API key, effective at once.

        Source: Ory Network, DELETE /projects/{project}/tokens/{token_id}.
        """
        return self._send(
            "DELETE /projects/{project}/tokens/{token_id}",
            CONSOLE,
            None,
            path={"project": project, "token_id": token_id},
        )
