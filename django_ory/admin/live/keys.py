"""The JSON Web Key sets of Hydra: public parts only, create, rotate and delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION, DELETION
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.admin.display import render_json
from django_ory.client import OryNotFound
from django_ory.client.pagination import ListedPage
from django_ory.mirror import keys
from django_ory.mirror.keys import ACCESS_TOKEN_KEYS, ID_TOKEN_KEYS, KEY_ALGORITHMS, PublicKey
from django_ory.models import OAuth2Client

from .forms import LiveForm
from .history import log_object_change
from .lists import LiveAction, LiveColumn, LiveList

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import HttpResponse
    from django.utils.safestring import SafeString

SIGNING_SETS = (ID_TOKEN_KEYS, ACCESS_TOKEN_KEYS)
MAX_SET_NAME_LENGTH = 255


def log_key_change(page: LiveList[Any] | LiveForm, set_name: str, message: str, *, flag: int) -> None:
    """Add an entry about a set to the history."""
    log_object_change(
        page.request,
        OAuth2Client,
        object_id=f"jwks:{set_name}",
        name=f"JWK set {set_name}",
        message=message,
        flag=flag,
    )


def render_public_key(key: PublicKey) -> SafeString:
    """Return the public members as JSON, folded."""
    return format_html(
        "<details><summary>{}</summary>{}</details>", key.key_type or "-", render_json(dict(key.members))
    )


def _delete_key(page: KeySetPage, key: str) -> Iterable[str]:
    set_name = page.get_list_key()
    keys.delete_key(page.alias, set_name, key)
    log_key_change(page, set_name, f"Key {key} deleted in Ory.", flag=DELETION)
    return ()


def _delete_set(page: KeySetPage, key: str) -> Iterable[str]:
    keys.delete_key_set(page.alias, key)
    log_key_change(page, key, "Deleted in Ory.", flag=DELETION)
    return ()


class KeySetForm(forms.Form):
    """The name of a set. Hydra has no list of sets."""

    set = forms.CharField(
        required=False,
        max_length=MAX_SET_NAME_LENGTH,
        label=gettext_lazy("Set"),
        help_text=gettext_lazy(
            "Hydra has no list of sets. Beside its own two sets, each trusted issuer has a set with its name."
        ),
    )


class KeySetPage(LiveList[PublicKey]):
    """The keys of one set."""

    name = "jwk_sets"
    title = gettext_lazy("JWK sets")
    permission = "view_jwk_set"
    required_setting = "hydra_admin_url"
    filter_form = KeySetForm
    columns = (
        LiveColumn[PublicKey](name="kid", label=gettext_lazy("key id"), value=lambda key: key.kid),
        LiveColumn[PublicKey](
            name="algorithm", label=gettext_lazy("algorithm"), value=lambda key: key.algorithm
        ),
        LiveColumn[PublicKey](name="use", label=gettext_lazy("use"), value=lambda key: key.use),
        LiveColumn[PublicKey](name="members", label=gettext_lazy("public key"), value=render_public_key),
    )
    actions = (
        LiveAction[PublicKey](
            name="delete_key",
            label=gettext_lazy("Delete"),
            permission="change_jwk_set",
            run=_delete_key,
            success=gettext_lazy("The key was deleted."),
            confirmation=gettext_lazy(
                "Delete this key? Tokens that were signed with it become invalid as soon as their receivers "
                "read the keys again. If it is the last key of a set that Hydra signs with, Hydra makes a "
                "new one. This cannot be undone."
            ),
            needs_typed_key=True,
        ),
        LiveAction[PublicKey](
            name="delete_set",
            label=gettext_lazy("Delete this set"),
            permission="change_jwk_set",
            run=_delete_set,
            success=gettext_lazy("The set was deleted."),
            confirmation=gettext_lazy(
                "Delete this set with all its keys? All tokens that were signed with them become invalid. "
                "Hydra makes a new key for the sets that it signs with. This cannot be undone."
            ),
            is_for_list=True,
            needs_typed_key=True,
        ),
    )

    def get_list_key(self) -> str:
        """Return the name of the set."""
        return self.request.GET.get("set", "").strip()[:MAX_SET_NAME_LENGTH]

    def get_key(self, item: PublicKey) -> str:
        return item.kid

    def read(self, filters: Mapping[str, Any], page_token: str) -> ListedPage[PublicKey]:
        """Read the set; without a name, nothing."""
        set_name = self.get_list_key()
        if not set_name:
            self.empty_text = _("Select a set, or enter the name of another one.")
            return ListedPage([])
        found = keys.list_keys(self.alias, set_name)
        if set_name in SIGNING_SETS and found:
            self.help_text = _(
                "Hydra signs new tokens with the first key. All keys of the set verify tokens."
            )
        return ListedPage(found)

    def describe_problem(self, error: Exception, page_token: str) -> str:
        if isinstance(error, OryNotFound):
            return _("Hydra has no set of this name. Adding a key creates the set.")
        return super().describe_problem(error, page_token)

    def build_side_filters(self, form: forms.Form) -> list[dict[str, Any]]:
        """Add the sets that Hydra signs with."""
        selected = self.get_list_key()
        labels = {ID_TOKEN_KEYS: _("ID tokens"), ACCESS_TOKEN_KEYS: _("JWT access tokens")}
        choices = [
            {
                "label": label,
                "is_selected": name == selected,
                "url": self.build_query(set=name, page_token=None),
            }
            for name, label in labels.items()
        ]
        return [*super().build_side_filters(form), {"title": _("set"), "choices": choices}]

    def list_tool_links(self) -> list[dict[str, Any]]:
        """Return the link to the form for a new key."""
        if not self.has_permission("change_jwk_set"):
            return []
        query = {"set": self.get_list_key()} if self.get_list_key() else {}
        return [{"title": _("Add key"), "url": self.get_subpage_url(KeyForm, **query), "is_addition": True}]


class NewKeyForm(forms.Form):
    """A key for Hydra to create."""

    set = forms.CharField(max_length=MAX_SET_NAME_LENGTH, label=gettext_lazy("Set"))
    algorithm = forms.ChoiceField(
        choices=[(name, name) for name in KEY_ALGORITHMS], label=gettext_lazy("Algorithm")
    )
    use = forms.ChoiceField(
        choices=[("sig", gettext_lazy("Signatures")), ("enc", gettext_lazy("Encryption"))],
        label=gettext_lazy("Use"),
    )
    kid = forms.CharField(
        required=False,
        max_length=MAX_SET_NAME_LENGTH,
        label=gettext_lazy("Key id"),
        help_text=gettext_lazy("Leave empty to let Hydra make one."),
    )


class KeyForm(LiveForm):
    """Adds a key to a set."""

    name = "jwk_add"
    title = gettext_lazy("Add key")
    permission = "change_jwk_set"
    required_setting = "hydra_admin_url"
    is_listed = False
    parent = KeySetPage
    form_class = NewKeyForm
    submit_label = gettext_lazy("Add key")
    explanation = gettext_lazy(
        "Rotation: Hydra signs new tokens with the new key at once. Tokens that were signed with older keys "
        "stay valid until you delete these keys, so wait for the longest lifespan of a token first. With "
        "another algorithm than RS256, clients that accept only RS256 reject the new tokens."
    )

    def get_initial(self) -> dict[str, Any]:
        """Return the set of the URL."""
        return {"set": self.request.GET.get("set", ID_TOKEN_KEYS)}

    def save(self, form: forms.Form) -> HttpResponse:
        """Create the key in Hydra."""
        values = form.cleaned_data
        key = keys.add_key(
            self.alias, values["set"], algorithm=values["algorithm"], use=values["use"], kid=values["kid"]
        )
        message = f"Key {key.kid} ({values['algorithm']}, {values['use']}) created in Ory."
        log_key_change(self, values["set"], message, flag=ADDITION)
        messages.success(self.request, _("The key %(kid)s was added.") % {"kid": key.kid[:100]})
        return self.redirect(self.get_subpage_url(KeySetPage, set=values["set"]))

    def show(self, form: forms.Form, **context: Any) -> HttpResponse:
        """Add the link back to the set."""
        return super().show(form, cancel_url=self.get_subpage_url(KeySetPage), **context)
