"""The forms that create an OAuth2 client in Hydra and change one there.

Hydra is called once, when all fields are valid. Its errors are shown at the field that they name.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.admin.conflicts import Conflict, VersionField, sign_version
from django_ory.admin.rows import configured_aliases
from django_ory.client import OryConflict
from django_ory.exceptions import EditConflict
from django_ory.mirror.client_tokens import get_client_lifespans
from django_ory.mirror.clients import ClientChange, create_client, update_client

from .base_form import BaseClientForm
from .choices import SECRET_METHODS
from .conflicts import keep_edits, list_client_conflicts, load_opened
from .form_fields import ClientIdField
from .values import get_initial, get_values

#: Values that a new client has without them.
EMPTY_VALUES: tuple[Any, ...] = ("", [], {}, None, False)


class ClientForm(BaseClientForm):
    """Creates a client."""

    alias = forms.ChoiceField(label=gettext_lazy("Ory project"))
    # Part of the form, so that submitting it twice cannot create two clients.
    client_id = ClientIdField(
        label=gettext_lazy("Client id"),
        max_length=255,
        initial=lambda: str(uuid.uuid4()),
        help_text=gettext_lazy("Cannot be changed later."),
    )

    #: The client that the new one is a copy of.
    source: Mapping[str, Any] = MappingProxyType({})

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
        if self.source:
            self.accept_current(get_values(self.source))

    def submit_to_ory(self) -> ClientChange:
        """POST the values."""
        body = {
            name: value
            for name, value in self.cleaned_data.items()
            if value not in EMPTY_VALUES or (value is False and name == "skip_logout_consent")
        }
        needs_secret = body["token_endpoint_auth_method"] in SECRET_METHODS
        if needs_secret:
            # Chosen here and not by Hydra, so that the secret is known even if the response is lost.
            body["client_secret"] = secrets.token_urlsafe(32)
        lifespans = {name: value for name, value in get_client_lifespans(self.source).items() if value}
        change = create_client(body.pop("alias"), {**lifespans, **body})
        # Hydra creates a secret also for a client with keys, which cannot authenticate with it.
        return change if needs_secret else replace(change, secret="")

    def add_ory_error(self, error: Exception) -> None:
        """Show our own message at the id if a client has it, for example if the form was submitted twice."""
        if not isinstance(error, OryConflict):
            super().add_ory_error(error)
            return
        text = _(
            "A client with this id exists. If this form was already submitted, open that client: its secret "
            "can be replaced there. Otherwise choose another id."
        )
        self.add_error("client_id", text)


class ClientEditForm(BaseClientForm):
    """Changes a client. Only changed values are sent, and only if the client is still as shown."""

    version = VersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: The values that were changed in Ory after the form was opened, if the change was rejected for them.
        self.conflicts: list[Conflict] = []
        #: The client when the form was opened. A field is edited if it differs from this.
        self.opened, self.is_current = load_opened(self.instance, self.data if self.is_bound else None)
        self.before = get_values(self.opened)
        self.initial = {
            **get_initial(self.before),
            "version": sign_version(self.instance, self.instance.data),
        }
        self.limit_grants([self.instance.alias])
        for values in (self.before, get_values(self.instance.data)):
            self.accept_current(values)
        if "token_endpoint_auth_method" in self.fields:
            self.fields["token_endpoint_auth_method"].help_text = _(
                "A client that did not need a secret before gets a new one, which is shown once."
            )

    def submit_to_ory(self) -> ClientChange:
        """PATCH the changed values."""
        if not self.is_current:
            raise EditConflict
        row = self.instance
        changes = {name: self.cleaned_data[name] for name in self.changed_data}
        if "skip_logout_consent" in changes:
            # Hydra up to 2.3 ignores null here. False means the same as the default.
            changes["skip_logout_consent"] = changes["skip_logout_consent"] is True
        if not changes:
            return ClientChange(row=row)
        method = changes.get("token_endpoint_auth_method")
        if method in SECRET_METHODS and self.before["token_endpoint_auth_method"] not in SECRET_METHODS:
            changes["client_secret"] = secrets.token_urlsafe(32)
        return update_client(row.alias, row.client_id, changes, seen=row.data)

    def add_ory_error(self, error: Exception) -> None:
        """Show the changes of others beside the input, if the client was changed in the meantime."""
        if not isinstance(error, EditConflict):
            super().add_ory_error(error)
            return
        self._rebase()
        text = _(
            "It was changed in Ory after you opened this page, so nothing was changed now. The form contains "
            "your input and the current values of all other fields: check them, and save again."
        )
        self.add_error(None, text)

    def _rebase(self) -> None:
        """Show the current client in the fields that were not edited, so that saving again is valid."""
        edited = set(self.changed_data)
        self.instance.refresh_from_db()
        submitted = {name: self.cleaned_data[name] for name in edited}
        self.conflicts = list_client_conflicts(self.opened, self.instance.data, submitted)
        values = get_values(self.instance.data)
        self.accept_current(values)
        self.data = keep_edits(
            self, edited, {**get_initial(values), "version": sign_version(self.instance, self.instance.data)}
        )
