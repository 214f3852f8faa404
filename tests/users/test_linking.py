"""Links of identities to existing users, in all orders of events, and the log lines without a link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from django.contrib.auth import SESSION_KEY, authenticate, get_user_model
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from django_ory.adapter import OryAdapter
from django_ory.models import Identity
from django_ory.signals import identity_linked
from django_ory.users.lookup import UserAccess, resolve_user
from tests.support.kratos import COOKIE, IDENTITY_ID, ago, build_identity, build_session, identity_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.fixtures import ChangeOry
    from tests.support.kratos import Whoami

pytestmark = pytest.mark.django_db
User: Any = get_user_model()
EMAIL = User.get_email_field_name()
OTHER_ID = "11111111-1111-4111-8111-111111111111"
ADDRESS = "ann@example.org"
has_free_email = pytest.mark.skipif(
    User._meta.get_field(EMAIL).unique, reason="two users cannot share an address"
)
#: Makes the e-mail address unique for every user model: it is the user name as well.
UNIQUE_EMAIL = {EMAIL: "email", User.USERNAME_FIELD: "email"}


def address(value: str = ADDRESS, *, verified: bool = True, via: str = "email") -> list[dict[str, Any]]:
    return [{"value": value, "verified": verified, "via": via}]


UNVERIFIED = address(verified=False)


def get_access(identity_id: str = IDENTITY_ID, **changes: Any) -> UserAccess:
    session = build_session(identity=identity_json(id=identity_id, **changes), id=f"session of {identity_id}")
    return resolve_user(session.identity, alias="default", session=session, request=RequestFactory().get("/"))  # type: ignore[arg-type]


def make_user(email: str = ADDRESS, **fields: Any) -> Any:
    values = {User.USERNAME_FIELD: f"old-{email.partition('@')[0]}", EMAIL: email, **fields}
    password = values.pop("password", None)
    user = User(**values)
    user.set_password(password)
    user.save()
    return user


@pytest.fixture
def linking(change_ory: ChangeOry) -> None:
    change_ory(LINK_BY_VERIFIED_EMAIL=True)


@pytest.fixture
def linked() -> Iterator[list[bool]]:
    """``created`` of every ``identity_linked``."""
    created: list[bool] = []

    def receiver(**values: Any) -> None:
        created.append(values["created"])

    identity_linked.connect(receiver)
    yield created
    identity_linked.disconnect(receiver)


# The linked user.


def test_setting_is_off_by_default() -> None:
    existing = make_user()
    assert get_access().user != existing


@pytest.mark.usefixtures("linking")
@pytest.mark.parametrize("email", ["ann@example.org", "Ann@Example.org"])
def test_verified_email_links_the_user_with_the_address(email: str, linked: list[bool]) -> None:
    existing = make_user(email)
    assert get_access().user == existing
    assert linked == [False]
    assert Identity.objects.get().user == existing


@pytest.mark.usefixtures("linking")
@pytest.mark.parametrize(
    "addresses",
    [
        [],
        address(via="sms"),
        address("other@example.org"),
        address(""),
        address("mi\u212ae@example.org"),
    ],
)
def test_unverified_address_links_no_user(addresses: list[dict[str, Any]]) -> None:
    existing = [make_user(), make_user("mike@example.org")]
    assert get_access(verifiable_addresses=addresses).user not in existing


@pytest.mark.usefixtures("linking")
def test_address_that_only_the_database_finds_equal_links_no_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses that are equal for the database are compared again."""
    existing = make_user()
    monkeypatch.setattr("django_ory.adapter.emails_equal", lambda *_: False)
    assert get_access().user != existing


@pytest.mark.usefixtures("linking")
def test_user_of_another_identity_is_not_linked() -> None:
    first = get_access().user
    assert first is not None
    second = get_access(OTHER_ID)
    assert second.user != first
    assert not second.needs_verified_email


def two_projects(settings: Any) -> None:
    project = {**settings.ORY["default"], "LINK_BY_VERIFIED_EMAIL": True}
    settings.ORY = {"default": project, "club": {**project, "HOSTS": ["club.test"]}}


def test_two_projects_never_share_a_user_by_email(settings: Any) -> None:
    two_projects(settings)
    mallory = resolve_user(build_identity(id=OTHER_ID, verifiable_addresses=UNVERIFIED), alias="club").user
    victim = resolve_user(build_identity(), alias="default").user
    assert mallory is not None
    assert victim != mallory


