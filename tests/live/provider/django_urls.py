"""The URLs of a site with Django's own sign-in page."""

from __future__ import annotations

from django.contrib.auth.views import LoginView
from django.urls import path

from tests.urls import urlpatterns as site_urls

urlpatterns = [
    *site_urls,
    path("accounts/login/", LoginView.as_view(template_name="admin/login.html"), name="login"),
]
