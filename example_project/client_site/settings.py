"""Settings of Fix-it Friday. It knows nothing of Ory: any OpenID Connect provider would do.

``OIDC_DISCOVERY_URL``   e.g. http://localhost:4444/.well-known/openid-configuration
``OIDC_CLIENT_ID``       of the OAuth2 client that the provider made for this site
``OIDC_CLIENT_SECRET``   of the same
``OIDC_PROVIDER_NAME``   what the button says; "Toolshelf" if not set
"""

from __future__ import annotations

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent
env = os.environ.get

SECRET_KEY = env("SECRET_KEY", "only-for-a-site-that-nobody-else-can-reach")
DEBUG = env("DEBUG", "1") == "1"
ALLOWED_HOSTS = env("ALLOWED_HOSTS", "localhost,127.0.0.1").split(",")

INSTALLED_APPS = ["django.contrib.sessions", "django.contrib.staticfiles", "client_site"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "client_site.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
STATIC_URL = "static/"
USE_TZ = True

# No database: sessions are files. Cookies are shared by all ports of a host, so they need names of their own.
DATABASES: dict[str, dict[str, str]] = {}
SESSION_ENGINE = "django.contrib.sessions.backends.file"
SESSION_COOKIE_NAME = "fixit_session"
CSRF_COOKIE_NAME = "fixit_csrf"

OIDC_PROVIDER_NAME = env("OIDC_PROVIDER_NAME", "Toolshelf")
AUTHLIB_OAUTH_CLIENTS = {
    "provider": {
        "server_metadata_url": env(
            "OIDC_DISCOVERY_URL", "http://localhost:4444/.well-known/openid-configuration"
        ),
        "client_id": env("OIDC_CLIENT_ID", ""),
        "client_secret": env("OIDC_CLIENT_SECRET", ""),
        "client_kwargs": {
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "default_timeout": 10,  # seconds
        },
    }
}
