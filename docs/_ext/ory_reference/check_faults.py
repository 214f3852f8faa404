"""One wrong project for each system check, so that the page shows message and remedy as they are printed."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest import mock

from django.contrib.auth.models import User
from django.test import override_settings

from django_ory.adapter import OryAdapter
from django_ory.checks import RULES
from django_ory.checks.rules import CheckContext

if TYPE_CHECKING:
    from django.core.checks import CheckMessage

AUTH = "django.contrib.auth.middleware.AuthenticationMiddleware"
OURS = "django_ory.middleware.OryMiddleware"
DJANGOS_LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"
TOKEN_API = {"DEFAULT_AUTHENTICATION_CLASSES": ["django_ory.rest_framework.authentication.OryAuthentication"]}
REDIS = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://redis"}}
LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
URLS = {
    "KRATOS_PUBLIC_URL": "http://kratos.internal:4433",
    "KRATOS_ADMIN_URL": "http://kratos.internal:4434",
    "KRATOS_BROWSER_URL": "https://auth.example.org",
    "HYDRA_PUBLIC_URL": "http://hydra.internal:4444",
    "HYDRA_ADMIN_URL": "http://hydra.internal:4445",
    "HYDRA_BROWSER_URL": "https://oauth.example.org",
}
SECRET = ["an example of a long secret"]
DJANGO_ACCOUNTS = {
    "OAUTH2_ACCOUNTS": "django",
    "OAUTH2_SUBJECT_KEY": "an example of a long secret key!",
    "KRATOS_PUBLIC_URL": "",
    "KRATOS_ADMIN_URL": "",
    "KRATOS_BROWSER_URL": "",
}


class ExampleAdapter(OryAdapter):
    """An adapter that decides what Kratos decides, and validates profiles."""

    def get_subject(self, identity_id: str) -> str:
        return identity_id

    def validate_settings(self, identity: Any) -> None:
        """Accept every profile."""


class NoURLs:
    """A URLconf without the pages."""

    urlpatterns = ()


class EmailUser:
    """A user model with the e-mail address as user name."""

    USERNAME_FIELD = "email"
    _meta = User._meta


@dataclass(frozen=True)
class Fault:
    """Changes of a valid project: keys of ``ORY["default"]``, settings, and names of modules to replace."""

    ory: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    replaced: dict[str, Any] = field(default_factory=dict)


def hook(key: str, path: str, *, secrets: list[str] | None = None, scheme: str = "https") -> Fault:
    """Return a project with the URL of an endpoint, and with its secrets."""
    url = {f"{key}_URL": f"{scheme}://www.example.org/auth/{path}/default/"} if path else {}
    name = key.removesuffix("_HOOK") if key == "INVITATION_HOOK" else key
    ory: dict[str, Any] = {**url, f"{name}_SECRETS": secrets} if secrets else dict(url)
    if key == "PASSWORD_MIGRATION" and secrets:
        ory["PASSWORD_MIGRATION_UNTIL"] = "2099-12-31"
    return Fault(ory)


def without(module: str) -> dict[str, Any]:
    """Return the replacement that makes a module of checks find no library."""
    return {f"django_ory.checks.{module}.find_spec": lambda name: None}


#: Makes a file of this name exist, which all users of the machine can read.
OPEN_FILE = {
    "django_ory.checks.job_tokens.Path": lambda name: SimpleNamespace(
        stat=lambda: SimpleNamespace(st_mode=0o100644)
    )
}
FAULTS: dict[str, Fault] = {
    "E001": Fault(settings={"ORY": None}),
    "E002": Fault({"KRATOS_URL": "http://kratos.internal:4433"}),
    "E003": Fault({"TIMEOUT": "3"}),
    "E004": Fault({"WHEN_UNAVAILABLE_SAFE": "ignore"}),
    "E005": Fault({"KRATOS_ADMIN_URL": "kratos.internal:4434"}),
    "E006": Fault(settings={"ORY": {"default": {"KRATOS_ADMIN_URL": "http://kratos.internal:4434"}}}),
    "E007": Fault({"KRATOS_ADMIN_URL": "http://kratos.internal:4433"}),
    "E008": Fault({"ADAPTER": "mysite.ory.Adaptor"}),
    "E009": Fault({"USER_FIELDS": {"email": "email", "is_staff": "staff"}}),
    "E010": Fault({"SESSION_CACHE_ALIAS": "sessions"}),
    "E011": Fault(settings={"MIDDLEWARE": [OURS, AUTH]}),
    "E012": Fault(
        {"USER_FIELDS": {"first_name": "name.first"}},
        replaced={"django_ory.checks.project.get_user_model": lambda: EmailUser},
    ),
    "E013": Fault(settings={"ORY": {"default": URLS, "shop": URLS}}),
    "E014": Fault({"HOSTS": ["https://shop.example.org"]}),
    "E015": Fault(settings={"MIDDLEWARE": [AUTH]}),
    "E016": Fault({"OAUTH2_VERIFICATION": "jwt"}, replaced=without("oauth2")),
    "E017": Fault({"OAUTH2_ALGORITHMS": ["HS256"]}),
    "E018": Fault({"OAUTH2_RESOURCES": {"/api": {}}}, {"ALLOWED_HOSTS": ["*"]}),
    "E030": Fault({"COURIER_SECRETS": ["secret"]}),
    "E031": hook("COURIER", "courier"),
    "E032": Fault({"COURIER_SECRETS": SECRET, "COURIER_THEME": {"color": "green"}}),
    "E033": Fault({"INVITATION_SECRETS": ["secret"]}),
    "E034": hook("INVITATION_HOOK", "signup-hook"),
    "E035": Fault({"WEBHOOK_SECRETS": ["secret"]}),
    "E036": hook("WEBHOOK", "hooks/kratos"),
    "E037": Fault({"KRATOS_NETWORKS": ["kratos.internal"]}),
    "E041": Fault({"TASKS": "celery"}, replaced=without("tasks")),
    "E050": Fault({"PASSWORD_MIGRATION_SECRETS": ["secret"], "PASSWORD_MIGRATION_UNTIL": "2099-12-31"}),
    "E051": hook("PASSWORD_MIGRATION", "password-migration"),
    "E052": Fault({"PASSWORD_MIGRATION_SECRETS": SECRET}),
    "E060": Fault({"OAUTH2_ACCOUNTS": "kratos_native", "KRATOS_ADMIN_URL": ""}),
    "E061": Fault({**DJANGO_ACCOUNTS, "OAUTH2_SUBJECT_KEY": ""}),
    "E062": Fault(DJANGO_ACCOUNTS, {"LOGIN_URL": "ory:login"}),
    "E063": Fault({"OAUTH2_ACCOUNTS": "kratos_native", "ADAPTER": f"{__name__}.ExampleAdapter"}),
    "E070": Fault({"TOKEN_HOOK_SECRETS": ["secret"]}),
    "E071": hook("TOKEN_HOOK", "token-hook"),
    "E072": Fault({"HYDRA_NETWORKS": ["hydra.internal"]}),
    "E073": Fault({"JOB_TOKEN_KEYS": ["/etc/site/job-token.pem"]}, replaced=without("job_tokens")),
    "E074": Fault({"JOB_TOKEN_KEYS": ["/etc/site/job-token.pem"]}),
    "E075": Fault({"JOB_TOKEN_KEYS": ["/etc/site/job-token.pem"], "HYDRA_ADMIN_URL": ""}),
    "E080": Fault({"OAUTH2_CLIENT_REGISTRATION": True, "HYDRA_ADMIN_URL": ""}),
    "E081": Fault({"OAUTH2_CLIENT_REDIRECT_SCHEMES": ["javascript"]}),
    "E082": Fault({"OAUTH2_CLIENT_AUTH_METHODS": ["private_key_jwt"]}),
    "E083": Fault({"OAUTH2_CLIENT_REGISTRATION_TOKENS": ["secret"]}),
    "E084": Fault({"OAUTH2_CLIENT_DOCUMENT_HOSTS": ["*.example.org"]}),
    "W001": Fault({"TIMEOUT": 30.0}),
    "W002": Fault(settings={"MIDDLEWARE": [AUTH], "ROOT_URLCONF": NoURLs}),
    "W003": Fault(settings={"AUTHENTICATION_BACKENDS": ["django.contrib.auth.backends.ModelBackend"]}),
    "W004": Fault(settings={"ROOT_URLCONF": NoURLs}),
    "W005": Fault(settings={"LOGIN_URL": "/accounts/login/"}),
    "W006": Fault({"SESSION_CACHE_SECONDS": 60}, {"CACHES": LOCAL}),
    "W007": Fault({"KRATOS_BROWSER_URL": "https://kratos.example.net"}),
    "W008": Fault(settings={"ORY": {"default": {"SDK_URL": "https://slug.projects.oryapis.com"}}}),
    "W009": Fault({"HYDRA_PUBLIC_URL": "", "HYDRA_BROWSER_URL": ""}),
    "W010": Fault({"KRATOS_PUBLIC_URL": "http://kratos:4434", "KRATOS_ADMIN_URL": "http://kratos:4433"}),
    "W011": Fault({"USER_FIELDS": {"email": "email", "firstname": "name.first"}}),
    "W012": Fault(),
    "W013": Fault(settings={"MIDDLEWARE": [AUTH, OURS, DJANGOS_LOGIN_REQUIRED]}),
    "W014": Fault(settings={"REST_FRAMEWORK": TOKEN_API}),
    "W015": Fault(settings={"REST_FRAMEWORK": TOKEN_API}),
    "W030": hook("COURIER", "mails", secrets=SECRET),
    "W033": hook("INVITATION_HOOK", "sign-ups", secrets=SECRET),
    "W034": Fault({"ACCOUNT_DELETION": True, "KRATOS_ADMIN_URL": ""}),
    "W035": hook("WEBHOOK", "web-hooks", secrets=SECRET),
    "W036": Fault({"ADAPTER": f"{__name__}.ExampleAdapter"}),
    "W040": Fault(settings={"SECURE_CSP": {"form-action": ["'self'"]}}),
    "W041": Fault({"TASKS": "django"}, replaced={"django.VERSION": (6, 0, 0, "final", 0)}),
    "W050": hook("PASSWORD_MIGRATION", "passwords", secrets=SECRET),
    "W051": Fault({"PASSWORD_MIGRATION_SECRETS": SECRET, "PASSWORD_MIGRATION_UNTIL": "2020-01-31"}),
    "W062": Fault(DJANGO_ACCOUNTS, {"LOGIN_URL": "login"}),
    "W070": hook("TOKEN_HOOK", "tokens", secrets=SECRET),
    "W071": Fault({"TOKEN_HOOK_SECRETS": SECRET, "KRATOS_ADMIN_URL": ""}),
    "W101": Fault({"KRATOS_BROWSER_URL": "http://auth.example.org"}),
    "W102": Fault({"API_KEY": "ory_pat_example"}),
    "W103": Fault({"HYDRA_ADMIN_URL": "https://oauth.example.org/admin-api"}),
    "W104": Fault({"WHEN_UNAVAILABLE_UNSAFE": "anonymous"}),
    "W105": Fault({"ALLOWED_RETURN_HOSTS": ["*.example.org"]}),
    "W130": hook("COURIER", "courier", secrets=SECRET, scheme="http"),
    "W131": Fault({"COURIER_SECRETS": SECRET}, {"CACHES": LOCAL}),
    "W132": Fault({"COURIER_SECRETS": SECRET}, {"MAILERS": {"default": {}}}),
    "W133": hook("INVITATION_HOOK", "signup-hook", secrets=SECRET, scheme="http"),
    "W134": hook("WEBHOOK", "hooks/kratos", secrets=SECRET, scheme="http"),
    "W150": hook("PASSWORD_MIGRATION", "password-migration", secrets=SECRET, scheme="http"),
    "W160": Fault(settings={"CACHES": LOCAL}),
    "W170": hook("TOKEN_HOOK", "token-hook", secrets=SECRET, scheme="http"),
    "W171": Fault({"JOB_TOKEN_KEYS": ["/etc/site/job-token.pem"]}, replaced=OPEN_FILE),
    "I001": Fault({"KRATOS_ADMIN_URL": ""}),
    "I002": Fault({"HYDRA_ADMIN_URL": ""}),
}


def find_message(rule_id: str) -> CheckMessage:
    """Return the first message of a check for its wrong project. Raises LookupError if there is none."""
    fault = FAULTS[rule_id]
    project = {
        "ALLOWED_HOSTS": ["www.example.org"],
        "AUTHENTICATION_BACKENDS": ["django_ory.backends.OryBackend"],
        "CACHES": REDIS,
        "LOGIN_URL": "ory:login",
        "MIDDLEWARE": [AUTH, OURS],
        "ORY": {"default": {**URLS, **fault.ory}},
        **fault.settings,
    }
    with ExitStack() as stack:
        stack.enter_context(override_settings(**project))
        get_user_model = {"django_ory.checks.provider.get_user_model": lambda: User}
        for name, value in {**get_user_model, **fault.replaced}.items():
            stack.enter_context(mock.patch(name, value))
        messages = RULES[rule_id].run(CheckContext())
    if not messages:
        raise LookupError(f"The example of {rule_id} in check_faults.py does not lead to its message.")
    return messages[0]
