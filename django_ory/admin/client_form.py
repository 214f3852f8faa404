"""The form that makes an OAuth2 client in Hydra: what Hydra accepts though it cannot work is caught here.

Hydra is asked last and once, when nothing else is wrong; what it refuses is shown at the field it names.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.client import OryConflict
from django_ory.mirror.clients import ClientChange, create_client
from django_ory.mirror.reasons import REFUSALS, reason
from django_ory.models import OAuth2Client

from .services import configured_aliases

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.utils.functional import _StrPromise

    ModelForm = forms.ModelForm[OAuth2Client]
else:
    ModelForm = forms.ModelForm

__all__ = ["ClientForm"]

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


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What must not be, the field it is shown at, and why."""

    broken: Callable[[dict[str, Any]], bool]
    field: str
    why: _StrPromise


def _origin(uri: str) -> tuple[str, str]:
    parts = urlsplit(uri)
    return parts.scheme, parts.netloc


def _responses(data: dict[str, Any]) -> set[str]:
    return {part for response in data["response_types"] for part in response.split()}


RULES = (
    Rule(
        broken=lambda d: (
            bool({"authorization_code", "implicit"} & set(d["grant_types"])) and not d["redirect_uris"]
        ),
        field="redirect_uris",
        why=gettext_lazy("People must be sent back somewhere: these grant types need a redirect URI."),
    ),
    Rule(
        broken=lambda d: "authorization_code" in d["grant_types"] and "code" not in _responses(d),
        field="response_types",
        why=gettext_lazy("The grant type authorization_code needs the response type code."),
    ),
    Rule(
        broken=lambda d: "implicit" not in d["grant_types"] and bool({"token", "id_token"} & _responses(d)),
        field="response_types",
        why=gettext_lazy("Response types with token or id_token need the grant type implicit."),
    ),
    Rule(
        broken=lambda d: (
            "refresh_token" in d["grant_types"]
            and not {"offline", "offline_access"} & set(d["scope"].split())
        ),
        field="scope",
        why=gettext_lazy("The grant type refresh_token needs the scope offline_access."),
    ),
    Rule(
        broken=lambda d: (
            d["token_endpoint_auth_method"] == "none" and "client_credentials" in d["grant_types"]
        ),
        field="token_endpoint_auth_method",
        why=gettext_lazy("A public client cannot prove who it is, so it cannot use client_credentials."),
    ),
    Rule(
        broken=lambda d: d["token_endpoint_auth_method"] == "private_key_jwt" and not d["jwks_uri"],
        field="jwks_uri",
        why=gettext_lazy("private_key_jwt needs the address of the client's public keys."),
    ),
    Rule(
        broken=lambda d: (
            not {_origin(uri) for uri in d["post_logout_redirect_uris"]}
            <= {_origin(uri) for uri in d["redirect_uris"]}
        ),
        field="post_logout_redirect_uris",
        why=gettext_lazy("Scheme, host and port must be those of one of the redirect URIs."),
    ),
)

SENT_BEFORE = gettext_lazy(
    "Ory has this client already: this form was sent before. If you did not see its secret then, sync, "
    "delete it and add it again."
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


class ClientForm(ModelForm):
    """Valid means created: ``change`` then has the row and the secret."""

    change: ClientChange

    alias = forms.ChoiceField(label=gettext_lazy("Ory project"))
    # Made before the form is sent, so that sending it twice cannot make two clients.
    client_id = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)
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
        help_text=gettext_lazy("All that the client may ask for, separated by spaces."),
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = configured_aliases("hydra_admin_url")
        self.fields["alias"] = forms.ChoiceField(
            label=self.fields["alias"].label,
            choices=[(name, name) for name in found],
            initial=found[0] if found else None,
            widget=forms.HiddenInput if len(found) == 1 else None,
        )

    def clean(self) -> dict[str, Any]:
        """What only shows when the fields are seen together."""
        data = super().clean() or self.cleaned_data
        if not self.errors:  # the rules read all fields, and add_error takes one away
            for rule in [rule for rule in RULES if rule.broken(data)]:
                self.add_error(rule.field, rule.why)
        return data

    def _post_clean(self) -> None:
        # In place of Django's, which would check a row that does not exist yet. Here, and not in save(),
        # because here a refusal can still become an error of the form.
        if self.errors:
            return
        body = {name: value for name, value in self.cleaned_data.items() if value not in ("", [])}
        body["client_id"] = str(body["client_id"])
        alias = body.pop("alias")
        try:
            self.change = create_client(alias, body)
        except OryConflict:
            self.add_error(None, SENT_BEFORE)
        except REFUSALS as error:
            why = reason(error)
            blamed = (name for word, name in BLAMED.items() if word in why.lower() and name in self.fields)
            self.add_error(next(blamed, None), why)

    def save(self, commit: bool = True) -> OAuth2Client:
        """The row that ``create_client`` wrote."""
        return self.change.row

    def save_m2m(self) -> None:
        """Nothing: there are no relations. Django's admin calls it."""
