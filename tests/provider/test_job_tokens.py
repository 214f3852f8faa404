"""``issue_token_for``: the tokens of jobs, their checks, revocations and keys."""

from __future__ import annotations

import logging
import traceback
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.utils import timezone

from django_ory.adapter import OryAdapter
from django_ory.client import OryDecodeError, OryError
from django_ory.clients import get_client
from django_ory.conf import OryConfigurationError
from django_ory.mirror.erasure import erase_identity
from django_ory.models import Identity, JobGrant
from django_ory.provider.job_tokens.errors import TokenDenied
from django_ory.provider.job_tokens.issuing import IssuedToken, issue_token_for
from django_ory.provider.job_tokens.keys import get_signing_keys
from django_ory.provider.job_tokens.revocation import revoke_job
from django_ory.testing import FakeOry, FakeRequest, FakeResponse, build_error_json
from django_ory.tokens.verification import verify_access_token
from tests.support.resources import call_during, list_calls

pytestmark = pytest.mark.django_db

API = "https://www.example.org/api"
ISSUERS = "/admin/trust/grants/jwt-bearer/issuers"
TOKEN = "POST /oauth2/token"


class JobAdapter(OryAdapter):
    """``allowed``: the answer of the test."""

    allowed: Any = None

    def allow_token_for_user(self, user: Any, **options: Any) -> Any:
        if self.allowed is None:
            return super().allow_token_for_user(user, **options)
        return self.allowed


def build_pem(key: Any = None) -> str:
    key = key or ec.generate_private_key(ec.SECP256R1())
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def configure(settings: Any, *keys: str, **changes: Any) -> None:
    values = {"JOB_TOKEN_KEYS": list(keys), "ADAPTER": f"{__name__}.JobAdapter", **changes}
    settings.ORY = {"default": {**settings.ORY["default"], **values}}


@pytest.fixture(autouse=True)
def pem(settings: Any) -> str:
    """The key of the site."""
    pem = build_pem()
    configure(settings, pem)
    return pem


@pytest.fixture
def ann(ory: FakeOry) -> Any:
    """A user with an identity."""
    identity = ory.create_identity({"email": "ann@example.org"})
    user = get_user_model()._default_manager.create(**name_user("ann@example.org"))
    Identity.objects.create(identity_id=UUID(identity.id), user=user)
    return user


@pytest.fixture
def worker(db: None) -> Any:
    """A user for jobs."""
    user = get_user_model()._default_manager.create(**name_user("jobs@example.org"))
    user.user_permissions.add(Permission.objects.get(codename="issue_token_for_user"))
    return user


def name_user(email: str) -> dict[str, str]:
    return dict.fromkeys({get_user_model().USERNAME_FIELD, get_user_model().get_email_field_name()}, email)


@pytest.fixture
def client_id(ory: FakeOry) -> str:
    """A client that the command has prepared."""
    run_command("exporter", "--scope", "loans.read", "loans.write", "--audience", API)
    ory.requests.clear()
    return "exporter"


def run_command(*arguments: str) -> str:
    out = StringIO()
    call_command("ory_trust_issuer", *arguments, stdout=out, no_color=True)
    return out.getvalue()


def issue(user: Any, worker: Any, **changes: Any) -> IssuedToken:
    options: dict[str, Any] = {
        "client_id": "exporter",
        "scopes": ["loans.read"],
        "audience": [API],
        "job": "nightly-export",
        "title": "Nightly export",
        "reason": "ticket:7",
        "issued_by": worker,
        **changes,
    }
    return issue_token_for(user, **options)


def list_issuers(ory: FakeOry) -> list[dict[str, Any]]:
    return list(ory.hydra.issuers.issuers.values())


def test_token_is_for_the_user_the_api_and_five_minutes(
    ann: Any, worker: Any, client_id: str, ory: FakeOry, events: list[Any]
) -> None:
    issued = issue(ann, worker)
    subject = str(Identity.objects.get(user=ann).identity_id)
    token = verify_access_token(issued.access_token, audience=[API])
    assert (token.subject, token.client_id, set(token.scopes)) == (subject, client_id, {"loans.read"})
    left = issued.expires_at - timezone.now()
    assert timedelta(minutes=4) < left <= timedelta(minutes=5)
    assert issued.access_token not in repr(issued)
    row = JobGrant.objects.get()
    assert (row.user, row.job, row.title) == (ann, "nightly-export", "Nightly export")
    assert (row.scope, row.audience, row.revoked_at) == (["loans.read"], [API], None)
    assert row.last_used_at is not None
    [event] = events
    assert (event.event, event.subject, event.user_pk) == ("token.issued", subject, str(ann.pk))
    assert event.reason == f"nightly-export ticket:7 by:{worker.pk}"


