"""The Django user of an identity: created once, and updated only after changes."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import RemoteUserBackend
from django.contrib.auth.signals import user_logged_in
from django.core.validators import MaxLengthValidator, RegexValidator
from django.test import RequestFactory, override_settings
from django.utils import timezone

from django_ory.adapter import OryAdapter
from django_ory.client.models.read_only import make_read_only
from django_ory.mirror.identity_rows import IDENTITY_MIRROR
from django_ory.models import Identity
from django_ory.signals import identity_linked, identity_synced
from django_ory.user_names import build_username
from django_ory.users.linking import link_user, sync_user
from django_ory.users.lookup import BACKEND, resolve_user, send_login_signal
from django_ory.users.rows import IdentitySnapshot, build_user_digest
from tests.support.kratos import (
    IDENTITY_ID,
    SESSION_ID,
    ago,
    build_identity,
    build_session,
    identity_json,
    ory_settings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.auth.base_user import AbstractBaseUser
    from pytest_django import DjangoAssertNumQueries, Settings

    from django_ory.users.lookup import UserAccess
    from tests.support.fixtures import ChangeOry

pytestmark = pytest.mark.django_db
REQUEST = RequestFactory().get("/")
User: Any = get_user_model()
EMAIL = User.get_email_field_name()


def get_access(session: Any = None, *, requested_at: float | None = None) -> UserAccess:
    session = session or build_session()
    return resolve_user(
        session.identity, alias="default", requested_at=requested_at, session=session, request=REQUEST
    )


def get_user(session: Any = None, *, requested_at: float | None = None) -> AbstractBaseUser | None:
    return get_access(session, requested_at=requested_at).user


def create_user(email: str = "ann@example.org", **fields: Any) -> Any:
    values = {User.USERNAME_FIELD: f"old-{email.partition('@')[0]}", EMAIL: email, **fields}
    return User._default_manager.create(**values)


@pytest.fixture
def signals() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """The sent signals, by name."""
    received: list[tuple[str, dict[str, Any]]] = []
    receivers = []
    for name, signal in (("linked", identity_linked), ("synced", identity_synced), ("login", user_logged_in)):

        def receiver(name: str = name, **values: Any) -> None:
            received.append((name, values))

        signal.connect(receiver, weak=False)
        receivers.append((signal, receiver))
    yield received
    for signal, receiver in receivers:
        signal.disconnect(receiver)


def test_read_only_identity_of_the_cache_creates_and_updates_the_user() -> None:
    for number, email in enumerate(("ann@example.org", "ann@new.example")):
        identity = identity_json(traits={"email": email, "tags": [["a"], {}]}, metadata_public={"b": [1]})
        session = make_read_only(build_session(identity=identity))
        user: Any = get_user(session, requested_at=time.time() + number)
        assert getattr(user, EMAIL) == email
        row = Identity.objects.get()
        row.traits["tags"].append("the row is not read-only")


def test_known_digest_is_used_instead_of_the_identity() -> None:
    identity = build_session().identity
    assert identity is not None
    digest = build_user_digest(identity)
    assert IdentitySnapshot("default", identity, 1.0).digest == digest
    assert IdentitySnapshot("default", identity, 1.0, "known").digest == "known"
    assert get_user() is not None
    assert Identity.objects.get().user_digest == digest


def test_new_identity_gets_a_user(signals: list[tuple[str, dict[str, Any]]]) -> None:
    user: Any = get_user()
    assert user is not None
    assert getattr(user, EMAIL) == "ann@example.org"
    assert getattr(user, "first_name", "Ann") == "Ann"
    assert user.is_active
    assert not user.is_staff
    assert not user.is_superuser
    assert not user.has_usable_password()
    assert user.backend == BACKEND
    row = Identity.objects.get()
    assert (str(row.identity_id), row.user, row.label, row.state) == (
        IDENTITY_ID,
        user,
        "ann@example.org",
        "active",
    )
    assert row.traits["name"]["first"] == "Ann"
    assert [name for name, _ in signals] == ["linked", "login"]
    assert signals[0][1]["created"] is True
    assert signals[1][1]["request"] is REQUEST


needs_username = pytest.mark.skipif(User.USERNAME_FIELD == EMAIL, reason="the user model has no user name")


@needs_username
@pytest.mark.parametrize(
    ("traits", "name"),
    [
        ({"email": "ann@example.org"}, "ann@example.org"),
        ({"UserID": "ann-o"}, "ann-o"),
        ({"phone_number": "+49 30 123"}, "+49-30-123"),
        ({"nicknames": ["cindy", "cyn"]}, "cindy"),
        ({"username": "Dan D. (the man)"}, "Dan-D.-the-man"),
        ({"username": "\uff46\uff55\uff4c\uff4c"}, "full"),
        ({"username": "x" * 400}, "x" * 150),
        ({"username": "\u0000"}, IDENTITY_ID),
        ({"username": "()"}, IDENTITY_ID),
        ({}, IDENTITY_ID),
    ],
)
def test_new_user_is_named_by_the_label(traits: dict[str, Any], name: str) -> None:
    user: Any = get_user(build_session(identity=identity_json(traits=traits, verifiable_addresses=[])))
    assert (user.get_username(), str(user)) == (name, name)


@needs_username
def test_taken_names_get_a_suffix() -> None:
    names = []
    for digit in "1234":
        identity = identity_json(id=f"11111111-1111-4111-8111-11111111111{digit}", verifiable_addresses=[])
        user: Any = get_user(build_session(identity=identity))
        names.append(user.get_username())
        User._default_manager.filter(pk=user.pk).update(**{User.USERNAME_FIELD: user.get_username().upper()})
    assert names == [
        "ann@example.org",
        "ann@example.org-1111",
        "ann@example.org-111111111111",
        "ann_example_org",
    ]


@needs_username
def test_existing_user_keeps_its_name() -> None:
    user: Any = get_user()
    User._default_manager.filter(pk=user.pk).update(**{User.USERNAME_FIELD: IDENTITY_ID})
    again: Any = get_user(build_session(identity=identity_json(traits={"email": "new@example.org"})))
    assert again.get_username() == IDENTITY_ID


@needs_username
def test_name_taken_by_a_concurrent_request_gets_a_suffix(monkeypatch: pytest.MonkeyPatch) -> None:
    from django_ory import user_names

    is_taken, late = user_names._is_taken, [False]  # as if the other user was not committed at first
    create_user("other@example.org")
    User._default_manager.update(**{User.USERNAME_FIELD: "ann@example.org"})
    monkeypatch.setattr(user_names, "_is_taken", lambda *args: late.pop() if late else is_taken(*args))
    user: Any = get_user()
    assert user.get_username() == "ann@example.org-9f42"


@needs_username
def test_name_of_a_remote_user_is_not_chosen_by_an_identity(settings: Settings) -> None:
    """Otherwise both sign-ins would return one user, and registration of a name would give access."""
    remote = RemoteUserBackend()
    settings.AUTHENTICATION_BACKENDS = [
        *settings.AUTHENTICATION_BACKENDS,
        "django.contrib.auth.backends.RemoteUserBackend",
    ]
    user: Any = get_user()
    assert user.get_username() == IDENTITY_ID
    assert remote.authenticate(REQUEST, remote_user="ann@example.org") != user


@needs_username
@pytest.mark.parametrize(
    ("pattern", "max_length", "name"),
    [
        (r"^[\w.@+-]+\Z", 10, "ann@exampl"),
        (r"^[A-Za-z0-9_]+\Z", 150, "ann_example_org"),
        (r"^[a-z]+\Z", 150, "annexampleorg"),
        (r"^\d+\Z", 150, ""),
        (r"^[0-9a-f]{32}\Z", 32, IDENTITY_ID.replace("-", "")),
    ],
)
def test_name_follows_the_validators_of_the_field(
    monkeypatch: pytest.MonkeyPatch, pattern: str, max_length: int, name: str
) -> None:
    field = User._meta.get_field(User.USERNAME_FIELD)
    monkeypatch.setattr(field, "max_length", max_length)
    monkeypatch.setattr(field, "validators", [RegexValidator(pattern), MaxLengthValidator(max_length)])
    assert build_username(User(), label="ann@example.org", identity_id=IDENTITY_ID) == name


def test_removed_trait_clears_the_field_of_the_user() -> None:
    """Also if a sync of the mirror saw the change first: that does not write to users."""
    text = "first_name" if User.USERNAME_FIELD != EMAIL else "full_name"
    mapping = {EMAIL: "email", text: "name.first"}
    with override_settings(ORY=ory_settings(USER_FIELDS=mapping)):
        user: Any = get_user()
        assert getattr(user, text) == "Ann"
        without = identity_json(traits={"email": "ann@example.org"})
        IDENTITY_MIRROR.write_row("default", build_identity(**without), requested_at=timezone.now())
        user = get_user(build_session(identity=without))
        assert getattr(user, text) == ""
        User._default_manager.update(**{text: "Robert"})  # by staff
        more = {**without, "metadata_public": {"changed": 1}}
        user = get_user(build_session(identity=more))
        assert getattr(user, text) == "Robert"


def test_unchanged_user_is_loaded_whole_with_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    first: Any = get_user()
    first.refresh_from_db()
    with django_assert_num_queries(1):
        again: Any = get_user()
        values = [{f.attname: getattr(user, f.attname) for f in User._meta.fields} for user in (first, again)]
    assert values[0] == values[1]
    assert (again._state.db, again._state.adding, again.backend) == ("default", False, BACKEND)


def test_identity_of_another_project_has_another_user(settings: Settings) -> None:
    first = get_user()
    settings.ORY = {**settings.ORY, "club": {**settings.ORY["default"], "HOSTS": ["club.test"]}}
    same_id = build_identity(traits={"email": "bob@example.org"}, verifiable_addresses=[])
    assert resolve_user(same_id, alias="club").user not in (None, first)


def test_login_signal_is_sent_once_per_session(signals: list[tuple[str, dict[str, Any]]]) -> None:
    for session_id in (SESSION_ID, SESSION_ID, "another", SESSION_ID, "another"):
        get_user(build_session(id=session_id))
    assert [name for name, _ in signals].count("login") == 2
    assert get_user().last_login is not None  # type: ignore[union-attr]


def test_login_signal_that_another_process_sent_is_not_repeated(
    signals: list[tuple[str, dict[str, Any]]],
) -> None:
    session = build_session()
    user: Any = get_user(session)
    outdated_row = Identity(pk=Identity.objects.get().pk)
    send_login_signal(outdated_row, user, session, REQUEST)
    assert [name for name, _ in signals].count("login") == 1


def test_change_in_kratos_updates_the_user_once(
    signals: list[tuple[str, dict[str, Any]]], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    get_user()
    changed = identity_json(
        updated_at=ago(minutes=1),
        traits={"email": "new@example.org", "name": {"first": "Anna", "last": "Lee"}},
    )
    user: Any = get_user(build_session(identity=changed))
    assert getattr(user, EMAIL) == "new@example.org"
    assert getattr(user, "first_name", "Anna") == "Anna"
    assert Identity.objects.get().label == "new@example.org"
    with django_assert_num_queries(1):
        get_user(build_session(identity=changed))
    with django_assert_num_queries(2):
        get_user(requested_at=time.time() - 60)  # an older response reverts nothing
    user.refresh_from_db()
    assert getattr(user, EMAIL) == "new@example.org"
    assert [name for name, _ in signals].count("synced") == 1


def test_only_changed_fields_are_written() -> None:
    user: Any = get_user()
    User._default_manager.filter(pk=user.pk).update(is_staff=True)  # a concurrent change
    get_user(
        build_session(identity=identity_json(updated_at=ago(minutes=1), traits={"email": "x@example.org"}))
    )
    user.refresh_from_db()
    assert user.is_staff
    assert getattr(user, EMAIL) == "x@example.org"


def test_inactive_user_is_blocked(signals: list[tuple[str, dict[str, Any]]]) -> None:
    user: Any = get_user()
    User._default_manager.filter(pk=user.pk).update(is_active=False)
    access = get_access(build_session(id="new"))
    assert access.user is None
    assert access.blocked
    assert [name for name, _ in signals].count("login") == 1


def test_inactive_identity_is_blocked() -> None:
    get_user()
    access = resolve_user(build_identity(state="inactive", updated_at=ago(minutes=1)), alias="default")
    assert access.blocked


def test_row_deactivated_after_the_response_blocks_the_user() -> None:
    before = time.time()
    get_user(requested_at=before)
    Identity.objects.update(state="inactive", synced_at=timezone.now())
    assert get_user(requested_at=before) is None
    assert get_user(requested_at=before + 0.001) is None
    assert get_user(requested_at=time.time() + 1) is not None  # a newer response of Kratos wins
    assert Identity.objects.get().state == "active"


def test_deleted_user_is_created_again() -> None:
    user: Any = get_user()
    User._default_manager.filter(pk=user.pk).delete()
    again: Any = get_user()
    assert again is not None
    assert again.pk != user.pk


def test_no_user_is_created_without_create_users(
    change_ory: ChangeOry, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    change_ory(CREATE_USERS=False)
    with django_assert_num_queries(1):
        assert get_user() is None
    assert not Identity.objects.exists()


def test_row_of_the_mirror_is_linked() -> None:
    Identity.objects.create(identity_id=IDENTITY_ID, label="old")
    user = get_user()
    assert Identity.objects.get().user == user


# Invalid traits.


@pytest.mark.parametrize("traits", [{}, None, [], "x", {"email": None}, {"email": {"a": 1}}, {"email": True}])
def test_malformed_traits_do_not_prevent_the_sign_in(caplog: pytest.LogCaptureFixture, traits: Any) -> None:
    session = build_session(identity=identity_json(traits=traits))
    user: Any = get_user(session)
    if User.USERNAME_FIELD == EMAIL:
        assert user is None
        assert "no trait fills the user name (email)" in caplog.text
    else:
        assert user.email == ""


def test_nul_characters_do_not_reach_the_database() -> None:
    traits = {"email": "ann@example.org", "name": {"first": "A\x00nn", "last": ["\x00"]}, "\x00": 1}
    user: Any = get_user(build_session(identity=identity_json(traits=traits)))
    assert getattr(user, "first_name", "Ann") == "Ann"
    row = Identity.objects.get()
    assert "\\u0000" not in json.dumps([row.data, row.label])  # ``str`` would show the escape
    assert row.traits["name"]["last"] == [""]


class Granting(OryAdapter):
    """Grants staff access by metadata that only administrators can write."""

    def grant(self, user: Any, identity: Any) -> None:
        staff = (identity.metadata_public or {}).get("staff", False)
        if user.is_staff != staff:
            user.is_staff = staff
            user.save(update_fields=["is_staff"])


def test_adapter_grants_and_revokes_rights(change_ory: ChangeOry) -> None:
    change_ory(ADAPTER="tests.users.test_lookup.Granting")
    user: Any = get_user(build_session(identity=identity_json(metadata_public={"staff": True})))
    assert user.is_staff
    later = identity_json(metadata_public={}, updated_at=ago(minutes=1))
    user = get_user(build_session(identity=later))
    assert not user.is_staff


def test_row_that_is_deleted_while_it_is_updated() -> None:
    get_user()
    Identity.objects.all().delete()
    assert sync_user(IdentitySnapshot("default", build_identity(), time.time())) is None


def test_repeated_integrity_error_returns_no_user(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from django.db import IntegrityError

    from django_ory.users import linking

    def lose(*_: object, **__: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(linking, "_link_locked", lose)
    assert get_user() is None
    assert "IntegrityError" in caplog.text


def test_row_inserted_by_a_concurrent_request_is_linked(monkeypatch: pytest.MonkeyPatch) -> None:
    from django_ory.users import linking

    user = get_user()
    lock = linking._lock
    answers = [None]  # as if the row had not been there at first

    def late(seen: Any) -> Any:
        return answers.pop() if answers else lock(seen)

    monkeypatch.setattr(linking, "_lock", late)
    row = link_user(IdentitySnapshot("default", build_identity(), time.time()))
    assert row is not None
    assert row.user == user
