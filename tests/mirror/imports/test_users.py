"""``ory_import_users`` against FakeOry: checks, bodies, links, resumption and errors."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError

from django_ory.adapter import OryAdapter
from django_ory.mirror.imports import allauth_accounts, identity_links, user_bodies
from django_ory.models import Identity
from django_ory.signals import identity_linked
from django_ory.testing import FakeOry, FakeRequest, FakeResponse
from tests.support.resources import list_calls

from .conftest import HASH, add_user, read_lines, run

pytestmark = pytest.mark.django_db

Import = Callable[..., dict[str, dict[str, Any]]]
HAS_NAMES = any(field.name == "first_name" for field in get_user_model()._meta.get_fields())


def get_only_identity(ory: FakeOry) -> dict[str, Any]:
    (identity,) = ory.kratos.identities.identities.values()
    return identity


def list_codes(line: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in line["findings"]]


def test_user_becomes_a_linked_identity(ory: FakeOry, import_users: Import) -> None:
    user = add_user("Ann@Example.org")
    lines = import_users()
    identity = get_only_identity(ory)
    assert lines[str(user.pk)] == {
        "user": str(user.pk),
        "status": "created",
        "findings": [],
        "identity": identity["id"],
    }
    row = Identity.objects.get()
    assert (row.user_id, row.identity_id, row.label) == (user.pk, UUID(identity["id"]), "Ann@Example.org")
    assert row.data["schema_id"] == "person"
    assert identity["traits"]["email"] == "Ann@Example.org"
    assert identity["state"] == "active"
    assert [each["verified"] for each in identity["verifiable_addresses"]] == [False]
    config = ory.kratos.identities.password_configs[identity["id"]]
    assert config["hashed_password"].startswith("$pbkdf2-sha256$i=1000,l=32$")
    user.refresh_from_db()
    assert user.password == HASH


def test_row_and_report_have_no_hash(tmp_path: Path, import_users: Import) -> None:
    add_user()
    import_users()
    report = (tmp_path / "report.jsonl").read_text()
    assert HASH[-20:-2] not in report + json.dumps(Identity.objects.get().data)
    assert "example.org" not in report


def test_identity_linked_is_sent_for_each_user(import_users: Import) -> None:
    received: list[Any] = []

    def receive(*, user: Any, created: bool, **_: Any) -> None:
        received.append((user.pk, created))

    people = [add_user(f"u{number}@example.org") for number in range(3)]
    identity_linked.connect(receive)
    try:
        import_users()
    finally:
        identity_linked.disconnect(receive)
    assert sorted(received) == sorted((user.pk, False) for user in people)


def test_inactive_staff_and_groups_are_no_traits(ory: FakeOry, import_users: Import) -> None:
    user = add_user(is_active=False, is_staff=True, is_superuser=True)
    user.groups.add(Group.objects.create(name="Editors"), Group.objects.create(name="Authors"))
    import_users()
    identity = get_only_identity(ory)
    assert identity["state"] == "inactive"
    metadata = identity["metadata_admin"]["django"]
    assert metadata["user"] == str(user.pk)
    assert (metadata["is_staff"], metadata["is_superuser"]) == (True, True)
    assert metadata["groups"] == ["Authors", "Editors"]
    assert identity["traits"] == {"email": "ann@example.org"}
    assert not Identity.objects.get().data.get("metadata_admin")


@pytest.mark.parametrize("password", ["!unusable", ""])
def test_user_without_password_gets_no_credential(ory: FakeOry, import_users: Import, password: str) -> None:
    user = add_user(password=password)
    assert list_codes(import_users()[str(user.pk)]) == ["no_password"]
    assert not ory.kratos.identities.password_configs


def test_emails_verified_marks_the_address(ory: FakeOry, import_users: Import) -> None:
    add_user("Ann@Example.org")
    import_users("--emails-verified")
    (address,) = get_only_identity(ory)["verifiable_addresses"]
    assert (address["value"], address["verified"]) == ("ann@example.org", True)


def test_address_that_kratos_does_not_verify_is_reported(ory: FakeOry, import_users: Import) -> None:
    schema = json.loads(json.dumps(ory.kratos.identities.schemas["person"]))
    del schema["properties"]["traits"]["properties"]["email"]["ory.sh/kratos"]["verification"]
    ory.kratos.identities.schemas["person"] = schema
    user = add_user()
    assert list_codes(import_users("--emails-verified")[str(user.pk)]) == ["address_not_verified"]


def test_dry_run_changes_nothing(ory: FakeOry, tmp_path: Path) -> None:
    add_user()
    assert "Dry run: 1 users can be imported." in run("ory_import_users", "--dry-run")
    assert not list_calls(ory, method="PATCH")
    assert not list_calls(ory, method="POST")
    assert not Identity.objects.exists()


def test_equal_identifiers_in_other_case_are_reported(ory: FakeOry, import_users: Import) -> None:
    bob, lower, ann = add_user("Bob@example.org"), add_user("bob@example.org"), add_user()
    with pytest.raises(CommandError, match="2 users cannot be imported, so none was"):
        import_users()
    assert not ory.kratos.identities.identities
    lines = import_users("--skip-invalid")
    for user in (bob, lower):
        (finding,) = lines[str(user.pk)]["findings"]
        assert finding["code"] == "duplicate_identifier"
        assert sorted(finding["users"]) == sorted([pk_json(bob), pk_json(lower)], key=str)
    assert lines[str(ann.pk)]["status"] == "created"
    assert Identity.objects.get().user_id == ann.pk


def pk_json(user: Any) -> Any:
    return user.pk if isinstance(user.pk, int) else str(user.pk)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"email": "", "username": "nobody"}, "no_identifier"),
        ({"email": "no-address"}, "invalid_traits"),
        ({"password": "bcrypt_sha256$$2b$12$" + "a" * 53}, "hash_not_accepted"),
        ({"password": "nonsense"}, "hash_not_accepted"),
    ],
)
def test_user_that_kratos_would_refuse_is_reported(
    import_users: Import, fields: dict[str, Any], code: str
) -> None:
    bad, good = add_user(**fields), add_user("good@example.org")
    with pytest.raises(CommandError, match="1 users cannot be imported"):
        import_users()
    lines = import_users("--skip-invalid")
    assert code in list_codes(lines[str(bad.pk)])
    assert lines[str(bad.pk)]["status"] == "invalid"
    assert lines[str(good.pk)]["status"] == "created"


def test_one_percent_of_bad_rows_leaves_the_rest(import_users: Import) -> None:
    bad = [add_user(f"bad{number}") for number in range(2)]
    for number in range(198):
        add_user(f"good{number}@example.org")
    lines = import_users("--skip-invalid", "--batch-size", "50")
    assert {key for key, line in lines.items() if line["status"] == "invalid"} == {
        str(user.pk) for user in bad
    }
    assert Identity.objects.filter(user__isnull=False).count() == 198


def test_second_run_creates_nothing(ory: FakeOry, import_users: Import) -> None:
    add_user()
    import_users()
    assert "0 created, 0 found" in run("ory_import_users")
    assert len(ory.kratos.identities.identities) == 1


def test_identities_of_a_killed_run_are_linked_and_not_made_twice(ory: FakeOry, import_users: Import) -> None:
    people = [add_user(f"u{number}@example.org") for number in range(5)]
    import_users("--limit", "3")
    Identity.objects.all().delete()  # killed between Kratos' answer and the rows
    lines = import_users()
    assert [lines[str(user.pk)]["status"] for user in sorted(people, key=lambda user: user.pk)] == [
        *["found"] * 3,
        *["created"] * 2,
    ]
    assert len(ory.kratos.identities.identities) == 5
    assert Identity.objects.filter(user__in=[user.pk for user in people]).count() == 5


def test_identity_of_somebody_else_is_never_linked(ory: FakeOry, import_users: Import) -> None:
    user, other = add_user(), add_user("other@example.org")
    forged = {"django": {"user": str(user.pk), "import": "0" * 32}}
    ory.create_identity({"email": "ann@example.org"}, metadata_admin=forged)
    with pytest.raises(CommandError, match="Some users were not imported"):
        import_users()
    assert not Identity.objects.filter(user=user).exists()
    assert Identity.objects.filter(user=other).exists()


def test_refused_user_is_reported(ory: FakeOry, tmp_path: Path) -> None:
    ory.create_identity({"email": "ann@example.org"})
    user = add_user("ANN@example.org")
    path = tmp_path / "report.jsonl"
    with pytest.raises(CommandError):
        run("ory_import_users", "--report", str(path))
    (line,) = read_lines(path)
    assert (line["user"], line["status"], list_codes(line)) == (
        str(user.pk),
        "refused",
        ["identifier_in_use"],
    )


def test_batch_that_kratos_refuses_is_divided(import_users: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [add_user(f"u{number}@example.org") for number in range(8)]
    real = user_bodies.UserBodyBuilder._build_password

    def build(self: Any, encoded: str) -> Any:
        return {"hashed_password": "?"} if encoded == "bad" else real(self, encoded)

    monkeypatch.setattr(user_bodies.UserBodyBuilder, "_build_password", build)
    get_user_model().objects.filter(pk=people[3].pk).update(password="bad")
    with pytest.raises(CommandError, match="Some users were not imported"):
        import_users()
    assert Identity.objects.count() == 7
    assert not Identity.objects.filter(user=people[3]).exists()


@pytest.mark.parametrize("fault", ["down", "slow", "html", "error", "truncated", "rate_limited"])
def test_import_that_kratos_fails_tells_how_to_continue(
    ory: FakeOry, import_users: Import, fault: str
) -> None:
    for number in range(9):
        add_user(f"u{number}@example.org")
    ory.respond("PATCH /admin/identities", fault=fault)
    with pytest.raises(CommandError, match="Run the command again to continue"):
        import_users("--batch-size", "2")
    assert not Identity.objects.exists()
    assert len(list_calls(ory, method="PATCH")) <= 6  # the attempts of one batch, and no second one


def test_lost_answer_creates_no_second_identity(ory: FakeOry, import_users: Import) -> None:
    for number in range(3):
        add_user(f"u{number}@example.org")
    store, calls = ory.kratos.identities, []

    def lose_first_answer(request: FakeRequest) -> FakeResponse:
        response = ory.answer(request)
        calls.append(request)
        return response if len(calls) > 1 else FakeResponse(503, b"{}")

    ory.respond("PATCH /admin/identities", lose_first_answer)
    lines = import_users()
    assert {line["status"] for line in lines.values()} == {"found"}
    assert len(store.identities) == 3


def test_kratos_that_confirms_what_it_does_not_have_stops_the_import(
    ory: FakeOry, import_users: Import
) -> None:
    add_user()
    add_user("second@example.org")

    def lie(request: FakeRequest) -> FakeResponse:
        items = [
            {"action": "create", "identity": str(UUID(int=number)), "patch_id": item["patch_id"]}
            for number, item in enumerate(request.json["identities"], start=7)
        ]
        return FakeResponse(200, json.dumps({"identities": items}).encode())

    ory.respond("PATCH /admin/identities", lie)
    with pytest.raises(CommandError, match="does not have"):
        import_users()
    assert not Identity.objects.exists()


def call_before_link(monkeypatch: pytest.MonkeyPatch, call: Callable[[Any], object]) -> None:
    """Call a function with the created identities, after Kratos' answer and before their rows."""
    link = identity_links.link_identities

    def link_late(alias: str, created: Any, **options: Any) -> Any:
        call(created)
        return link(alias, created, **options)

    monkeypatch.setattr("django_ory.mirror.imports.users.link_identities", link_late)


