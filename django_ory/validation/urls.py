"""The URL to which Kratos posts changed profiles of one project of ``settings.ORY``."""

from __future__ import annotations

from django.urls import path

from django_ory.http.views import disable_atomic_requests

from .views import SettingsHookView

urlpatterns = [path("<str:alias>/settings/", SettingsHookView.as_view(), name="settings_hook")]
disable_atomic_requests(urlpatterns)
