"""The forms that make an OAuth2 client in Hydra and change it there.

Hydra is asked last and once, when nothing else is wrong; what it refuses is shown at the field it names.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.admin.services import configured_aliases
from django_ory.client import OryConflict
from django_ory.mirror.clients import ClientChange, create_client, update_client
from django_ory.mirror.errors import EditConflict

from .base_form import ClientFields
from .form_fields import LinesField, URIsField

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ClientEditForm", "ClientForm"]

SENT_BEFORE = gettext_lazy(
    "This form was already submitted and the client exists. If you did not see its secret, sync, delete the "
    "client and add it again."
)

#: Authentication methods that need a client secret.
WITH_SECRET = frozenset({"client_secret_basic", "client_secret_post"})


class ClientForm(ClientFields):
    """Makes a client."""

    alias = forms.ChoiceField(label=gettext_lazy("Ory project"))
    # Made before the form is sent, so that sending it twice cannot make two clients.
    client_id = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = configured_aliases("hydra_admin_url")
        self.fields["alias"] = forms.ChoiceField(
            label=self.fields["alias"].label,
            choices=[(name, name) for name in found],
            initial=found[0] if found else None,
            widget=forms.HiddenInput if len(found) == 1 else None,
        )
        self.offer_grants(found)

    def submit_to_ory(self) -> ClientChange:
        """POST what was filled in."""
        body = {name: value for name, value in self.cleaned_data.items() if value not in ("", [])}
        body["client_id"] = str(body["client_id"])
        return create_client(body.pop("alias"), body)

    def explain(self, error: Exception) -> str:
        """In our words if it was sent before."""
        return str(SENT_BEFORE) if isinstance(error, OryConflict) else super().explain(error)


class ClientEditForm(ClientFields):
    """Changes a client. Only what was changed is sent, and only if Hydra still has what the page showed."""

    version = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = _values(self.instance.data)
        self.initial = {**self.before, "version": _version(self.instance.data)}
        self.offer_grants([self.instance.alias])
        for name, field in self.fields.items():
            if isinstance(field, forms.ChoiceField):
                _keep_choice(field, self.before[name])
            if isinstance(field, URIsField):
                field.known = frozenset(self.before[name])
        if "token_endpoint_auth_method" in self.fields:
            self.fields["token_endpoint_auth_method"].help_text = _(
                "A client that did not need a secret before gets a new one, which is shown once."
            )

    def submit_to_ory(self) -> ClientChange:
        """PATCH what was changed."""
        row = self.instance
        if self.cleaned_data["version"] != _version(row.data):
            raise EditConflict
        changes = {name: self.cleaned_data[name] for name in self.changed_data if name != "version"}
        if not changes:
            return ClientChange(row=row)
        method = changes.get("token_endpoint_auth_method")
        if method in WITH_SECRET and self.before["token_endpoint_auth_method"] not in WITH_SECRET:
            changes["client_secret"] = secrets.token_urlsafe(32)  # it had none, or none that it kept
        return update_client(row.alias, row.client_id, changes, seen=row.data)


def _values(data: Mapping[str, Any]) -> dict[str, Any]:
    empty: dict[str, Any] = {
        name: [] if isinstance(field, (forms.MultipleChoiceField, LinesField)) else ""
        for name, field in ClientFields.base_fields.items()
    }
    empty["token_endpoint_auth_method"] = "client_secret_basic"  # Hydra may leave out its default
    keys = (data.get("jwks") or {}).get("keys") or []
    return {"jwks": keys, **{name: data.get(name) or value for name, value in empty.items()}}


def _version(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def _keep_choice(field: Any, value: str | list[str]) -> None:
    """Offer what the client has, too: Hydra knows more than we offer, and a form must not take it away."""
    offered = dict(field.choices)
    more = [each for each in ([value] if isinstance(value, str) else value) if each not in offered]
    field.choices = [*offered.items(), *((each, each) for each in more)]