def test_row_of_a_sync_is_linked(import_users: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    user, other = add_user(), add_user("second@example.org")

    def sync_first(created: Any) -> None:
        Identity.objects.create(identity_id=UUID(created[0].identity.id))

    call_before_link(monkeypatch, sync_first)
    lines = import_users()
    assert {line["status"] for line in lines.values()} == {"created"}
    assert set(Identity.objects.values_list("user", flat=True)) == {user.pk, other.pk}


def test_row_of_another_user_is_reported(import_users: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    user = add_user()

    def sign_in_first(created: Any) -> None:
        stranger = add_user("stranger@example.org")
        Identity.objects.create(identity_id=UUID(created[0].identity.id), user=stranger)

    call_before_link(monkeypatch, sign_in_first)
    with pytest.raises(CommandError, match="Some users were not imported"):
        import_users()
    assert not Identity.objects.filter(user=user).exists()


def test_password_becomes_unusable_on_request(import_users: Import) -> None:
    with_hash, without = add_user(), add_user("second@example.org", password="!none")
    import_users("--after", "unusable")
    with_hash.refresh_from_db()
    without.refresh_from_db()
    assert not with_hash.has_usable_password()
    assert without.password == "!none"


def test_password_changed_during_the_import_is_kept(
    import_users: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = add_user()
    new = "md5$new$0cc175b9c0f1b6a831c399e269772661"
    everyone = get_user_model().objects
    call_before_link(monkeypatch, lambda _created: everyone.filter(pk=user.pk).update(password=new))
    assert list_codes(import_users("--after", "unusable")[str(user.pk)]) == ["password_changed"]
    user.refresh_from_db()
    assert user.password.startswith("md5$new$")


def test_hash_goes_to_the_hook_if_it_is_configured(ory: FakeOry, import_users: Import, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.BCryptSHA256PasswordHasher"]
    hook = {"PASSWORD_MIGRATION_SECRETS": ["s" * 32], "PASSWORD_MIGRATION_UNTIL": "2999-01-01"}
    settings.ORY = {"default": {**settings.ORY["default"], **hook}}
    user = add_user(password="bcrypt_sha256$$2b$12$" + "a" * 53)
    assert list_codes(import_users("--after", "unusable")[str(user.pk)]) == ["password_hook"]
    (config,) = ory.kratos.identities.password_configs.values()
    assert config["use_password_migration_hook"] is True
    user.refresh_from_db()
    assert user.password.startswith("bcrypt_sha256$")  # the hook needs it


def test_filter_and_limit_choose_users(import_users: Import) -> None:
    active, _inactive = add_user(), add_user("second@example.org", is_active=False)
    assert set(import_users("--filter", "is_active=1")) == {str(active.pk)}


@pytest.mark.parametrize("value", ["nothing=1", "is_active=perhaps", "pk=x__y"])
def test_filter_that_does_not_fit_raises_command_error(value: str) -> None:
    add_user()
    with pytest.raises(CommandError, match="filter"):
        run("ory_import_users", "--filter", value)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--filter", "x"],
        ["--batch-size", "0"],
        ["--batch-size", "1001"],
        ["--limit", "none"],
        ["--emails-verified", "--emails-unverified"],
        ["--schema", "other"],
        ["--alias", "other"],
    ],
)
def test_wrong_options_raise_command_error(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run("ory_import_users", *arguments)


def test_several_schemas_need_a_choice(ory: FakeOry, import_users: Import) -> None:
    ory.kratos.identities.schemas["other"] = ory.kratos.identities.schemas["person"]
    add_user()
    with pytest.raises(CommandError, match="other, person"):
        run("ory_import_users")
    import_users("--schema", "other")
    assert get_only_identity(ory)["schema_id"] == "other"


def test_outage_before_the_check_changes_nothing(ory: FakeOry) -> None:
    add_user()
    ory.set_fault("kratos", "down")
    with pytest.raises(CommandError, match="Nothing was changed"):
        run("ory_import_users")


class MovingAdapter(OryAdapter):
    """Traits with a member that the schema does not have, and values that JSON does not have."""

    def get_import_traits(self, user: Any) -> dict[str, Any]:
        return {"email": user.email, "born": datetime(2000, 1, 2, tzinfo=UTC), "name": {"first": "Zoë"}}


class BrokenAdapter(OryAdapter):
    """Traits that are no JSON."""

    def get_import_traits(self, user: Any) -> dict[str, Any]:
        return {"email": user.email, "name": {"first": "NUL \x00"}}


def test_trait_that_the_schema_does_not_have_is_left_out(ory: FakeOry, settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "ADAPTER": f"{__name__}.MovingAdapter"}}
    add_user()
    assert "Trait born of 1 users is not in the schema" in run("ory_import_users")
    assert get_only_identity(ory)["traits"] == {"email": "ann@example.org", "name": {"first": "Zoë"}}


def test_trait_that_no_database_can_store_is_reported(import_users: Import, settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "ADAPTER": f"{__name__}.BrokenAdapter"}}
    user = add_user()
    assert "invalid_traits" in list_codes(import_users("--skip-invalid")[str(user.pk)])


def test_accounts_of_allauth_are_imported(
    ory: FakeOry, import_users: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, other = add_user("Ann@Example.org"), add_user("second@example.org", password="!")
    rows: dict[str, list[tuple[Any, ...]]] = {
        "account.EmailAddress": [(user.pk, "ANN@example.org"), (other.pk, "another@example.org")],
        "socialaccount.SocialAccount": [(other.pk, "google", "g-1"), (other.pk, "old", "o-1")],
        "mfa.Authenticator": [(user.pk, "totp"), (user.pk, "recovery_codes")],
    }
    monkeypatch.setattr(allauth_accounts, "_read", lambda source, ids, *fields, **conditions: rows[source[1]])
    monkeypatch.setattr(user_bodies, "has_verified_addresses", lambda: True)
    lines = import_users("--provider", "google=google-work")
    assert list_codes(lines[str(user.pk)]) == ["second_factor"]
    assert lines[str(user.pk)]["findings"][0]["types"] == ["recovery_codes", "totp"]
    assert list_codes(lines[str(other.pk)]) == ["no_password", "provider_not_mapped"]
    by_email = {each["traits"]["email"]: each for each in ory.kratos.identities.identities.values()}
    assert by_email["Ann@Example.org"]["verifiable_addresses"][0]["verified"] is True
    assert by_email["second@example.org"]["verifiable_addresses"][0]["verified"] is False
    assert by_email["second@example.org"]["credentials"]["oidc"]["identifiers"] == ["google-work:g-1"]


def test_user_whose_identity_is_missing_is_reported(import_users: Import) -> None:
    user = add_user()
    import_users()
    Identity.objects.update(missing_since=datetime(2026, 1, 1, tzinfo=UTC))
    assert list_codes(import_users()[str(user.pk)]) == ["identity_missing"]


def test_report_is_private_and_continued(tmp_path: Path) -> None:
    path = tmp_path / "report.jsonl"
    add_user()
    run("ory_import_users", "--dry-run", "--report", str(path))
    run("ory_import_users", "--report", str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(read_lines(path)) == 1
    path.chmod(0o644)
    with pytest.raises(CommandError, match="chmod 600"):
        run("ory_import_users", "--report", str(path))
    link = tmp_path / "link.jsonl"
    link.symlink_to(path)
    for target in (link, tmp_path, tmp_path / "missing" / "file"):
        with pytest.raises(CommandError):
            run("ory_import_users", "--report", str(target))


@pytest.mark.skipif(not HAS_NAMES, reason="the user model has no first name")
def test_names_become_traits(ory: FakeOry, import_users: Import) -> None:
    add_user(first_name="Zoë", last_name="Example")
    import_users()
    assert get_only_identity(ory)["traits"]["name"] == {"first": "Zoë", "last": "Example"}


def test_rate_limit_is_waited_for(ory: FakeOry, import_users: Import, waits: list[float]) -> None:
    add_user()
    add_user("second@example.org")
    calls: list[FakeRequest] = []

    def limit_once(request: FakeRequest) -> FakeResponse:
        calls.append(request)
        if len(calls) > 1:
            return ory.answer(request)
        return FakeResponse(429, b"{}", (("x-ratelimit-limit", "10"), ("x-ratelimit-reset", "7")))

    ory.respond("PATCH /admin/identities", limit_once)
    import_users()
    assert waits == [7.0]
    assert Identity.objects.count() == 2


def test_answer_with_unknown_patch_ids_stops_the_import(ory: FakeOry, import_users: Import) -> None:
    add_user()
    add_user("second@example.org")
    items = [{"action": "create", "identity": str(UUID(int=1)), "patch_id": each} for each in ("x", None)]
    ory.respond("PATCH /admin/identities", json={"identities": items})
    with pytest.raises(CommandError, match="does not have"):
        import_users()


def test_answer_about_other_identities_links_none(ory: FakeOry, import_users: Import) -> None:
    add_user()
    add_user("second@example.org")
    stranger = ory.create_identity()
    ory.respond("GET /admin/identities", lambda request: ory.answer(FakeRequest("GET", "/admin/identities")))
    import_users()
    assert not Identity.objects.filter(identity_id=UUID(stranger.id), user__isnull=False).exists()
    assert Identity.objects.count() == 2


def test_outage_in_the_middle_keeps_the_batches_before(ory: FakeOry, import_users: Import) -> None:
    for number in range(10):
        add_user(f"u{number}@example.org")
    calls: list[FakeRequest] = []

    def fail_later(request: FakeRequest) -> FakeResponse:
        calls.append(request)
        return ory.answer(request) if len(calls) <= 2 else FakeResponse(503, b"{}")

    ory.respond("PATCH /admin/identities", fail_later)
    with pytest.raises(CommandError, match="Everything before is complete"):
        import_users("--batch-size", "2")
    assert Identity.objects.filter(user__isnull=False).count() == 4
    ory.respond("PATCH /admin/identities", ory.answer)
    import_users("--batch-size", "2")
    assert Identity.objects.filter(user__isnull=False).count() == 10
    assert len(ory.kratos.identities.identities) == 10


def test_external_id_of_an_old_kratos_stops_the_import(import_users: Import) -> None:
    for number in range(3):
        add_user(f"u{number}@example.org")
    with pytest.raises(CommandError, match="does not have external_id"):
        import_users("--external-id")
    assert not Identity.objects.exists()


def test_external_id_is_the_key_of_the_user(ory: FakeOry, import_users: Import) -> None:
    user = add_user()
    bodies: list[Any] = []

    def answer_as_newer_kratos(request: FakeRequest) -> FakeResponse:
        bodies.append(request.json)
        body = {name: value for name, value in request.json.items() if name != "external_id"}
        return ory.answer(replace(request, body=json.dumps(body).encode()))

    ory.respond("POST /admin/identities", answer_as_newer_kratos)
    import_users("--external-id")
    assert bodies[0]["external_id"] == str(user.pk)
    assert Identity.objects.get().user_id == user.pk


def test_dry_run_finds_identifiers_in_use(ory: FakeOry, import_users: Import) -> None:
    user, moved, free = add_user(), add_user("moved@example.org"), add_user("free@example.org")
    import_users("--filter", f"pk={moved.pk}")
    Identity.objects.all().delete()  # an interrupted import: its identity is no conflict
    other = ory.create_identity({"email": "ANN@example.org"})
    lines = import_users("--dry-run")
    (finding,) = lines[str(user.pk)]["findings"]
    assert (finding["code"], finding["identity"]) == ("identifier_in_use", other.id)
    assert not {str(free.pk)} & lines.keys()
    assert lines[str(moved.pk)]["status"] == "created"  # of the import before


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_reading_that_kratos_refuses_interrupts_the_import(
    ory: FakeOry, import_users: Import, status: int
) -> None:
    add_user()
    add_user("second@example.org")
    ory.respond("GET /admin/identities", json={"error": {"code": status}}, status=status)
    with pytest.raises(CommandError, match="Run the command again to continue"):
        import_users()


@pytest.mark.parametrize("status", [401, 403, 404])
def test_creation_that_kratos_forbids_interrupts_the_import(
    ory: FakeOry, import_users: Import, status: int
) -> None:
    add_user()
    add_user("second@example.org")
    ory.respond("PATCH /admin/identities", json={"error": {"code": status}}, status=status)
    with pytest.raises(CommandError, match="Run the command again to continue"):
        import_users()
    assert not list_calls(ory, method="POST")


def test_newer_kratos_keeps_the_rest_of_a_batch(ory: FakeOry, import_users: Import) -> None:
    """Kratos v26.2: one conflict does not roll back the others, and an error has a reason."""
    ory.create_identity({"email": "u1@example.org"})
    people = [add_user(f"u{number}@example.org") for number in range(3)]

    def create_each(request: FakeRequest) -> FakeResponse:
        results = []
        for item in request.json["identities"]:
            single = FakeRequest(
                "POST", "/admin/identities", body=json.dumps(item["create"]).encode(), headers=request.headers
            )
            answer = json.loads(ory.answer(single).body)
            result = {"patch_id": item["patch_id"], "action": "error" if "error" in answer else "create"}
            results.append({**result, "identity": answer.get("id"), "error": answer.get("error")})
        return FakeResponse(200, json.dumps({"identities": results}).encode())

    ory.respond("PATCH /admin/identities", create_each)
    with pytest.raises(CommandError, match="Some users were not imported"):
        import_users()
    assert len(list_calls(ory, method="PATCH")) == 1
    linked = set(Identity.objects.filter(user__isnull=False).values_list("user", flat=True))
    assert linked == {people[0].pk, people[2].pk}