@has_free_email
@pytest.mark.usefixtures("linking")
def test_unverified_trait_of_another_identity_does_not_block_the_link() -> None:
    existing = make_user()
    mallory = get_access(OTHER_ID, verifiable_addresses=[]).user
    assert getattr(mallory, EMAIL) == ADDRESS
    assert mallory != existing
    assert get_access().user == existing


@has_free_email
@pytest.mark.usefixtures("linking")
def test_two_users_with_the_address_are_not_linked() -> None:
    existing = [make_user(), make_user(**{User.USERNAME_FIELD: "second"})]
    access = get_access()
    assert access.user not in [None, *existing]


@pytest.mark.usefixtures("linking")
def test_inactive_user_is_linked_and_not_signed_in() -> None:
    make_user(is_active=False)
    access = get_access()
    assert (access.user, access.blocked) == (None, True)
    assert User._default_manager.count() == 1


@pytest.mark.usefixtures("linking")
@pytest.mark.parametrize("right", ["is_staff", "is_superuser"])
@pytest.mark.parametrize("addresses", [address(), UNVERIFIED])
def test_staff_is_not_linked(right: str, addresses: Any, caplog: pytest.LogCaptureFixture) -> None:
    existing = make_user(ADDRESS, **{right: True})
    access = get_access(verifiable_addresses=addresses)
    assert access.user != existing
    assert not access.needs_verified_email
    if access.user is None:
        assert "allow_link" in caplog.text or addresses is UNVERIFIED


class LinksStaff(OryAdapter):
    def allow_link(self, user: Any, identity: Any) -> bool:
        return True


def test_staff_is_linked_where_the_adapter_allows_it(change_ory: ChangeOry) -> None:
    change_ory(LINK_BY_VERIFIED_EMAIL=True, ADAPTER=f"{__name__}.LinksStaff")
    existing = make_user(is_staff=True, is_superuser=True)
    assert get_access().user == existing


class FindsAnybody(OryAdapter):
    """Returns the first user for any identity."""

    def find_user(self, identity: Any) -> Any:
        return User._default_manager.order_by("date_joined" if EMAIL != User.USERNAME_FIELD else "pk").first()


def test_user_of_another_identity_of_this_project_is_never_linked(change_ory: ChangeOry) -> None:
    """Also where an adapter returns it; without the check the unique constraint would fail instead."""
    first = get_access().user
    change_ory(ADAPTER=f"{__name__}.FindsAnybody")
    second = get_access(OTHER_ID, traits={"email": "bob@example.org"}, verifiable_addresses=[]).user
    assert second not in (None, first)


def test_user_that_is_linked_meanwhile_is_not_linked_again(change_ory: ChangeOry) -> None:
    """Between the first look and the lock, another request links the user."""
    change_ory(LINK_BY_VERIFIED_EMAIL=True, ADAPTER=f"{__name__}.Interrupted")
    existing = make_user()
    Interrupted.between = [lambda: Identity.objects.create(identity_id=OTHER_ID, user=existing, alias="club")]
    assert get_access().user != existing
    assert Interrupted.between == []


class Interrupted(OryAdapter):
    between: ClassVar[list[Any]] = []

    def find_user(self, identity: Any) -> Any:
        found = super().find_user(identity)
        while self.between:
            self.between.pop()()
        return found


# The password of a user that another person may have registered.


@pytest.mark.usefixtures("linking")
def test_link_disables_the_password_and_ends_django_sessions() -> None:
    existing = make_user(password="known to Mallory")
    mallory = Client()
    mallory.force_login(existing, backend="django.contrib.auth.backends.ModelBackend")
    assert mallory.session[SESSION_KEY]
    user: Any = get_access().user
    assert user == existing
    user.refresh_from_db()
    assert not user.has_usable_password()
    assert authenticate(username=user.get_username(), password="known to Mallory") is None
    with override_settings(ROOT_URLCONF="tests.authentication.urls"):
        assert mallory.get("/user-id/").content == b"None"


class Verifies(OryAdapter):
    def has_verified_email(self, user: Any) -> bool:
        return True


