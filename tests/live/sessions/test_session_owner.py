"""The data of a Django session end with the Kratos session of their owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from tests.live.client.world import World

pytestmark = [pytest.mark.live, pytest.mark.django_db]


@pytest.mark.parametrize("end", ["revoked", "another identity signs in"])
def test_data_of_the_owner_end_with_its_kratos_session(
    client: Client, world: World, settings: Any, end: str
) -> None:
    settings.ROOT_URLCONF = "tests.authentication.test_session_owner"
    identity = world.person()
    client.cookies.load(world.browser().cookie)
    assert client.get("/write_guarded/?note=ann").status_code == 200
    assert client.get("/read_alone/").content == b"ann"
    assert client.get("/read_before_user/").content == b"ann"
    if end == "revoked":
        world.client.admin_delete_identity_sessions(identity.id)
    else:
        world.person("bob")
        client.cookies.load(world.browser("bob").cookie)
    assert client.get("/read_alone/").content == b"None"
