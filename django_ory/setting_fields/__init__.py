"""The settings by topic: type, default, text and example of each key, for the code and the settings page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .hooks import CourierSettings, OperationSettings, PasswordMigrationSettings, WebhookSettings
from .pages import AccountSettings, PageSettings
from .provider import ClientRegistrationSettings, ProviderSettings, RelyingPartySettings, TokenIssueSettings
from .servers import CallSettings, ServerSettings
from .sessions import OutageSettings, SessionCacheSettings, SignInSettings
from .tokens import AccessTokenSettings

DEFAULT_ALIAS = "default"

#: The usual names of Kratos' session cookie, as a regular expression: self-hosted, and of Ory Network.
SESSION_COOKIE_NAMES = r"ory_kratos_session|ory_session_[A-Za-z0-9_-]+"

#: Title -> class, in the order of the settings page.
TOPICS: dict[str, type] = {
    "Servers": ServerSettings,
    "Calls": CallSettings,
    "Sign-in and users": SignInSettings,
    "Outages": OutageSettings,
    "Session cache": SessionCacheSettings,
    "Access tokens": AccessTokenSettings,
    "OAuth2 provider": ProviderSettings,
    "Token hook and jobs": TokenIssueSettings,
    "Sign-in by another library": RelyingPartySettings,
    "Clients that register themselves": ClientRegistrationSettings,
    "Pages": PageSettings,
    "Accounts and invitations": AccountSettings,
    "Mails": CourierSettings,
    "Web hooks": WebhookSettings,
    "Passwords of imported users": PasswordMigrationSettings,
    "Rows and operation": OperationSettings,
}


@dataclass(frozen=True, kw_only=True, repr=False)
class OrySettings(
    ServerSettings,
    CallSettings,
    SignInSettings,
    OutageSettings,
    SessionCacheSettings,
    AccessTokenSettings,
    ProviderSettings,
    TokenIssueSettings,
    RelyingPartySettings,
    ClientRegistrationSettings,
    PageSettings,
    AccountSettings,
    CourierSettings,
    WebhookSettings,
    PasswordMigrationSettings,
    OperationSettings,
):
    """One Ory project. Field ``kratos_public_url`` is the key ``KRATOS_PUBLIC_URL``, and so on."""

    alias: str = DEFAULT_ALIAS

    def __post_init__(self) -> None:
        for name, other in (
            ("kratos_public_url", "sdk_url"),
            ("kratos_admin_url", "sdk_url"),
            ("hydra_public_url", "sdk_url"),
            ("hydra_admin_url", "sdk_url"),
            ("keto_read_url", "sdk_url"),
            ("keto_write_url", "sdk_url"),
            ("kratos_browser_url", "kratos_public_url"),
            ("hydra_browser_url", "hydra_public_url"),
        ):
            object.__setattr__(self, name, (getattr(self, name) or getattr(self, other)).rstrip("/"))
        object.__setattr__(self, "oauth2_issuer", self.oauth2_issuer or self.hydra_browser_url)

    def __repr__(self) -> str:
        return f"<OrySettings {self.alias!r}>"  # never the API key

    @property
    def session_cookie_pattern(self) -> str:
        """The regular expression for the name of Kratos' session cookie."""
        return re.escape(self.session_cookie_name) if self.session_cookie_name else SESSION_COOKIE_NAMES
