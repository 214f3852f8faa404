"""The admin form that links an identity to another user, or unlinks the identity.

The owner of the identity is signed in as the user, so a link gives the same access as a password.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.admin.takeover import get_grant_denial, has_more_rights
from django_ory.models import Identity


class IdentityLinkForm(forms.Form):
    """Selects a user; an empty value unlinks the identity."""

    user: Any = forms.ModelChoiceField(
        queryset=Identity.objects.none(),
        required=False,
        label=gettext_lazy("New user"),
        help_text=gettext_lazy("Leave empty to unlink the identity."),
    )

    def __init__(
        self, *args: Any, request: HttpRequest, row: Identity, site: AdminSite, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.row = request, row
        relation: Any = Identity._meta.get_field("user").remote_field
        self.fields["user"].queryset = get_user_model()._default_manager.all()  # type: ignore[attr-defined]
        self.fields["user"].widget = ForeignKeyRawIdWidget(relation, site)

    def clean_user(self) -> Any:
        """Reject a user of another identity, and a link that the staff user may not create."""
        user = self.cleaned_data["user"]
        if (user and user.pk) == self.row.user_id:
            raise forms.ValidationError(_("The identity is already linked to this user."))
        if reason := get_link_denial(self.request, user):
            raise forms.ValidationError(reason)
        if user and (reason := get_grant_denial(self.request, self.row)):
            raise forms.ValidationError(reason)
        if user and Identity.objects.filter(alias=self.row.alias, user=user).exists():
            raise forms.ValidationError(
                _("This user is linked to another identity. Unlink the other identity first.")
            )
        return user


def get_link_denial(request: HttpRequest, user: Any) -> str:
    """Return the reason if the staff user may not link or unlink this user; "" if allowed.

    Without this check, staff could link their own identity to a superuser and get all permissions.
    """
    if has_more_rights(request, user):
        return _("Only superusers can link or unlink staff, and users with permissions that you do not have.")
    return ""
