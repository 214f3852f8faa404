"""The owners of tokens, as the code of a site sees them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission

from django_ory.adapter import get_adapter
from django_ory.testing import FakeOry
from django_ory.tokens.access_token import InvalidToken
from django_ory.tokens.principals import ClientPrincipal, Principal, UserPrincipal, get_principal
from django_ory.tokens.verification import verify_access_token
from tests.support.kratos import ory_settings


def create_principal(ory: FakeOry, *, subject: str = "") -> Principal:
    token = ory.create_token("photo-lab", subject=subject).value
    return get_principal(verify_access_token(token), alias="default")


def test_client_is_authenticated_without_any_right_of_a_user(ory: FakeOry) -> None:
    client = create_principal(ory)
    assert isinstance(client, ClientPrincipal)
    assert (client.is_authenticated, client.is_anonymous, client.is_active) == (True, False, True)
    assert not client.is_staff
    assert not client.is_superuser
    assert not client.has_perm("auth.view_permission")
    assert not client.has_perm("auth.view_permission", Permission())
    assert not client.has_perms(["auth.view_permission"])
    assert not client.has_perms([])
    assert not client.has_module_perms("auth")


def test_client_has_the_name_of_its_id(ory: FakeOry) -> None:
    client = create_principal(ory)
    assert isinstance(client, ClientPrincipal)
    assert str(client) == client.get_username() == client.client_id == "photo-lab"
    assert client.pk is client.id is client.identity_id is None


def test_user_is_named_by_the_client_in_the_log(ory: FakeOry) -> None:
    identity = ory.create_identity()
    user = create_principal(ory, subject=identity.id)
    assert isinstance(user, UserPrincipal)
    assert user.subject == user.identity_id == identity.id
    assert repr(user) == "<UserPrincipal of client 'photo-lab'>"


@pytest.mark.parametrize("subject", ["photo-lab-2", "photo-la", "9f425a8d-7efc-4768-8f23-7647a74fdf13"])
def test_keys_of_users_and_clients_differ(ory: FakeOry, subject: str) -> None:
    keys = {create_principal(ory).key, create_principal(ory, subject=subject).key}
    assert keys == {"client:photo-lab", f"identity:{subject}"}


def test_token_of_a_provider_without_kratos_is_of_the_django_user(
    ory: FakeOry, db: None, settings: Any
) -> None:
    keys = {"KRATOS_PUBLIC_URL": "", "KRATOS_ADMIN_URL": ""}
    settings.ORY = ory_settings(**keys, OAUTH2_ACCOUNTS="django", OAUTH2_SUBJECT_KEY="s" * 32)
    owner = get_user_model().objects.create(email="alice@example.org")
    subject = get_adapter("default").get_user_subject(owner)
    principal = create_principal(ory, subject=subject)
    assert isinstance(principal, UserPrincipal)
    assert principal.user == owner
    get_user_model().objects.update(is_active=False)
    for unusable in (subject, "not a subject", "9f425a8d-7efc-4768-8f23-7647a74fdf13"):
        principal = create_principal(ory, subject=unusable)
        assert isinstance(principal, UserPrincipal)
        with pytest.raises(InvalidToken):
            _ = principal.user