def test_link_keeps_the_password_where_the_site_has_verified_the_address(change_ory: ChangeOry) -> None:
    change_ory(LINK_BY_VERIFIED_EMAIL=True, ADAPTER=f"{__name__}.Verifies")
    make_user(password="her own")
    user: Any = get_access().user
    user.refresh_from_db()
    assert user.check_password("her own")


# Order of events.


@pytest.mark.usefixtures("linking")
def test_unverified_address_of_an_existing_user_creates_no_user_and_links_later(linked: list[bool]) -> None:
    existing = make_user()
    for _ in range(2):
        access = get_access(verifiable_addresses=UNVERIFIED)
        assert access.needs_verified_email
        assert access.user is None
    assert resolve_user(build_identity(verifiable_addresses=UNVERIFIED), alias="default").user is None
    assert (User._default_manager.count(), Identity.objects.count(), linked) == (1, 0, [])
    assert get_access().user == existing
    assert linked == [False]


@pytest.mark.usefixtures("linking")
def test_unverified_address_of_no_user_creates_a_user() -> None:
    assert get_access(verifiable_addresses=UNVERIFIED).user is not None


def test_unverified_address_needs_verification_without_create_users(change_ory: ChangeOry) -> None:
    change_ory(LINK_BY_VERIFIED_EMAIL=True, CREATE_USERS=False)
    existing = make_user()
    assert get_access(verifiable_addresses=UNVERIFIED).needs_verified_email
    assert get_access().user == existing


@pytest.fixture
def waiting(settings: Any, kratos: Whoami, linking: None) -> Client:
    """A browser that has registered with an existing user's address and not entered the code."""
    settings.ROOT_URLCONF = "tests.authentication.urls"
    make_user()
    kratos.signed_in(identity=identity_json(verifiable_addresses=UNVERIFIED))
    client = Client()
    client.cookies.load(COOKIE)
    return client


VERIFY = "/auth/verification/?return_to=http%3A%2F%2Ftestserver%2F"


@pytest.mark.parametrize(
    "path",
    [
        *("session/", "session-async/", "user/", "user-async/", "everything/", "pages/"),
        *("mixin-async/",),
    ],
)
def test_guarded_page_asks_to_confirm_the_email(waiting: Client, kratos: Whoami, path: str) -> None:
    strong: Any = {"authenticator_assurance_level": "aal2", "authenticated_at": ago(minutes=1)}
    identity = identity_json(verifiable_addresses=UNVERIFIED)
    if path == "everything/":  # requires a verified address itself, with a redirect to the same page
        kratos.signed_in(identity=identity, **strong)
        response = waiting.get(f"/{path}")
        assert (response.status_code, response["Location"]) == (302, VERIFY + "everything%2F")
        return
    response = waiting.get(f"/{path}")
    assert response.status_code == 403
    html = response.content.decode()
    assert "Confirm your email first" in html
    assert f'href="{VERIFY}{path.replace("/", "%2F")}"' in html
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(("path", "accept"), [("api/", "*/*"), ("user/", "application/json")])
def test_guarded_api_returns_the_unverified_email_as_error(waiting: Client, path: str, accept: str) -> None:
    response = waiting.get(f"/{path}", headers={"accept": accept})
    assert response.status_code == 403
    body = response.json()
    assert body["error"]["id"] == "session_verified_address_required"
    assert body["error"]["message"] == "Confirm your email first."
    assert "/auth/verification/" in body["redirect_browser_to"]


@pytest.mark.parametrize("name", ["ory:login", "ory:registration"])
def test_sign_in_page_asks_to_confirm_the_email(waiting: Client, name: str) -> None:
    """The decorators of Django redirect to the sign-in page, also for visitors with a session."""
    response = waiting.get(reverse(name), {"next": "/django-login/"})
    assert response.status_code == 403
    html = response.content.decode()
    assert "Confirm your email first" in html
    assert f'href="{VERIFY}django-login%2F"' in html


@pytest.mark.parametrize(("creates", "status"), [(True, 403), (False, 303)])
def test_sign_in_page_without_a_user_explains_the_denial(
    settings: Any, kratos: Whoami, change_ory: ChangeOry, creates: bool, status: int
) -> None:
    """The unique address belongs to another user: the sign-in page must explain the denial."""
    settings.ROOT_URLCONF = "tests.authentication.urls"
    change_ory(USER_FIELDS=UNIQUE_EMAIL, CREATE_USERS=creates)
    make_user(**{EMAIL: ADDRESS, User.USERNAME_FIELD: ADDRESS})
    kratos.signed_in()
    client = Client()
    client.cookies.load(COOKIE)
    response = client.get(reverse("ory:login"))
    assert response.status_code == status
    assert ("this account has no access" in response.content.decode()) is creates


