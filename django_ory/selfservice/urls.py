"""The addresses of Kratos' pages, under whatever prefix the project gave; names in the namespace ``ory``."""

from __future__ import annotations

from django.urls import path

from .views import flows as views
from .views import logout as leaving

urlpatterns = [
    path("login/", views.login, name="login"),
    path("registration/", views.registration, name="registration"),
    path("recovery/", views.recovery, name="recovery"),
    path("verification/", views.verification, name="verification"),
    path("settings/", views.settings, name="settings"),
    path("error/", leaving.error, name="error"),
    path("logout/", leaving.logout, name="logout"),
]