def test_hydra_trusts_the_issuer_for_one_user_and_the_scopes_only(
    ann: Any, worker: Any, client_id: str, ory: FakeOry
) -> None:
    issue(ann, worker)
    [issuer] = list_issuers(ory)
    assert issuer["subject"] == str(Identity.objects.get(user=ann).identity_id)
    assert (issuer["allow_any_subject"], issuer["scope"]) == (False, ["loans.read"])
    assert "/" not in issuer["issuer"]
    sent = [request.json for request in ory.requests if request.path == ISSUERS]
    assert "d" not in sent[0]["jwk"]


def test_second_token_only_costs_the_exchange_and_the_checks(
    ann: Any, worker: Any, client_id: str, ory: FakeOry
) -> None:
    first = issue(ann, worker)
    ory.requests.clear()
    second = issue(ann, worker)
    assert first.access_token != second.access_token
    paths = [f"{request.method} {request.path}" for request in ory.requests]
    identity_id = Identity.objects.get(user=ann).identity_id
    assert paths == [f"GET /admin/identities/{identity_id}", "GET /admin/clients/exporter", TOKEN]
    assert JobGrant.objects.count() == 1


def test_more_scopes_extend_the_job(ann: Any, worker: Any, client_id: str, ory: FakeOry) -> None:
    issue(ann, worker)
    assert issue(ann, worker, scopes=["loans.write"]).scopes == ("loans.write",)
    assert JobGrant.objects.get().scope == ["loans.read", "loans.write"]
    [issuer] = list_issuers(ory)
    assert issuer["scope"] == ["loans.read", "loans.write"]


def fail_once(ory: FakeOry, route: str) -> None:
    """Let the next request of a route fail."""
    pending = [route]

    def respond(request: FakeRequest) -> FakeResponse:
        return FakeResponse(500) if pending and pending.pop() else ory.answer(request)

    ory.respond(route, respond)


def deny(code: str, events: list[Any], ory: FakeOry, user: Any, worker: Any, **changes: Any) -> None:
    with pytest.raises(TokenDenied) as caught:
        issue(user, worker, **changes)
    assert caught.value.reason == code
    assert str(caught.value)
    assert [event.event for event in events] == ["token.denied"]
    assert events[0].reason.startswith(code)
    assert not list_calls(ory, "/oauth2/token")


def test_without_keys_no_token_is_issued(
    ann: Any, worker: Any, client_id: str, ory: FakeOry, events: list[Any], settings: Any
) -> None:
    configure(settings)
    deny("turned_off", events, ory, ann, worker)


@pytest.mark.parametrize("change", ["no permission", "inactive"])
def test_issuing_user_needs_the_permission(
    ann: Any, worker: Any, client_id: str, ory: FakeOry, events: list[Any], change: str
) -> None:
    if change == "inactive":
        worker.is_active = False
    else:
        worker.user_permissions.clear()
    deny("permission_denied", events, ory, ann, worker)


@pytest.mark.parametrize("change", ["user", "identity", "no identity"])
def test_inactive_account_gets_no_token(
    ann: Any, worker: Any, client_id: str, ory: FakeOry, events: list[Any], change: str
) -> None:
    row = Identity.objects.get(user=ann)
    if change == "user":  # the object of the caller is old
        get_user_model()._default_manager.filter(pk=ann.pk).update(is_active=False)
    elif change == "identity":
        ory.kratos.identities.identities[str(row.identity_id)]["state"] = "inactive"
    else:
        row.delete()
    deny("account_inactive", events, ory, ann, worker)


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_staff_gets_no_token_unless_the_adapter_allows_it(
    ann: Any, worker: Any, client_id: str, ory: FakeOry, events: list[Any], flag: str, monkeypatch: Any
) -> None:
    get_user_model()._default_manager.filter(pk=ann.pk).update(**{flag: True})
    deny("user_not_allowed", events, ory, ann, worker)
    monkeypatch.setattr(JobAdapter, "allowed", True)
    assert issue(ann, worker).access_token


