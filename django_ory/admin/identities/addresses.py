"""The page of the addresses of an identity, which staff can mark as verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from django_ory.admin.takeover import get_takeover_denial
from django_ory.mirror.addresses import set_address_verified
from django_ory.mirror.identities import fetch_identity

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

    from django_ory.admin.row_pages import RowPagesAdmin
    from django_ory.models import Identity

VERIFY_ADDRESS = "django_ory.verify_address"


def show_addresses(admin: RowPagesAdmin, request: HttpRequest, row: Identity) -> HttpResponseBase:
    """Show the addresses with their states; a POST changes the state of one."""
    identity = fetch_identity(row.alias, row.identity_id)
    can_verify = request.user.has_perm(VERIFY_ADDRESS)
    denial = get_takeover_denial(request, row, identity) if can_verify else ""
    if request.method == "POST":
        if not can_verify or denial:
            raise PermissionDenied(denial)
        return _change_state(admin, request, row)
    return admin.render_row_page(
        request,
        row,
        "addresses",
        "identity/addresses.html",
        verifiable=identity.verifiable_addresses,
        recovery=identity.recovery_addresses,
        can_verify=can_verify and not denial,
        denial=denial,
    )


def _change_state(admin: RowPagesAdmin, request: HttpRequest, row: Identity) -> HttpResponseBase:
    is_verified = request.POST.get("state") == "verified"
    change = set_address_verified(
        row.alias, row.identity_id, request.POST.get("address", ""), is_verified=is_verified
    )
    state = "verified" if is_verified else "not verified"
    admin.log_change(request, row, f"Address marked as {state} in Ory.")
    text = (
        _("The address is marked as verified.")
        if is_verified
        else _("The address is marked as not verified.")
    )
    return admin.finish_change(request, row, "addresses", text, problems=change.problems)
