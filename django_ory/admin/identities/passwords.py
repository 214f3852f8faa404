"""The page that sets the password of an identity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from django_ory.adapter import get_adapter
from django_ory.admin.takeover import get_takeover_denial
from django_ory.client import OryNotFound
from django_ory.client.models import Identity as OryIdentity
from django_ory.mirror.credentials import set_password
from django_ory.mirror.errors import ORY_ERRORS, error_text

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

    from django_ory.admin.row_pages import RowPagesAdmin
    from django_ory.models import Identity

    BaseForm = SetPasswordForm[Any]
else:
    BaseForm = SetPasswordForm


class PasswordForm(BaseForm):
    """Django's form, with the validators in ``AUTH_PASSWORD_VALIDATORS``. The user is not changed."""

    ends_sessions = forms.BooleanField(
        label=gettext_lazy("End all sessions of the user"), required=False, initial=True
    )


def get_validated_user(row: Identity) -> Any:
    """Return the user for the validators, which reject a password like the name or the e-mail address."""
    if row.user is not None:
        return row.user
    user = get_user_model()()
    identity = OryIdentity(id=str(row.identity_id), traits=row.traits)
    get_adapter(row.alias).populate_user(user, identity)
    return user


@sensitive_variables()
def show_password_form(admin: RowPagesAdmin, request: HttpRequest, row: Identity) -> HttpResponseBase:
    """Show the form; a POST sets the password. An error of Kratos is shown at the field."""
    if denial := get_takeover_denial(request, row):
        raise PermissionDenied(denial)
    data = request.POST if request.method == "POST" else None
    form = PasswordForm(get_validated_user(row), data)
    if form.is_valid():
        ends_sessions = form.cleaned_data["ends_sessions"]
        try:
            change = set_password(
                row.alias, row.identity_id, form.cleaned_data["new_password1"], ends_sessions=ends_sessions
            )
        except OryNotFound:
            raise
        except ORY_ERRORS as error:
            form.add_error("new_password2", error_text(error))
        else:
            admin.log_change(
                request,
                row,
                "Password set in Ory, sessions ended." if ends_sessions else "Password set in Ory.",
            )
            text = _("The password was set.")
            return admin.finish_change(request, row, "credentials", text, problems=change.problems)
    return admin.render_row_page(
        request,
        row,
        "set-password",
        "identity/set_password.html",
        form=form,
        errors=form.errors,
        back_url=admin.url("credentials", row.pk),
    )
