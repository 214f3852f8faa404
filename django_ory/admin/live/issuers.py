"""The trusted issuers of JWTs at Hydra: list, add, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION, DELETION
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from django_ory.admin.takeover import get_subject_denial
from django_ory.client.models import TrustedOAuth2JwtGrantIssuer
from django_ory.mirror import issuers
from django_ory.mirror.client_content import PUBLIC_KEY_MEMBERS
from django_ory.models import OAuth2Client
from django_ory.schemas.json_text import InvalidJSON, load_json

from .forms import LiveForm
from .history import log_object_change
from .lists import PAGE_SIZE, LiveAction, LiveColumn, LiveList

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import HttpResponse
    from django.utils.functional import _StrOrPromise

    from django_ory.client.pagination import ListedPage

    from .pages import LivePage

MAX_KEY_BYTES = 20_000


def log_issuer_change(
    page: LivePage, issuer: TrustedOAuth2JwtGrantIssuer, message: str, *, flag: int
) -> None:
    """Add an entry about an issuer to the history."""
    log_object_change(
        page.request,
        OAuth2Client,
        object_id=f"issuer:{issuer.id}",
        name=f"trusted issuer {issuer.issuer}",
        message=message,
        flag=flag,
    )


def _delete(page: LiveList[Any], key: str) -> Iterable[str]:
    issuer = issuers.delete_issuer(page.alias, key)
    log_issuer_change(page, issuer, "Deleted in Ory.", flag=DELETION)
    return ()


def _render_subject(issuer: TrustedOAuth2JwtGrantIssuer) -> str:
    return _("Every subject") if issuer.allow_any_subject else issuer.subject or "-"


class IssuerFilter(forms.Form):
    """The filter of the list."""

    issuer = forms.CharField(
        required=False,
        max_length=500,
        label=gettext_lazy("Issuer"),
        help_text=gettext_lazy("The whole name, in exactly its spelling."),
    )


class IssuerList(LiveList[TrustedOAuth2JwtGrantIssuer]):
    """All trusted issuers."""

    name = "trusted_issuers"
    title = gettext_lazy("Trusted issuers")
    permission = "view_trusted_issuer"
    required_setting = "hydra_admin_url"
    filter_form = IssuerFilter
    help_text: _StrOrPromise = gettext_lazy(
        "Hydra exchanges JWTs that these parties have signed for access tokens (RFC 7523), without the user."
    )
    empty_text: _StrOrPromise = gettext_lazy("Hydra trusts no issuer.")
    columns = (
        LiveColumn[TrustedOAuth2JwtGrantIssuer](
            name="issuer", label=gettext_lazy("issuer"), value=lambda issuer: issuer.issuer
        ),
        LiveColumn[TrustedOAuth2JwtGrantIssuer](
            name="subject",
            label=gettext_lazy("subject"),
            value=_render_subject,
            permission="view_personal_data",
        ),
        LiveColumn[TrustedOAuth2JwtGrantIssuer](
            name="any_subject",
            label=gettext_lazy("every subject"),
            value=lambda issuer: issuer.allow_any_subject,
        ),
        LiveColumn[TrustedOAuth2JwtGrantIssuer](
            name="scope", label=gettext_lazy("scopes"), value=lambda issuer: issuer.scope[:50]
        ),
        LiveColumn[TrustedOAuth2JwtGrantIssuer](
            name="kid",
            label=gettext_lazy("key id"),
            value=lambda issuer: issuer.public_key.kid if issuer.public_key else "",
        ),
        LiveColumn[TrustedOAuth2JwtGrantIssuer](
            name="expires_at", label=gettext_lazy("expires at"), value=lambda issuer: issuer.expires_at
        ),
    )
    actions = (
        LiveAction[TrustedOAuth2JwtGrantIssuer](
            name="delete",
            label=gettext_lazy("Delete"),
            permission="change_trusted_issuer",
            run=_delete,
            success=gettext_lazy("The issuer is not trusted any more."),
            confirmation=gettext_lazy(
                "Delete this trusted issuer? Hydra rejects its JWTs from now on. Access tokens that it got "
                "stay valid until they expire."
            ),
        ),
    )

    def read(self, filters: Mapping[str, Any], page_token: str) -> ListedPage[TrustedOAuth2JwtGrantIssuer]:
        return issuers.list_issuers(
            self.alias, issuer=filters["issuer"], page_size=PAGE_SIZE, page_token=page_token
        )

    def get_key(self, item: TrustedOAuth2JwtGrantIssuer) -> str:
        return item.id or ""

    def list_tool_links(self) -> list[dict[str, Any]]:
        """Return the link to the form for a new issuer."""
        if not self.has_permission("change_trusted_issuer"):
            return []
        return [
            {"title": _("Add trusted issuer"), "url": self.get_subpage_url(IssuerForm), "is_addition": True}
        ]


class NewIssuerForm(forms.Form):
    """An issuer to trust. Its key is parsed here, so that no private key is sent to Hydra."""

    issuer = forms.CharField(
        max_length=255,
        label=gettext_lazy("Issuer"),
        help_text=gettext_lazy("The claim “iss” of its JWTs, such as https://issuer.example."),
    )
    subject = forms.CharField(
        required=False,
        max_length=255,
        label=gettext_lazy("Subject"),
        help_text=gettext_lazy("The claim “sub”."),
    )
    any_subject = forms.BooleanField(
        required=False,
        label=gettext_lazy("Every subject: the issuer can get access tokens of all users"),
    )
    scope = forms.CharField(
        required=False,
        max_length=2000,
        label=gettext_lazy("Scopes"),
        help_text=gettext_lazy("Separated by spaces. The issuer cannot request others."),
    )
    expires_at = forms.SplitDateTimeField(label=gettext_lazy("Expires at"), widget=AdminSplitDateTime)
    jwk = forms.CharField(
        max_length=MAX_KEY_BYTES,
        label=gettext_lazy("Public key"),
        widget=forms.Textarea(attrs={"class": "vLargeTextField", "rows": 8, "spellcheck": "false"}),
        help_text=gettext_lazy("One JSON Web Key with “kid”, public parts only."),
    )

    def clean_expires_at(self) -> Any:
        """Reject a time in the past: Hydra accepts it."""
        value = self.cleaned_data["expires_at"]
        if value <= timezone.now():
            raise forms.ValidationError(_("This time is in the past."))
        return value if timezone.is_aware(value) else timezone.make_aware(value)

    def clean_jwk(self) -> dict[str, Any]:
        """Return the key as JSON."""
        try:
            value = load_json(self.cleaned_data["jwk"])
        except InvalidJSON:
            raise forms.ValidationError(_("This is not a JSON Web Key.")) from None
        if isinstance(value, dict) and isinstance(value.get("keys"), list):
            if len(value["keys"]) != 1:
                raise forms.ValidationError(_("Enter one key, not a set."))
            value = value["keys"][0]
        if not isinstance(value, dict):
            raise forms.ValidationError(_("This is not a JSON Web Key."))
        if issuers.has_private_part(value):
            raise forms.ValidationError(
                _(
                    "This key is private or symmetric, so it was not sent to Ory. Replace it, because it was "
                    "sent to this site, and enter its public part."
                )
            )
        if value.get("kty") not in tuple(PUBLIC_KEY_MEMBERS):
            raise forms.ValidationError(_("The type of the key (kty) must be RSA, EC or OKP."))
        if not isinstance(value.get("kid"), str) or not value["kid"]:
            raise forms.ValidationError(_("The key has no id (kid)."))
        return value

    def clean(self) -> dict[str, Any]:
        """Require exactly one of the subject and every subject."""
        values = super().clean() or {}
        if bool(values.get("subject")) == bool(values.get("any_subject")) and "subject" not in self.errors:
            self.add_error("subject", _("Enter a subject, or select every subject, but not both."))
        return values


@method_decorator([sensitive_post_parameters("jwk"), sensitive_variables()], name="dispatch")
class IssuerForm(LiveForm):
    """Adds a trusted issuer."""

    name = "trusted_issuer_add"
    title = gettext_lazy("Add trusted issuer")
    permission = "change_trusted_issuer"
    required_setting = "hydra_admin_url"
    is_listed = False
    parent = IssuerList
    form_class = NewIssuerForm
    submit_label = gettext_lazy("Add trusted issuer")

    def save(self, form: forms.Form) -> HttpResponse:
        """Add the issuer in Hydra."""
        values = form.cleaned_data
        if denial := get_subject_denial(self.request, alias=self.alias, subject=values["subject"]):
            form.add_error("subject" if values["subject"] else "any_subject", denial)
            return self.show(form)
        issuer = issuers.add_issuer(
            self.alias,
            issuer=values["issuer"],
            subject=values["subject"],
            scope=values["scope"].split(),
            expires_at=values["expires_at"],
            jwk=values["jwk"],
        )
        scope = " ".join(values["scope"].split())
        kind = "every subject" if values["any_subject"] else "one subject"
        message = f"Added in Ory for {kind}, key {values['jwk']['kid']}, scopes {scope or '-'}."
        log_issuer_change(self, issuer, message, flag=ADDITION)
        messages.success(self.request, _("The issuer is trusted."))
        return self.redirect(self.get_subpage_url(IssuerList))

    def show(self, form: forms.Form, **context: Any) -> HttpResponse:
        """Leave the text of a rejected key out of the response: it may be private."""
        if "jwk" in form.errors:
            self.remove_value(form, "jwk")
        return super().show(form, cancel_url=self.get_subpage_url(IssuerList), **context)
