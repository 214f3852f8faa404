"""The URL to which Kratos posts the sign-ups of one project of ``settings.ORY``."""

from __future__ import annotations

from django.urls import path

from .views import InvitationHookView

urlpatterns = [path("<str:alias>/", InvitationHookView.as_view(), name="invitation_hook")]
