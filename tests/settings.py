"""Settings of the unit suite: no network, no server, SQLite in memory."""

from __future__ import annotations

SECRET_KEY = "tests"
DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
USE_TZ = True
ROOT_URLCONF = "tests.urls"
STATIC_URL = "/static/"
LOGIN_URL = "ory:login"
LOGIN_REDIRECT_URL = "/"
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
    "people": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},  # for tests with a router
}
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}  # Django 6.1 and newer
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_ory",
    "django_ory.relying_party",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_ory.middleware.OryMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
AUTHENTICATION_BACKENDS = ["django_ory.backends.OryBackend", "django.contrib.auth.backends.ModelBackend"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
#: The app for a second site is installed for its table only. Its tests have a site of their own.
SILENCED_SYSTEM_CHECKS = ["ory_relying_party.E002", "ory_relying_party.E004", "ory_relying_party.W005"]
ORY = {
    "default": {
        "KRATOS_PUBLIC_URL": "http://kratos.test:4433",
        "KRATOS_ADMIN_URL": "http://kratos.test:4434",
        "HYDRA_PUBLIC_URL": "http://hydra.test:4444",
        "HYDRA_ADMIN_URL": "http://hydra.test:4445",
    },
}
