"""Several Ory projects in one site, selected by the host, each with a separate Kratos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model

from django_ory.client import OryUnauthorized
from django_ory.models import Identity

from .conftest import change

if TYPE_CHECKING:
    from django.test import Client

    from django_ory.devstack import OryStack
    from tests.live.client.world import World

pytestmark = [pytest.mark.live, pytest.mark.django_db]

SHOP, ACME = "www.shop.localhost", "Acme.localhost"


@pytest.fixture
def acme(own_world: World, world: World, settings: Any) -> World:
    """The other project; ``world`` is the default one."""
    acme = {**own_world.stack.ory_setting["default"], "HOSTS": ["acme.localhost", ".acme.example"]}
    settings.ORY = {**world.stack.ory_setting, "acme": acme}
    return own_world


def request_report(client: Client, host: str, cookie: str) -> dict[str, Any]:
    body: dict[str, Any] = client.get("/report/", headers={"host": host, "cookie": cookie}).json()
    return body


@pytest.mark.parametrize("cached", [0, 60])
def test_each_host_has_its_own_identities(
    client: Client, world: World, acme: World, settings: Any, cached: int
) -> None:
    for alias in ("default", "acme"):
        settings.ORY = {**settings.ORY, alias: {**settings.ORY[alias], "SESSION_CACHE_SECONDS": cached}}
    people = {SHOP: world.person(), ACME: acme.person(), "a.b.acme.example": acme.person("ben")}
    cookies = {
        SHOP: world.browser().cookie,
        ACME: acme.browser().cookie,
        "a.b.acme.example": acme.browser("ben").cookie,
    }
    for _ in range(2):  # the second time from the cache
        for host, person in people.items():
            body = request_report(client, host, cookies[host])
            assert (body["alias"], body["identity"]) == ("default" if host == SHOP else "acme", person.id)
        for host, elsewhere in ((SHOP, ACME), (ACME, SHOP)):
            body = request_report(client, host, cookies[elsewhere])
            assert (body["user"], body["unavailable"]) == (None, False)
    links = Identity.objects.values_list("alias", "identity_id", "user")
    assert {(alias, str(identity)) for alias, identity, _ in links} == {
        ("default", people[SHOP].id),
        ("acme", people[ACME].id),
        ("acme", people["a.b.acme.example"].id),
    }
    assert len({user for *_, user in links}) == get_user_model()._default_manager.count() == 3


def test_sign_in_and_sign_out_use_the_kratos_of_the_host(client: Client, world: World, acme: World) -> None:
    for host, kratos in ((SHOP, world.stack.kratos_public_url), (ACME, acme.stack.kratos_public_url)):
        page = client.get("/session/", headers={"host": host})
        start = client.get(page["Location"], headers={"host": host})
        assert start["Location"].startswith(f"{kratos}/self-service/login/browser")
    acme.person()
    cookie = acme.browser().cookie
    assert request_report(client, ACME, cookie)["is_authenticated"]
    assert client.post("/auth/logout/", headers={"host": ACME, "cookie": cookie})["Location"] == "/"
    with pytest.raises(OryUnauthorized):
        acme.client.to_session(cookie=cookie)


def test_outage_of_one_project_does_not_affect_the_other(
    client: Client, world: World, acme: World, own_stack: OryStack, settings: Any
) -> None:
    change(settings, WHEN_UNAVAILABLE_SAFE="error")
    world.person()
    acme.person()
    shop, other = world.browser().cookie, acme.browser().cookie
    own_stack.kratos.kill()
    for _ in range(3):
        assert client.get("/user/", headers={"host": ACME, "cookie": other}).status_code == 503
        assert client.get("/user/", headers={"host": SHOP, "cookie": shop}).status_code == 200
