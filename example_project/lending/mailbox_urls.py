"""The mails that this site's people got, while ``ory_dev`` runs. Mounted in development only."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from django_ory.devstack import read_mails


@login_not_required  # the code that lets people in is in here
@never_cache
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Every mail that the development stack caught, the newest first."""
    mails = reversed(read_mails(settings.DATA / "mails"))
    return render(request, "lending/mailbox.html", {"mails": list(mails)})


urlpatterns = [path("", mailbox, name="mailbox")]
