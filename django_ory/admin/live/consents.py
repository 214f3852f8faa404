"""The consents that a user has given to OAuth2 clients: of an identity, and of any subject."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.models import CHANGE
from django.utils.crypto import salted_hmac
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from django_ory.adapter import get_adapter
from django_ory.admin.actions import write_log_entry
from django_ory.client import OryUsageError
from django_ory.client.identifiers import parse_uuid
from django_ory.client.models import OAuth2ConsentSession
from django_ory.client.pagination import ListedPage
from django_ory.mirror import consents
from django_ory.models import OAuth2Client

from .history import find_row, log_object_change
from .lists import PAGE_SIZE, LiveAction, LiveColumn, LiveList

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.utils.functional import _StrOrPromise

SECONDS_PER_DAY = 86_400


def get_client_id(consent: OAuth2ConsentSession) -> str:
    """Return the id of the client of a consent; "" for an unreadable one."""
    request = consent.consent_request
    return (request.client.client_id if request else "") or ""


def render_client(consent: OAuth2ConsentSession) -> Any:
    """Return the name and the id of the client."""
    client_id = get_client_id(consent)
    name = (consent.consent_request.client.client_name if consent.consent_request else "") or ""
    if not name:
        return client_id[:300]
    return format_html("<bdi>{}</bdi><br><small>{}</small>", name[:300], client_id[:300])


def render_remembered(consent: OAuth2ConsentSession) -> str:
    """Return for how long the user is not asked again."""
    if not consent.remember:
        return _("No")
    if not consent.remember_for:
        return _("Always")
    days = max(1, round(consent.remember_for / SECONDS_PER_DAY))
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def _revoke(page: BaseConsentList, key: str) -> Iterable[str]:
    if not page.get_list_key():
        raise OryUsageError(_("The request has no subject, so nothing was changed."))
    consents.revoke_consents(page.alias, page.get_list_key(), key)
    page.log(f"Consents for client {key} revoked in Ory.")
    return ()


def _revoke_all(page: BaseConsentList, key: str) -> Iterable[str]:
    consents.revoke_all_consents(page.alias, key)
    page.log("All consents revoked in Ory.")
    return ()


def _end_logins(page: BaseConsentList, key: str) -> Iterable[str]:
    consents.end_login_sessions(page.alias, key)
    page.log("Login sessions of Hydra ended.")
    return ()


class BaseConsentList(LiveList[OAuth2ConsentSession]):
    """The consents of one subject, which is the key of the list."""

    name = "consents"
    title = gettext_lazy("Consents")
    permission = "view_consent"
    required_setting = "hydra_admin_url"
    columns = (
        LiveColumn[OAuth2ConsentSession](name="client", label=gettext_lazy("client"), value=render_client),
        LiveColumn[OAuth2ConsentSession](
            name="scope", label=gettext_lazy("scopes"), value=lambda consent: consent.grant_scope[:50]
        ),
        LiveColumn[OAuth2ConsentSession](
            name="audience",
            label=gettext_lazy("audience"),
            value=lambda consent: consent.grant_access_token_audience[:50],
        ),
        LiveColumn[OAuth2ConsentSession](
            name="handled_at", label=gettext_lazy("allowed at"), value=lambda consent: consent.handled_at
        ),
        LiveColumn[OAuth2ConsentSession](
            name="remember", label=gettext_lazy("remembered"), value=render_remembered
        ),
    )
    actions = (
        LiveAction[OAuth2ConsentSession](
            name="revoke",
            label=gettext_lazy("Revoke"),
            permission="revoke_consent",
            run=_revoke,
            success=gettext_lazy("The consents for this client were revoked."),
            confirmation=gettext_lazy(
                "Revoke all consents of this user for this client? The client loses its refresh tokens and "
                "opaque access tokens, and the user is asked again. JWT access tokens stay valid until they "
                "expire."
            ),
        ),
        LiveAction[OAuth2ConsentSession](
            name="revoke_all",
            label=gettext_lazy("Revoke all consents"),
            permission="revoke_consent",
            run=_revoke_all,
            success=gettext_lazy("All consents were revoked."),
            confirmation=gettext_lazy(
                "Revoke all consents of this user? All OAuth2 clients lose their access, and the user is "
                "asked again. JWT access tokens stay valid until they expire."
            ),
            is_for_list=True,
        ),
        LiveAction[OAuth2ConsentSession](
            name="end_logins",
            label=gettext_lazy("End login sessions of Hydra"),
            permission="revoke_consent",
            run=_end_logins,
            success=gettext_lazy("The login sessions were ended."),
            confirmation=gettext_lazy(
                "End the login sessions of this user at Hydra? OAuth2 clients have to sign the user in "
                "again. Tokens that they have stay valid."
            ),
            is_for_list=True,
        ),
    )
    empty_text: _StrOrPromise = gettext_lazy("No OAuth2 client has a consent of this user.")

    def read(self, filters: Mapping[str, Any], page_token: str) -> ListedPage[OAuth2ConsentSession]:
        return consents.list_consents(
            self.alias, self.get_list_key(), page_size=PAGE_SIZE, page_token=page_token
        )

    def get_key(self, item: OAuth2ConsentSession) -> str:
        return get_client_id(item)

    @abstractmethod
    def log(self, message: str) -> None:
        """Add an entry to the history."""


class IdentityConsentList(BaseConsentList):
    """The consents of one identity."""

    def get_list_key(self) -> str:
        """Return the subject of the identity."""
        return get_adapter(self.alias).get_subject(self.get_row().log_name)

    def log(self, message: str) -> None:
        write_log_entry(self.request.user.pk, self.get_row(), CHANGE, message)


class SubjectForm(forms.Form):
    """A subject, to see its consents."""

    subject = forms.CharField(
        required=False,
        max_length=1000,
        label=gettext_lazy("Subject"),
        help_text=gettext_lazy("The claim “sub”, for identities usually the id of the identity."),
    )


class ConsentList(BaseConsentList):
    """The consents of any subject: Hydra has no list of all consents."""

    filter_form = SubjectForm

    def read(self, filters: Mapping[str, Any], page_token: str) -> ListedPage[OAuth2ConsentSession]:
        if not self.get_list_key():
            self.empty_text = _("Enter a subject to see its consents. Hydra has no list of all consents.")
            return ListedPage([])
        return super().read(filters, page_token)

    def get_list_key(self) -> str:
        """Return the subject of the search."""
        return self.request.GET.get("subject", "").strip()[:1000]

    def log(self, message: str) -> None:
        """Add an entry to the identity with this subject, or else to a hash: subjects may be addresses."""
        subject = self.get_list_key()
        row = find_row(self.alias, parse_uuid(get_adapter(self.alias).get_identity_id(subject)))
        if row is not None:
            write_log_entry(self.request.user.pk, row, CHANGE, message)
            return
        digest = salted_hmac("django_ory.admin.subject", subject, algorithm="sha256").hexdigest()[:16]
        log_object_change(
            self.request,
            OAuth2Client,
            object_id=f"subject:{digest}",
            name=f"subject with the hash {digest}",
            message=message,
        )
