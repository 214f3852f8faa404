"""One mixin per area of Ory's API. An operation is a signature, a docstring and one call.

How to add one::

    class FrontendOperations(Operations):
        @operation                                       # a listing: @listing(Paging.LINK)
        def get_self_service_login_flow(self, *, id: str, cookie: str | None = None) -> models.LoginFlow:
            \"\"\"Summary in one line.

            Parameters with unclear names, and the errors of this operation.
            Source: Kratos, GET /self-service/login/flows; first in v0.10.1.
            \"\"\"
            return self._send(
                "GET /self-service/login/flows", KRATOS_PUBLIC, models.LoginFlow, query={"id": id},
                headers={"Cookie": cookie})

        get_login_flow = get_self_service_login_flow     # today's name

Path parameters are positional, in path order: ``path={"id": id}``. All others are keyword-only. ``body=`` is
the JSON body, ``form=`` a form. None is not sent. Defaults from Ory's documentation are never repeated here:
several of them are wrong.

The third argument of ``_send`` is the return type, equal to the method's annotation: ``models.Session``,
``list[models.Session]``, ``dict[str, Any]``, ``str`` for text, or None. ``with_http_info`` and ``iterate``
are typed by it. ``models`` is imported as a module, so a model loads with its first use. ``_send`` documents
the other options. ``_send_flow`` is for responses of Kratos' public API that contain data of users.
"""

from __future__ import annotations

from .api_keys import ApiKeyOperations
from .console_organizations import OrganizationOperations
from .console_projects import ProjectOperations
from .console_workspaces import WorkspaceOperations
from .flow_errors import FlowErrorOperations
from .frontend import FrontendOperations
from .identities import IdentityOperations
from .jwk import JwkOperations
from .keto_permissions import PermissionOperations
from .keto_relationships import RelationshipOperations
from .login import LoginOperations
from .logout import LogoutOperations
from .metadata import MetadataOperations
from .oauth2_clients import OAuth2ClientOperations
from .oauth2_flows import OAuth2FlowOperations
from .oauth2_requests import OAuth2RequestOperations
from .oauth2_sessions import OAuth2SessionOperations
from .oidc import OidcOperations
from .operation import Operations, Paging, listing, operation
from .recovery import RecoveryOperations
from .registration import RegistrationOperations
from .sessions import CourierOperations, SessionOperations
from .settings import SettingsOperations
from .trust import TrustOperations
from .verification import VerificationOperations

__all__ = ["AllOperations", "Operations", "Paging", "listing", "operation"]


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
