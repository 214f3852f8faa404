"""The URL to which Kratos posts the mails and SMS of one project of ``settings.ORY``."""

from __future__ import annotations

from django.urls import path

from .views import CourierView

urlpatterns = [path("<str:alias>/", CourierView.as_view(), name="courier")]
