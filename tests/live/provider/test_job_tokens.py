"""Tokens for users without their browsers, from the real Hydra, at an API on Django REST framework."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client

from django_ory.client import OryBadRequest
from django_ory.clients import get_client
from django_ory.mirror.issuers import add_issuer, list_issuers
from django_ory.models import Identity, JobGrant
from django_ory.provider.job_tokens.errors import TokenDenied
from django_ory.provider.job_tokens.issuing import issue_token_for
from django_ory.provider.job_tokens.keys import get_signing_keys
from django_ory.provider.job_tokens.revocation import revoke_job
from django_ory.provider.job_tokens.trust import build_issuer_name
from django_ory.tokens.grant_types import CLIENT_ASSERTION_TYPE, JWT_BEARER

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses

    from .conftest import Person

pytestmark = [pytest.mark.live, pytest.mark.django_db, pytest.mark.urls("tests.rest_framework.urls")]

API = "https://api.example"


def build_pem() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def client_id(stack: StackAddresses, settings: Any) -> str:
    """A client that the command has prepared."""
    configure(settings, stack, build_pem())
    client_id = f"exporter-{secrets.token_hex(6)}"
    call_command("ory_trust_issuer", client_id, scope=["photos", "photos.read"], audience=[API], verbosity=0)
    return client_id


def configure(settings: Any, stack: StackAddresses, *keys: str) -> None:
    values = {"OAUTH2_AUDIENCE": [API], "JOB_TOKEN_KEYS": list(keys)}
    settings.ORY = {"default": {**stack.ory_setting["default"], **values}}
    settings.REST_FRAMEWORK = {"EXCEPTION_HANDLER": "django_ory.rest_framework.handlers.exception_handler"}


@pytest.fixture
def worker(db: None) -> Any:
    user = get_user_model()._default_manager.create(username="jobs")
    user.user_permissions.add(Permission.objects.get(codename="issue_token_for_user"))
    return user


def add_user(person: Person) -> Any:
    user = get_user_model()._default_manager.create(username=person.email, email=person.email)
    Identity.objects.create(identity_id=person.id, user=user)
    return user


def issue(user: Any, client_id: str, worker: Any, *, job: str = "export", scope: str = "photos") -> str:
    scopes = scope.split()
    issued = issue_token_for(user, client_id, scopes, [API], job=job, reason="test", issued_by=worker)
    return issued.access_token


def exchange(stack: StackAddresses, client_id: str, *, issuer: str, subject: str, scope: str) -> str:
    """Ask Hydra with the key of the site, as a thief of the key would."""
    key = get_signing_keys("default")[0]
    url = f"{stack.hydra_public_url}/oauth2/token"
    answer = get_client().perform_o_auth2_token_flow(
        grant_type=JWT_BEARER,
        assertion=key.sign({"iss": issuer, "sub": subject, "aud": [API, url]}),
        client_assertion_type=CLIENT_ASSERTION_TYPE,
        client_assertion=key.sign({"iss": client_id, "sub": client_id, "aud": [url]}),
        scope=scope,
    )
    return answer.access_token or ""


def call(path: str, token: str) -> Any:
    return Client().get(path, headers={"authorization": f"Bearer {token}"})


def test_token_reaches_the_api_until_the_user_revokes_the_job(
    stack: StackAddresses, client_id: str, worker: Any, person: Callable[[], Person]
) -> None:
    alice, bob = person(), person()
    ann, ben = add_user(alice), add_user(bob)
    token = issue(ann, client_id, worker, scope="photos photos.read")
    assert call("/any/", token).json() == {"user": str(ann), "pk": str(ann.pk), "auth": "UserPrincipal"}
    assert call("/scope/", token).status_code == 403  # photos.write
    found = get_client().admin_introspect_o_auth2_token(token=token)
    assert (found.sub, found.client_id, set(found.aud)) == (
        alice.id,
        client_id,
        {API, f"{stack.hydra_public_url}/oauth2/token"},
    )
    assert found.exp is not None
    assert found.iat is not None
    assert 0 < found.exp - found.iat < 300 + 30  # iat is the start of the request

    # A stolen key is of no use for another user, or for other scopes.
    row = JobGrant.objects.get(user=ann)
    stolen = {"stack": stack, "client_id": client_id, "issuer": build_issuer_name(row)}
    with pytest.raises(OryBadRequest, match="invalid_grant"):
        exchange(**stolen, subject=bob.id, scope="photos")  # type: ignore[arg-type]
    with pytest.raises(OryBadRequest, match="invalid_scope"):
        exchange(**stolen, subject=alice.id, scope="openid")  # type: ignore[arg-type]

    # The jobs of both users are independent, and the new key replaces the former.
    assert issue(ben, client_id, worker)
    revoke_job(row)
    assert issue(ben, client_id, worker)
    with pytest.raises(TokenDenied):
        issue(ann, client_id, worker)
    with pytest.raises(OryBadRequest, match="invalid_grant"):
        exchange(**stolen, subject=alice.id, scope="photos")  # type: ignore[arg-type]
    assert list_issuers("default", page_size=10, issuer=build_issuer_name(row)).items == []


def test_new_key_replaces_the_former_without_an_outage(
    stack: StackAddresses, client_id: str, worker: Any, alice: Person, settings: Any
) -> None:
    ann = add_user(alice)
    former, new = settings.ORY["default"]["JOB_TOKEN_KEYS"][0], build_pem()
    assert issue(ann, client_id, worker)
    for keys in ([former, new], [new, former], [new]):
        configure(settings, stack, *keys)
        if keys[0] == former or len(keys) == 1:
            call_command("ory_trust_issuer", client_id, verbosity=0)
        assert issue(ann, client_id, worker)
    [issuer] = list_issuers("default", page_size=10, issuer=build_issuer_name(JobGrant.objects.get())).items
    assert issuer.public_key is not None
    assert issuer.public_key.kid == get_signing_keys("default")[0].kid


def test_hydra_trusts_an_issuer_after_the_end(stack: StackAddresses, client_id: str, alice: Person) -> None:
    """So ``ory_trust_issuer`` deletes the trust in unused jobs."""
    issuer, key = f"job-{secrets.token_hex(6)}", get_signing_keys("default")[0]
    past = datetime.now(UTC) - timedelta(days=1)
    add_issuer(
        "default", issuer=issuer, jwk=key.public_jwk, expires_at=past, scope=["photos"], subject=alice.id
    )
    assert exchange(stack, client_id, issuer=issuer, subject=alice.id, scope="photos")
