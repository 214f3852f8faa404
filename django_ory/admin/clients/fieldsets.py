"""The groups of fields on the pages of an OAuth2 client, and the fields with a permission of their own."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from django_ory.admin.display import display_field, render_json

from .client_fields import ClientFields
from .values import get_values, render_value

#: The fields that decide where users, codes and tokens are sent, how the client proves its identity, and
#: which questions users are asked. A change needs the permission ``trust_oauth2client``, because stored
#: consents of a client apply to its new values without asking.
TRUST_FIELDS = frozenset(
    {
        # Where codes, tokens and users are sent.
        "grant_types",
        "post_logout_redirect_uris",
        "redirect_uris",
        "response_types",
        # Scripts of these origins use tokens of the client.
        "allowed_cors_origins",
        # Ory sends the ids of users and sessions there, or fetches the parameters of a sign-in.
        "backchannel_logout_uri",
        "frontchannel_logout_uri",
        "request_uris",
        "request_object_signing_alg",
        # How the client proves its identity: a key of one's own is as good as the secret.
        "jwks",
        "jwks_uri",
        "token_endpoint_auth_method",
        "token_endpoint_auth_signing_alg",
        # The ids of users at the client: another id is another account, and public ids can be compared.
        "sector_identifier_uri",
        "subject_type",
        # Opaque tokens end when they are revoked, JWTs do not.
        "access_token_strategy",
        # Whether staff know the client, and how users are asked for consent.
        "metadata",
        # Users are not asked.
        "skip_consent",
        "skip_logout_consent",
    }
)
#: The fields that a new client needs this permission for: it has no consents and no users yet.
TRUST_FIELDS_OF_NEW_CLIENTS = frozenset({"skip_consent", "skip_logout_consent"})
TRUST_NEEDED = gettext_lazy(
    "Read-only fields can be changed with the permission “Can change where OAuth2 clients send users and how "
    "they are trusted”."
)

_COLLAPSED = ("collapse",)
READ_ONLY_FIELDSETS: Any = (
    (gettext_lazy("In Ory"), {"fields": ("created_at", "updated_at", "synced_at", "missing_since")}),
    (gettext_lazy("Full response from Ory"), {"fields": ("data_json",), "classes": _COLLAPSED}),
)
VALUE_FIELDSETS: Any = (
    (
        gettext_lazy("Grants and scopes"),
        {"fields": ("grant_types", "response_types", "scope", "audience")},
    ),
    (gettext_lazy("Redirects"), {"fields": ("redirect_uris",)}),
    (
        gettext_lazy("Client authentication and keys"),
        {
            "fields": (
                "token_endpoint_auth_method",
                "jwks_uri",
                "jwks",
                "token_endpoint_auth_signing_alg",
            )
        },
    ),
    (
        gettext_lazy("Login and consent"),
        {"fields": ("skip_consent", "subject_type", "sector_identifier_uri")},
    ),
    (
        gettext_lazy("Logout"),
        {
            "fields": (
                "post_logout_redirect_uris",
                "skip_logout_consent",
                "frontchannel_logout_uri",
                "frontchannel_logout_session_required",
                "backchannel_logout_uri",
                "backchannel_logout_session_required",
            ),
            "classes": _COLLAPSED,
        },
    ),
    (
        gettext_lazy("Tokens and signing"),
        {
            "fields": (
                "access_token_strategy",
                "userinfo_signed_response_alg",
                "request_object_signing_alg",
                "request_uris",
            ),
            "classes": _COLLAPSED,
        },
    ),
    (
        gettext_lazy("Texts and links"),
        {
            "fields": ("logo_uri", "client_uri", "policy_uri", "tos_uri", "contacts"),
            "classes": _COLLAPSED,
        },
    ),
    (
        gettext_lazy("Browser apps and metadata"),
        {"fields": ("allowed_cors_origins", "metadata"), "classes": _COLLAPSED},
    ),
)
ADD_FIELDSETS: Any = ((None, {"fields": ("alias", "client_name", "owner", "client_id")}), *VALUE_FIELDSETS)
EDIT_FIELDSETS: Any = (
    (None, {"fields": ("version", "client_name", "owner", "client_id", "alias")}),
    *VALUE_FIELDSETS,
    *READ_ONLY_FIELDSETS,
)
VIEW_FIELDSETS: Any = (
    (None, {"fields": ("label", "client_id", "alias", "owner")}),
    *VALUE_FIELDSETS,
    *READ_ONLY_FIELDSETS,
)


class ClientDisplay:
    """The read-only fields of a client's page. Those of the groups are added below."""

    label = display_field(gettext_lazy("name"), str, ordering="name")
    data_json = display_field(gettext_lazy("response"), lambda row: render_json(row.data))


def _add_display(name: str) -> None:
    """Add a read-only field with the label of the form."""
    label = ClientFields.base_fields[name].label
    field = display_field(label, lambda row: render_value(name, get_values(row.data)[name]))
    setattr(ClientDisplay, name, field)


for _title, _options in VALUE_FIELDSETS:
    for _name in _options["fields"]:
        _add_display(_name)
