"""The forms that create an identity in Kratos and change one there.

Kratos is called once, when all fields are valid. Its errors are shown at the field that they are about.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.forms.utils import ErrorDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.accounts.deletion import end_restore_link
from django_ory.admin.conflicts import Conflict, VersionField, load_version, sign_version
from django_ory.admin.json_fields import JSONField, ObjectField
from django_ory.client import OryAPIError, OryConflict
from django_ory.exceptions import EditConflict
from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.mirror.identifiers import find_identifier_owners
from django_ory.mirror.identities import (
    IdentityChange,
    create_identity,
    get_content,
    read_identity,
    refresh_identity,
    update_identity,
)
from django_ory.mirror.json_patch import is_same_json, list_changes, merge_json
from django_ory.models import Identity
from django_ory.schemas.values import TRAITS, build_name

from .conflicts import list_identity_conflicts
from .form_source import METADATA, PERSONAL_MEMBERS, FormSource
from .kratos_errors import find_trait_errors
from .trait_section import TraitSection

if TYPE_CHECKING:
    from django_ory.selfservice.forms.fields import Field

    ModelForm = forms.ModelForm[Identity]
else:
    ModelForm = forms.ModelForm


class IdentityFields(ModelForm):
    """A form that makes the change in Kratos as the last step of its validation; then ``change`` has the row.

    ``source`` is set by a subclass for each request. ``section`` has the inputs of the traits; None if they
    are edited as JSON, or not at all.
    """

    source: FormSource
    change: IdentityChange
    #: The changed values, such as ``traits.name.first``, without the values.
    changed_names: tuple[str, ...] = ()
    #: Values that were changed in Kratos after the form was built.
    conflicts: Sequence[Conflict] = ()

    schema_id = forms.CharField(widget=forms.HiddenInput, required=False)
    traits = ObjectField(label=gettext_lazy("Traits"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), choices=Identity.State.choices)
    metadata_public = JSONField(
        label=gettext_lazy("Public metadata"),
        required=False,
        help_text=gettext_lazy("JSON that the user can read and not change."),
    )
    metadata_admin = JSONField(
        label=gettext_lazy("Admin metadata"),
        required=False,
        help_text=gettext_lazy("JSON that only the admin API returns. Not stored in the row."),
    )
    external_id = forms.CharField(
        label=gettext_lazy("External id"),
        required=False,
        help_text=gettext_lazy("The id of the user in another system. Must be unique."),
    )

    class Meta:
        model = Identity
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        source = self.source
        self.seen: Mapping[str, Any] = source.seen
        self.initial = {**self.initial, **self._get_initial()}
        for name in self._list_left_out():
            del self.fields[name]
        state = self.fields.get("state")
        if isinstance(state, forms.ChoiceField) and self.initial["state"] not in dict(Identity.State.choices):
            # An older or newer Kratos may have another state, which is kept.
            state.choices = [*Identity.State.choices, (self.initial["state"],) * 2]
        if "traits" in self.fields:
            self.fields["traits"].widget.attrs["rows"] = 20
        self.section = self._build_section()

    def _get_initial(self) -> dict[str, Any]:
        values = {**self.source.content, "schema_id": self.source.schema_id}
        return {name: self.show_value(name, value) for name, value in values.items()}

    def show_value(self, name: str, value: Any) -> Any:
        """Return a member of the identity as the form shows it."""
        field = self.fields.get(name)
        return field.show(value) if isinstance(field, JSONField) else value

    def _list_left_out(self) -> set[str]:
        source, left_out = self.source, set[str]()
        if not source.sees_personal_data:
            left_out |= PERSONAL_MEMBERS
        if not source.changes_metadata:
            left_out |= {*METADATA}
        if source.get_form_schema() is not None:
            left_out.add("traits")
        if not source.changes_state:
            left_out.add("state")
        if not source.has_external_id:
            left_out.add("external_id")
        return left_out & self.fields.keys()

    def _build_section(self) -> TraitSection | None:
        schema = self.source.get_form_schema() if self.source.sees_personal_data else None
        if schema is None:
            return None
        data: Any = self.data if self.is_bound else None
        return TraitSection(schema, self.source.traits, data=data, is_new=self.source.is_new)

    @property
    def trait_fields(self) -> tuple[Field, ...]:
        """The inputs of the traits, for the template."""
        return self.section.build_fields() if self.section else ()

    # Validation.

    def is_valid(self) -> bool:
        """Return False without errors if a button of a list was pressed: the form is shown again."""
        return not self._changes_rows() and super().is_valid()

    def full_clean(self) -> None:
        """Validate nothing if a button of a list was pressed."""
        if not self._changes_rows():
            super().full_clean()
            return
        self._errors = ErrorDict(renderer=self.renderer)
        self.cleaned_data = {}

    def _changes_rows(self) -> bool:
        return self.section is not None and self.section.rows is not None

    def clean(self) -> dict[str, Any]:
        """Check the traits, as far as that is possible without Kratos."""
        data = super().clean() or self.cleaned_data
        for name, texts in (self.section.validate() if self.section else {}).items():
            self.errors[name] = self.error_class(texts)
        if self.source.is_own and data.get("state") == Identity.State.INACTIVE != self.initial["state"]:
            self.add_error("state", _("You cannot deactivate your own account."))
        return data

    def _post_clean(self) -> None:
        # Replaces Django's validation of the model. Kratos is called here and not in save(), because an error
        # of Kratos can still become an error of the form.
        if self.errors:
            return
        try:
            self.change = self.submit_to_ory(self._get_values())
        except EditConflict:
            self.show_conflict()
        except OryConflict as error:
            self._add_conflict_errors(error)
        except ORY_ERRORS as error:
            self._add_error(error)

    @abstractmethod
    def submit_to_ory(self, values: dict[str, Any]) -> IdentityChange:
        """Make the change in Kratos. Raises the errors of ``ORY_ERRORS``."""

    def show_conflict(self) -> None:
        """Show the identity as it is in Kratos, with the input."""

    def _get_values(self) -> dict[str, Any]:
        """The members of the identity that the form has."""
        names = ("state", *METADATA, "external_id", TRAITS)
        values = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        if self.section is not None:
            values[TRAITS] = self.section.values
        if "external_id" in values:
            values["external_id"] = values["external_id"] or None
        return {"schema_id": self.source.schema_id, **values}

    # Errors.

    def add_trait_error(self, path: Iterable[str], text: str) -> None:
        """Show an error at the input of a trait, else above the form."""
        name = build_name(*path)
        if self.section is not None and self.section.add_error(name, text):
            self.errors.setdefault(name, self.error_class()).append(text)
        elif TRAITS in self.fields:
            self.add_error(TRAITS, f"{name}: {text}")
        else:
            self.add_error(None, f"{name}: {text}")

    def _add_error(self, error: Exception) -> None:
        reason = error.reason or error.message if isinstance(error, OryAPIError) else ""
        mistakes = find_trait_errors(reason)
        for path, text in mistakes:
            self.add_trait_error(path, text)
        if not mistakes:
            is_state = "state" in self.fields and reason.startswith("The supplied state")
            self.add_error("state" if is_state else None, error_text(error))

    def _add_conflict_errors(self, error: OryConflict) -> None:
        """Show which identifier belongs to another identity."""
        source, traits = self.source, self._get_values().get(TRAITS)
        try:
            owners = find_identifier_owners(
                source.alias, source.schema_id, traits, own_id=source.row.identity_id if source.row else None
            )
        except ORY_ERRORS:
            owners = {}
        for path, owner in owners.items():
            self.add_trait_error(path, _("Another identity has this value already."))
            if source.is_new and is_same_json(owner.traits, traits):
                self._add_duplicate_error(owner.id)
                return
        if not owners:
            self.add_error(None, error_text(error))

    def _add_duplicate_error(self, identity_id: str) -> None:
        """Link to the identity that an earlier submission of the form has created."""
        text = _("An identity with these traits exists already. Perhaps this form was submitted twice.")
        row = refresh_identity(self.source.alias, identity_id)
        url = reverse("admin:django_ory_identity_change", args=[row.pk])
        self.add_error(None, format_html('{} <a href="{}">{}</a>', text, url, row.log_name))

    def save(self, commit: bool = True) -> Identity:
        """Return the row, which was written from the response of Kratos."""
        return self.change.row or self.instance

    def save_m2m(self) -> None:
        """Do nothing: there are no relations. Django's admin calls this method."""


