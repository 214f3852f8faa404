"""URLs of Kratos' pages, below the prefix of the project."""

from __future__ import annotations

from django.urls import path

from .flow_types import FLOW_TYPES_BY_NAME
from .views.error import FlowErrorView
from .views.flows import FlowView
from .views.logout import SelfServiceLogoutView
from .views.session import SessionView

urlpatterns = [
    *(
        path(f"{name}/", FlowView.as_view(flow_type=flow_type), name=name)
        for name, flow_type in FLOW_TYPES_BY_NAME.items()
    ),
    path("error/", FlowErrorView.as_view(), name="error"),
    path("logout/", SelfServiceLogoutView.as_view(), name="logout"),
    path("session/", SessionView.as_view(), name="session"),
]
