"""URLs of the tool library."""

from __future__ import annotations

from django.urls import path
from django.views.generic import TemplateView

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("tools/<slug:slug>/", views.tool, name="tool"),
    path("loans/", views.loans, name="loans"),
    path("key-box/", views.key_box, name="key_box"),
    path("profile/", views.profile, name="profile"),
    path("desk/", TemplateView.as_view(template_name="lending/desk.html"), name="desk"),
]
