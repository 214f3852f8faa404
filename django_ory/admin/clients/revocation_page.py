"""The page that revokes the tokens of a client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from django_ory.admin.actions import write_log_entry
from django_ory.admin.row_pages import RowPage
from django_ory.mirror.client_consents import MAX_REVOCATION_SECONDS
from django_ory.mirror.client_tokens import revoke_client_tokens
from django_ory.mirror.clients import revoke_client_consents
from django_ory.models import OAuth2Client

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from .model_admin import OAuth2ClientAdmin


def _may_revoke_consents(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("django_ory.revoke_consent"))


def _view_revocation(admin: OAuth2ClientAdmin, request: HttpRequest, row: OAuth2Client) -> HttpResponse:
    if row.missing_since:
        return admin.render_missing(request, row, "revoke")
    if request.method != "POST":
        return admin.render_row_page(
            request,
            row,
            "revoke",
            "oauth2client/revoke.html",
            uses_jwt=row.data.get("access_token_strategy") == "jwt",
            may_revoke_consents=_may_revoke_consents(request),
        )
    if "consents" in request.POST:
        if not _may_revoke_consents(request):
            raise PermissionDenied
        _revoke_consents(request, row)
    else:
        revoke_client_tokens(row.alias, row.client_id)
        write_log_entry(request.user.pk, row, CHANGE, "Revoked the access tokens.")
        messages.success(request, _("The access tokens of this client were revoked."))
    return admin.redirect_to_page(request, row, "revoke")


def _revoke_consents(request: HttpRequest, row: OAuth2Client) -> None:
    report = revoke_client_consents(row.alias, row.client_id, stop_after=MAX_REVOCATION_SECONDS)
    write_log_entry(request.user.pk, row, CHANGE, f"Revoked the consents of {report.users} users.")
    text = ngettext(
        "The consents of %(count)d user for this client, if any, were revoked.",
        "The consents of %(count)d users for this client, if any, were revoked.",
        report.users,
    )
    messages.success(request, text % {"count": report.users})
    if not report.complete:
        text = _(
            "The time ran out. For the rest run manage.py ory_revoke_consents %(client_id)s --alias %(alias)s"
        )
        messages.warning(request, text % {"client_id": row.client_id, "alias": row.alias})


REVOCATION_PAGE = RowPage[OAuth2Client](
    name="revoke",
    title=gettext_lazy("Revoke tokens"),
    permission="revoke_client_tokens",
    view=_view_revocation,
    is_available=lambda row: row.missing_since is None,
)
