"""The lists of Kratos' sessions: of all identities, and of one identity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.admin.personal_data import hide_personal_data
from django_ory.client.identifiers import parse_uuid
from django_ory.client.models import Session
from django_ory.mirror import sessions
from django_ory.models import Identity
from django_ory.selfservice.account.devices import describe_device, describe_methods, describe_place

from .history import log_identity_change
from .lists import PAGE_SIZE, LiveAction, LiveColumn, LiveList

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from django.utils.functional import _StrOrPromise

    from django_ory.client.pagination import ListedPage


IS_ACTIVE, HAS_ENDED = "true", "false"


class SessionFilter(forms.Form):
    """The filter of both lists."""

    active = forms.ChoiceField(
        required=False,
        label=gettext_lazy("state"),
        choices=(
            ("", gettext_lazy("All")),
            (IS_ACTIVE, gettext_lazy("Active")),
            (HAS_ENDED, gettext_lazy("Ended")),
        ),
    )


def _revoke(page: LiveList[Session], key: str) -> Iterable[str]:
    change = sessions.revoke_session(page.alias, key)
    log_identity_change(page.request, page.alias, change.identity_id, f"Session {key} revoked in Ory.")
    return change.problems


def _extend(page: LiveList[Session], key: str) -> Iterable[str]:
    change = sessions.extend_session(page.alias, key)
    if not change.problems:
        log_identity_change(page.request, page.alias, change.identity_id, f"Session {key} extended in Ory.")
    return change.problems


REVOKE = LiveAction[Session](
    name="revoke",
    label=gettext_lazy("Revoke"),
    permission="revoke_session",
    run=_revoke,
    success=gettext_lazy("The session was revoked."),
    confirmation=gettext_lazy(
        "Revoke this session? The user is signed out on this device with the next request."
    ),
    is_available=lambda session: session.active is not False,
)
EXTEND = LiveAction[Session](
    name="extend",
    label=gettext_lazy("Extend"),
    permission="revoke_session",
    run=_extend,
    success=gettext_lazy("Kratos was asked to extend the session."),
    is_available=lambda session: session.active is not False,
)


def render_end(session: Session) -> Any:
    """Return the time when the session ends; a word for an ended one."""
    return _("Ended") if session.active is False else session.expires_at


COLUMNS = (
    LiveColumn[Session](
        name="device",
        label=gettext_lazy("device"),
        value=describe_device,
    ),
    LiveColumn[Session](
        name="place",
        label=gettext_lazy("place"),
        value=describe_place,
        permission="view_personal_data",
    ),
    LiveColumn[Session](
        name="authenticated_at",
        label=gettext_lazy("signed in"),
        value=lambda session: [session.authenticated_at, *describe_methods(session)],
    ),
    LiveColumn[Session](
        name="aal",
        label=gettext_lazy("level"),
        value=lambda session: (session.authenticator_assurance_level or "").upper(),
    ),
    LiveColumn[Session](name="expires_at", label=gettext_lazy("valid until"), value=render_end),
)


class SessionList(LiveList[Session]):
    """The sessions of all identities."""

    name = "sessions"
    title = gettext_lazy("Sessions")
    permission = "view_session"
    required_setting = "kratos_admin_url"
    filter_form = SessionFilter
    actions = (REVOKE, EXTEND)
    rows: Mapping[UUID | None, Identity] = {}
    empty_text: _StrOrPromise = gettext_lazy("There are no sessions.")

    def get_columns(self) -> Sequence[LiveColumn[Any]]:
        """Return the identity and the common columns."""
        identity = LiveColumn[Session](
            name="identity", label=gettext_lazy("identity"), value=self.render_identity
        )
        return (identity, *COLUMNS)

    def read(self, filters: Mapping[str, Any], page_token: str) -> ListedPage[Session]:
        """Read one page, and the rows of its identities with one query."""
        page = sessions.list_sessions(
            self.alias, active=parse_active(filters), page_size=PAGE_SIZE, page_token=page_token
        )
        ids = [key for each in page.items if (key := sessions.get_owner(each))]
        rows = Identity.objects.filter(alias=self.alias, identity_id__in=ids)
        self.rows = {row.identity_id: row for row in hide_personal_data(self.request, rows)}
        return page

    def render_identity(self, session: Session) -> Any:
        """Return the name of the identity with a link to its page; the id if the user may not see names."""
        identity_id = sessions.get_owner(session)
        row = self.rows.get(identity_id) if identity_id else None
        if row is None:
            return str(identity_id or "")
        if not self.model_admin.has_view_permission(self.request, row):
            return str(row)
        return format_html('<a href="{}"><bdi>{}</bdi></a>', self.model_admin.row_url(row), row)

    def get_key(self, item: Session) -> str:
        return str(parse_uuid(item.id) or "")


class IdentitySessionList(SessionList):
    """The sessions of one identity. A button beside the tabs ends all of them."""

    empty_text: _StrOrPromise = gettext_lazy("This identity has no sessions.")

    def get_columns(self) -> Sequence[LiveColumn[Any]]:
        """Return the common columns."""
        return COLUMNS

    def read(self, filters: Mapping[str, Any], page_token: str) -> ListedPage[Session]:
        return sessions.list_identity_sessions(
            self.alias,
            self.get_row().log_name,
            active=parse_active(filters),
            page_size=PAGE_SIZE,
            page_token=page_token,
        )


def parse_active(filters: Mapping[str, Any]) -> bool | None:
    """Return the value of the filter; None for all sessions."""
    return {IS_ACTIVE: True, HAS_ENDED: False}.get(filters.get("active", ""))
