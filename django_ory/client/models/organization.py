"""Organizations of an Ory Network project: enterprise single sign-on."""

from __future__ import annotations

from .model import AwareDatetime, NullableList, OryBody, OryModel, TokenPage


class _OrganizationFields(OryModel):
    default_region: str | None = None
    domains: NullableList[str] = []
    label: str | None = None
    session_lifespan: str | None = None


class BasicOrganization(_OrganizationFields):
    """An organization, as a project lists it."""

    id: str


class Organization(BasicOrganization):
    """A customer with single sign-on at its own identity provider."""

    created_at: AwareDatetime | None = None


class OrganizationBody(_OrganizationFields, OryBody):
    """An organization to create or change."""


class GetOrganizationResponse(OryModel):
    """One organization."""

    organization: Organization


class ListOrganizationsResponse(TokenPage):
    """One page of organizations."""

    has_next_page: bool | None = None
    organizations: NullableList[Organization] = []

    def page_items(self) -> list[Organization]:
        """Return the items of the page."""
        return self.organizations


class _PortalLinkFields(OryModel):
    apple_mapper_url: str | None = None
    auth0_mapper_url: str | None = None
    custom_hostname_id: str | None = None
    enable_scim: bool | None = None
    enable_sso: bool | None = None
    expires_at: AwareDatetime | None = None
    facebook_mapper_url: str | None = None
    generic_oidc_mapper_url: str | None = None
    github_mapper_url: str | None = None
    gitlab_mapper_url: str | None = None
    google_mapper_url: str | None = None
    microsoft_mapper_url: str | None = None
    netid_mapper_url: str | None = None
    proxy_acs_url: str | None = None
    proxy_oidc_redirect_url: str | None = None
    proxy_saml_audience_override: str | None = None
    proxy_scim_server_url: str | None = None
    saml_mapper_url: str | None = None
    scim_mapper_url: str | None = None


class OnboardingPortalLink(_PortalLinkFields):
    """A link for the customer's administrator. ``value`` is a secret."""

    id: str
    created_at: AwareDatetime | None = None
    organization_id: str | None = None
    project_id: str | None = None
    value: str | None = None


class OrganizationOnboardingPortalLinksResponse(OryModel):
    """The links of an organization."""

    links: NullableList[OnboardingPortalLink] = []


class CreateOrganizationOnboardingPortalLinkBody(_PortalLinkFields, OryBody):
    """A link to create."""


class UpdateOrganizationOnboardingPortalLinkBody(OryBody):
    """A link to change."""

    enable_scim: bool | None = None
    enable_sso: bool | None = None
    expires_at: AwareDatetime | None = None
