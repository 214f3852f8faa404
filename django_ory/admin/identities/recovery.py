"""The page that creates a recovery link or code for an identity, to show once or to mail to the owner."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from django_ory.admin.personal_data import can_view_personal_data
from django_ory.admin.takeover import get_takeover_denial
from django_ory.courier.recovery import list_mail_addresses, send_recovery
from django_ory.mirror.identities import fetch_identity
from django_ory.mirror.recovery import RecoveryMethod, create_recovery

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

    from django_ory.admin.row_pages import RowPagesAdmin
    from django_ory.client.models import Identity as OryIdentity
    from django_ory.models import Identity

logger = logging.getLogger("django_ory.admin")

LIFETIMES = (
    (timedelta(hours=1), gettext_lazy("1 hour")),
    (timedelta(days=1), gettext_lazy("1 day")),
    (timedelta(days=3), gettext_lazy("3 days")),
    (timedelta(days=7), gettext_lazy("7 days")),
)
RECOVERY_METHODS = (
    (RecoveryMethod.CODE, gettext_lazy("Code: entered on a page of this site")),
    (RecoveryMethod.LINK, gettext_lazy("Link: opening it is enough, also for scanners of mail programs")),
)


class RecoveryForm(forms.Form):
    """A recovery to create. The button ``send`` mails the recovery to ``address``."""

    method = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[(method.value, label) for method, label in RECOVERY_METHODS],
        widget=forms.RadioSelect(attrs={"class": "ory-choices"}),
        initial=RecoveryMethod.CODE.value,
    )
    lifetime = forms.ChoiceField(
        label=gettext_lazy("Valid for"),
        choices=[(int(value.total_seconds()), label) for value, label in LIFETIMES],
        initial=int(timedelta(days=1).total_seconds()),
    )
    address = forms.ChoiceField(label=gettext_lazy("Address for the mail"), required=False)

    def __init__(self, *args: Any, identity: OryIdentity, hides_addresses: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.addresses = list_mail_addresses(identity)
        if not self.addresses:
            del self.fields["address"]
            return
        field: Any = self.fields["address"]
        field.choices = [
            (str(number), _("Address %(number)d") % {"number": number} if hides_addresses else address)
            for number, address in enumerate(self.addresses, 1)
        ]

    def get_address(self) -> str:
        """Return the chosen address."""
        return self.addresses[int(self.cleaned_data.get("address") or 1) - 1]


@sensitive_variables()
def show_recovery(admin: RowPagesAdmin, request: HttpRequest, row: Identity) -> HttpResponseBase:
    """Show the form. A POST creates a recovery, and either shows it once or mails it."""
    identity = fetch_identity(row.alias, row.identity_id)
    denial = get_takeover_denial(request, row, identity)
    if denial and request.method == "POST":
        raise PermissionDenied(denial)
    form = RecoveryForm(
        request.POST if request.method == "POST" else None,
        identity=identity,
        hides_addresses=not can_view_personal_data(request),
    )
    if form.is_valid():
        method = RecoveryMethod(form.cleaned_data["method"])
        is_mailed = "send" in request.POST and bool(form.addresses)
        lifetime = timedelta(seconds=int(form.cleaned_data["lifetime"]))
        recovery = create_recovery(row.alias, row.identity_id, method=method, lifetime=lifetime)
        admin.log_change(
            request, row, f"Recovery {method} created in Ory{' and mailed' if is_mailed else ''}."
        )
        if not is_mailed:
            return admin.render_row_page(
                request, row, "recovery", "identity/recovery_created.html", recovery=recovery
            )
        try:
            site_url = request.build_absolute_uri("/")
            send_recovery(recovery, identity, form.get_address(), alias=row.alias, site_url=site_url)
        except Exception as error:  # noqa: BLE001 (mail backends raise anything; their texts have the address)
            logger.warning(
                "Mail with a recovery %s for identity %s not sent: %s.",
                method.value,
                row.log_name,
                type(error).__name__,
            )
            messages.error(request, _("The mail could not be sent. Check the mail settings of this site."))
        else:
            messages.success(request, _("The mail was sent."))
        return admin.redirect_to_page(request, row, "recovery")
    return admin.render_row_page(
        request,
        row,
        "recovery",
        "identity/recovery.html",
        form=form,
        errors=form.errors,
        denial=denial,
        is_inactive=identity.state == "inactive",
    )
