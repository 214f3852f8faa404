"""Settings about the pages and the account area."""

from __future__ import annotations

from dataclasses import dataclass

from .field import define_setting


@dataclass(frozen=True, kw_only=True, repr=False)
class PageSettings:
    """The pages of Kratos on this site."""

    site_name: str = define_setting(
        "", "The name at the top of the pages. Default: the host.", example='"Example"'
    )
    allowed_return_hosts: list[str] = define_setting(
        [],
        "Hosts that next and return_to may redirect to, besides the site's own.",
        example='["shop.example.org"]',
    )
    identity_schemas: dict[str, str] = define_setting(
        {},
        "Identity schemas that a sign-up offers: id -> title, such as 'For a company'. With two or more, the "
        "user chooses one first. Needs Kratos v25.4 or later, with selfservice_selectable for each schema. "
        "Default: Kratos' default schema.",
        example='{"person": "For yourself", "company": "For a company"}',
    )
    min_password_length: int = define_setting(
        8,
        "Characters of the shortest password that Kratos accepts, for the hint at new passwords: "
        "selfservice.methods.password.config.min_password_length. 0: no hint.",
        example="12",
    )
    captcha_origins: list[str] = define_setting(
        [],
        "Origins that the script of a captcha in Kratos' forms may come from, such as "
        "https://challenges.cloudflare.com. Scripts of other origins are left out.",
        example='["https://challenges.cloudflare.com"]',
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class AccountSettings:
    """The account area, and sign-up by invitation."""

    account_deletion: bool = define_setting(
        False,
        "Users can delete their accounts in the account area. Requires KRATOS_ADMIN_URL, and "
        "ory_delete_due_accounts in a schedule.",
        example="True",
    )
    data_download: bool = define_setting(
        False, "Users can download their data in the account area. Requires KRATOS_ADMIN_URL.", example="True"
    )
    invitation_secrets: list[str] = define_setting(
        [],
        "Secrets that Kratos sends with each sign-up to ory:invitation_hook; every one is accepted, the "
        "first one is written by ory_config. Set: a sign-up requires an invitation. Unset: the endpoint is "
        "off, and sign-up is open.",
        example='["<output of: openssl rand -hex 32>"]',
    )
    invitation_hook_url: str = define_setting(
        "",
        "URL of the endpoint ory:invitation_hook for Kratos, such as an internal one. Default: on the URL of "
        "the site.",
        example='"https://www.example.org/auth/signup-hook/default/"',
    )
