"""Settings of the second site. Any OpenID Connect provider works for the sign-in.

``django_ory.relying_party`` ends the sessions here when a user signs out of Toolshelf.

Environment variables:

``OIDC_DISCOVERY_URL``   default: http://localhost:4444/.well-known/openid-configuration
``OIDC_CLIENT_ID``       id of the OAuth2 client of this site
``OIDC_CLIENT_SECRET``   secret of the same client
``OIDC_PROVIDER_NAME``   name of the provider on the button; default: Toolshelf
``CLIENT_SITE_DATABASE`` file of the database; default: client_site.sqlite3 in the folder .ory
"""

from __future__ import annotations

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent
env = os.environ.get

SECRET_KEY = env("SECRET_KEY", "insecure-key-for-development")
DEBUG = env("DEBUG", "1") == "1"
ALLOWED_HOSTS = env("ALLOWED_HOSTS", "localhost,127.0.0.1").split(",")

INSTALLED_APPS = [
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_ory.relying_party",
    "client_site",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_ory.relying_party.middleware.ProviderLogoutMiddleware",
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

# The database has the logouts that Hydra has sent. Sessions are files, but any session engine works.
# All ports of a host share cookies, so two sites need different cookie names.
DATABASE = Path(env("CLIENT_SITE_DATABASE", BASE_DIR.parent / ".ory" / "client_site.sqlite3"))
DATABASE.parent.mkdir(exist_ok=True)
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATABASE}}
SESSION_ENGINE = "django.contrib.sessions.backends.file"
SESSION_COOKIE_NAME = "fixit_session"
CSRF_COOKIE_NAME = "fixit_csrf"

DISCOVERY_PATH = "/.well-known/openid-configuration"
DISCOVERY_URL = env("OIDC_DISCOVERY_URL", f"http://localhost:4444{DISCOVERY_PATH}")
ORY = {
    "default": {
        "HYDRA_PUBLIC_URL": DISCOVERY_URL.removesuffix(DISCOVERY_PATH),
        "LOGOUT_CLIENT_IDS": [env("OIDC_CLIENT_ID", "")],
    }
}

OIDC_PROVIDER_NAME = env("OIDC_PROVIDER_NAME", "Toolshelf")
AUTHLIB_OAUTH_CLIENTS = {
    "provider": {
        "server_metadata_url": DISCOVERY_URL,
        "client_id": env("OIDC_CLIENT_ID", ""),
        "client_secret": env("OIDC_CLIENT_SECRET", ""),
        "client_kwargs": {
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "default_timeout": 10,  # seconds
        },
    }
}
