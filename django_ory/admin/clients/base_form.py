"""The fields of an OAuth2 client, shared by the form that creates a client and the form that changes one."""

from __future__ import annotations

from abc import abstractmethod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from django import forms
from django.utils.translation import gettext_lazy

from django_ory.clients import get_client
from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.models import OAuth2Client

from .constraints import CLIENT_CONSTRAINTS
from .form_fields import JWKSURIField, LineField, LinesField, URIsField

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django_ory.mirror.clients import ClientChange

    ModelForm = forms.ModelForm[OAuth2Client]
else:
    ModelForm = forms.ModelForm

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
#: The path of Hydra's error page for a missing ``urls.device.verification``.
DEVICE_FALLBACK_PATH = "/oauth2/fallbacks/device"
GRANT_TYPES = (
    ("authorization_code", gettext_lazy("authorization_code: users sign in")),
    ("refresh_token", gettext_lazy("refresh_token: users stay signed in (needs the scope offline_access)")),
    ("client_credentials", gettext_lazy("client_credentials: the client acts on its own behalf")),
    ("implicit", gettext_lazy("implicit: tokens in the redirect (not recommended)")),
    ("urn:ietf:params:oauth:grant-type:jwt-bearer", gettext_lazy("jwt-bearer: tokens for assertions")),
    (DEVICE_CODE, gettext_lazy("device_code: devices without a keyboard")),
)
RESPONSE_TYPES = (
    "code",
    "id_token",
    "token",
    "code id_token",
    "code token",
    "id_token token",
    "code id_token token",
)
AUTH_METHODS = (
    ("client_secret_basic", gettext_lazy("client_secret_basic: secret in the Authorization header")),
    ("client_secret_post", gettext_lazy("client_secret_post: secret in the request body")),
    ("private_key_jwt", gettext_lazy("private_key_jwt: signed with a key of the client")),
    ("none", gettext_lazy("none: a public client, such as a browser or mobile app")),
)

#: A word in Hydra's reason -> the field that shows the reason. The first match counts.
FIELDS_BY_WORD = {
    "post_logout": "post_logout_redirect_uris",
    "redirect": "redirect_uris",
    "jwks": "jwks_uri",
    "response_type": "response_types",
    "grant_type": "grant_types",
    "audience": "audience",
    "scope": "scope",
}


class ClientFields(ModelForm):
    """A form whose validation ends with the change in Hydra; then ``change`` has the row and the secret."""

    change: ClientChange
    #: The current values of the client. Fields that were not edited are neither validated nor changed.
    before: Mapping[str, Any] = MappingProxyType({})

    client_name = LineField(
        label=gettext_lazy("Name"), max_length=255, help_text=gettext_lazy("Shown on the consent page.")
    )
    redirect_uris = URIsField(
        label=gettext_lazy("Redirect URIs"),
        required=False,
        help_text=gettext_lazy("One per line. Must match exactly."),
    )
    grant_types = forms.MultipleChoiceField(
        label=gettext_lazy("Grant types"),
        choices=GRANT_TYPES,
        initial=["authorization_code", "refresh_token"],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "ory-choices"}),
    )
    response_types = forms.MultipleChoiceField(
        label=gettext_lazy("Response types"),
        choices=[(response, response) for response in RESPONSE_TYPES],
        initial=["code"],
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "ory-choices"}),
    )
    scope = LineField(
        label=gettext_lazy("Scopes"),
        initial="openid profile email offline_access",
        required=False,
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
    token_endpoint_auth_method = forms.ChoiceField(
        label=gettext_lazy("Client authentication method"),
        choices=AUTH_METHODS,
        initial="client_secret_basic",
    )
    jwks_uri = JWKSURIField(
        label=gettext_lazy("JWKS URI"),
        required=False,
        help_text=gettext_lazy("The URL of the client's public keys. Only for private_key_jwt."),
    )
    post_logout_redirect_uris = URIsField(
        label=gettext_lazy("Post-logout redirect URIs"),
        required=False,
        help_text=gettext_lazy("One per line. Users may be redirected to them after signing out."),
    )
    owner = LineField(label=gettext_lazy("Owner"), max_length=255, required=False)
    skip_consent = forms.BooleanField(
        label=gettext_lazy("Skip the consent page"),
        required=False,
        help_text=gettext_lazy(
            "Only for your own applications: the client gets data of users without asking them."
        ),
    )

    class Meta:
        model = OAuth2Client
        fields: ClassVar[list[str]] = []

    def limit_grants(self, aliases: Iterable[str]) -> None:
        """Remove the device grant from the choices if no alias can complete it."""
        field = self.fields.get("grant_types")
        if isinstance(field, forms.MultipleChoiceField) and not is_device_grant_available(aliases):
            field.choices = [grant for grant in GRANT_TYPES if grant[0] != DEVICE_CODE]

    def clean(self) -> dict[str, Any]:
        """Drop the errors of unchanged fields, then check the constraints between fields."""
        data = super().clean() or self.cleaned_data
        for name in self.before.keys() & self.fields.keys() - set(self.changed_data):
            self.errors.pop(name, None)
            data[name] = self.before[name]
        if self.errors:
            return data
        before, after = dict(self.before), {**self.before, **data}
        violated = [
            constraint
            for constraint in CLIENT_CONSTRAINTS
            if constraint.is_violated(after) and not (before and constraint.is_violated(before))
        ]
        for constraint in violated:  # after all were checked: add_error removes the value
            self.add_error(constraint.field, constraint.message)
        return data

    def _post_clean(self) -> None:
        # Replaces Django's validation of the model. Hydra is called here and not in save(), because an error
        # of Hydra can still become an error of the form.
        if self.errors:
            return
        try:
            self.change = self.submit_to_ory()
        except ORY_ERRORS as error:
            message = self.get_error_message(error)
            fields = (field for word, field in FIELDS_BY_WORD.items() if word in message.lower())
            self.add_error(next((field for field in fields if field in self.fields), None), message)

    @abstractmethod
    def submit_to_ory(self) -> ClientChange:
        """Make the change in Hydra. Raises the errors of ``ORY_ERRORS``."""

    def get_error_message(self, error: Exception) -> str:
        """Return the message for an error of ``submit_to_ory``."""
        return error_text(error)

    def save(self, commit: bool = True) -> OAuth2Client:
        """Return the row, which was written from the response of Hydra."""
        return self.change.row

    def save_m2m(self) -> None:
        """Do nothing: there are no relations. Django's admin calls this method."""


def is_device_grant_available(aliases: Iterable[str]) -> bool:
    """Return whether Hydra of any alias redirects to a page where users enter the code of their device.

    False for servers without the device flow (before 25.4), without ``urls.device.verification``, and for
    servers that do not respond. One GET per alias, which changes nothing in Hydra.
    """
    return any(map(_has_device_page, aliases))


def _has_device_page(alias: str) -> bool:
    try:
        url = urlsplit(get_client(alias).perform_o_auth2_device_verification_flow())
        return "device_challenge" in parse_qs(url.query) and not url.path.endswith(DEVICE_FALLBACK_PATH)
    except (*ORY_ERRORS, ValueError):
        return False
