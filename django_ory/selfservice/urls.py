"""URLs of Kratos' pages, below the prefix of the project."""

from __future__ import annotations

from django.urls import path

from .account.sections import SECTIONS
from .flow_types import FLOW_TYPES_BY_NAME, REGISTRATION, SETTINGS
from .views.account import AccountView
from .views.error import FlowErrorView
from .views.flows import FlowView
from .views.logout import SelfServiceLogoutView
from .views.registration import InvitationView, RegistrationView
from .views.session import SessionView
from .views.sessions import SessionsView
from .views.settings import SettingsView

urlpatterns = [
    *(
        path(f"{name}/", FlowView.as_view(flow_type=flow_type), name=name)
        for name, flow_type in FLOW_TYPES_BY_NAME.items()
        if flow_type not in (REGISTRATION, SETTINGS)
    ),
    path("registration/", RegistrationView.as_view(), name="registration"),
    path("invitation/", InvitationView.as_view(), name="invitation"),
    path("settings/", SettingsView.as_view(), name="settings"),
    *(
        path(
            f"settings/{section.key.replace('_', '-')}/",
            SettingsView.as_view(section=section),
            name=section.url_name,
        )
        for section in SECTIONS
        if section.groups
    ),
    path("settings/sessions/", SessionsView.as_view(), name="sessions"),
    path("settings/account/", AccountView.as_view(), name="account"),
    path("error/", FlowErrorView.as_view(), name="error"),
    path("logout/", SelfServiceLogoutView.as_view(), name="logout"),
    path("session/", SessionView.as_view(), name="session"),
]
