"""Every wrong setting is reported with an id and a hint, without a connection."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core import checks as framework
from django.db.models import UUIDField
from django.http import HttpResponse

from django_ory.adapter import OryAdapter
from django_ory.backends import OryBackend
from django_ory.checks import RULES, check_deployment, check_settings
from django_ory.checks.rules import CheckContext
from django_ory.conf import KEYS
from django_ory.decorators import secure_admin_logout
from django_ory.middleware import OryMiddleware
from tests.support.kratos import ory_settings
from tests.user_field_cases import Member

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import Settings

OURS = "django_ory.middleware.OryMiddleware"
AUTH = "django.contrib.auth.middleware.AuthenticationMiddleware"
LOGIN_REQUIRED = "django_ory.middleware.LoginRequiredMiddleware"
DJANGOS_LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"
REDIS = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://x"}}
PRIVATE = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
JOB_KEY = (
    ec.generate_private_key(ec.SECP256R1())
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)


#: UUIDs are subjects without a key.
NO_SUBJECT_KEY = set() if isinstance(get_user_model()._meta.pk, UUIDField) else {"E061"}


class Subclass(OryMiddleware):
    """A project's own middleware."""


class OwnBackend(OryBackend):
    """A project's own backend."""


class ByPath(OryAdapter):
    """A project with its own way to choose the alias."""

    def resolve_alias(self, request: Any) -> str:
        return "default"


class OwnSubjects(OryAdapter):
    """A project with its own subjects."""

    def get_subject(self, identity_id: str) -> str:
        return identity_id[:8]

    def get_user_subject(self, user: Any) -> str:
        return f"user-{user.pk}"


class ValidatingSignUps(OryAdapter):
    """A project that rejects sign-ups."""

    def validate_registration(self, identity: Any) -> None: ...


class Validating(ValidatingSignUps):
    """A project that rejects changed profiles, too."""

    def validate_settings(self, identity: Any) -> None: ...


def function_middleware(get_response: Any) -> Any:
    return get_response


class NoUrls:
    """A URLconf without the app."""

    urlpatterns = ()


