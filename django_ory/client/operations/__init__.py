"""One mixin per area of Ory's API. An operation is its endpoint, a signature and a docstring.

How to add one::

    class FrontendOperations(Operations):
        @endpoint("GET /self-service/login/flows", KRATOS_PUBLIC, since="v0.10.1", has_user_data=True)
        def get_self_service_login_flow(self, *, id: str, cookie: str | None = None) -> models.LoginFlow:
            \"\"\"Summary in one line.

            Parameters with unclear names, and the errors of this operation.
            \"\"\"

        get_login_flow = get_self_service_login_flow     # today's name

The method has no body: ``endpoint`` builds the request from the signature, documents how, and adds the source
to the docstring. Path parameters are positional, in path order. All others are keyword-only. ``body=`` is the
JSON body. None is not sent. Defaults from Ory's documentation are never repeated here: several are wrong.

``with_http_info`` and ``iterate`` are typed by the return type of the method.
"""

from __future__ import annotations

from .api_keys import ApiKeyOperations
from .console_organizations import OrganizationOperations
from .console_projects import ProjectOperations, WorkspaceOperations
from .frontend import FlowErrorOperations, FrontendOperations
from .identities import IdentityOperations
from .jwk import JwkOperations, TrustOperations
from .keto import PermissionOperations, RelationshipOperations
from .login import LoginOperations
from .logout import LogoutOperations
from .metadata import MetadataOperations
from .oauth2_clients import OAuth2ClientOperations
from .oauth2_flows import OAuth2FlowOperations
from .oauth2_requests import OAuth2RequestOperations
from .oauth2_sessions import OAuth2SessionOperations
from .oidc import OidcOperations
from .operation import Operations, Paging
from .recovery import RecoveryOperations
from .registration import RegistrationOperations
from .sessions import CourierOperations, SessionOperations
from .settings import SettingsOperations
from .verification import VerificationOperations

__all__ = ["AllOperations", "Operations", "Paging"]


class AllOperations(
    # Kratos
    FrontendOperations,
    LoginOperations,
    RegistrationOperations,
    RecoveryOperations,
    VerificationOperations,
    SettingsOperations,
    LogoutOperations,
    FlowErrorOperations,
    IdentityOperations,
    SessionOperations,
    CourierOperations,
    MetadataOperations,
    # Hydra
    OAuth2RequestOperations,
    OAuth2ClientOperations,
    OAuth2SessionOperations,
    OAuth2FlowOperations,
    OidcOperations,
    JwkOperations,
    TrustOperations,
    # Keto
    RelationshipOperations,
    PermissionOperations,
    # Ory Network
    ProjectOperations,
    OrganizationOperations,
    WorkspaceOperations,
    ApiKeyOperations,
):
    """Every operation of Kratos, Hydra, Keto and Ory Network."""
