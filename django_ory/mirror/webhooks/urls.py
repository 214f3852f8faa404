"""The URL to which Kratos posts the web hooks of one project of ``settings.ORY``."""

from __future__ import annotations

from django.urls import path

from django_ory.http.views import disable_atomic_requests

from .views import KratosHookView

urlpatterns = [path("<str:alias>/", KratosHookView.as_view(), name="kratos_hook")]
disable_atomic_requests(urlpatterns)
