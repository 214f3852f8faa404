"""The base class of the forms that create and change an OAuth2 client: validation that ends in Hydra."""

from __future__ import annotations

from abc import abstractmethod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext as _

from django_ory.client import OryTimeout
from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.models import OAuth2Client
from django_ory.provider.device_grant import is_device_grant_available
from django_ory.tokens.grant_types import DEVICE_CODE

from .choices import GRANT_TYPES
from .client_fields import ClientFields
from .constraints import CLIENT_CONSTRAINTS
from .form_fields import LinesField, TriStateField
from .refusals import find_refused_field
from .uris import is_unencrypted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django_ory.mirror.clients import ClientChange

    ModelForm = forms.ModelForm[OAuth2Client]
else:
    ModelForm = forms.ModelForm

#: The field with a URL that Hydra reads, several times if it does not respond, before it stores the client.
SECTOR = "sector_identifier_uri"


class BaseClientForm(ModelForm, ClientFields):
    """A form with a validation that ends with the change in Hydra.

    After that, ``change`` has the row and the secret.
    """

    change: ClientChange
    #: The current values of the client. Fields that were not edited are neither validated nor changed.
    before: Mapping[str, Any] = MappingProxyType({})

    class Meta:
        model = OAuth2Client
        fields: ClassVar[list[str]] = []

    def limit_grants(self, aliases: Iterable[str]) -> None:
        """Remove the device grant from the choices if no alias can complete it."""
        field = self.fields.get("grant_types")
        if isinstance(field, forms.MultipleChoiceField) and not is_device_grant_available(aliases):
            field.choices = [grant for grant in GRANT_TYPES if grant[0] != DEVICE_CODE]

    def accept_current(self, values: Mapping[str, Any]) -> None:
        """Accept the current values of the client: Hydra accepts more than the form offers."""
        for name, field in self.fields.items():
            if name not in values:
                continue
            if isinstance(field, LinesField):
                field.known = frozenset({*field.known, *values[name]})
            elif isinstance(field, forms.ChoiceField) and not isinstance(field, TriStateField):
                value, choices = values[name], dict(field.choices)  # type: ignore[arg-type]
                more = [
                    each for each in ([value] if isinstance(value, str) else value) if each not in choices
                ]
                field.choices = [*choices.items(), *((each, each) for each in more)]

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
            self.add_error(constraint.field if constraint.field in self.fields else None, constraint.message)
        return data

    def _post_clean(self) -> None:
        # Replaces Django's validation of the model. Hydra is called here and not in save(), because an error
        # of Hydra can still become an error of the form.
        if self.errors:
            return
        try:
            self.change = self.submit_to_ory()
        except ORY_ERRORS as error:
            self.add_ory_error(error)

    @abstractmethod
    def submit_to_ory(self) -> ClientChange:
        """Make the change in Hydra. Raises the errors of ``ORY_ERRORS``."""

    def add_ory_error(self, error: Exception) -> None:
        """Show an error of ``submit_to_ory`` at the field that Hydra names."""
        if isinstance(error, OryTimeout) and self.cleaned_data.get(SECTOR) and SECTOR in self.changed_data:
            text = _(
                "Ory timed out. The usual reason: it could not read this URL. Check that Hydra can reach it."
            )
            self.add_error(SECTOR, text)
            return
        name, message = find_refused_field(error_text(error), self.changed_data)
        self.add_error(name if name in self.fields else None, message)

    def list_warnings(self) -> list[str]:
        """Return a sentence for each new value that works on development machines only."""
        known = self.before.get("redirect_uris") or ()
        uris = [uri for uri in self.cleaned_data.get("redirect_uris") or () if uri not in known]
        text = _("“%(uri)s” is not encrypted. Hydra redirects there in development mode only.")
        return [text % {"uri": uri} for uri in uris if is_unencrypted(uri)][:3]

    def save(self, commit: bool = True) -> OAuth2Client:
        """Return the row, which was written from the response of Hydra."""
        return self.change.row

    def save_m2m(self) -> None:
        """Do nothing: there are no relations. Django's admin calls this method."""
