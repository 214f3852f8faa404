"""Users moved to a real Kratos and back: each hash at a sign-in, the password hook, an interrupted import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.hashers import (
    BCryptSHA256PasswordHasher,
    MD5PasswordHasher,
    PBKDF2PasswordHasher,
    PBKDF2SHA1PasswordHasher,
    ScryptPasswordHasher,
)
from django.core.management import call_command
from django.urls import reverse

from django_ory.clients import get_client
from django_ory.mirror.clients import delete_client
from django_ory.mirror.imports.applications import ApplicationImport, ApplicationImportOptions
from django_ory.mirror.imports.exports import UserExport
from django_ory.models import Identity
from django_ory.users.lookup import resolve_user
from tests.live.native_sign_in import post_sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import OryStack, StackAddresses

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]

PASSWORD = "pässword 1"
SALT = "seasalt"
SECRET = "5d41402abc4b2a76b9719d911017c592"
#: Hashes of the password. Those of Argon2 and bcrypt are fixed, because the import needs no library for them.
HASHES = {
    "pbkdf2_sha256": PBKDF2PasswordHasher().encode(PASSWORD, SALT, 1000),
    "pbkdf2_sha1": PBKDF2SHA1PasswordHasher().encode(PASSWORD, SALT, 1000),
    "scrypt": ScryptPasswordHasher().encode(PASSWORD, SALT, 16),
    "md5": MD5PasswordHasher().encode(PASSWORD, SALT),
    "unsalted_md5": "ee0a0fa09df7c1e10c13c2792a1c5fba",
    "sha1": "sha1$seasalt$b69e074fd4f452d01fa274573510f69966bb9af6",
    "argon2id": "argon2$argon2id$v=19$m=1024,t=2,p=2$c2FsdHNhbHRzYWx0c2FsdA$RPjlXJdHeuehPr6zpTbAKw",
    "argon2i": "argon2$argon2i$v=19$m=1024,t=2,p=2$c2FsdHNhbHRzYWx0c2FsdA$moxeYDRbrhVoMA87jqPHLg",
    "bcrypt": "bcrypt$$2b$04$mDKwcZceyF9Zbhx4K2K0ruLKZz7tWVfxyCziwtJ8325QTncamIMiu",
}
HASHERS = [
    f"django.contrib.auth.hashers.{name}"
    for name in ("PBKDF2PasswordHasher", "PBKDF2SHA1PasswordHasher", "ScryptPasswordHasher")
]


@pytest.fixture
def make_user() -> Callable[..., Any]:
    """Create a user with a unique address."""

    def make(password: str, **fields: Any) -> Any:
        name = f"{uuid4().hex}@example.com"
        return get_user_model().objects.create(username=name, email=name, password=password, **fields)

    return make


def get_token(servers: StackAddresses, user: Any) -> str:
    """Sign in to Kratos and return the token of the session."""
    token: str = post_sign_in(servers.kratos_public_url, user.email, PASSWORD).json()["session_token"]
    return token


def sign_in(servers: StackAddresses, user: Any, password: str = PASSWORD) -> int:
    """Sign in to Kratos, which ignores case, and return the status: 200, or 400 for a wrong password."""
    response = post_sign_in(servers.kratos_public_url, user.email.upper(), password)
    assert response.status_code in (200, 400), response.text
    return response.status_code


def hash_with_bcrypt_over_sha256(password: str) -> str:
    """Hash a password with the lowest cost. The salt is bytes in Django 5.2, and text in later versions."""
    hasher = BCryptSHA256PasswordHasher()
    hasher.rounds = 4
    return str(hasher.encode(password, hasher.salt()))


def test_user_signs_in_to_kratos_with_each_hash_of_django(
    servers: StackAddresses, make_user: Callable[..., Any]
) -> None:
    users = {name: make_user(encoded) for name, encoded in HASHES.items()}
    call_command("ory_import_users", "--emails-verified", verbosity=0)
    found = {name: (sign_in(servers, user), sign_in(servers, user, "wrong")) for name, user in users.items()}
    assert found == dict.fromkeys(HASHES, (200, 400))
    for user in users.values():
        row = Identity.objects.get(user=user)
        assert row.data["verifiable_addresses"][0]["verified"] is True
    user = users["argon2id"]
    session = get_client().to_session(x_session_token=get_token(servers, user))
    assert session.identity is not None
    assert resolve_user(session.identity, alias="default", session=session).user == user
    assert get_user_model().objects.count() == len(users)  # the sign-in created no second user


def test_interrupted_import_is_continued_without_doubles(
    servers: StackAddresses, make_user: Callable[..., Any]
) -> None:
    users = [make_user(HASHES["pbkdf2_sha256"]) for _ in range(6)]
    call_command("ory_import_users", "--limit", "3", verbosity=0)
    linked = set(Identity.objects.values_list("identity_id", "user"))
    Identity.objects.all().delete()  # as if killed between the answer of Kratos and the rows
    # Kratos rolls the batch back because of the three that exist.
    call_command("ory_import_users", verbosity=0)
    assert linked <= set(Identity.objects.values_list("identity_id", "user"))
    assert Identity.objects.filter(user__in=users).count() == 6
    for user in users:
        assert len(get_client().admin_list_identities(credentials_identifier=user.email)) == 1


def test_refused_users_leave_the_others(servers: StackAddresses, make_user: Callable[..., Any]) -> None:
    taken, good = make_user(HASHES["md5"]), make_user(HASHES["md5"])
    get_client().admin_create_identity(body={"schema_id": "person", "traits": {"email": taken.email}})
    with pytest.raises(Exception, match="Some users were not imported"):
        call_command("ory_import_users", verbosity=0)
    assert sign_in(servers, good) == 200
    assert not Identity.objects.filter(user=taken).exists()


def test_password_hook_accepts_a_password_once_and_kratos_takes_over(
    make_user: Callable[..., Any],
    ory_stack_factory: Callable[..., OryStack],
    live_server: Any,
    settings: Any,
) -> None:
    """Kratos imports no hash with a cost above its limits, and none of bcrypt over SHA-256."""
    settings.PASSWORD_HASHERS = [*HASHERS, "django.contrib.auth.hashers.BCryptSHA256PasswordHasher"]
    too_costly = ScryptPasswordHasher().encode(PASSWORD, SALT, 16, r=9)
    of_sha256 = hash_with_bcrypt_over_sha256(PASSWORD)
    hook = {
        "PASSWORD_MIGRATION_SECRETS": [SECRET],
        "PASSWORD_MIGRATION_UNTIL": "2999-12-31",
        "PASSWORD_MIGRATION_URL": live_server.url + reverse("ory:password_migration", args=["default"]),
        "CONNECT_TIMEOUT": 10.0,  # for a busy machine: Kratos tries again only twice, within seconds
        "TIMEOUT": 10.0,
    }
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", urlsplit(live_server.url).hostname]
    settings.ORY = {"default": {**settings.ORY["default"], **hook}}
    stack = ory_stack_factory()
    settings.ORY = {"default": {**stack.ory_setting["default"], **hook}}
    users = [make_user(too_costly), make_user(of_sha256)]
    call_command("ory_import_users", verbosity=0)
    for user in users:
        assert sign_in(stack, user, "wrong") == 400
        assert sign_in(stack, user) == 200
    get_user_model().objects.update(password="!")  # Kratos has hashes of its own now
    for user in users:
        assert sign_in(stack, user) == 200
        user.refresh_from_db()
        assert user.password == "!"


def test_users_move_back_to_django_with_the_password_of_kratos(
    servers: StackAddresses, make_user: Callable[..., Any], settings: Any
) -> None:
    settings.PASSWORD_HASHERS = HASHERS
    names = ("pbkdf2_sha256", "pbkdf2_sha1", "scrypt")
    users = {name: make_user(HASHES[name]) for name in names}
    changed = make_user(HASHES["md5"])
    call_command("ory_import_users", "--after", "unusable", verbosity=0)
    for user in users.values():
        assert authenticate(username=user.username, password=PASSWORD) is None
    assert sign_in(servers, changed) == 200  # Kratos stores its own hash, with bcrypt
    settings.PASSWORD_HASHERS = [*HASHERS, "django.contrib.auth.hashers.BCryptPasswordHasher"]
    counts = UserExport("default", updates_users=True).run()
    assert counts["exported"] >= 1
    for user in (*users.values(), changed):
        assert authenticate(username=user.username, password=PASSWORD) == user
        assert authenticate(username=user.username, password="wrong") is None


@dataclass
class Application:
    """An application of django-oauth-toolkit, with the fields of its model."""

    pk: int
    client_id: str
    client_secret: str = ""
    hash_client_secret: bool = True
    client_type: str = "confidential"
    authorization_grant_type: str = "client-credentials"
    name: str = "Reports"
    redirect_uris: str = ""
    skip_authorization: bool = True
    user_id: int | None = None


def test_imported_clients_get_tokens_with_kept_and_with_new_secrets(servers: StackAddresses) -> None:
    written: list[Any] = []
    kept = Application(1, str(uuid4()), client_secret="stored as text 1234", hash_client_secret=False)
    new = Application(2, str(uuid4()))
    clients = ApplicationImport(ApplicationImportOptions(alias="default"), write_secret=written.append)
    assert clients.run([kept, new]) == {"created": 2}
    assert clients.run([kept, new]) == {"created": 2, "found": 2}
    [line] = written
    for client_id, secret in ((kept.client_id, kept.client_secret), (new.client_id, line["client_secret"])):
        answer = requests.post(
            f"{servers.hydra_public_url}/oauth2/token",
            data={"grant_type": "client_credentials", "scope": "read"},
            auth=(client_id, secret),
            timeout=10,
        )
        assert answer.status_code == 200, answer.text
        delete_client("default", client_id)