def test_sign_in_page_denies_an_inactive_user(settings: Any, kratos: Whoami) -> None:
    settings.ROOT_URLCONF = "tests.authentication.urls"
    assert get_access().user is not None
    User._default_manager.update(is_active=False)
    kratos.signed_in()
    client = Client()
    client.cookies.load(COOKIE)
    response = client.get(reverse("ory:login"), {"next": "/django-login/"})
    assert response.status_code == 403
    assert "Sign out" in response.content.decode()


def test_admin_login_asks_to_confirm_the_email(waiting: Client, settings: Any) -> None:
    from django_ory.authentication.access import admin_login_response

    request = RequestFactory().get("/admin/login/", headers={"cookie": COOKIE})
    from django.contrib.admin import site
    from django.contrib.auth.models import AnonymousUser

    request.user = AnonymousUser()
    response = admin_login_response(request, site)
    assert response.status_code == 403
    assert "Confirm your email first" in response.content.decode()


def test_first_request_after_the_verification_is_signed_in(waiting: Client, kratos: Whoami) -> None:
    assert waiting.get("/report/").json()["user"] is None
    assert User._default_manager.count() == 1
    kratos.signed_in()
    assert waiting.get("/user/").content == b"in"
    assert waiting.get("/report/").json()["user"] == str(User._default_manager.get().pk)


@pytest.mark.parametrize("route", ["/report/", "/report-async/", "/user/", "/user-async/", "/django-login/"])
def test_cached_session_does_not_delay_the_link(
    waiting: Client, kratos: Whoami, change_ory: ChangeOry, route: str
) -> None:
    change_ory(LINK_BY_VERIFIED_EMAIL=True, SESSION_CACHE_SECONDS=60)
    assert waiting.get("/report/").json()["user"] is None
    kratos.signed_in()
    response = waiting.get(route)
    assert response.status_code == 200
    assert waiting.get("/report/").json()["user"] == str(User._default_manager.get().pk)
    calls = len(kratos.calls)
    waiting.get("/report/")
    assert len(kratos.calls) == calls


def test_unverified_address_is_denied_while_kratos_is_down(
    waiting: Client, kratos: Whoami, change_ory: ChangeOry
) -> None:
    change_ory(LINK_BY_VERIFIED_EMAIL=True, SESSION_CACHE_SECONDS=60)
    assert waiting.get("/user/").status_code == 403
    kratos.refuse_connections()
    response = waiting.get("/user/")
    assert response.status_code == 403
    assert "Confirm your email first" in response.content.decode()


# Log lines.


def warned(caplog: pytest.LogCaptureFixture, text: str) -> str:
    (record,) = [record for record in caplog.records if text in record.message]
    assert ADDRESS not in caplog.text
    return record.message


def fails(**changes: Any) -> None:
    for _ in range(2):
        access = get_access(**changes)
        assert (access.user, access.needs_verified_email) == (None, False)


def with_taken_email(monkeypatch: pytest.MonkeyPatch, **fields: Any) -> Any:
    """The e-mail field is unique for every user model."""
    monkeypatch.setattr(User._meta.get_field(EMAIL), "unique", True)
    return make_user(**{**fields, User.USERNAME_FIELD: ADDRESS})


@pytest.mark.parametrize(
    ("change", "fields", "changes", "remedy"),
    [
        ({}, {}, {}, "Set LINK_BY_VERIFIED_EMAIL"),
        ({"LINK_BY_VERIFIED_EMAIL": True}, {"is_staff": True}, {}, "OryAdapter.allow_link"),
        (
            {"LINK_BY_VERIFIED_EMAIL": True},
            {},
            {"verifiable_addresses": []},
            "Kratos does not verify this address",
        ),
    ],
)
def test_taken_email_is_logged_with_the_remedy(
    change_ory: ChangeOry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    change: dict[str, Any],
    fields: dict[str, Any],
    changes: dict[str, Any],
    remedy: str,
) -> None:
    change_ory(USER_FIELDS=UNIQUE_EMAIL, **change)
    with_taken_email(monkeypatch, **fields)
    fails(**changes)
    message = warned(caplog, f"Could not create a Django user for identity {IDENTITY_ID}: another user has")
    assert EMAIL in message
    assert remedy in message
    assert "in the admin" in message