@pytest.fixture(autouse=True)
def _valid_project(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A valid project. Each test breaks one setting."""
    monkeypatch.setattr(admin.site, "logout", secure_admin_logout(admin.site.logout))
    settings.ALLOWED_HOSTS = ["www.example.org"]
    settings.CACHES = REDIS
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != LOGIN_REQUIRED]
    settings.ORY = {
        "default": {
            "KRATOS_PUBLIC_URL": "http://kratos.internal",
            "KRATOS_ADMIN_URL": "http://kratos-admin.internal",
            "KRATOS_BROWSER_URL": "https://auth.example.org",
            "HYDRA_PUBLIC_URL": "https://oauth.example.org",
            "HYDRA_ADMIN_URL": "http://hydra-admin.internal",
        }
    }


def get_ids() -> set[str]:
    messages = [*check_settings(None), *check_deployment(None)]
    for message in messages:
        assert message.id is not None
        assert message.hint
        assert message.msg.endswith((".", "'", '"', "?")) or "imported" in message.msg
    return {str(message.id).removeprefix("django_ory.") for message in messages}


def test_valid_project_has_no_findings() -> None:
    assert get_ids() == set()


def test_rules_for_production_have_ids_from_w101() -> None:
    assert all(rule.deploy == rule.id.startswith("W1") for rule in RULES.values())


def set_ory(**changes: Any) -> Callable[[Any], None]:
    def change(settings: Any) -> None:
        settings.ORY = ory_settings(**changes)

    return change


def set_settings(**changes: Any) -> Callable[[Any], None]:
    def change(settings: Any) -> None:
        for name, value in changes.items():
            setattr(settings, name, value)

    return change


def set_django_accounts(**changes: Any) -> Callable[[Any], None]:
    """A provider without a Kratos, on a site that only has Django's own sign-in."""
    values = {
        "HYDRA_PUBLIC_URL": "https://oauth.example.org",
        "HYDRA_ADMIN_URL": "http://hydra-admin.internal",
        "OAUTH2_ACCOUNTS": "django",
        "OAUTH2_SUBJECT_KEY": "s" * 32,
    }
    return set_settings(
        ORY={"default": {**values, **changes}},
        LOGIN_URL="admin:login",
        AUTHENTICATION_BACKENDS=["django.contrib.auth.backends.ModelBackend"],
    )


def set_courier(**changes: Any) -> Callable[[Any], None]:
    """Send the mails of Kratos, with a cache that processes share."""
    return combine(set_settings(CACHES=REDIS), set_ory(**{"COURIER_SECRETS": ["s" * 32], **changes}))


def set_invitations(**changes: Any) -> Callable[[Settings], None]:
    return set_ory(**{"INVITATION_SECRETS": ["s" * 32], **changes})


def set_rest_framework(name: str, **values: Any) -> Callable[[Settings], None]:
    """Use an authentication class of ours by default."""
    configured = {
        "DEFAULT_AUTHENTICATION_CLASSES": [f"django_ory.rest_framework.authentication.{name}"],
        "EXCEPTION_HANDLER": "django_ory.rest_framework.handlers.exception_handler",
        **values,
    }
    return set_settings(REST_FRAMEWORK=configured)


def combine(*changes: Callable[[Any], None]) -> Callable[[Any], None]:
    def change(settings: Any) -> None:
        for each in changes:
            each(settings)

    return change


def add_project(**values: Any) -> Callable[[Any], None]:
    def change(settings: Any) -> None:
        settings.ORY = {**settings.ORY, "acme": {**settings.ORY["default"], **values}}

    return change


def remove_key(key: str) -> Callable[[Any], None]:
    def change(settings: Any) -> None:
        values = {name: value for name, value in settings.ORY["default"].items() if name != key}
        settings.ORY = {"default": values}

    return change


FAULTS: dict[str, tuple[Callable[[Any], None], set[str]]] = {
    "missing": (set_settings(ORY=None), {"E001"}),
    "a list": (set_settings(ORY=[1]), {"E001"}),
    "flat": (set_settings(ORY={"KRATOS_PUBLIC_URL": "http://x"}), {"E001"}),
    "no default": (set_settings(ORY={"acme": {"HYDRA_ADMIN_URL": "http://a.example.org"}}), {"E001", "W009"}),
    "misspelled": (set_ory(KRATOS_PUBLIC_ULR="http://x"), {"E002"}),
    "a number for text": (set_ory(KRATOS_PUBLIC_URL=4433), {"E003"}),
    "text for a number": (set_ory(TIMEOUT="3"), {"E003"}),
    "bool for a number": (set_ory(TIMEOUT=True), {"E003"}),
    "None": (set_ory(API_KEY=None), {"E003"}),
    "text for a list": (set_ory(HOSTS="example.org"), {"E003"}),
    "number for a bool": (set_ory(CREATE_USERS=1), {"E003"}),
    "tuple for a list": (set_ory(HOSTS=("example.org",)), set()),
    "unknown policy": (set_ory(WHEN_UNAVAILABLE_SAFE="panic"), {"E004"}),
    "no timeout": (set_ory(TIMEOUT=0), {"E004"}),
    "negative": (set_ory(BREAKER_SECONDS=-1), {"E004"}),
    "no response size": (set_ory(MAX_RESPONSE_BYTES=0), {"E004"}),
    "no pool": (set_ory(POOL_SIZE=0), {"E004"}),
    "a proxy": (set_ory(PROXY="http://user:secret@proxy.internal:3128"), set()),
    "a proxy without a scheme": (set_ory(PROXY="user:secret@proxy.internal"), {"E005"}),
    "a proxy of another kind": (set_ory(PROXY="socks5://proxy.internal"), {"E005"}),
    "no scheme": (set_ory(KRATOS_PUBLIC_URL="kratos.internal:4433"), {"E005"}),
    "another scheme": (set_ory(HYDRA_PUBLIC_URL="ftp://oauth.example.org"), {"E005"}),
    "no host": (set_ory(KRATOS_PUBLIC_URL="http:///x"), {"E005"}),
    "an invalid port": (set_ory(KRATOS_PUBLIC_URL="http://kratos:port"), {"E005"}),
    "a query": (set_ory(KRATOS_PUBLIC_URL="http://kratos.internal?x=1"), {"E005"}),
    "a password": (set_ory(KRATOS_PUBLIC_URL="http://a:b@kratos.internal"), {"E005"}),
    "nothing at all": (set_settings(ORY={"default": {}}), {"E006"}),
    "Kratos without its public URL": (remove_key("KRATOS_PUBLIC_URL"), {"E006"}),
    "Hydra without its public URL": (remove_key("HYDRA_PUBLIC_URL"), {"W009"}),
    "Hydra without its admin URL": (remove_key("HYDRA_ADMIN_URL"), {"I002"}),
    "admin is public": (set_ory(KRATOS_ADMIN_URL="http://kratos.internal/"), {"E007"}),
    "admin is public, in other letters": (set_ory(KRATOS_ADMIN_URL="HTTP://Kratos.internal"), {"E007"}),
    "admin is another's public": (set_ory(HYDRA_ADMIN_URL="http://kratos.internal"), {"E007"}),
    "admin is for browsers": (set_ory(HYDRA_ADMIN_URL="https://oauth.example.org"), {"E007", "W103"}),
    "Ory Network": (
        set_settings(ORY={"default": {"SDK_URL": "https://slug.example.org", "API_KEY": "ory_pat_x"}}),
        set(),
    ),
    "Ory Network without a key": (
        set_settings(ORY={"default": {"SDK_URL": "https://slug.example.org"}}),
        {"W008"},
    ),
    "no such adapter": (set_ory(ADAPTER="nowhere.Adapter"), {"E008"}),
    "an adapter of another class": (set_ory(ADAPTER="django.http.HttpResponse"), {"E008"}),
    "an adapter that is a function": (
        set_ory(ADAPTER="tests.checks.test_checks.function_middleware"),
        {"E008"},
    ),
    "a field that grants rights": (set_ory(USER_FIELDS={"email": "email", "is_staff": "role"}), {"E009"}),
    "a misspelled user field": (set_ory(USER_FIELDS={"email": "email", "no_such_field": "x"}), {"W011"}),
    "a relation from a trait": (set_ory(USER_FIELDS={"email": "email", "logentry": "x"}), {"W011"}),
    "no such cache": (set_ory(SESSION_CACHE_ALIAS="fast"), {"E010"}),
    "before auth": (set_settings(MIDDLEWARE=[OURS, AUTH]), {"E011"}),
    "after LoginRequiredMiddleware": (set_settings(MIDDLEWARE=[AUTH, LOGIN_REQUIRED, OURS]), {"E011"}),
    "before LoginRequiredMiddleware": (set_settings(MIDDLEWARE=[AUTH, OURS, LOGIN_REQUIRED]), set()),
    "Django's LoginRequiredMiddleware": (
        set_settings(MIDDLEWARE=[AUTH, OURS, DJANGOS_LOGIN_REQUIRED]),
        {"W013"},
    ),
    "a subclass of ours": (set_settings(MIDDLEWARE=[AUTH, "tests.checks.test_checks.Subclass"]), set()),
    "a function and a missing module": (
        set_settings(MIDDLEWARE=[AUTH, "tests.checks.test_checks.function_middleware", "no.where", OURS]),
        set(),
    ),
    "tokens for any audience": (set_rest_framework("OryAuthentication"), {"W014"}),
    "tokens for one audience": (
        combine(set_rest_framework("OryAuthentication"), set_ory(OAUTH2_AUDIENCE=["https://api.example"])),
        set(),
    ),
    "APIs on every host": (
        combine(set_ory(OAUTH2_RESOURCES={"/api": {}}), set_settings(ALLOWED_HOSTS=["*"])),
        {"E018"},
    ),
    "an API for sessions only": (set_rest_framework("OrySessionAuthentication"), set()),
    "an API without our exception handler": (
        set_rest_framework("OrySessionAuthentication", EXCEPTION_HANDLER=None),
        {"W015"},
    ),
    "an unknown way to verify tokens": (set_ory(OAUTH2_VERIFICATION="jwks"), {"E004"}),
    "an unknown scope strategy": (set_ory(OAUTH2_SCOPE_STRATEGY="prefix"), {"E004"}),
    "a negative leeway": (set_ory(OAUTH2_LEEWAY_SECONDS=-1), {"E004"}),
    "an unknown case of the codes of devices": (set_ory(OAUTH2_DEVICE_CODE_CASE="UPPER"), {"E004"}),
    "an unknown way to remember consents": (set_ory(CONSENT_REMEMBER="sometimes"), {"E004"}),
    "a negative time to remember consents": (set_ory(CONSENT_REMEMBER_SECONDS=-1), {"E004"}),
    "a text of client ids": (set_ory(FIRST_PARTY_CLIENTS="app"), {"E003"}),
    "a symmetric signature": (set_ory(OAUTH2_ALGORITHMS=["RS256", "HS256"]), {"E017"}),
    "no signature": (set_ory(OAUTH2_ALGORITHMS=["none"]), {"E017"}),
    "unknown accounts of the provider": (set_ory(OAUTH2_ACCOUNTS="ldap"), {"E004"}),
    "a Kratos beside Django's users": (
        combine(
            set_ory(OAUTH2_ACCOUNTS="django", OAUTH2_SUBJECT_KEY="s" * 32),
            set_settings(LOGIN_URL="/accounts/login/"),
        ),
        {"E060", "W005", "W062"},
    ),
    "Django's users without a sign-in page": (
        combine(set_django_accounts(), set_settings(LOGIN_URL="login")),
        {"W062"},
    ),
    "Django's users at another host": (
        combine(set_django_accounts(), set_settings(LOGIN_URL="https://id.example.org/login")),
        set(),
    ),
    "Django's users at a path": (
        combine(set_django_accounts(), set_settings(LOGIN_URL="/admin/login/?theme=dark")),
        set(),
    ),
    "Django's users": (set_django_accounts(), set()),
    "Django's users without a key": (set_django_accounts(OAUTH2_SUBJECT_KEY=""), NO_SUBJECT_KEY),
    "Django's users with a short key": (set_django_accounts(OAUTH2_SUBJECT_KEY="s" * 31), NO_SUBJECT_KEY),
    "Django's users with subjects of their own": (
        set_django_accounts(OAUTH2_SUBJECT_KEY="", ADAPTER=f"{__name__}.OwnSubjects"),
        set(),
    ),
    "Django's users on Ory Network": (
        set_django_accounts(SDK_URL="https://slug.projects.oryapis.com", API_KEY="k"),
        {"E060", "W003", "W005", "W007", "W102"},
    ),
    "Django's users at Kratos' page": (
        combine(set_django_accounts(), set_settings(LOGIN_URL="ory:login")),
        {"E062"},
    ),
    "Kratos' accounts without an admin URL": (
        set_ory(OAUTH2_ACCOUNTS="kratos", KRATOS_ADMIN_URL=""),
        {"E060", "I001"},
    ),
    "native logins with other subjects": (
        set_ory(OAUTH2_ACCOUNTS="kratos_native", ADAPTER=f"{__name__}.OwnSubjects"),
        {"E063"},
    ),
    "native logins": (set_ory(OAUTH2_ACCOUNTS="kratos_native"), set()),
    "one host, two projects": (
        combine(set_ory(HOSTS=["a.example"]), add_project(HOSTS=["a.example"])),
        {"E013"},
    ),
    "one host in other letters": (
        combine(set_ory(HOSTS=["A.example"]), add_project(HOSTS=["a.Example"])),
        {"E013"},
    ),
    "a host below another's": (
        combine(set_ory(HOSTS=[".a.example"]), add_project(HOSTS=["b.a.example"])),
        {"E013"},
    ),
    "a host above another's": (
        combine(set_ory(HOSTS=["b.a.example"]), add_project(HOSTS=[".a.example"])),
        set(),
    ),
    "every host": (combine(set_ory(HOSTS=["*"]), add_project(HOSTS=["a.example"])), {"E013"}),
    **{
        f"{host!r} for a host": (set_ory(HOSTS=["a.example", host]), {"E014"})
        for host in (
            *("https://a.example", "a.example:80", "a.example/x", "*.a.example", "a.example.", "::1"),
            *("", " a.example", "bücher.example", None, 4433),
        )
    },
    "hosts that are": (set_ory(HOSTS=["A.example", ".b.example", "*", "127.0.0.1", "[::1]"]), set()),
    "a project without host": (add_project(), {"E013"}),
    "a project chosen by the adapter": (
        combine(set_ory(ADAPTER="tests.checks.test_checks.ByPath"), add_project()),
        set(),
    ),
    "a project and no adapter": (combine(set_ory(ADAPTER="no.where"), add_project()), {"E008", "E013"}),
    "long timeout": (set_ory(TIMEOUT=30), {"W001"}),
    "no middleware": (set_settings(MIDDLEWARE=[AUTH]), {"E015"}),
    "no middleware and no pages": (set_settings(MIDDLEWARE=[AUTH], ROOT_URLCONF=NoUrls), {"W002", "W004"}),
    "no backend": (set_settings(AUTHENTICATION_BACKENDS=["no.where", "django.http.HttpResponse"]), {"W003"}),
    "a ModelBackend without ours": (
        set_settings(AUTHENTICATION_BACKENDS=["django.contrib.auth.backends.ModelBackend"]),
        {"W003"},
    ),
    "a subclass of our backend": (
        set_settings(AUTHENTICATION_BACKENDS=["tests.checks.test_checks.OwnBackend"]),
        set(),
    ),
    "no URLs": (set_settings(ROOT_URLCONF=NoUrls), {"W004"}),
    "no URLconf": (set_settings(ROOT_URLCONF=None), set()),
    "another sign-in page": (set_settings(LOGIN_URL="/accounts/login/"), {"W005"}),
    "a sign-in page that does not exist": (set_settings(LOGIN_URL="no-such-name"), {"W005"}),
    "a private cache": (
        combine(set_settings(CACHES=PRIVATE), set_ory(SESSION_CACHE_SECONDS=60)),
        {"W006", "W160"},
    ),
    "a private cache for stale answers": (
        combine(set_settings(CACHES=PRIVATE), set_ory(WHEN_UNAVAILABLE_SAFE="stale")),
        {"W006", "W160"},
    ),
    "a shared cache": (set_ory(SESSION_CACHE_SECONDS=60), set()),
    "attempts in the cache of one process": (set_settings(CACHES=PRIVATE), {"W160"}),
    "another domain": (set_ory(KRATOS_BROWSER_URL="https://auth.elsewhere.net"), {"W007"}),
    "localhost and 127.0.0.1": (
        combine(
            set_settings(ALLOWED_HOSTS=["localhost"]), set_ory(KRATOS_BROWSER_URL="https://127.0.0.1:4433")
        ),
        {"W007"},
    ),
    "the test runner's host": (
        combine(
            set_settings(ALLOWED_HOSTS=["testserver"]), set_ory(KRATOS_BROWSER_URL="https://localhost:4433")
        ),
        set(),
    ),
    "the test runner's host and another domain": (
        combine(
            set_settings(ALLOWED_HOSTS=["x.net", "testserver"]),
            set_ory(KRATOS_BROWSER_URL="https://localhost:4433"),
        ),
        {"W007"},
    ),
    "any host": (
        combine(set_settings(ALLOWED_HOSTS=["*"]), set_ory(KRATOS_BROWSER_URL="https://x.net")),
        set(),
    ),
    "the same host": (
        combine(
            set_settings(ALLOWED_HOSTS=["localhost"]), set_ory(KRATOS_BROWSER_URL="https://localhost:4433")
        ),
        set(),
    ),
    "a domain with a dot": (set_settings(ALLOWED_HOSTS=[".example.org"]), set()),
    "swapped ports of Kratos": (
        set_ory(
            KRATOS_PUBLIC_URL="http://kratos.internal:4434", KRATOS_ADMIN_URL="http://kratos.internal:4433"
        ),
        {"W010"},
    ),
    "swapped ports of Hydra": (
        set_ory(
            HYDRA_PUBLIC_URL="https://hydra.example.org:4445", HYDRA_ADMIN_URL="http://hydra.internal:4444"
        ),
        {"W010"},
    ),
    "no admin API": (set_ory(KRATOS_ADMIN_URL=""), {"I001"}),
    "browsers over http": (set_ory(KRATOS_BROWSER_URL="http://auth.example.org"), {"W101"}),
    "a key over http": (set_ory(API_KEY="ory_pat_x"), {"W102"}),
    "forms handled as anonymous": (set_ory(WHEN_UNAVAILABLE_UNSAFE="anonymous"), {"W104"}),
    "mails of Kratos": (set_courier(), set()),
    "mails of Kratos by an internal URL": (
        combine(
            set_settings(ALLOWED_HOSTS=["www.example.org", "web"]),
            set_courier(COURIER_URL="http://web:8000/auth/courier/default/"),
        ),
        set(),
    ),
    "a short secret of the sign-up hook": (set_invitations(INVITATION_SECRETS=["FILL-IN"]), {"E033"}),
    "a URL of the sign-up hook without a secret": (
        set_ory(INVITATION_HOOK_URL="https://www.example.org/auth/signup-hook/default/"),
        {"E034"},
    ),
    "the sign-up hook": (set_invitations(), set()),
    "the sign-up hook at another path": (
        set_invitations(INVITATION_HOOK_URL="https://www.example.org/auth/courier/default/"),
        {"W033"},
    ),
    "the sign-up hook over http to a public host": (
        set_invitations(INVITATION_HOOK_URL="http://www.example.org/auth/signup-hook/default/"),
        {"W133"},
    ),
    "a short secret of the web hooks": (set_ory(WEBHOOK_SECRETS=["FILL-IN"]), {"E035"}),
    "a URL of the web hooks without a secret": (
        set_ory(WEBHOOK_URL="https://www.example.org/auth/hooks/kratos/default/"),
        {"E036"},
    ),
    "networks that are none": (set_ory(KRATOS_NETWORKS=["10.0.0.0/8", "kratos", "::/200"]), {"E037"}),
    "networks": (set_ory(KRATOS_NETWORKS=["10.0.0.0/8", "10.0.0.1/8", "fd00::1"]), set()),
    "web hooks": (set_ory(WEBHOOK_SECRETS=["s" * 32], WEBHOOK_PROCESSING="command"), set()),
    "web hooks processed in a way that does not exist": (set_ory(WEBHOOK_PROCESSING="worker"), {"E004"}),
    "web hooks at another path": (
        set_ory(WEBHOOK_SECRETS=["s" * 32], WEBHOOK_URL="https://www.example.org/auth/courier/default/"),
        {"W035"},
    ),
    "web hooks over http to a public host": (
        set_ory(WEBHOOK_SECRETS=["s" * 32], WEBHOOK_URL="http://www.example.org/auth/hooks/kratos/default/"),
        {"W134"},
    ),
    "a short secret of the token hook": (set_ory(TOKEN_HOOK_SECRETS=["FILL-IN"]), {"E070"}),
    "a URL of the token hook without a secret": (
        set_ory(TOKEN_HOOK_URL="https://www.example.org/auth/token-hook/default/"),
        {"E071"},
    ),
    "networks of Hydra that are none": (set_ory(HYDRA_NETWORKS=["hydra"]), {"E072"}),
    "the token hook": (set_ory(TOKEN_HOOK_SECRETS=["s" * 32], HYDRA_NETWORKS=["10.0.0.0/8"]), set()),
    "the token hook with a policy that does not exist": (
        set_ory(TOKEN_HOOK_WHEN_UNAVAILABLE="anonymous"),
        {"E004"},
    ),
    "the token hook at another path": (
        set_ory(
            TOKEN_HOOK_SECRETS=["s" * 32], TOKEN_HOOK_URL="https://www.example.org/auth/courier/default/"
        ),
        {"W070"},
    ),
    "the token hook without the admin API of Kratos": (
        set_ory(TOKEN_HOOK_SECRETS=["s" * 32], KRATOS_ADMIN_URL=""),
        {"I001", "W071"},
    ),
    "the token hook over http to a public host": (
        set_ory(
            TOKEN_HOOK_SECRETS=["s" * 32], TOKEN_HOOK_URL="http://www.example.org/auth/token-hook/default/"
        ),
        {"W170"},
    ),
    "a job key that is a file that does not exist": (set_ory(JOB_TOKEN_KEYS=["/nowhere.pem"]), {"E074"}),
    "a job key without Hydra": (
        set_ory(JOB_TOKEN_KEYS=[JOB_KEY], HYDRA_PUBLIC_URL="", HYDRA_ADMIN_URL=""),
        {"E075"},
    ),
    "a job key": (set_ory(JOB_TOKEN_KEYS=[JOB_KEY]), set()),
    "a job key in a file for all that is no key": (set_ory(JOB_TOKEN_KEYS=[__file__]), {"E074", "W171"}),
    "an adapter that validates without secrets": (set_ory(ADAPTER=f"{__name__}.Validating"), {"W036"}),
    "an adapter that validates closed sign-ups": (
        set_invitations(ADAPTER=f"{__name__}.ValidatingSignUps"),
        set(),
    ),
    "web hooks without the admin API": (
        set_ory(WEBHOOK_SECRETS=["s" * 32], KRATOS_ADMIN_URL=""),
        {"I001", "W034"},
    ),
    "account pages without the admin API": (
        set_ory(ACCOUNT_DELETION=True, DATA_DOWNLOAD=True, KRATOS_ADMIN_URL=""),
        {"I001", "W034"},
    ),
    "account pages": (set_ory(ACCOUNT_DELETION=True, DATA_DOWNLOAD=True), set()),
    "a short courier secret": (set_courier(COURIER_SECRETS=["FILL-IN"]), {"E030"}),
    "a courier URL without secrets": (
        set_ory(COURIER_URL="https://www.example.org/auth/courier/default/"),
        {"E031"},
    ),
    "an unknown key of the theme": (set_courier(COURIER_THEME={"color": "#fff"}), {"E032"}),
    "a color that is none": (set_courier(COURIER_THEME={"accent": "#ff; x: y"}), {"E032"}),
    "a logo that is no URL": (set_courier(COURIER_THEME={"logo_url": "/static/logo.png"}), {"E032"}),
    "a width that is no number": (set_courier(COURIER_THEME={"logo_width": 120}), {"E032"}),
    "a whole theme": (
        set_courier(
            COURIER_THEME={
                "accent": "teal",
                "on_accent": "#fff",
                "logo_url": "https://x.org/a.png",
                "logo_width": "90",
            }
        ),
        set(),
    ),
    "mails without the pages in the URLconf": (
        combine(set_settings(ROOT_URLCONF=NoUrls), set_courier()),
        {"W004", "W030"},
    ),
    "another path of the courier": (
        set_courier(COURIER_URL="https://www.example.org/auth/courier/"),
        {"W030"},
    ),
    "a courier host that Django rejects": (
        set_courier(COURIER_URL="http://web.internal/auth/courier/default/"),
        {"W030"},
    ),
    "a courier URL that is redirected": (
        combine(
            set_settings(SECURE_SSL_REDIRECT=True, ALLOWED_HOSTS=["www.example.org", "web"]),
            set_courier(COURIER_URL="http://web/auth/courier/default/"),
        ),
        {"W030"},
    ),
    "a courier URL that is exempt from the redirect": (
        combine(
            set_settings(
                SECURE_SSL_REDIRECT=True,
                SECURE_REDIRECT_EXEMPT=["^auth/courier/"],
                ALLOWED_HOSTS=["www.example.org", "web"],
            ),
            set_courier(COURIER_URL="http://web/auth/courier/default/"),
        ),
        set(),
    ),
    "a courier on the machine of Kratos": (
        combine(
            set_settings(ALLOWED_HOSTS=["www.example.org", "localhost"]),
            set_courier(COURIER_URL="http://localhost:8000/auth/courier/default/"),
        ),
        {"W030"},
    ),
    "codes over http": (
        set_courier(COURIER_URL="http://www.example.org/auth/courier/default/"),
        {"W130"},
    ),
    "a public address over http": (
        combine(
            set_settings(ALLOWED_HOSTS=["www.example.org", "93.184.216.34"]),
            set_courier(COURIER_URL="http://93.184.216.34/auth/courier/default/"),
        ),
        {"W130"},
    ),
    "a private address over http": (
        combine(
            set_settings(ALLOWED_HOSTS=["www.example.org", "10.0.0.7"]),
            set_courier(COURIER_URL="http://10.0.0.7/auth/courier/default/"),
        ),
        set(),
    ),
    "repeated mails in the cache of one process": (
        combine(set_settings(CACHES=PRIVATE), set_ory(COURIER_SECRETS=["s" * 32])),
        {"W131", "W160"},
    ),
    "SMTP without a timeout": (combine(set_settings(MAILERS={"default": {}}), set_courier()), {"W132"}),
    "SMTP with a timeout": (
        combine(set_settings(MAILERS={"default": {"OPTIONS": {"timeout": 10}}}), set_courier()),
        set(),
    ),
    "invalid return hosts": (
        set_ory(ALLOWED_RETURN_HOSTS=["*.example.org", "https://x.org", "ok.org"]),
        {"W105"},
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_reported_with_its_id(settings: Settings, fault: str) -> None:
    change, expected = FAULTS[fault]
    change(settings)
    assert get_ids() == expected


def test_misspelled_key_names_the_nearest_key(settings: Settings) -> None:
    set_ory(TIMEOT=3)(settings)
    (message,) = check_settings(None)
    assert 'Did you mean "TIMEOUT"?' in message.msg
    assert message.hint == 'Rename "TIMEOT" to "TIMEOUT", or remove it.'
    assert message.level == framework.ERROR


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("KRATOS_URL", "KRATOS_PUBLIC_URL"),
        ("HYDRA_URL", "HYDRA_PUBLIC_URL"),
        ("kratos_admin_url", "KRATOS_ADMIN_URL"),
        ("KRATOS_ADMIN", "KRATOS_ADMIN_URL"),
        ("COOKIE_NAME", "SESSION_COOKIE_NAME"),
        ("KRATOS_PUBLIC_ULR", "KRATOS_PUBLIC_URL"),
    ],
)
def test_hint_for_a_misspelled_key_does_not_replace_an_existing_key(
    settings: Settings, key: str, nearest: str
) -> None:
    set_ory(**{key: "http://x", "SESSION_COOKIE_NAME": "x"})(settings)
    (message,) = [each for each in check_settings(None) if each.id == "django_ory.E002"]
    assert message.msg.endswith(f'Did you mean "{nearest}"?')
    assert message.hint == f'Remove "{key}": "{nearest}" is set already.'


@pytest.mark.parametrize("key", sorted(KEYS))
def test_none_as_value_gets_a_hint_to_remove_the_key(settings: Settings, key: str) -> None:
    set_ory(**{key: None})(settings)
    (message,) = [each for each in check_settings(None) if each.id == "django_ory.E003"]
    assert message.msg.endswith("not None.")
    assert message.hint is not None
    assert message.hint.startswith(f'Remove the key, or set a value: ORY["default"]["{key}"] = ')
    assert not message.hint.endswith(("= ''", "= []", "= {}"))


def test_url_of_the_wrong_type_gets_an_example(settings: Settings) -> None:
    set_ory(KRATOS_PUBLIC_URL=4433)(settings)
    (message,) = check_settings(None)
    assert message.hint == 'ORY["default"]["KRATOS_PUBLIC_URL"] = "http://localhost:4433"'


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REST_FRAMEWORK", ["x"]),
        ("REST_FRAMEWORK", {"DEFAULT_AUTHENTICATION_CLASSES": None, "EXCEPTION_HANDLER": 1}),
        ("ORY", {"default": {"KRATOS_PUBLIC_URL": "http://kratos", "USER_FIELDS": {1: 2, None: "x"}}}),
    ],
)
def test_setting_of_another_type_ends_no_check(settings: Settings, name: str, value: object) -> None:
    setattr(settings, name, value)
    assert all(each.id for each in (*check_settings(None), *check_deployment(None)))


