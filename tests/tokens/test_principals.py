"""The owners of tokens, as the code of a site sees them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from django_ory.testing import FakeOry
from django_ory.tokens.principals import ClientPrincipal, Principal, UserPrincipal, get_principal
from django_ory.tokens.verification import verify_access_token


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