@pytest.mark.parametrize("answer", [False, "yes", 1])
def test_answer_of_the_adapter_other_than_true_denies(
    ann: Any,
    worker: Any,
    client_id: str,
    ory: FakeOry,
    events: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    answer: Any,
) -> None:
    monkeypatch.setattr(JobAdapter, "allowed", answer)
    deny("user_not_allowed", events, ory, ann, worker)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"scopes": ["loans.read", "admin"]}, "scope_not_allowed"),
        ({"scopes": []}, "scope_not_allowed"),
        ({"audience": ["https://other.example"]}, "audience_not_allowed"),
        ({"audience": []}, "audience_not_allowed"),
        ({"client_id": "unknown"}, "client_not_prepared"),
    ],
)
def test_request_beyond_the_client_is_denied(
    ann: Any, worker: Any, client_id: str, ory: FakeOry, events: list[Any], changes: Any, code: str
) -> None:
    deny(code, events, ory, ann, worker, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"grant_types": ["authorization_code"]},
        {"grant_types": ["urn:ietf:params:oauth:grant-type:jwt-bearer", "authorization_code"]},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"token_endpoint_auth_signing_alg": "RS256"},
        {"jwks": {"keys": []}},
        {"jwt_bearer_grant_access_token_lifespan": None},
        {"jwt_bearer_grant_access_token_lifespan": "5m1s"},
        {"jwt_bearer_grant_access_token_lifespan": "0s"},
        {"metadata": {"django_ory": {"origin": "registration"}}},
    ],
)
def test_client_that_is_not_prepared_is_denied(
    ann: Any, worker: Any, client_id: str, ory: FakeOry, events: list[Any], changes: dict[str, Any]
) -> None:
    ory.hydra.clients.clients[client_id].update(changes)
    deny("client_not_prepared", events, ory, ann, worker)


@pytest.mark.parametrize("code", ["", "two words", "x" * 101, "a\nb", "Grüße"])
def test_job_and_reason_are_codes(ann: Any, worker: Any, client_id: str, code: str) -> None:
    for name in ("job", "reason"):
        with pytest.raises(ValueError, match="job and reason"):
            issue(ann, worker, **{name: code})
    assert not JobGrant.objects.exists()


# Revocation.


def test_revoked_job_gets_no_more_tokens(
    ann: Any, worker: Any, client_id: str, ory: FakeOry, events: list[Any]
) -> None:
    issue(ann, worker)
    row = JobGrant.objects.get()
    revoke_job(row)
    revoke_job(row)  # twice
    assert list_issuers(ory) == []
    ory.requests.clear()
    assert [event.event for event in events] == ["token.issued", "grant.revoked"]
    events.clear()
    deny("job_revoked", events, ory, ann, worker)
    assert issue(ann, worker, job="other-job").access_token


def test_outage_of_hydra_revokes_the_job_and_the_command_ends_the_trust(
    ann: Any, worker: Any, client_id: str, ory: FakeOry, caplog: pytest.LogCaptureFixture
) -> None:
    issue(ann, worker)
    row = JobGrant.objects.get()
    with ory.fault("hydra", "error"):
        revoke_job(row)
    assert "still trusts its issuer" in caplog.text
    with pytest.raises(TokenDenied):
        issue(ann, worker)
    assert "ended: 1" in run_command()
    assert list_issuers(ory) == []


def test_job_that_is_revoked_during_the_exchange_gets_no_token(
    ann: Any, worker: Any, client_id: str, ory: FakeOry
) -> None:
    call_during(ory, TOKEN, lambda: JobGrant.objects.update(revoked_at=timezone.now()))
    with pytest.raises(TokenDenied) as caught:
        issue(ann, worker)
    assert caught.value.reason == "job_revoked"
    assert list_issuers(ory) == []


def test_erased_identity_loses_its_jobs(ann: Any, worker: Any, client_id: str, ory: FakeOry) -> None:
    issue(ann, worker)
    erase_identity("default", Identity.objects.get(user=ann).identity_id)
    row = JobGrant.objects.get()
    assert row.revoked_at is not None
    assert row.user is None


# Bad days.


@pytest.mark.parametrize("route", [f"POST {ISSUERS}", TOKEN, "GET /admin/clients/exporter"])
def test_outage_of_hydra_raises_and_can_be_repeated(
    ann: Any, worker: Any, client_id: str, ory: FakeOry, events: list[Any], route: str
) -> None:
    fail_once(ory, route)
    with pytest.raises(OryError):
        issue(ann, worker)
    assert events == []
    assert issue(ann, worker).access_token


def test_lost_answer_of_the_trust_is_repaired(ann: Any, worker: Any, client_id: str, ory: FakeOry) -> None:
    issue(ann, worker)
    JobGrant.objects.update(trust_id="")  # the answer was lost
    assert issue(ann, worker).access_token
    assert len(list_issuers(ory)) == 1


@pytest.mark.parametrize("answer", [{"access_token": "t", "expires_in": 3600}, {"expires_in": 60}, {}])
def test_token_that_lives_too_long_is_not_handed_out(
    ann: Any, worker: Any, client_id: str, ory: FakeOry, answer: dict[str, Any]
) -> None:
    ory.respond(TOKEN, json=answer)
    with pytest.raises(OryDecodeError):
        issue(ann, worker)


