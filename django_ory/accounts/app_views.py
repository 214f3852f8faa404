"""The page of the account area with the connected apps and jobs, which can be removed."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from django_ory.adapter import get_adapter
from django_ory.authentication.access import denial_response
from django_ory.authentication.requirements import AccessDecision
from django_ory.client import OryError, OryServiceNotConfigured
from django_ory.client.identifiers import parse_uuid
from django_ory.conf import OryConfigurationError, get_settings
from django_ory.http.responses import HttpResponseSeeOther, outage_response, service_unavailable
from django_ory.mirror.consents import revoke_all_consents, revoke_consents
from django_ory.models import JobGrant
from django_ory.provider.audit import record_event
from django_ory.provider.browser_login import get_django_user
from django_ory.provider.job_tokens.revocation import revoke_job
from django_ory.selfservice.views.account_list import AccountListView

from .connected_apps import find_apps, find_jobs

__all__ = ["ConnectedAppsView"]

logger = logging.getLogger("django_ory.accounts")

PAGE_APPS = 20
MAX_POSTED_ID_LENGTH = 2_048

#: Buttons. The values of the first two are a client id, and the id of a job.
REMOVE_APP_BUTTON = "remove_app"
REMOVE_JOB_BUTTON = "remove_job"
REMOVE_ALL_BUTTON = "remove_all"


class ConnectedAppsView(AccountListView):
    """GET lists the apps and jobs. POST removes one of them, or all. Exists only with a Hydra."""

    section_key = "apps"
    page_name = "connected_apps"
    done_parameter = "removed"
    subject: str

    def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not get_settings(self.alias).hydra_admin_url:
            raise Http404
        try:
            return super().handle(request, *args, **kwargs)
        except OryError as error:
            return outage_response(request, error, alias=self.alias)
        except (OryServiceNotConfigured, OryConfigurationError) as error:
            logger.error("The page of connected apps needs a setting (project %s): %s", self.alias, error)
            return service_unavailable(request, api=False)

    def get_denial(self) -> HttpResponseBase | None:
        """Set ``subject``, or return the response to a user who is not signed in."""
        adapter = get_adapter(self.alias)
        if get_settings(self.alias).oauth2_accounts == "django":
            user = get_django_user(self.request)
            if user is None:
                return redirect_to_login(self.request.get_full_path())
            self.subject = adapter.get_user_subject(user)
            return None
        if (denied := super().get_denial()) is not None:
            return denied
        identity = self.ory.identity
        if identity is None:  # signed in by another backend of the site
            return denial_response(self.request, AccessDecision.LOGIN, api=False)
        self.subject = adapter.get_subject(identity.id)
        return None

    def get_owner(self) -> str:
        return self.subject

    def get(self, request: HttpRequest) -> HttpResponse:
        apps, is_incomplete = find_apps(self.subject, alias=self.alias)
        page = Paginator(apps, PAGE_APPS).get_page(request.GET.get("page"))
        context = {
            "apps": page.object_list,
            "jobs": find_jobs(self.subject, alias=self.alias),
            "is_incomplete": is_incomplete,
            "removed": self.read_done(),
            "previous_url": self.build_url(page=page.previous_page_number()) if page.has_previous() else "",
            "next_url": self.build_url(page=page.next_page_number()) if page.has_next() else "",
        }
        return self.render_page("ory/accounts/connected_apps.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        client_id = request.POST.get(REMOVE_APP_BUTTON, "")
        if REMOVE_ALL_BUTTON in request.POST:
            self._remove_all()
            return HttpResponseSeeOther(self.build_url(done=REMOVE_ALL_BUTTON))
        if client_id and len(client_id) <= MAX_POSTED_ID_LENGTH and client_id.isprintable():
            revoke_consents(self.alias, self.subject, client_id)
            self._record(client_id=client_id, reason="user")
            return HttpResponseSeeOther(self.build_url(done=REMOVE_APP_BUTTON))
        if job_id := parse_uuid(request.POST.get(REMOVE_JOB_BUTTON)):
            self._remove_job(job_id)
            return HttpResponseSeeOther(self.build_url(done=REMOVE_JOB_BUTTON))
        return HttpResponseSeeOther(self.build_url())

    def _remove_all(self) -> None:
        """Revoke all. The jobs first: that cannot fail by Ory."""
        for row in JobGrant.objects.filter(alias=self.alias, subject=self.subject, revoked_at=None):
            revoke_job(row)
        revoke_all_consents(self.alias, self.subject)
        self._record(reason="user:all")

    def _remove_job(self, job_id: UUID) -> None:
        rows = JobGrant.objects.filter(alias=self.alias, subject=self.subject, issuer_id=job_id)
        if (row := rows.first()) is not None:
            revoke_job(row)

    def _record(self, *, client_id: str = "", reason: str) -> None:
        record_event(
            "grant.revoked",
            alias=self.alias,
            request=self.request,
            client_id=client_id,
            subject=self.subject,
            reason=reason,
        )