@pytest.mark.parametrize("url", ["http://[", "http://[::1", "http://[x]/", "http://kratos:99999999"])
@pytest.mark.parametrize("key", [key for key in KEYS if key.endswith("_URL")])
def test_url_with_an_invalid_host_is_reported_and_no_error(settings: Settings, key: str, url: str) -> None:
    settings.ALLOWED_HOSTS = ["www.example.org"]
    options = {"API_KEY": "secret", "COURIER_SECRETS": ["x" * 32], key: url}
    settings.ORY = {"default": {**settings.ORY["default"], **options}}
    assert "django_ory.E005" in [each.id for each in (*check_settings(None), *check_deployment(None))]


def test_swapped_ports_get_a_hint_with_swapped_urls(settings: Settings) -> None:
    set_ory(KRATOS_PUBLIC_URL="http://x:4434", KRATOS_ADMIN_URL="http://y:4433")(settings)
    (message,) = check_settings(None)
    assert message.hint == (
        'Swap the values: ORY["default"]["KRATOS_PUBLIC_URL"] = "http://y:4433" and '
        'ORY["default"]["KRATOS_ADMIN_URL"] = "http://x:4434"'
    )


@pytest.mark.parametrize(
    ("backends", "consequence"),
    [([], "have no permissions"), (["django.contrib.auth.backends.ModelBackend"], "login() started")],
)
def test_missing_backend_names_the_consequence(
    settings: Settings, backends: list[str], consequence: str
) -> None:
    settings.AUTHENTICATION_BACKENDS = backends
    (message,) = check_settings(None)
    assert consequence in message.msg