def test_log_has_no_token_and_no_key(
    ann: Any, worker: Any, client_id: str, ory: FakeOry, pem: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    issued = issue(ann, worker)
    revoke_job(JobGrant.objects.get())
    assert issued.access_token not in caplog.text
    assert pem.splitlines()[1] not in caplog.text + repr(get_signing_keys("default"))
    assert "eyJ" not in caplog.text


# Keys.


def test_new_key_replaces_the_former_without_an_outage(
    ann: Any, worker: Any, client_id: str, ory: FakeOry, pem: str, settings: Any
) -> None:
    issue(ann, worker)
    new = build_pem()
    configure(settings, pem, new)  # 1. Hydra learns the new key
    run_command(client_id)
    assert issue(ann, worker).access_token
    configure(settings, new, pem)  # 2. the new key signs
    assert issue(ann, worker).access_token
    configure(settings, new)  # 3. the former key is gone
    run_command(client_id)
    assert issue(ann, worker).access_token
    kid = get_signing_keys("default")[0].kid
    assert [issuer["public_key"]["kid"] for issuer in list_issuers(ory)] == [kid]
    [known] = get_client().admin_get_o_auth2_client(client_id).jwks.keys  # type: ignore[union-attr]
    assert known.kid == kid


def test_keys_are_read_from_text_and_files(settings: Any, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(build_pem(ec.generate_private_key(ec.SECP384R1())))
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    configure(settings, str(file), build_pem(rsa_key))
    keys = get_signing_keys("default")
    assert [key.algorithm for key in keys] == ["ES384", "RS256"]
    assert all(not {"d", "p", "q"} & key.public_jwk.keys() for key in keys)


@pytest.mark.parametrize("kind", ["missing file", "no key", "other curve", "short key", "public key"])
def test_unusable_key_is_an_error_without_its_text(settings: Any, tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "private-7f3a.pem"
    text = {
        "missing file": str(secret),
        "no key": "-----BEGIN PRIVATE KEY-----\nprivate-7f3a\n-----END PRIVATE KEY-----",
        "other curve": build_pem(ed25519.Ed25519PrivateKey.generate()),
        "short key": build_pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
        "public key": "-----BEGIN PUBLIC KEY-----\nprivate-7f3a\n-----END PUBLIC KEY-----",
    }[kind]
    configure(settings, text)
    with pytest.raises(OryConfigurationError, match="JOB_TOKEN_KEYS") as caught:
        get_signing_keys("default")
    assert "private-7f3a" not in "".join(traceback.format_exception(caught.value))


# The command.


def test_command_ends_unused_jobs_and_renews_the_others(
    ann: Any, worker: Any, client_id: str, ory: FakeOry
) -> None:
    issue(ann, worker)
    issue(ann, worker, job="old-job")
    long_ago = timezone.now() - timedelta(days=31)
    JobGrant.objects.filter(job="old-job").update(last_used_at=long_ago)
    JobGrant.objects.update(trust_expires_at=timezone.now() + timedelta(days=1))
    assert run_command() == "default: jobs that Hydra trusts: 1, ended: 1.\n"
    [issuer] = list_issuers(ory)
    assert JobGrant.objects.get(job="nightly-export").trust_id == issuer["id"]
    assert issue(ann, worker, job="old-job").access_token


def test_command_without_keys_ends_the_trust_in_all_jobs(
    ann: Any, worker: Any, client_id: str, ory: FakeOry, settings: Any
) -> None:
    issue(ann, worker)
    configure(settings)
    assert "ended: 1" in run_command()
    assert list_issuers(ory) == []
    with pytest.raises(CommandError, match="JOB_TOKEN_KEYS"):
        run_command("another")


def test_command_does_not_change_a_client_of_users(ory: FakeOry) -> None:
    before = dict(ory.hydra.clients.add({"client_id": "shop", "grant_types": ["authorization_code"]}))
    with pytest.raises(CommandError, match="a client of its own"):
        run_command("shop", "--scope", "loans.read")
    assert ory.hydra.clients.clients["shop"]["grant_types"] == before["grant_types"]


@pytest.mark.parametrize("client_id", ["a/b", "https://app.example/id", "..", "two words", "x" * 256])
def test_command_rejects_an_id_that_hydra_cannot_address(ory: FakeOry, client_id: str) -> None:
    with pytest.raises(CommandError, match="must be of letters"):
        run_command(client_id)
    assert ory.requests == []


def test_command_keeps_scopes_that_are_not_given(client_id: str, ory: FakeOry) -> None:
    run_command(client_id, "--name", "Exporter")
    client = ory.hydra.clients.clients[client_id]
    assert (client["client_name"], client["scope"]) == ("Exporter", "loans.read loans.write")
    assert client["audience"] == [API]


def test_command_reports_an_outage(ory: FakeOry) -> None:
    ory.respond("GET /admin/clients/exporter", json=build_error_json(500), status=500)
    with pytest.raises(CommandError, match="run it again"):
        run_command("exporter")
