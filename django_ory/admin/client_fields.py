"""The members of an OAuth2 client as fields, for the form that makes one and the form that changes one."""

from __future__ import annotations

from abc import abstractmethod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.mirror.reasons import REFUSALS, reason
from django_ory.models import OAuth2Client

from .client_rules import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.mirror.clients import ClientChange

    ModelForm = forms.ModelForm[OAuth2Client]
else:
    ModelForm = forms.ModelForm

__all__ = ["ClientFields", "LinesField"]

GRANTS = (
    ("authorization_code", gettext_lazy("authorization_code: people sign in")),
    ("refresh_token", gettext_lazy("refresh_token: and stay signed in (needs the scope offline_access)")),
    ("client_credentials", gettext_lazy("client_credentials: the client acts for itself")),
    ("implicit", gettext_lazy("implicit: tokens in the redirect; avoid it")),
    ("urn:ietf:params:oauth:grant-type:jwt-bearer", gettext_lazy("jwt-bearer: tokens for assertions")),
    ("urn:ietf:params:oauth:grant-type:device_code", gettext_lazy("device_code: televisions and the like")),
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
    ("client_secret_post", gettext_lazy("client_secret_post: secret in the body")),
    ("private_key_jwt", gettext_lazy("private_key_jwt: signed with the client's own key")),
    ("none", gettext_lazy("none: a public client, such as a browser or phone app")),
)

FORBIDDEN_SCHEMES = frozenset({"", "javascript", "data", "vbscript"})


class LinesField(forms.CharField):
    """One value a line. Cleans to a list without blanks and repetitions."""

    widget = AdminTextareaWidget(attrs={"rows": 3})

    def to_python(self, value: Any) -> Any:
        """The lines."""
        return list(dict.fromkeys((super().to_python(value) or "").split()))

    def prepare_value(self, value: Any) -> Any:
        """What stands in the text area."""
        return "\n".join(value) if isinstance(value, list) else value


class URIsField(LinesField):
    """Absolute URIs, one a line. Any scheme, since apps have their own, but none that a browser would run."""

    def validate(self, value: list[str]) -> None:
        """Every line, so that all that are wrong are told at once."""
        super().validate(value)
        wrong = [uri for uri in value if not _absolute(uri)]
        if wrong:
            raise forms.ValidationError([_("%s is not an absolute URI.") % uri for uri in wrong])


def _absolute(uri: str) -> bool:
    try:
        return urlsplit(uri).scheme not in FORBIDDEN_SCHEMES
    except ValueError:
        return False


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
    #: What the client has so far. What was wrong before may stay so: somebody may have a reason.
    before: Mapping[str, Any] = MappingProxyType({})

    client_name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=255,
        widget=AdminTextInputWidget,
        help_text=gettext_lazy("People see it when they are asked for consent."),
    )
    redirect_uris = URIsField(
        label=gettext_lazy("Redirect URIs"),
        required=False,
        help_text=gettext_lazy("One per line, compared to the letter."),
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
    scope = forms.CharField(
        label=gettext_lazy("Scopes"),
        initial="openid profile email offline_access",
        required=False,
        widget=AdminTextInputWidget,
        help_text=gettext_lazy(
            "All that the client may ask for, separated by spaces. If there are none, Ory takes "
            "offline_access, offline and openid."
        ),
    )
    audience = LinesField(
        label=gettext_lazy("Audience"),
        required=False,
        help_text=gettext_lazy("APIs that its tokens may be made for, one per line."),
    )
    token_endpoint_auth_method = forms.ChoiceField(
        label=gettext_lazy("How it proves who it is"), choices=METHODS, initial="client_secret_basic"
    )
    jwks_uri = forms.URLField(
        label=gettext_lazy("Address of its public keys"),
        required=False,
        assume_scheme="https",
        widget=AdminTextInputWidget,
        help_text=gettext_lazy("A JWK set; only for private_key_jwt."),
    )
    post_logout_redirect_uris = URIsField(
        label=gettext_lazy("Post-logout redirect URIs"),
        required=False,
        help_text=gettext_lazy("One per line. Where people may be sent after they signed out."),
    )
    owner = forms.CharField(
        label=gettext_lazy("Owner"), max_length=255, required=False, widget=AdminTextInputWidget
    )
    skip_consent = forms.BooleanField(
        label=gettext_lazy("Skip the consent page"),
        required=False,
        help_text=gettext_lazy(
            "Only for your own applications: people are not asked before it gets their data."
        ),
    )

    class Meta:
        model = OAuth2Client
        fields: ClassVar[list[str]] = []

    def clean(self) -> dict[str, Any]:
        """What only shows when the fields are seen together."""
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        before, after = dict(self.before), {**self.before, **data}
        broken = [rule for rule in RULES if rule.broken(after) and not (before and rule.broken(before))]
        for rule in broken:  # all were read before: add_error takes the field away
            self.add_error(rule.field, rule.why)
        return data

    def _post_clean(self) -> None:
        # In place of Django's, which would check a row that does not exist yet. Here, and not in save(),
        # because here a refusal can still become an error of the form.
        if self.errors:
            return
        try:
            self.change = self.tell_ory()
        except REFUSALS as error:
            why = self.explain(error)
            blamed = (name for word, name in BLAMED.items() if word in why.lower() and name in self.fields)
            self.add_error(next(blamed, None), why)

    @abstractmethod
    def tell_ory(self) -> ClientChange:
        """Make the change. Raises what ``REFUSALS`` lists."""

    def explain(self, error: Exception) -> str:
        """Why it was not made."""
        return reason(error)

    def save(self, commit: bool = True) -> OAuth2Client:
        """The row that was written from Hydra's answer."""
        return self.change.row

    def save_m2m(self) -> None:
        """Nothing: there are no relations. Django's admin calls it."""
