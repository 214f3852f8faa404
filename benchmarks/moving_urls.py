"""The URLs of the site that is moved: the configuration of Kratos names its pages."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("auth/", include("django_ory.urls"))]
