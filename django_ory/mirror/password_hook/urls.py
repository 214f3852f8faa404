"""The URL to which Kratos posts the passwords of one project of ``settings.ORY``."""

from __future__ import annotations

from django.urls import path

from django_ory.http.views import disable_atomic_requests

from .views import PasswordMigrationView

urlpatterns = [path("<str:alias>/", PasswordMigrationView.as_view(), name="password_migration")]
disable_atomic_requests(urlpatterns)
