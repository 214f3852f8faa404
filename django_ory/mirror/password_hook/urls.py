"""The URL to which Kratos posts the passwords of one project of ``settings.ORY``."""

from __future__ import annotations

from django.urls import path

from .views import PasswordMigrationView

urlpatterns = [path("<str:alias>/", PasswordMigrationView.as_view(), name="password_migration")]
