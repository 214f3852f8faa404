"""Pages of the account area that delete the account, download the user's data, and cancel a deletion."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta
from typing import Any, ClassVar, Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.adapter import get_adapter
from django_ory.authentication.access import check_access, denial_response
from django_ory.authentication.invalidation import invalidate_current_session
from django_ory.authentication.logout import end_session
from django_ory.authentication.requirements import AccessDecision, Requirement
from django_ory.client import OryError, OryNotFound, OryServiceNotConfigured
from django_ory.client.models import Identity
from django_ory.conf import get_settings
from django_ory.courier.rendering import format_day
from django_ory.http.redirects import TOKEN_PARAMETER
from django_ory.http.responses import outage_response, report_outage, service_unavailable
from django_ory.http.views import PageView
from django_ory.models import AccountDeletion
from django_ory.selfservice.views.account import AccountPageView

from .deletion import DeletionIncomplete, DeletionState, cancel_deletion, continue_deletion, request_deletion
from .export import build_export
from .mails import find_deletion, find_restore_address, send_deletion_mail

logger = logging.getLogger("django_ory.accounts")

#: The longest time since the last sign-in.
FRESH_SIGN_IN = timedelta(minutes=10)

#: Credentials that are always a second factor. A security key may be a first factor; Kratos itself requires
#: the second one with ``session.whoami.required_aal: highest_available``.
SECOND_FACTOR_CREDENTIALS = frozenset({"totp", "lookup_secret"})

#: State after a deletion -> title of the page.
CLOSED_TITLES: dict[str, Any] = {
    "deleted": gettext_lazy("Your account has been deleted"),
    "scheduled": gettext_lazy("Your account will be deleted"),
    "unfinished": gettext_lazy("Your account will be deleted"),
    "canceled": gettext_lazy("Your account has not been deleted"),
}
#: State of the link in the mail -> title of the page.
RESTORE_TITLES: dict[str, Any] = {
    "ask": gettext_lazy("Keep your account?"),
    "restored": gettext_lazy("Your account is active again"),
    "too_late": gettext_lazy("This link no longer works"),
}

CONFIRM_BOX = "confirm"
CANCEL_BUTTON = "cancel"


class FreshAccountView(AccountPageView):
    """A page that requires a recent sign-in, with the second factor if the account has one.

    ``enabling_setting``: the field of the settings without which the page does not exist.
    """

    enabling_setting: ClassVar[Literal["account_deletion", "data_download"]]
    identity: Identity

    def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not getattr(get_settings(self.alias), self.enabling_setting):
            raise Http404
        if request.method == "POST" and self.ory.whoami.from_cache:
            self.ory.refresh()
        fresh = Requirement(max_age=FRESH_SIGN_IN)
        denied = check_access(request, fresh, api=False)
        session_identity = self.ory.whoami.session.identity if self.ory.whoami.session else None
        if denied is not None or session_identity is None:
            return denied or denial_response(request, AccessDecision.LOGIN, api=False)
        try:
            self.identity = self.ory.client.admin_get_identity(session_identity.id)
        except OryNotFound:  # the session was in the cache
            invalidate_current_session(request)
            return denial_response(request, AccessDecision.LOGIN, api=False)
        except OryError as error:
            return outage_response(request, error, alias=self.alias)
        except OryServiceNotConfigured:  # W034 names the setting
            return service_unavailable(request, api=False)
        has_second_factor = bool(SECOND_FACTOR_CREDENTIALS & (self.identity.credentials or {}).keys())
        self.requirement = Requirement(aal="aal2", max_age=FRESH_SIGN_IN) if has_second_factor else fresh
        return super().handle(request, *args, **kwargs)


class DeleteAccountView(FreshAccountView):
    """GET asks for a confirmation. POST deletes the account, or deactivates it for the grace period."""

    enabling_setting = "account_deletion"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._render_form()

    def post(self, request: HttpRequest) -> HttpResponse:
        if CANCEL_BUTTON in request.POST:
            if pending := self._find_pending():
                try:
                    cancel_deletion(pending)
                except OryError as error:
                    return outage_response(request, error, alias=self.alias)
            return self._render_form()
        if self._get_denial():
            return self._render_form(status=403)
        if not request.POST.get(CONFIRM_BOX):
            return self._render_form(error=_("Check the box to confirm."), status=400)
        grace = get_adapter(self.alias).get_deletion_grace(self.identity, self.ory.user)
        row = request_deletion(self.identity.id, user=self.ory.user, grace=grace, alias=self.alias)
        # From here on the request is stored, and is finished in any case.
        with suppress(OryError):  # the deactivation ends this session, too; this deletes its cookie
            end_session(request)
        return self._delete(row)

    def _delete(self, row: AccountDeletion) -> HttpResponse:
        state, is_mailed = "unfinished", False
        try:
            state = continue_deletion(row).value
        except OryError as error:
            report_outage(self.request, error, alias=self.alias, what="Account deletion interrupted")
        except DeletionIncomplete as error:
            logger.warning(
                "Account deletion of identity %s (project %s) not finished: %s "
                "ory_delete_due_accounts will continue.",
                row.identity_id,
                row.alias,
                error,
            )
        if state == DeletionState.SCHEDULED.value:
            site_url = self.request.build_absolute_uri("/")
            is_mailed = send_deletion_mail(row, self.identity, site_url=site_url)
        context = {
            "state": state,
            "title": CLOSED_TITLES[state],
            "due_on": format_day(row.due_at),
            "is_mailed": is_mailed,
        }
        return render(self.request, "ory/accounts/closed.html", context)

    def _render_form(self, *, error: str = "", status: int = 200) -> HttpResponse:
        grace = get_adapter(self.alias).get_deletion_grace(self.identity, self.ory.user)
        context = {
            "denial": self._get_denial(),
            "due_on": format_day(timezone.now() + grace) if grace else "",
            "can_restore": bool(find_restore_address(self.identity, alias=self.alias)),
            "pending": self._find_pending(),
            "errors": [{"text": error, "target": "ory-confirm"}] if error else [],
            "box_messages": [{"level": "error", "text": error}] if error else [],
        }
        return self.render_page("ory/accounts/delete.html", context, status=status)

    def _get_denial(self) -> str:
        return str(get_adapter(self.alias).get_deletion_denial(self.identity, self.ory.user))

    def _find_pending(self) -> AccountDeletion | None:
        """Return a request that was interrupted before the deactivation. The user could not be here after."""
        rows = AccountDeletion.objects.filter(alias=self.alias, identity_id=self.identity.id)
        return rows.filter(deactivated_at=None).first()


class DownloadDataView(FreshAccountView):
    """GET describes the file. POST returns it."""

    enabling_setting = "data_download"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render_page("ory/accounts/download.html", {})

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            content = build_export(self.identity, self.ory.user, alias=self.alias)
        except OryError as error:
            return outage_response(request, error, alias=self.alias)
        response = HttpResponse(content, content_type="application/json; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="account.json"'
        response["X-Content-Type-Options"] = "nosniff"
        return response


class RestoreAccountView(PageView):
    """The link in the mail: GET asks, POST keeps the account. The user must sign in afterwards."""

    def get(self, request: HttpRequest) -> HttpResponse:
        row = find_deletion(request.GET.get(TOKEN_PARAMETER, ""))
        return self._render("ask" if row else "too_late", row)

    def post(self, request: HttpRequest) -> HttpResponse:
        row = find_deletion(request.GET.get(TOKEN_PARAMETER, ""))
        if row is None:
            return self._render("too_late", row)
        try:
            is_canceled = cancel_deletion(row)
        except OryError as error:
            return outage_response(request, error, alias=row.alias)
        return self._render("restored" if is_canceled else "too_late", row)

    def _render(self, state: str, row: AccountDeletion | None) -> HttpResponse:
        context = {
            "state": state,
            "title": RESTORE_TITLES[state],
            "due_on": format_day(row.due_at) if row else "",
        }
        status = 410 if state == "too_late" else 200
        return render(self.request, "ory/accounts/restore.html", context, status=status)
