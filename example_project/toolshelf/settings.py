"""Settings of Toolshelf, a neighborhood tool library that signs its members in with Ory.

The comment "Ory:" marks the settings of django_ory. The others are those of ``startproject``.
"""

from __future__ import annotations

import os
from pathlib import Path

import django

from django_ory.csp import ory_csp
from django_ory.devstack import data_folder, ory_settings

BASE_DIR = Path(__file__).resolve().parent.parent
DATA = data_folder(BASE_DIR)  # .ory, the folder of ory_dev: "ory_dev --reset" deletes the database, too
DATA.mkdir(exist_ok=True)
env = os.environ.get

SECRET_KEY = env("SECRET_KEY", "insecure-key-for-development")
DEBUG = env("DEBUG", "1") == "1"
ALLOWED_HOSTS = env("ALLOWED_HOSTS", "localhost").split(",")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "lending",  # before django_ory: its templates override those of django_ory
    "django_ory",  # Ory: the pages, the admin, the commands
    "rest_framework",
    "drf_spectacular",  # the OpenAPI schema of the API
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",  # Ory: its pages in the language of the browser
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_ory.middleware.OryMiddleware",  # Ory: request.ory and request.user
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

AUTHENTICATION_BACKENDS = ["django_ory.backends.OryBackend"]  # Ory: the only way to sign in
LOGIN_URL = "ory:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

# Ory: the URLs of the servers of ory_dev. In production: {"default": {...}} with your own URLs.
ORY = ory_settings(
    BASE_DIR,
    SITE_NAME="Toolshelf",
    ADAPTER="lending.adapter.ToolshelfAdapter",
    ACCOUNT_DELETION=True,
    DATA_DOWNLOAD=True,
    # The API. The audience of its tokens is its URL: http://localhost:8000/api
    OAUTH2_RESOURCES={
        "/api": {
            "name": "Toolshelf loans",
            "scopes": ["loans.read", "loans.write", "loans.overdue", "keybox.read"],
        },
        # MCP clients request these scopes first, and loans.write when a tool needs it.
        "/mcp": {"name": "Toolshelf for assistants", "scopes": ["loans.read"]},
    },
)

# Ory: the URL of the MCP server, which is the audience of its tokens.
MCP_URL = env("MCP_URL", "http://localhost:8002/mcp")

# Ory: with TOOLSHELF_AGENTS=on, assistants register themselves, for the MCP server only.
if env("TOOLSHELF_AGENTS") == "on":
    ORY["default"] |= {"OAUTH2_CLIENT_REGISTRATION": True, "OAUTH2_CLIENT_AUDIENCE": [MCP_URL]}

# Ory: the API accepts the session of the site's pages and the OAuth2 access tokens of Hydra.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["django_ory.rest_framework.authentication.OryAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["django_ory.rest_framework.permissions.IsUser"],
    "EXCEPTION_HANDLER": "django_ory.rest_framework.handlers.exception_handler",
    "DEFAULT_THROTTLE_CLASSES": ["django_ory.rest_framework.throttling.PrincipalRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"principal": env("API_RATE", "120/min")},
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 20,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Toolshelf loans",
    "DESCRIPTION": "Borrow and return the tools of Toolshelf.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],  # the schema is public
    "SCHEMA_PATH_PREFIX": "/api",
}

# Ory: with TOOLSHELF_SIGNUP=invited, a sign-up requires an invitation.
if env("TOOLSHELF_SIGNUP") == "invited":
    ORY["default"]["INVITATION_SECRETS"] = [env("INVITATION_SECRET", "insecure-secret-for-development")]

# Ory: with TOOLSHELF_MAILS=django, Django sends the mails of Kratos, to the mailbox of ory_dev.
if env("TOOLSHELF_MAILS") == "django":
    ORY["default"]["COURIER_SECRETS"] = [env("COURIER_SECRET", "insecure-secret-for-development")]
    EMAIL = {"host": "localhost", "port": int(env("SMTP_PORT", "1025")), "timeout": 10}
    if django.VERSION >= (6, 1):
        MAILERS = {"default": {"OPTIONS": EMAIL}}
    else:
        EMAIL_PORT, EMAIL_TIMEOUT = EMAIL["port"], EMAIL["timeout"]

# Ory: with TOOLSHELF_CACHE=on, sessions are cached for a minute. Staff and sign-outs end them at once.
if env("TOOLSHELF_CACHE") == "on":
    ORY["default"]["SESSION_CACHE_SECONDS"] = 60

# Ory: a strict Content-Security-Policy. Django sends it from version 6.0 on.
SECURE_CSP = ory_csp(ORY)
if django.VERSION >= (6,):
    MIDDLEWARE.insert(1, "django.middleware.csp.ContentSecurityPolicyMiddleware")
    CSP_CONTEXT_PROCESSORS = ["django.template.context_processors.csp"]
else:
    CSP_CONTEXT_PROCESSORS = []

ROOT_URLCONF = "toolshelf.urls"
WSGI_APPLICATION = "toolshelf.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                *CSP_CONTEXT_PROCESSORS,
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": env("SQLITE_PATH", str(DATA / "toolshelf.sqlite3")),
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Ory: with TOOLSHELF_THEME=bootstrap, the pages of django_ory look like Bootstrap 5. The package
# bootstrap-wrapper has its style sheet; Bootstrap's folder "dist" works as well.
if env("TOOLSHELF_THEME") == "bootstrap":
    from bootstrap_wrapper import get_bootstrap_dir

    INSTALLED_APPS.insert(0, "bootstrap_theme")  # the first templates are used
    STATICFILES_DIRS = [("bootstrap", get_bootstrap_dir())]

LANGUAGE_CODE = "en"
# Ory: the languages of its pages and mails. The texts of this site are in English.
LANGUAGES = [
    ("en", "English"),
    ("de", "German"),
    ("fr", "French"),
    ("es", "Spanish"),
    ("pt-br", "Portuguese (Brazil)"),
    ("it", "Italian"),
    ("nl", "Dutch"),
    ("pl", "Polish"),
    ("ja", "Japanese"),
    ("zh-hans", "Chinese (simplified)"),
    ("ar", "Arabic"),
]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
