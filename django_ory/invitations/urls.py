"""The URL to which Kratos posts the sign-ups of one project of ``settings.ORY``."""

from __future__ import annotations

from django.urls import path

from django_ory.http.views import disable_atomic_requests

from .views import InvitationHookView

urlpatterns = [path("<str:alias>/", InvitationHookView.as_view(), name="invitation_hook")]
disable_atomic_requests(urlpatterns)
