"""Every address of the site."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from django_ory.decorators import secure_admin_login, secure_admin_logout

# Staff sign in and out like everybody else.
admin.site.login = secure_admin_login(admin.site.login)
admin.site.logout = secure_admin_logout(admin.site.logout)
admin.site.site_header = admin.site.site_title = "Toolshelf staff"

urlpatterns = [
    path("", include("lending.urls")),
    path("auth/", include("django_ory.urls")),
    path("admin/", admin.site.urls),
]
if settings.DEBUG:
    urlpatterns.append(path("mailbox/", include("lending.mailbox_urls")))