class IdentityForm(IdentityFields):
    """Creates an identity."""

    alias = forms.CharField(widget=forms.HiddenInput, required=False)

    def _get_initial(self) -> dict[str, Any]:
        return {**super()._get_initial(), "alias": self.source.alias}

    def submit_to_ory(self, values: dict[str, Any]) -> IdentityChange:
        """POST the values."""
        body = {"traits": {}, **{name: value for name, value in values.items() if value is not None}}
        return create_identity(self.source.alias, body)


class IdentityEditForm(IdentityFields):
    """Changes an identity. Only changed values are sent, and only if the identity is still as shown."""

    version = VersionField(required=False)

    @property
    def row(self) -> Identity:
        """The row of the identity."""
        assert self.source.row is not None  # noqa: S101 (for the type checker)
        return self.source.row

    def _get_initial(self) -> dict[str, Any]:
        return {**super()._get_initial(), "version": sign_version(self.row, self.seen)}

    def clean_version(self) -> str:
        """Reject a form without the content that it was built from."""
        version: str = self.cleaned_data["version"]
        if load_version(self.row, version) is None:
            self.add_error(None, _("This form is incomplete. Open the page again and repeat your change."))
        return version

    def submit_to_ory(self, values: dict[str, Any]) -> IdentityChange:
        """PATCH the differences."""
        self.changed_names = self._list_changed_names(values)
        if values.get("state") == Identity.State.INACTIVE != self.seen.get("state"):
            end_restore_link(
                self.row.identity_id, alias=self.row.alias
            )  # it would activate the identity again
        return update_identity(self.row.alias, self.row.identity_id, values, seen=self.seen)

    def _list_changed_names(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The names of the changed values, as far as the schema has them. Others may be personal data."""
        before = {name: self.seen.get(name) for name in values}
        schema = self.source.schema
        names = []
        for first, *rest in list_changes(before, values):
            known: tuple[str, ...] = ()
            for name in rest if first == TRAITS and schema is not None else ():
                if schema is None or schema.find((*known, name)) is None:
                    break
                known = (*known, name)
            names.append(".".join((first, *known)))
        return tuple(dict.fromkeys(names))

    def show_conflict(self) -> None:
        """Show the present values of Kratos, with the changes of this form made in them."""
        try:
            _row, identity = read_identity(self.row.alias, self.row.identity_id)
        except ORY_ERRORS as error:
            self.add_error(None, error_text(error))
            return
        theirs = {name: value for name, value in get_content(identity).items() if name in self.seen}
        mine = {**self.seen, **{name: value for name, value in self._get_values().items() if name in theirs}}
        merged = {name: merge_json(self.seen[name], mine[name], theirs[name]) for name in theirs}
        self.conflicts = list_identity_conflicts(self.seen, theirs, mine)
        self._show(merged, theirs)
        self.add_error(
            None,
            _(
                "The identity was changed in Kratos after you opened this page, so nothing was saved. The "
                "form now shows the values of Kratos with your changes. Check them and save again."
            ),
        )

    def _show(self, merged: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
        data: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        for name, value in merged.items():
            if name in self.fields:
                data[name] = self.show_value(name, value) or ""
        data["version"] = sign_version(self.row, theirs)
        self.data = data
        if self.section is not None:
            self.section.show(merged[TRAITS])