def test_key_without_a_near_match_gets_the_list_of_keys(settings: Settings) -> None:
    set_ory(XYZ=3)(settings)
    (message,) = check_settings(None)
    assert "TIMEOUT" in (message.hint or "")


@pytest.mark.parametrize("service", ["KRATOS", "HYDRA"])
def test_example_url_is_of_the_same_service(settings: Settings, service: str) -> None:
    set_ory(**{f"{service}_ADMIN_URL": "ftp://localhost:1"})(settings)
    (message,) = check_settings(None)
    assert f"https://{service.lower()}.example.org" in (message.hint or "")


def test_url_without_scheme_gets_a_hint_with_scheme(settings: Settings) -> None:
    set_ory(KRATOS_ADMIN_URL="localhost:4434")(settings)
    (message,) = check_settings(None)
    assert message.hint == 'ORY["default"]["KRATOS_ADMIN_URL"] = "http://localhost:4434"  # or https://'


@pytest.mark.parametrize("fields", [{"first_name": "name.first"}, {}])
def test_username_field_without_a_trait_is_an_error(settings: Settings, fields: dict[str, str]) -> None:
    set_ory(USER_FIELDS=fields)(settings)
    from django.contrib.auth import get_user_model

    expected = {"E012"} if get_user_model().USERNAME_FIELD == "email" else set()
    assert get_ids() - {"W011"} == expected  # a user model may lack first_name


