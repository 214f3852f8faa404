"""URLs of connected apps and of the end of an account, below the prefix of the project."""

from __future__ import annotations

from django.urls import path

from django_ory.http.views import disable_atomic_requests

from .app_views import ConnectedAppsView
from .views import DeleteAccountView, DownloadDataView, RestoreAccountView

urlpatterns = [
    path("settings/account/delete/", DeleteAccountView.as_view(), name="account_delete"),
    path("settings/account/data/", DownloadDataView.as_view(), name="account_data"),
    path("settings/apps/", ConnectedAppsView.as_view(), name="connected_apps"),
    path("restore-account/", RestoreAccountView.as_view(), name="account_restore"),
]
disable_atomic_requests(urlpatterns)
