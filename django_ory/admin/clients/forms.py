"""The forms that create an OAuth2 client in Hydra and change one there.

Hydra is called once, when all fields are valid. Its errors are shown at the field that they name.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.admin.mirrored import configured_aliases
from django_ory.client import OryConflict
from django_ory.exceptions import EditConflict
from django_ory.mirror.clients import ClientChange, create_client, update_client

from .base_form import ClientFields
from .form_fields import LinesField, URIsField

#: Authentication methods with a client secret.
SECRET_METHODS = frozenset({"client_secret_basic", "client_secret_post"})


class ClientForm(ClientFields):
    """Creates a client."""

    alias = forms.ChoiceField(label=gettext_lazy("Ory project"))
    # Part of the form, so that submitting it twice cannot create two clients.
    client_id = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        aliases = configured_aliases("hydra_admin_url")
        self.fields["alias"] = forms.ChoiceField(
            label=self.fields["alias"].label,
            choices=[(name, name) for name in aliases],
            initial=aliases[0] if aliases else None,
            widget=forms.HiddenInput if len(aliases) == 1 else None,
        )
        self.limit_grants(aliases)

    def submit_to_ory(self) -> ClientChange:
        """POST the values."""
        body = {name: value for name, value in self.cleaned_data.items() if value not in ("", [])}
        body["client_id"] = str(body["client_id"])
        return create_client(body.pop("alias"), body)

    def get_error_message(self, error: Exception) -> str:
        """Return our own message if the form was submitted before."""
        if not isinstance(error, OryConflict):
            return super().get_error_message(error)
        return _(
            "This form was already submitted and the client exists. If you did not see its secret, sync, "
            "delete the client and add it again."
        )


class ClientEditForm(ClientFields):
    """Changes a client. Only changed values are sent, and only if the client is still as shown."""

    version = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = _get_values(self.instance.data)
        self.initial = {**self.before, "version": _get_version(self.instance.data)}
        self.limit_grants([self.instance.alias])
        for name, field in self.fields.items():
            if isinstance(field, forms.ChoiceField):
                _add_current_choices(field, self.before[name])
            if isinstance(field, URIsField):
                field.known = frozenset(self.before[name])
        if "token_endpoint_auth_method" in self.fields:
            self.fields["token_endpoint_auth_method"].help_text = _(
                "A client that did not need a secret before gets a new one, which is shown once."
            )

    def submit_to_ory(self) -> ClientChange:
        """PATCH the changed values."""
        row = self.instance
        if self.cleaned_data["version"] != _get_version(row.data):
            raise EditConflict
        changes = {name: self.cleaned_data[name] for name in self.changed_data if name != "version"}
        if not changes:
            return ClientChange(row=row)
        method = changes.get("token_endpoint_auth_method")
        if method in SECRET_METHODS and self.before["token_endpoint_auth_method"] not in SECRET_METHODS:
            changes["client_secret"] = secrets.token_urlsafe(32)
        return update_client(row.alias, row.client_id, changes, seen=row.data)


def _get_values(data: Mapping[str, Any]) -> dict[str, Any]:
    empty: dict[str, Any] = {
        name: [] if isinstance(field, (forms.MultipleChoiceField, LinesField)) else ""
        for name, field in ClientFields.base_fields.items()
    }
    empty["token_endpoint_auth_method"] = "client_secret_basic"  # Hydra may omit its default
    keys = (data.get("jwks") or {}).get("keys") or []
    return {"jwks": keys, **{name: data.get(name) or value for name, value in empty.items()}}


def _get_version(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def _add_current_choices(field: Any, value: str | list[str]) -> None:
    """Add the current values of the client to the choices: Hydra accepts more than the form offers."""
    offered = dict(field.choices)
    more = [each for each in ([value] if isinstance(value, str) else value) if each not in offered]
    field.choices = [*offered.items(), *((each, each) for each in more)]
