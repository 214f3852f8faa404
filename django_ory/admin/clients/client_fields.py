"""The fields of an OAuth2 client that staff edit, under Hydra's names. Lifespans have a page of their own."""

from __future__ import annotations

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.utils.translation import gettext_lazy

from django_ory.admin.json_fields import JSONField

from .choices import (
    ACCESS_TOKEN_STRATEGIES,
    ASSERTION_ALGORITHMS,
    AUTH_METHODS,
    GRANT_TYPES,
    LOGOUT_CONSENT,
    REQUEST_OBJECT_ALGORITHMS,
    RESPONSE_TYPES,
    SUBJECT_TYPES,
    USERINFO_ALGORITHMS,
)
from .form_fields import (
    JWKSField,
    LineField,
    LinesField,
    OriginsField,
    TriStateField,
    URIsField,
    WebURLField,
)
from .uris import WEB_SCHEMES

#: Lower than the limits of a row, which contains the whole client.
MAX_JSON_LENGTH = 100_000
MAX_JSON_DEPTH = 50
_CHECKBOXES = {"class": "ory-choices"}


class ClientFields(forms.Form):
    """The fields of a client. The base class of both forms."""

    client_name = LineField(
        label=gettext_lazy("Name"), max_length=255, help_text=gettext_lazy("Shown on the consent page.")
    )
    owner = LineField(label=gettext_lazy("Owner"), max_length=255, required=False)

    grant_types = forms.MultipleChoiceField(
        label=gettext_lazy("Grant types"),
        choices=GRANT_TYPES,
        initial=["authorization_code", "refresh_token"],
        widget=forms.CheckboxSelectMultiple(attrs=_CHECKBOXES),
    )
    response_types = forms.MultipleChoiceField(
        label=gettext_lazy("Response types"),
        choices=RESPONSE_TYPES,
        initial=["code"],
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=_CHECKBOXES),
    )
    scope = LineField(
        label=gettext_lazy("Scopes"),
        initial="openid profile email offline_access",
        required=False,
        widget=AdminTextInputWidget(attrs={"class": "vURLField"}),
        help_text=gettext_lazy(
            "The scopes that the client may request, separated by spaces. If empty, Ory uses "
            "offline_access, offline and openid."
        ),
    )
    audience = LinesField(
        label=gettext_lazy("Audience"),
        required=False,
        help_text=gettext_lazy("APIs for which the client may request tokens, one per line."),
    )

    redirect_uris = URIsField(
        label=gettext_lazy("Redirect URIs"),
        required=False,
        allow_fragment=False,
        help_text=gettext_lazy("One per line. Must match exactly."),
    )
    post_logout_redirect_uris = URIsField(
        label=gettext_lazy("Post-logout redirect URIs"),
        required=False,
        help_text=gettext_lazy("One per line. Users may be redirected to them after signing out."),
    )
    allowed_cors_origins = OriginsField(
        label=gettext_lazy("CORS origins"),
        required=False,
        help_text=gettext_lazy(
            "Web pages of these origins may call Ory with tokens of this client. One per line, such as "
            "https://app.example.com."
        ),
    )
    request_uris = URIsField(
        label=gettext_lazy("Request URIs"),
        required=False,
        schemes=WEB_SCHEMES,
        help_text=gettext_lazy("URLs of request objects that Ory may fetch. One per line."),
    )

    token_endpoint_auth_method = forms.ChoiceField(
        label=gettext_lazy("Client authentication method"),
        choices=AUTH_METHODS,
        initial="client_secret_basic",
    )
    token_endpoint_auth_signing_alg = forms.ChoiceField(
        label=gettext_lazy("Algorithm of client assertions"),
        choices=ASSERTION_ALGORITHMS,
        required=False,
        help_text=gettext_lazy("Only for private_key_jwt."),
    )
    jwks_uri = WebURLField(
        label=gettext_lazy("JWKS URI"),
        required=False,
        help_text=gettext_lazy("The URL of the client's public keys. Ory fetches it."),
    )
    jwks = JWKSField(
        label=gettext_lazy("JWKS"),
        required=False,
        help_text=gettext_lazy("The client's public keys as a JWK set, instead of the JWKS URI."),
        max_length=MAX_JSON_LENGTH,
        max_depth=MAX_JSON_DEPTH,
    )

    skip_consent = forms.BooleanField(
        label=gettext_lazy("Skip the consent page"),
        required=False,
        help_text=gettext_lazy(
            "Only for your own applications: the client gets data of users without asking them."
        ),
    )
    subject_type = forms.ChoiceField(
        label=gettext_lazy("Subject type"),
        choices=SUBJECT_TYPES,
        initial="public",
        required=False,
        help_text=gettext_lazy(
            "A change gives all users of the client another id: the client takes them for new users."
        ),
    )
    sector_identifier_uri = WebURLField(
        label=gettext_lazy("Sector identifier URI"),
        required=False,
        schemes=("https",),
        help_text=gettext_lazy(
            "For pairwise with more than one redirect URI: the URL of a JSON list of all redirect URIs. Ory "
            "fetches it."
        ),
    )

    skip_logout_consent = TriStateField(
        label=gettext_lazy("Skip the logout page"),
        choices=LOGOUT_CONSENT,
        required=False,
        help_text=gettext_lazy("Whether the client can sign users out without asking them."),
    )
    frontchannel_logout_uri = WebURLField(
        label=gettext_lazy("Front-channel logout URI"),
        required=False,
        allow_fragment=False,
        help_text=gettext_lazy("A page of the client that the user's browser loads at the logout."),
    )
    frontchannel_logout_session_required = forms.BooleanField(
        label=gettext_lazy("Front-channel logout needs the session id"), required=False
    )
    backchannel_logout_uri = WebURLField(
        label=gettext_lazy("Back-channel logout URI"),
        required=False,
        allow_fragment=False,
        help_text=gettext_lazy("Ory posts a logout token to this URL of the client."),
    )
    backchannel_logout_session_required = forms.BooleanField(
        label=gettext_lazy("Back-channel logout needs the session id"), required=False
    )

    access_token_strategy = forms.ChoiceField(
        label=gettext_lazy("Access tokens"), choices=ACCESS_TOKEN_STRATEGIES, required=False
    )
    userinfo_signed_response_alg = forms.ChoiceField(
        label=gettext_lazy("Response of userinfo"),
        choices=USERINFO_ALGORITHMS,
        initial="none",
        required=False,
    )
    request_object_signing_alg = forms.ChoiceField(
        label=gettext_lazy("Algorithm of request objects"), choices=REQUEST_OBJECT_ALGORITHMS, required=False
    )

    client_uri = WebURLField(label=gettext_lazy("Home page"), required=False)
    logo_uri = WebURLField(
        label=gettext_lazy("Logo"), required=False, help_text=gettext_lazy("The URL of an image.")
    )
    policy_uri = WebURLField(label=gettext_lazy("Privacy policy"), required=False)
    tos_uri = WebURLField(label=gettext_lazy("Terms of service"), required=False)
    contacts = LinesField(
        label=gettext_lazy("Contacts"),
        required=False,
        help_text=gettext_lazy("E-mail addresses of the developers, one per line."),
        widget=AdminTextareaWidget(attrs={"rows": 2}),
    )
    metadata = JSONField(
        label=gettext_lazy("Metadata"),
        required=False,
        help_text=gettext_lazy(
            'Any JSON, for your own use. Ory stores it. "django_ory" has the policy of the consent page.'
        ),
        empty_value={},
        max_length=MAX_JSON_LENGTH,
        max_depth=MAX_JSON_DEPTH,
    )


#: The values of Hydra for members that a response may omit.
SERVER_DEFAULTS = {
    "token_endpoint_auth_method": "client_secret_basic",
    "subject_type": "public",
    "userinfo_signed_response_alg": "none",
}
