"""FedCM, the configuration of Ory Elements, health and version."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .model import NullableList, OryModel


class Provider(OryModel):
    """An identity provider for FedCM."""

    client_id: str | None = None
    config_url: str | None = None
    domain_hint: str | None = None
    fields_: NullableList[str] = Field(default=[], alias="fields")
    login_hint: str | None = None
    nonce: str | None = None
    parameters: dict[str, Any] | None = None


class CreateFedcmFlowResponse(OryModel):
    """Parameters for the browser's FedCM call."""

    csrf_token: str | None = None
    providers: NullableList[Provider] = []


class ElementsConfiguration(OryModel):
    """Theme and page URLs of Ory Elements."""

    name: str = ""
    login_ui_url: str = ""
    registration_ui_url: str = ""
    recovery_ui_url: str = ""
    verification_ui_url: str = ""
    settings_ui_url: str = ""
    error_ui_url: str = ""
    default_redirect_url: str = ""
    registration_enabled: bool | None = None
    recovery_enabled: bool | None = None
    verification_enabled: bool | None = None
    hide_ory_branding: bool | None = None
    hide_registration_link: bool | None = None
    contact_url: str | None = None
    logo_light_url: str | None = None
    logo_dark_url: str | None = None
    privacy_policy_url: str | None = None
    terms_of_service_url: str | None = None


class HealthStatus(OryModel):
    """``status`` is "ok"."""

    status: str


class Version(OryModel):
    """The version of a service, "master" for a build without a tag."""

    version: str
