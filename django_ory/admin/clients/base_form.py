"""The members of an OAuth2 client as fields, for the form that makes one and the form that changes one."""

from __future__ import annotations

from abc import abstractmethod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy

from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.models import OAuth2Client

from .constraints import CLIENT_CONSTRAINTS
from .device_grant import is_device_grant_available
from .form_fields import JWKSURIField, LineField, LinesField, URIsField

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django_ory.mirror.clients import ClientChange

    ModelForm = forms.ModelForm[OAuth2Client]
else:
    ModelForm = forms.ModelForm

__all__ = ["ClientFields"]

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
GRANTS = (
    ("authorization_code", gettext_lazy("authorization_code: users sign in")),
    ("refresh_token", gettext_lazy("refresh_token: users stay signed in (needs the scope offline_access)")),
    ("client_credentials", gettext_lazy("client_credentials: the client acts on its own behalf")),
    ("implicit", gettext_lazy("implicit: tokens in the redirect (not recommended)")),
    ("urn:ietf:params:oauth:grant-type:jwt-bearer", gettext_lazy("jwt-bearer: tokens for assertions")),
    (DEVICE_CODE, gettext_lazy("device_code: devices without a keyboard")),
)
RESPONSES = (
    "code",
    "id_token",
    "token",
    "code id_token",
    "code token",
    "id_token token",
    "code id_token token",
)
METHODS = (
    ("client_secret_basic", gettext_lazy("client_secret_basic: secret in the Authorization header")),
    ("client_secret_post", gettext_lazy("client_secret_post: secret in the request body")),
    ("private_key_jwt", gettext_lazy("private_key_jwt: signed with a key of the client")),
    ("none", gettext_lazy("none: a public client, such as a browser or mobile app")),
)

#: A word in Hydra's reason -> the field it is about; the first that fits.
BLAMED = {
    "post_logout": "post_logout_redirect_uris",
    "redirect": "redirect_uris",
    "jwks": "jwks_uri",
    "response_type": "response_types",
    "grant_type": "grant_types",
    "audience": "audience",
    "scope": "scope",
}


class ClientFields(ModelForm):
    """Valid means done in Hydra: ``change`` then has the row, and the secret if there is a new one."""

    change: ClientChange
    #: The current values of the client. Fields that were not edited are neither validated nor changed.
    before: Mapping[str, Any] = MappingProxyType({})

    client_name = LineField(
        label=gettext_lazy("Name"),
        max_length=255,
        help_text=gettext_lazy("Shown on the consent page."),
    )
    redirect_uris = URIsField(
        label=gettext_lazy("Redirect URIs"),
        required=False,
        help_text=gettext_lazy("One per line. Must match exactly."),
    )
    grant_types = forms.MultipleChoiceField(
        label=gettext_lazy("Grant types"),
        choices=GRANTS,
        initial=["authorization_code", "refresh_token"],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "ory-choices"}),
    )
    response_types = forms.MultipleChoiceField(
        label=gettext_lazy("Response types"),
        choices=[(response, response) for response in RESPONSES],
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
        label=gettext_lazy("Client authentication method"), choices=METHODS, initial="client_secret_basic"
    )
    jwks_uri = JWKSURIField(
        label=gettext_lazy("JWKS URI"),
        required=False,
        help_text=gettext_lazy("The URL of the client's public keys. Only for private_key_jwt."),
    )
    post_logout_redirect_uris = URIsField(
        label=gettext_lazy("Post-logout redirect URIs"),
        required=False,
        help_text=gettext_lazy("One per line. Users may be redirected there after signing out."),
    )
    owner = LineField(label=gettext_lazy("Owner"), max_length=255, required=False)
    skip_consent = forms.BooleanField(
        label=gettext_lazy("Skip the consent page"),
        required=False,
        help_text=gettext_lazy(
            "Only for your own applications: users are not asked before the client gets their data."
        ),
    )

    class Meta:
        model = OAuth2Client
        fields: ClassVar[list[str]] = []

    def offer_grants(self, aliases: Iterable[str]) -> None:
        """Leave out the device grant where no alias can complete it."""
        grants = self.fields.get("grant_types")
        if isinstance(grants, forms.MultipleChoiceField) and not is_device_grant_available(aliases):
            grants.choices = [grant for grant in GRANTS if grant[0] != DEVICE_CODE]

    def clean(self) -> dict[str, Any]:
        """Drop the errors of untouched fields, then check the fields together."""
        data = super().clean() or self.cleaned_data
        for name in self.before.keys() & self.fields.keys() - set(self.changed_data):
            self.errors.pop(name, None)
            data[name] = self.before[name]
        if self.errors:
            return data
        before, after = dict(self.before), {**self.before, **data}
        broken = [
            rule for rule in CLIENT_CONSTRAINTS if rule.broken(after) and not (before and rule.broken(before))
        ]
        for rule in broken:  # all were read before: add_error takes the field away
            self.add_error(rule.field, rule.why)
        return data

    def _post_clean(self) -> None:
        # In place of Django's, which would check a row that does not exist yet. Here, and not in save(),
        # because here a refusal can still become an error of the form.
        if self.errors:
            return
        try:
            self.change = self.submit_to_ory()
        except ORY_ERRORS as error:
            why = self.explain(error)
            blamed = (name for word, name in BLAMED.items() if word in why.lower() and name in self.fields)
            self.add_error(next(blamed, None), why)

    @abstractmethod
    def submit_to_ory(self) -> ClientChange:
        """Make the change. Raises what ``ORY_ERRORS`` lists."""

    def explain(self, error: Exception) -> str:
        """Why it was not made."""
        return error_text(error)

    def save(self, commit: bool = True) -> OAuth2Client:
        """The row that was written from Hydra's answer."""
        return self.change.row

    def save_m2m(self) -> None:
        """Nothing: there are no relations. Django's admin calls it."""
