# ruff: noqa: F403 (each module's public names; a test compares them with the table)
"""The objects of Ory's API under Ory's current names. The first use of a name loads its module."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api_key import *
    from .continue_with import *
    from .courier import *
    from .derived_token import *
    from .flow_bodies import *
    from .flows import *
    from .frontend import *
    from .identity import *
    from .identity_bodies import *
    from .json_patch import *
    from .jwk import *
    from .model import *
    from .oauth2_client import *
    from .oauth2_request import *
    from .oauth2_token import *
    from .oidc import *
    from .organization import *
    from .project import *
    from .relationship import *
    from .session import *
    from .ui import *
    from .workspace import *

_NAMES = {
    "api_key": """
        AdminRevokeImportedApiKeyBody AdminRevokeIssuedApiKeyBody AdminRotateIssuedApiKeyBody
        AdminUpdateImportedApiKeyRequest AdminUpdateIssuedApiKeyRequest
        BatchCreateImportedApiKeysRequest BatchCreateImportedApiKeysResponse
        BatchCreateImportedApiKeysResult IPRestriction ImportApiKeyRequest ImportedApiKey
        IssueApiKeyRequest IssueApiKeyResponse IssuedApiKey ListImportedApiKeysResponse
        ListIssuedApiKeysResponse RateLimitPolicy RotateIssuedApiKeyResponse
    """,
    "continue_with": """
        ContinueWith ContinueWithDeviceAuthnPinEntryUi ContinueWithFlow ContinueWithOther
        ContinueWithRecoveryUi ContinueWithRedirectBrowserTo ContinueWithSetOrySessionToken
        ContinueWithSettingsUi ContinueWithVerificationUi
    """,
    "courier": """
        Message MessageDispatch
    """,
    "derived_token": """
        BatchVerifyApiKeysRequest BatchVerifyApiKeysResponse DeriveTokenRequest
        DeriveTokenResponse GetJWKSResponse GetJWKSResponseJwks GetJWKSResponseJwksKeysInner
        SelfRevokeApiKeyRequest Token VerifyApiKeyRequest VerifyApiKeyResponse
    """,
    "flow_bodies": """
        PerformNativeLogoutBody UpdateFedcmFlowBody UpdateLoginFlowBody
        UpdateLoginFlowWithCodeMethod UpdateLoginFlowWithDeviceAuthnMethod
        UpdateLoginFlowWithIdentifierFirstMethod UpdateLoginFlowWithLookupSecretMethod
        UpdateLoginFlowWithOidcMethod UpdateLoginFlowWithPasskeyMethod
        UpdateLoginFlowWithPasswordMethod UpdateLoginFlowWithSamlMethod
        UpdateLoginFlowWithTotpMethod UpdateLoginFlowWithWebAuthnMethod UpdateRecoveryFlowBody
        UpdateRecoveryFlowWithCodeMethod UpdateRecoveryFlowWithLinkMethod
        UpdateRegistrationFlowBody UpdateRegistrationFlowWithCodeMethod
        UpdateRegistrationFlowWithOidcMethod UpdateRegistrationFlowWithPasskeyMethod
        UpdateRegistrationFlowWithPasswordMethod UpdateRegistrationFlowWithProfileMethod
        UpdateRegistrationFlowWithSamlMethod UpdateRegistrationFlowWithWebAuthnMethod
        UpdateSettingsFlowBody UpdateSettingsFlowWithDeviceAuthnMethod
        UpdateSettingsFlowWithLookupMethod UpdateSettingsFlowWithOidcMethod
        UpdateSettingsFlowWithPasskeyMethod UpdateSettingsFlowWithPasswordMethod
        UpdateSettingsFlowWithProfileMethod UpdateSettingsFlowWithSamlMethod
        UpdateSettingsFlowWithTotpMethod UpdateSettingsFlowWithWebAuthnMethod
        UpdateVerificationFlowBody UpdateVerificationFlowWithCodeMethod
        UpdateVerificationFlowWithLinkMethod
    """,
    "flows": """
        Flow FlowError LoginFlow RecoveryFlow RegistrationFlow SettingsFlow SuccessfulNativeLogin
        SuccessfulNativeRegistration VerificationFlow
    """,
    "frontend": """
        CreateFedcmFlowResponse ElementsConfiguration HealthStatus Provider Version
    """,
    "identity": """
        BatchPatchIdentitiesResponse Identity IdentityCredentials IdentityPatchResponse
        IdentitySchemaContainer RecoveryCodeForIdentity RecoveryIdentityAddress
        RecoveryLinkForIdentity VerifiableIdentityAddress
    """,
    "identity_bodies": """
        AdminIdentityImportCredentialsLookupSecret
        AdminIdentityImportCredentialsLookupSecretConfig CreateIdentityBody
        CreateRecoveryCodeForIdentityBody CreateRecoveryLinkForIdentityBody
        CreateTestLoginFlowBody IdentityPatch IdentityWithCredentials IdentityWithCredentialsOidc
        IdentityWithCredentialsOidcConfig IdentityWithCredentialsOidcConfigProvider
        IdentityWithCredentialsPasskey IdentityWithCredentialsPasskeyConfig
        IdentityWithCredentialsPassword IdentityWithCredentialsPasswordConfig
        IdentityWithCredentialsSaml IdentityWithCredentialsSamlConfig
        IdentityWithCredentialsSamlConfigProvider IdentityWithCredentialsTotp
        IdentityWithCredentialsTotpConfig IdentityWithCredentialsWebAuthn
        IdentityWithCredentialsWebAuthnConfig ManageSessionsBody PatchIdentitiesBody
        UpdateIdentityBody
    """,
    "json_patch": """
        JsonPatch
    """,
    "jwk": """
        CreateJsonWebKeySet JsonWebKey JsonWebKeySet TrustOAuth2JwtGrantIssuer
        TrustedOAuth2JwtGrantIssuer TrustedOAuth2JwtGrantJsonWebKey
    """,
    "model": """
        OryBody OryModel TokenPage
    """,
    "oauth2_client": """
        OAuth2Client OAuth2ClientTokenLifespans RotateOAuth2ClientSecretBody
    """,
    "oauth2_request": """
        AcceptDeviceUserCodeRequest AcceptOAuth2ConsentRequest AcceptOAuth2ConsentRequestSession
        AcceptOAuth2LoginRequest OAuth2ConsentRequest OAuth2ConsentRequestOpenIDConnectContext
        OAuth2ConsentSession OAuth2LoginRequest OAuth2LogoutRequest OAuth2RedirectTo
        RejectOAuth2Request
    """,
    "oauth2_token": """
        DeviceAuthorization IntrospectedOAuth2Token OAuth2TokenExchange
    """,
    "oidc": """
        CreateVerifiableCredentialRequestBody CredentialSupportedDraft00 OidcConfiguration
        OidcUserInfo VerifiableCredentialProof VerifiableCredentialResponse
    """,
    "organization": """
        BasicOrganization CreateOrganizationOnboardingPortalLinkBody GetOrganizationResponse
        ListOrganizationsResponse OnboardingPortalLink Organization OrganizationBody
        OrganizationOnboardingPortalLinksResponse UpdateOrganizationOnboardingPortalLinkBody
    """,
    "project": """
        CreateEventStreamBody CreateProjectApiKeyBody CreateProjectBody EventStream
        ListEventStreams ListWorkspaceProjects Project ProjectApiKey ProjectCors ProjectMember
        ProjectMetadata ProjectServiceAccountExperience ProjectServiceIdentity
        ProjectServiceOAuth2 ProjectServicePermission ProjectServiceTalos ProjectServices
        SetEventStreamBody SetProject SuccessfulProjectUpdate Warning
    """,
    "relationship": """
        BatchCheckPermissionBody BatchCheckPermissionResult CheckOplSyntaxResult
        CheckPermissionResult CheckPermissionResultWithError CreateRelationshipBody
        ExpandedPermissionTree Namespace ParseError PostCheckPermissionBody
        PostCheckPermissionOrErrorBody Relationship RelationshipNamespaces RelationshipPatch
        Relationships SourcePosition SubjectSet
    """,
    "session": """
        DeleteMySessionsCount LogoutFlow ManageSessionsResponse Session
        SessionAuthenticationMethod SessionDevice
    """,
    "ui": """
        UiContainer UiNode UiNodeAnchorAttributes UiNodeDivisionAttributes UiNodeImageAttributes
        UiNodeInputAttributes UiNodeInputAttributesOption UiNodeMeta UiNodeOtherAttributes
        UiNodeScriptAttributes UiNodeTextAttributes UiText
    """,
    "workspace": """
        CreateWorkspaceApiKeyBody CreateWorkspaceBody ListWorkspaces UpdateWorkspaceBody Workspace
        WorkspaceApiKey
    """,
}
#: The module of each name.
MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}

if not TYPE_CHECKING:  # a type checker sees the imports above, and a misspelled name
    __all__ = sorted(MODULES)

    def __getattr__(name: str) -> Any:
        module = MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{module}", __name__), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *MODULES})