class Broken(OryAdapter):
    def grant(self, user: Any, identity: Any) -> None:
        from django.db import IntegrityError

        raise IntegrityError("NOT NULL constraint failed: ann@example.org")


def test_other_failure_is_not_blamed_on_the_email(
    change_ory: ChangeOry, caplog: pytest.LogCaptureFixture
) -> None:
    change_ory(ADAPTER=f"{__name__}.Broken")
    fails()
    message = warned(caplog, "Could not create a Django user")
    assert "the database rejected its fields (IntegrityError)" in message
    assert "mail" not in message


def test_new_email_that_is_taken_keeps_the_fields(
    change_ory: ChangeOry, caplog: pytest.LogCaptureFixture
) -> None:
    change_ory(USER_FIELDS=UNIQUE_EMAIL)
    get_access()
    make_user(**{EMAIL: "bob@example.org", User.USERNAME_FIELD: "bob@example.org"})
    for _ in range(2):
        user: Any = get_access(traits={"email": "bob@example.org"}).user
        assert getattr(user, EMAIL) == ADDRESS
    message = warned(caplog, "Could not update the Django user")
    assert f"another user has the same {User.USERNAME_FIELD}" in message


# More than one database.


class OneDatabase:
    """Everything is in the database "people"."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "people"

    db_for_write = db_for_read


class LaggingReplica:
    """Reads go to a replica ("default") that does not have the last writes yet."""

    def db_for_read(self, model: Any, instance: Any = None, **hints: Any) -> str:
        return instance._state.db if instance is not None and instance._state.db else "default"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "people"

    def allow_relation(self, *_: Any, **hints: Any) -> bool:
        return True


@pytest.mark.django_db(databases=["people"])
def test_everything_is_in_the_database_that_the_router_names(change_ory: ChangeOry, settings: Any) -> None:
    """Django's test runner raises for any query to another database, also for a transaction."""
    change_ory(LINK_BY_VERIFIED_EMAIL=True, USER_FIELDS=UNIQUE_EMAIL)
    settings.DATABASE_ROUTERS = [f"{__name__}.OneDatabase"]
    existing = make_user(password="before", **{User.USERNAME_FIELD: ADDRESS})
    assert get_access().user == existing
    make_user(**{EMAIL: "bob@example.org", User.USERNAME_FIELD: "bob@example.org"})
    assert get_access(traits={"email": "bob@example.org"}).user == existing
    assert get_access(traits={"email": "new@example.org"}).user == existing
    assert get_access(OTHER_ID, traits={"email": "new@example.org"}, verifiable_addresses=[]).user is None
    assert getattr(User._default_manager.get(pk=existing.pk), EMAIL) == "new@example.org"
    assert Identity.objects.get().recent_sessions


@pytest.mark.django_db(databases=["default", "people"])
def test_replica_that_lags_creates_no_second_user(settings: Any) -> None:
    settings.DATABASE_ROUTERS = [f"{__name__}.LaggingReplica"]
    first: Any = get_access().user
    assert first._state.db == "people"
    assert get_access().user == first
    assert get_access(traits={"email": "new@example.org"}).user == first
    assert Identity.objects.using("people").get().user_id == first.pk
    assert not Identity.objects.using("default").exists()
    assert User._default_manager.using("people").count() == 1


class FindsInThePrimary(OryAdapter):
    def find_user(self, identity: Any) -> Any:
        return User._default_manager.using("people").first()


@pytest.mark.django_db(databases=["default", "people"])
def test_replica_that_lags_does_not_show_a_linked_user_as_free(change_ory: ChangeOry, settings: Any) -> None:
    settings.DATABASE_ROUTERS = [f"{__name__}.LaggingReplica"]
    first = get_access().user
    change_ory(ADAPTER=f"{__name__}.FindsInThePrimary")
    second = get_access(OTHER_ID, traits={"email": "bob@example.org"}, verifiable_addresses=[]).user
    assert second not in (None, first)
