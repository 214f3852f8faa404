"""The URLs of Hydra's pages, under ``oauth2/``, in the namespace ``ory``."""

from __future__ import annotations

from django.urls import path

from django_ory.http.views import disable_atomic_requests

from .views.agents import AuthorizeView, ClientRegistrationView
from .views.confirm_login import ConfirmLoginView
from .views.consent import ConsentView
from .views.device import DeviceDoneView, DeviceView
from .views.error import ErrorView
from .views.login import LoginView
from .views.logout import LogoutView

urlpatterns = [
    path("login/", LoginView.as_view(), name="oauth2_login"),
    path("login/confirm/", ConfirmLoginView.as_view(), name="oauth2_confirm_login"),
    path("consent/", ConsentView.as_view(), name="oauth2_consent"),
    path("logout/", LogoutView.as_view(), name="oauth2_logout"),
    path("device/", DeviceView.as_view(), name="oauth2_device"),
    path("device/done/", DeviceDoneView.as_view(), name="oauth2_device_done"),
    path("error/", ErrorView.as_view(), name="oauth2_error"),
]

# They change clients at Hydra, and one of them may wait for the server of another site.
agent_patterns = [
    path("register/", ClientRegistrationView.as_view(), name="oauth2_register"),
    path("authorize/", AuthorizeView.as_view(), name="oauth2_authorize"),
]
disable_atomic_requests(agent_patterns)
urlpatterns += agent_patterns
