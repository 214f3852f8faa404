"""The URL to which the Hydra of one project of ``settings.ORY`` posts before issuing a token."""

from __future__ import annotations

from django.urls import path

from django_ory.http.views import disable_atomic_requests

from .views import TokenHookView

urlpatterns = [path("<str:alias>/", TokenHookView.as_view(), name="token_hook")]
disable_atomic_requests(urlpatterns)
