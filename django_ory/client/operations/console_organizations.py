"""Organizations of an Ory Network project (enterprise single sign-on) and its event streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client import models
from django_ory.client.services import CONSOLE

from .operation import Operations, Paging, listing, operation

if TYPE_CHECKING:
    from collections.abc import Mapping

_ONBOARDING_LINK_PATH = (
    "/projects/{project_id}/organizations/{organization_id}/onboarding-portal-links"
    "/{onboarding_portal_link_id}"
)


class OrganizationOperations(Operations):
    """Organizations, onboarding links and event streams."""

    @listing(Paging.BODY)
    def list_organizations(
        self,
        project_id: str,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        domain: str | None = None,
    ) -> models.ListOrganizationsResponse:
        """List the organizations of a project; the response is one page.

        Raises OryBadRequest, OryForbidden, OryNotFound.
        Source: Ory Network, GET /projects/{project_id}/organizations.
        """
        return self._send(
            "GET /projects/{project_id}/organizations",
            CONSOLE,
            models.ListOrganizationsResponse,
            path={"project_id": project_id},
            query={"page_size": page_size, "page_token": page_token, "domain": domain},
        )

    @operation
    def create_organization(
        self, project_id: str, *, body: models.OrganizationBody | Mapping[str, Any]
    ) -> models.Organization:
        """Create an organization.

        Raises OryBadRequest, OryForbidden, OryConflict.
        Source: Ory Network, POST /projects/{project_id}/organizations.
        """
        return self._send(
            "POST /projects/{project_id}/organizations",
            CONSOLE,
            models.Organization,
            path={"project_id": project_id},
            body=body,
        )

    @operation
    def get_organization(self, project_id: str, organization_id: str) -> models.GetOrganizationResponse:
        """Read an organization.

        Raises OryBadRequest, OryForbidden, OryNotFound.
        Source: Ory Network, GET /projects/{project_id}/organizations/{organization_id}.
        """
        return self._send(
            "GET /projects/{project_id}/organizations/{organization_id}",
            CONSOLE,
            models.GetOrganizationResponse,
            path={"project_id": project_id, "organization_id": organization_id},
        )

    @operation
    def update_organization(
        self, project_id: str, organization_id: str, *, body: models.OrganizationBody | Mapping[str, Any]
    ) -> models.Organization:
        """Change an organization.

        Raises OryBadRequest, OryForbidden, OryNotFound, OryConflict.
        Source: Ory Network, PUT /projects/{project_id}/organizations/{organization_id}.
        """
        return self._send(
            "PUT /projects/{project_id}/organizations/{organization_id}",
            CONSOLE,
            models.Organization,
            path={"project_id": project_id, "organization_id": organization_id},
            body=body,
        )

    @operation
    def delete_organization(self, project_id: str, organization_id: str) -> None:
        """Delete an organization.

        Raises OryBadRequest, OryForbidden, OryNotFound, OryConflict.
        Source: Ory Network, DELETE /projects/{project_id}/organizations/{organization_id}.
        """
        return self._send(
            "DELETE /projects/{project_id}/organizations/{organization_id}",
            CONSOLE,
            None,
            path={"project_id": project_id, "organization_id": organization_id},
        )

    @operation
    def get_organization_onboarding_portal_links(
        self, project_id: str, organization_id: str
    ) -> models.OrganizationOnboardingPortalLinksResponse:
        """List the links for setting up single sign-on.

        Raises OryBadRequest, OryForbidden.
        Source: Ory Network, GET
        /projects/{project_id}/organizations/{organization_id}/onboarding-portal-links.
        """
        return self._send(
            "GET /projects/{project_id}/organizations/{organization_id}/onboarding-portal-links",
            CONSOLE,
            models.OrganizationOnboardingPortalLinksResponse,
            path={"project_id": project_id, "organization_id": organization_id},
        )

    @operation
    def create_organization_onboarding_portal_link(
        self,
        project_id: str,
        organization_id: str,
        *,
        body: models.CreateOrganizationOnboardingPortalLinkBody | Mapping[str, Any],
    ) -> models.OnboardingPortalLink:
        """Create such a link.

        Source: Ory Network, POST
        /projects/{project_id}/organizations/{organization_id}/onboarding-portal-links.
        """
        return self._send(
            "POST /projects/{project_id}/organizations/{organization_id}/onboarding-portal-links",
            CONSOLE,
            models.OnboardingPortalLink,
            path={"project_id": project_id, "organization_id": organization_id},
            body=body,
        )

    @operation
    def update_organization_onboarding_portal_link(
        self,
        project_id: str,
        organization_id: str,
        onboarding_portal_link_id: str,
        *,
        body: models.UpdateOrganizationOnboardingPortalLinkBody | Mapping[str, Any],
    ) -> models.OnboardingPortalLink:
        """Change such a link.

        Source: Ory Network, POST
        /projects/{project_id}/organizations/{organization_id}/onboarding-portal-links/{onboarding_portal_link_id}.
        """
        return self._send(
            f"POST {_ONBOARDING_LINK_PATH}",
            CONSOLE,
            models.OnboardingPortalLink,
            path={
                "project_id": project_id,
                "organization_id": organization_id,
                "onboarding_portal_link_id": onboarding_portal_link_id,
            },
            body=body,
        )

    @operation
    def delete_organization_onboarding_portal_link(
        self, project_id: str, organization_id: str, onboarding_portal_link_id: str
    ) -> None:
        """Delete such a link.

        Raises OryBadRequest, OryForbidden.
        Source: Ory Network, DELETE
        /projects/{project_id}/organizations/{organization_id}/onboarding-portal-links/{onboarding_portal_link_id}.
        """
        return self._send(
            f"DELETE {_ONBOARDING_LINK_PATH}",
            CONSOLE,
            None,
            path={
                "project_id": project_id,
                "organization_id": organization_id,
                "onboarding_portal_link_id": onboarding_portal_link_id,
            },
        )

    @operation
    def list_event_streams(self, project_id: str) -> models.ListEventStreams:
        """List all event streams of a project.

        Raises OryBadRequest, OryForbidden.
        Source: Ory Network, GET /projects/{project_id}/eventstreams.
        """
        return self._send(
            "GET /projects/{project_id}/eventstreams",
            CONSOLE,
            models.ListEventStreams,
            path={"project_id": project_id},
        )

    @operation
    def create_event_stream(
        self, project_id: str, *, body: models.CreateEventStreamBody | Mapping[str, Any]
    ) -> models.EventStream:
        """Create an event stream.

        Raises OryBadRequest, OryForbidden, OryConflict.
        Source: Ory Network, POST /projects/{project_id}/eventstreams.
        """
        return self._send(
            "POST /projects/{project_id}/eventstreams",
            CONSOLE,
            models.EventStream,
            path={"project_id": project_id},
            body=body,
        )

    @operation
    def set_event_stream(
        self, project_id: str, event_stream_id: str, *, body: models.SetEventStreamBody | Mapping[str, Any]
    ) -> models.EventStream:
        """Change an event stream.

        Raises OryBadRequest, OryForbidden, OryConflict.
        Source: Ory Network, PUT /projects/{project_id}/eventstreams/{event_stream_id}.
        """
        return self._send(
            "PUT /projects/{project_id}/eventstreams/{event_stream_id}",
            CONSOLE,
            models.EventStream,
            path={"project_id": project_id, "event_stream_id": event_stream_id},
            body=body,
        )

    @operation
    def delete_event_stream(self, project_id: str, event_stream_id: str) -> None:
        """Delete an event stream.

        Raises OryBadRequest, OryForbidden, OryConflict.
        Source: Ory Network, DELETE /projects/{project_id}/eventstreams/{event_stream_id}.
        """
        return self._send(
            "DELETE /projects/{project_id}/eventstreams/{event_stream_id}",
            CONSOLE,
            None,
            path={"project_id": project_id, "event_stream_id": event_stream_id},
        )
