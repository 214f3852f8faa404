"""URLs of Kratos' pages, below the prefix of the project."""

from __future__ import annotations

from django.urls import path

from .flow_types import FLOW_TYPES
from .views.error import ErrorView
from .views.flows import FlowView
from .views.logout import LogoutView

urlpatterns = [
    *(
        path(f"{name}/", FlowView.as_view(flow_type=flow_type), name=name)
        for name, flow_type in FLOW_TYPES.items()
    ),
    path("error/", ErrorView.as_view(), name="error"),
    path("logout/", LogoutView.as_view(), name="logout"),
]
