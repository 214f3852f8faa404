"""The sessions of the user: this device and the others, which can be signed out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django_ory.adapter import get_adapter
from django_ory.authentication.access import denial_response
from django_ory.authentication.hydra_sessions import end_recorded_sessions
from django_ory.authentication.invalidation import invalidate_current_session, invalidate_identity
from django_ory.authentication.requirements import AccessDecision
from django_ory.client import AAL2Required, OryBadRequest, OryError, OryUnauthorized
from django_ory.client.identifiers import parse_uuid
from django_ory.http.responses import HttpResponseSeeOther, outage_response
from django_ory.selfservice.account.devices import build_device_session

from .account_list import AccountListView

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from django_ory.client.models import Session
    from django_ory.client.responses import HTTPInfo

__all__ = ["SessionsView"]

logger = logging.getLogger("django_ory")

PAGE_ROWS = 20
#: The last page that is requested.
MAX_PAGE = 500

#: Buttons. The value of the first one is the id of a session.
END_BUTTON = "end"
END_OTHERS_BUTTON = "end_others"


class SessionsView(AccountListView):
    """GET lists the sessions; POST ends one of the others, or all of them."""

    section_key = page_name = "sessions"

    def get(self, request: HttpRequest) -> HttpResponse:
        page = _parse_page(request.GET.get("page"))
        try:
            found = self._list_others(page)
        except OryError as error:
            return self._respond_to_error(error)
        current = self.ory.session
        others = [each for each in found.data if current is None or each.id != current.id]
        context = {
            "current": build_device_session(current, user_agent=request.META.get("HTTP_USER_AGENT", ""))
            if current and page == 1
            else None,
            "others": [build_device_session(each) for each in others],
            "done": self.read_done(),
            "page_number": page,
            "previous_url": self.build_url(page=page - 1) if page > 1 else "",
            "next_url": self.build_url(page=page + 1) if _has_more(found, page) else "",
        }
        return self.render_page("ory/selfservice/sessions.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        session_id = request.POST.get(END_BUTTON)
        is_for_all = END_OTHERS_BUTTON in request.POST
        if not is_for_all and not parse_uuid(session_id):  # no other id is sent to Kratos
            return HttpResponseSeeOther(self.build_url())
        try:
            if is_for_all:
                self.ory.client.revoke_sessions(**self._get_credential())
            else:
                self.ory.client.revoke_session(str(session_id), **self._get_credential())
        except OryBadRequest:  # the session of this request
            return HttpResponseSeeOther(self.build_url())
        except OryError as error:
            return self._respond_to_error(error)
        finally:  # also after a timeout: Kratos may have ended the sessions
            if self.ory.identity is not None:
                invalidate_identity(self.ory.identity.id, alias=self.alias)
        self._end_hydra_sessions(None if is_for_all else str(session_id))
        return HttpResponseSeeOther(self.build_url(done=END_OTHERS_BUTTON if is_for_all else END_BUTTON))

    def _end_hydra_sessions(self, session_id: str | None) -> None:
        """Sign the user out of the clients, too: of the sign-ins in one session, or in all others."""
        current = self.ory.session
        if current is None or current.identity is None:
            return
        error = end_recorded_sessions(
            alias=self.alias,
            session_ids=[session_id] if session_id else [],
            subject=get_adapter(self.alias).get_subject(current.identity.id),
            except_session=current.id,
        )
        if error is not None:
            logger.warning(
                "Could not end Hydra's sessions of a revoked session (project %s): %s. Other sites stay "
                "signed in until ory_end_hydra_sessions runs.",
                self.alias,
                type(error).__name__,
            )

    def _list_others(self, page: int) -> HTTPInfo[list[Session]]:
        listing = self.ory.client.with_http_info.list_sessions
        return listing(page=page, per_page=PAGE_ROWS, **self._get_credential())

    def _get_credential(self) -> dict[str, Any]:
        credential = self.ory.credential
        if credential is None:
            return {}
        return {"cookie" if credential.kind == "cookie" else "x_session_token": credential.value}

    def _respond_to_error(self, error: OryError) -> HttpResponse:
        """Newer versions of Kratos list sessions only with the second factor, if the user has one."""
        request = self.request
        if isinstance(error, AAL2Required) and self.ory.aal != "aal2":
            return denial_response(request, AccessDecision.SECOND_FACTOR, api=False, page=self._get_page())
        if isinstance(error, OryUnauthorized):  # the session was in the cache, and has ended
            invalidate_current_session(request)
            return denial_response(request, AccessDecision.LOGIN, api=False, page=self._get_page())
        return outage_response(request, error, alias=self.alias)

    def _get_page(self) -> str:
        return self.request.build_absolute_uri(self.build_url())


def _parse_page(value: str | None) -> int:
    if value is None or not value.isascii() or not value.isdigit() or len(value) > 4:
        return 1
    return min(max(int(value), 1), MAX_PAGE)


def _has_more(found: HTTPInfo[list[Session]], page: int) -> bool:
    """Whether there is another page: by the number of all sessions, or by a full page without it."""
    total = found.headers.get("x-total-count", "")
    if total.isascii() and total.isdigit():
        return int(total[:9]) > page * PAGE_ROWS and page < MAX_PAGE
    return len(found.data) >= PAGE_ROWS and page < MAX_PAGE