def test_silenced_check_is_silent(settings: Settings) -> None:
    set_ory(TIMEOUT=30)(settings)
    settings.SILENCED_SYSTEM_CHECKS = ["django_ory.W001"]
    (message,) = check_settings(None)
    assert message.is_silenced()


def test_helpers_of_this_module_work() -> None:
    assert function_middleware(HttpResponse) is HttpResponse
    assert ByPath().resolve_alias(None) == "default"


def test_misspelled_user_field_names_the_nearest_field(settings: Settings) -> None:
    set_ory(USER_FIELDS={"email": "email", "e_mail": "mails.0"})(settings)
    (message,) = [each for each in check_settings(None) if each.id == "django_ory.W011"]
    assert "'e_mail'" in message.msg
    assert 'Did you mean "email"?' in message.msg


def test_file_field_in_user_fields_is_reported(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_ory.checks.project.get_user_model", lambda: Member)
    monkeypatch.setattr(Member, "USERNAME_FIELD", "text", raising=False)
    set_ory(USER_FIELDS={"text": "name", "avatar": "picture"})(settings)
    (message,) = [each for each in check_settings(None) if each.id == "django_ory.W011"]
    assert "'avatar'" in message.msg
    assert str(message.hint).endswith("""["USER_FIELDS"] = {'text': 'name'}""")


def test_logout_of_the_admin_without_kratos_is_reported(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin, "site", admin.AdminSite())
    (message,) = check_settings(None)
    assert message.id == "django_ory.W012"
    assert "secure_admin_logout(admin.site.logout)" in str(message.hint)
    settings.ROOT_URLCONF = "tests.testing.guide_urls"  # has no admin
    assert get_ids() == set()


@pytest.mark.parametrize(("timeout", "count"), [(None, 1), (60, 1), (10, 0)])
def test_smtp_settings_before_mailers_need_a_timeout(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, timeout: int | None, count: int
) -> None:
    set_courier()(settings)
    backend = "django.core.mail.backends.smtp.EmailBackend"
    older = SimpleNamespace(EMAIL_BACKEND=backend, EMAIL_TIMEOUT=timeout)
    monkeypatch.setattr("django_ory.checks.courier.settings", older)
    assert [each.hint for each in RULES["W132"].run(CheckContext())] == ["EMAIL_TIMEOUT = 10"] * count
