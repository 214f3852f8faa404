"""URLs of the site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from django_ory.decorators import secure_admin_login, secure_admin_logout

# Staff use the same sign-in and sign-out pages as members.
admin.site.login = secure_admin_login(admin.site.login)
admin.site.logout = secure_admin_logout(admin.site.logout)
admin.site.site_header = admin.site.site_title = "Toolshelf staff"

urlpatterns = [
    path("", include("lending.urls")),
    path("api/", include("lending.api_urls")),
    path(".well-known/oauth-protected-resource", include("django_ory.tokens.urls")),
    path(".well-known/", include("django_ory.provider.well_known")),
    path("auth/", include("django_ory.urls")),
    path("i18n/", include("django.conf.urls.i18n")),  # for the menu of languages in the header
    path("admin/", admin.site.urls),
]
