"""The admin pages that create an identity and change one, with a form made from the identity's schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from django_ory.admin.conflicts import load_version
from django_ory.admin.display import display_field
from django_ory.admin.mirrored import MirroredAdmin
from django_ory.admin.personal_data import PersonalDataMixin, can_view_personal_data
from django_ory.admin.takeover import has_grants, has_more_rights, is_own_account
from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.mirror.identities import get_content, read_identity
from django_ory.models import Identity
from django_ory.schemas.comparison import list_schema_differences
from django_ory.schemas.fetch import get_schema_store
from django_ory.schemas.values import TRAITS

from .form_source import METADATA, FormSource, get_schema_label
from .forms import IdentityEditForm, IdentityFields, IdentityForm

if TYPE_CHECKING:
    Fieldsets = Sequence[tuple[Any, dict[str, Any]]]

#: Identities that are searched for an external id, to find out if the server has them.
RECENT_ROWS = 100


def _render_schema(row: Identity) -> SafeString | str:
    """The title of the schema, and links to change it."""
    source: FormSource | None = getattr(row, "form_source", None)
    label = get_schema_label(row.alias, source.schema_id if source else row.schema_id)
    if source is None or not source.sees_personal_data:
        return label or "-"
    ids = [each for each in get_schema_store(row.alias).list_ids() if each != source.schema_id]
    links = format_html_join(
        " ",
        '<a href="?{}">{}</a>',
        (
            (
                urlencode({"schema_id": each}),
                _("Change to %(schema)s") % {"schema": get_schema_label(row.alias, each)},
            )
            for each in ids
        ),
    )
    return format_html('{} <div class="ory-links">{}</div>', label, links) if ids else label


class IdentityEditing(PersonalDataMixin, MirroredAdmin):
    """Adds the forms to the pages of identities."""

    form = IdentityForm
    edit_form = IdentityEditForm
    change_form_template = "admin/django_ory/identity/change_form.html"
    add_form_template = "admin/django_ory/identity/change_form.html"

    schema_label = display_field(gettext_lazy("schema"), _render_schema)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may create identities, which have personal data."""
        has_permissions = request.user.has_perms(("django_ory.add_identity", "django_ory.view_personal_data"))
        return bool(has_permissions and self.configured())

    def has_change_permission(self, request: HttpRequest, obj: Identity | None = None) -> bool:
        """Return whether the form has anything that the user may change: traits, or the state.

        False also for an identity that Kratos does not have, or cannot be read now.
        """
        may_change_parts = can_view_personal_data(request) or self.has_change_state_permission(request)
        if not (request.user.has_perm("django_ory.change_identity") and may_change_parts):
            return False
        if obj is None:
            return True
        if has_more_rights(
            request, obj.user
        ):  # with another e-mail address, staff could sign in as this user
            return False
        is_unavailable = hasattr(request, "ory_form_source") and request.ory_form_source is None
        return not is_unavailable and obj.missing_since is None and obj.alias in self.configured()

    def has_change_state_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may activate and deactivate."""
        return bool(request.user.has_perm("django_ory.change_identity_state"))

    def _may_change_metadata(self, request: HttpRequest, alias: str) -> bool:
        """Return False for metadata that may give rights, except to superusers, who have all rights."""
        actor: Any = request.user
        return bool(actor.is_superuser) or not has_grants(alias)

    # What the form is about.

    def get_form_source(self, request: HttpRequest, row: Identity | None) -> FormSource | None:
        """Return the source of the form of this request. For a GET, the identity is read from Kratos.

        None if the project or the schema of a new identity is not chosen yet, or if Kratos cannot be read.
        """
        return self._get_new_source(request) if row is None else self._get_edit_source(request, row)

    def _get_new_source(self, request: HttpRequest) -> FormSource | None:
        given = request.POST if request.method == "POST" else request.GET
        aliases = self.configured()
        alias = given.get("alias") or (aliases[0] if len(aliases) == 1 else "")
        if alias not in aliases:
            return None
        ids = get_schema_store(alias).list_ids()
        schema_id = given.get("schema_id") or (ids[0] if len(ids) == 1 else "")
        if not schema_id or (ids and schema_id not in ids):
            return None
        return FormSource(
            alias=alias,
            schema_id=schema_id,
            content={"state": str(Identity.State.ACTIVE), TRAITS: {}, **dict.fromkeys(METADATA)},
            sees_personal_data=True,
            changes_state=self.has_change_state_permission(request),
            changes_metadata=self._may_change_metadata(request, alias),
            has_external_id=_has_external_ids(alias),
            wants_json=_wants_json(request),
        )

    def _get_edit_source(self, request: HttpRequest, row: Identity) -> FormSource | None:
        content: dict[str, Any] | None = None
        identity = None
        if request.method == "POST":
            content = load_version(row, request.POST.get("version", ""))
        if content is None:
            try:
                _row, identity = read_identity(row.alias, row.identity_id)
            except ORY_ERRORS as error:
                text = _("This page shows the last known values and cannot be changed now. %(reason)s")
                messages.warning(request, text % {"reason": error_text(error)})
                return None
            content = get_content(identity)
        given = request.POST if request.method == "POST" else request.GET
        wanted = given.get("schema_id", "")
        ids = get_schema_store(row.alias).list_ids()
        sees_personal_data = can_view_personal_data(request)
        return FormSource(
            alias=row.alias,
            schema_id=wanted if wanted in ids and sees_personal_data else content.get("schema_id", ""),
            content=content,
            identity=identity,
            row=row,
            sees_personal_data=sees_personal_data,
            changes_state=self.has_change_state_permission(request),
            changes_metadata=self._may_change_metadata(request, row.alias),
            has_external_id="external_id" in content,
            wants_json=_wants_json(request),
            is_own=is_own_account(request, row),
        )

    # Django's form.

    @method_decorator([sensitive_post_parameters(), sensitive_variables()])
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Find out what the form is about, and call Django's view without its transaction."""
        row = self.get_object(request, unquote(object_id)) if object_id is not None else None
        context = {"show_save_and_add_another": False, **(extra_context or {})}
        source: FormSource | None = None
        if object_id is None and self.has_add_permission(request):
            source = self.get_form_source(request, None)
            if source is None:
                return self._render_choice(request)
        elif row is not None and self.has_change_permission(request, row):
            source = self.get_form_source(request, row)
            if source is not None and source.changes_schema:
                context |= {"show_save_and_continue": False, **self._compare_schemas(source)}
        # Not set on other pages. None: the page is read-only.
        request.ory_form_source = source  # type: ignore[attr-defined]
        response: HttpResponse = self._changeform_view(request, object_id, form_url, context)  # type: ignore[attr-defined]
        return response

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the row, with what its form is about."""
        row: Any = super().get_object(request, object_id, from_field)
        if row is not None:
            row.form_source = getattr(request, "ory_form_source", None)
        return row

    def _compare_schemas(self, source: FormSource) -> dict[str, Any]:
        schema, traits = source.schema, source.traits
        differences = list_schema_differences(schema, traits) if schema and isinstance(traits, dict) else []
        return {
            "ory_new_schema": get_schema_label(source.alias, source.schema_id),
            "ory_old_schema": get_schema_label(source.alias, source.content.get("schema_id", "")),
            "ory_schema_differences": differences,
        }

    def _render_choice(self, request: HttpRequest) -> HttpResponse:
        """Ask for the project and the schema of a new identity."""
        aliases = self.configured()
        alias = request.GET.get("alias") or (aliases[0] if len(aliases) == 1 else "")
        ids = get_schema_store(alias).list_ids() if alias in aliases else []
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Add %s") % self.opts.verbose_name,
            "add": True,
            "has_view_permission": self.has_view_permission(request),
            "media": self.media,
            "aliases": [] if alias in aliases else aliases,
            "alias": alias,
            "schemas": [(each, get_schema_label(alias, each)) for each in ids],
        }
        return TemplateResponse(request, "admin/django_ory/identity/choose_schema.html", context)

    def get_form(
        self, request: HttpRequest, obj: Identity | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form for the identity of this request."""
        source = getattr(request, "ory_form_source", None)
        form: type[forms.ModelForm[Identity]] = forms.ModelForm
        if source is not None:
            base: type[IdentityFields] = self.edit_form if change else self.form
            form = type(base.__name__, (base,), {"source": source})
        return super().get_form(request, obj, change, **{**kwargs, "form": form, "fields": []})

    def get_fieldsets(self, request: HttpRequest, obj: Identity | None = None) -> Any:
        """Return the fields of the form, or of the read-only page."""
        source: FormSource | None = getattr(request, "ory_form_source", None)
        if source is None:
            return super().get_fieldsets(request, obj)
        shown = ["state"] if source.changes_state else []
        if source.is_new:
            fields = ["alias", "schema_id", *shown]
        else:
            fields = ["version", "schema_id", *shown, "schema_label", "identity_id", "alias", "user"]
        if source.has_external_id and source.sees_personal_data:
            fields.append("external_id")
        fieldsets: list[tuple[Any, dict[str, Any]]] = []
        if source.sees_personal_data:
            if source.get_form_schema() is None:
                fieldsets.append((_("Traits"), {"fields": [TRAITS]}))
            fieldsets.append((_("Identity"), {"fields": fields}))
            if source.changes_metadata:
                fieldsets.append((_("Metadata"), {"fields": METADATA}))
        else:
            fieldsets.append((_("Identity"), {"fields": self._replace_fields(fields)}))
        if source.is_new:
            return fieldsets
        replaced = {"name", "plain_name", "traits_json"}
        kept = [each for each in super().get_fieldsets(request, obj) if not replaced & {*each[1]["fields"]}]
        return [*fieldsets, *kept]

    def get_readonly_fields(self, request: HttpRequest, obj: Identity | None = None) -> Any:
        """Return the fields of the page without an input in the form."""
        source: FormSource | None = getattr(request, "ory_form_source", None)
        if source is None:
            return super().get_readonly_fields(request, obj)
        inputs = {"version", "schema_id", "state", "external_id", TRAITS, *METADATA}
        inputs |= {"alias"} if source.is_new else set()
        named = [name for _title, options in self.get_fieldsets(request, obj) for name in options["fields"]]
        return [name for name in named if name not in inputs]

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Return the names of the changed values, without the values."""
        if add or not isinstance(form, IdentityFields):
            return super().construct_change_message(request, form, formsets, add)
        return [{"changed": {"fields": list(form.changed_names)}}] if form.changed_names else []

    def save_model(self, request: HttpRequest, obj: Identity, form: Any, change: bool) -> None:
        """Write nothing: the form has changed Kratos, and the row is from the response."""
        obj.hides_personal_data = not can_view_personal_data(request)
        for problem in form.change.problems:
            messages.warning(request, problem)


def _wants_json(request: HttpRequest) -> bool:
    """Whether the form has one text area for all traits."""
    if request.method == "POST":
        return TRAITS in request.POST
    return request.GET.get(TRAITS) == "json"


def _has_external_ids(alias: str) -> bool:
    """Whether the server has returned an external id for one of the identities that were created last."""
    rows = Identity.objects.filter(alias=alias).order_by("-pk")
    return any(value is not None for value in rows.values_list("data__external_id", flat=True)[:RECENT_ROWS])
