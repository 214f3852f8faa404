"""Organizations of an Ory Network project (enterprise single sign-on) and its event streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import CONSOLE

from .operation import Operations, Paging, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models

_ONBOARDING_LINK_PATH = (
    "/projects/{project_id}/organizations/{organization_id}/onboarding-portal-links"
    "/{onboarding_portal_link_id}"
)


class OrganizationOperations(Operations):
    """Organizations, onboarding links and event streams."""

    @endpoint("GET /projects/{project_id}/organizations", CONSOLE, paging=Paging.BODY)
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
        """

    @endpoint("POST /projects/{project_id}/organizations", CONSOLE)
    def create_organization(
        self, project_id: str, *, body: models.OrganizationBody | Mapping[str, Any]
    ) -> models.Organization:
        """Create an organization.

        Raises OryBadRequest, OryForbidden, OryConflict.
        """

    @endpoint("GET /projects/{project_id}/organizations/{organization_id}", CONSOLE)
    def get_organization(self, project_id: str, organization_id: str) -> models.GetOrganizationResponse:
        """Read an organization.

        Raises OryBadRequest, OryForbidden, OryNotFound.
        """

    @endpoint("PUT /projects/{project_id}/organizations/{organization_id}", CONSOLE)
    def update_organization(
        self, project_id: str, organization_id: str, *, body: models.OrganizationBody | Mapping[str, Any]
    ) -> models.Organization:
        """Change an organization.

        Raises OryBadRequest, OryForbidden, OryNotFound, OryConflict.
        """

    @endpoint("DELETE /projects/{project_id}/organizations/{organization_id}", CONSOLE)
    def delete_organization(self, project_id: str, organization_id: str) -> None:
        """Delete an organization.

        Raises OryBadRequest, OryForbidden, OryNotFound, OryConflict.
        """

    @endpoint("GET /projects/{project_id}/organizations/{organization_id}/onboarding-portal-links", CONSOLE)
    def get_organization_onboarding_portal_links(
        self, project_id: str, organization_id: str
    ) -> models.OrganizationOnboardingPortalLinksResponse:
        """List the links for setting up single sign-on.

        Raises OryBadRequest, OryForbidden.
        """

    @endpoint("POST /projects/{project_id}/organizations/{organization_id}/onboarding-portal-links", CONSOLE)
    def create_organization_onboarding_portal_link(
        self,
        project_id: str,
        organization_id: str,
        *,
        body: models.CreateOrganizationOnboardingPortalLinkBody | Mapping[str, Any],
    ) -> models.OnboardingPortalLink:
        """Create such a link."""

    @endpoint(f"POST {_ONBOARDING_LINK_PATH}", CONSOLE)
    def update_organization_onboarding_portal_link(
        self,
        project_id: str,
        organization_id: str,
        onboarding_portal_link_id: str,
        *,
        body: models.UpdateOrganizationOnboardingPortalLinkBody | Mapping[str, Any],
    ) -> models.OnboardingPortalLink:
        """Change such a link."""

    @endpoint(f"DELETE {_ONBOARDING_LINK_PATH}", CONSOLE)
    def delete_organization_onboarding_portal_link(
        self, project_id: str, organization_id: str, onboarding_portal_link_id: str
    ) -> None:
        """Delete such a link.

        Raises OryBadRequest, OryForbidden.
        """

    @endpoint("GET /projects/{project_id}/eventstreams", CONSOLE)
    def list_event_streams(self, project_id: str) -> models.ListEventStreams:
        """List all event streams of a project.

        Raises OryBadRequest, OryForbidden.
        """

    @endpoint("POST /projects/{project_id}/eventstreams", CONSOLE)
    def create_event_stream(
        self, project_id: str, *, body: models.CreateEventStreamBody | Mapping[str, Any]
    ) -> models.EventStream:
        """Create an event stream.

        Raises OryBadRequest, OryForbidden, OryConflict.
        """

    @endpoint("PUT /projects/{project_id}/eventstreams/{event_stream_id}", CONSOLE)
    def set_event_stream(
        self, project_id: str, event_stream_id: str, *, body: models.SetEventStreamBody | Mapping[str, Any]
    ) -> models.EventStream:
        """Change an event stream.

        Raises OryBadRequest, OryForbidden, OryConflict.
        """

    @endpoint("DELETE /projects/{project_id}/eventstreams/{event_stream_id}", CONSOLE)
    def delete_event_stream(self, project_id: str, event_stream_id: str) -> None:
        """Delete an event stream.

        Raises OryBadRequest, OryForbidden, OryConflict.
        """
