"""The API of a site that does not include the pages of django_ory."""

from __future__ import annotations

from django.urls import path

from .urls import Echo

urlpatterns = [path("any/", Echo.as_view())]
