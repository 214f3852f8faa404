"""The default implementations of the extension points. ``tests/users`` has those for users."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import DisallowedHost
from django.test import RequestFactory

from django_ory.adapter import OryAdapter, get_adapter
from django_ory.client.models import OAuth2Client
from tests.support.kratos import build_identity, ory_settings

if TYPE_CHECKING:
    from pytest_django import Settings


class Own(OryAdapter):
    """An adapter of a project."""


def test_configured_adapter_is_used(settings: Settings) -> None:
    assert type(get_adapter()) is OryAdapter
    settings.ORY = ory_settings(ADAPTER="tests.test_adapter.Own")
    assert isinstance(get_adapter(), Own)
    assert get_adapter() is get_adapter()


def test_identity_id_is_the_inverse_of_subject() -> None:
    adapter = get_adapter()
    assert adapter.get_identity_id(adapter.get_subject("a")) == "a"


@pytest.mark.parametrize(
    ("traits", "label"),
    [
        ({"email": "a@b.c", "username": "ann"}, "a@b.c"),
        ({"email": "", "username": "ann"}, "ann"),
        ({"phone": "+1"}, "+1"),
        ({"email": ["", "a@b.c"]}, "a@b.c"),
        ({}, ""),
    ],
)
def test_label_is_the_first_usable_identifier(traits: dict[str, Any], label: str) -> None:
    assert get_adapter().get_identity_label(build_identity(traits=traits, verifiable_addresses=[])) == label


def test_defaults_of_the_provider() -> None:
    adapter = get_adapter()
    assert adapter.get_acr_values()["aal2"]
    assert adapter.describe_scope("openid") is None
    claims = {"sub": "a"}
    account: dict[str, Any] = {"identity": build_identity(), "user": None, "scopes": frozenset()}
    client = OAuth2Client(client_id="app")
    assert adapter.get_claims(**account, client=client, claims=claims) is claims
    assert adapter.get_access_token_claims(**account, client=client) == {}
    assert adapter.is_client_verified(client)


@pytest.mark.parametrize(
    ("host", "alias"),
    [
        ("acme.example", "acme"),
        ("ACME.example:8000", "acme"),
        ("shop.example", "shop"),
        ("a.b.shop.example", "shop"),
        ("[::1]:8000", "shop"),
        ("www.acme.example", "default"),
        ("noshop.example", "default"),
        ("other.example", "default"),
    ],
)
def test_host_selects_the_project(settings: Settings, host: str, alias: str) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    values = settings.ORY["default"]
    settings.ORY = {
        "shop": {**values, "HOSTS": [".Shop.Example", "[::1]"]},
        "default": values,
        "acme": {**values, "HOSTS": ["Acme.Example"]},
    }
    assert get_adapter().resolve_alias(RequestFactory().get("/", headers={"host": host})) == alias


@pytest.mark.parametrize(
    ("traits", "name"), [({"name": {"first": "Ann"}}, "Ann"), ({}, ""), ({"name": None}, ""), (None, "")]
)
def test_example_of_the_guide_works(traits: Any, name: str) -> None:
    guide = (Path(__file__).parent.parent / "docs/guides/users.md").read_text()
    [sample] = re.findall(r":caption: shop/ory\.py\n\n(.*?)```", guide, re.DOTALL)
    names: dict[str, Any] = {}
    exec(sample, names)
    user: Any = get_user_model()()
    names["Adapter"]().populate_user(user, build_identity(traits=traits))
    assert user.first_name == name


def test_disallowed_host_raises(settings: Settings) -> None:
    with pytest.raises(DisallowedHost):  # Django responds with 400
        get_adapter().resolve_alias(RequestFactory().get("/", headers={"host": "evil.example"}))


def build_address(value: str, *, via: str = "email", verified: bool = True) -> dict[str, Any]:
    return {"value": value, "via": via, "verified": verified}


OWN, WORK = "ann@example.org", "ann@work.example"


@pytest.mark.parametrize(
    ("traits", "addresses", "verified"),
    [
        ({"email": OWN}, [build_address(OWN)], True),
        ({"email": OWN.upper()}, [build_address(OWN)], True),
        ({"email": OWN}, [build_address(OWN, verified=False), build_address(WORK)], False),
        ({"email": OWN}, [build_address(OWN, via="sms")], False),
        ({"email": OWN}, [build_address(OWN, via="sms"), build_address(OWN, verified=False)], False),
        ({"email": "x@strasse.de"}, [build_address("x@stra\u00dfe.de")], False),
        ({"phone": "+49301234"}, [build_address("+49301234", via="sms")], False),
        ({"work": {"mail": WORK}}, [build_address(WORK)], False),  # user.email stays empty
        ({"email": ""}, [build_address("")], False),
        ({"email": [OWN]}, [build_address(OWN)], False),
        (None, [build_address(OWN)], False),
    ],
)
def test_identity_is_verified_by_the_address_of_its_user(
    traits: Any, addresses: list[dict[str, Any]], verified: bool
) -> None:
    assert (
        get_adapter().is_verified(build_identity(traits=traits, verifiable_addresses=addresses)) is verified
    )


@pytest.mark.parametrize(
    ("mapping", "verified"),
    [
        ({"email": "emails.0"}, True),
        ({"email": "emails.1"}, False),
        ({"email": "nothing"}, False),
        ({}, True),  # user.email comes from no trait: the first address of the identity
    ],
)
def test_address_of_the_user_is_the_mapped_trait(
    settings: Settings, mapping: dict[str, str], verified: bool
) -> None:
    settings.ORY = ory_settings(USER_FIELDS=mapping)
    identity = build_identity(
        traits={"emails": [OWN, WORK]},
        verifiable_addresses=[build_address(OWN), build_address(WORK, verified=False)],
    )
    assert get_adapter().is_verified(identity) is verified


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({"traits": {"UserID": "ann-o"}}, "ann-o"),
        ({"traits": {"phone_number": "+49301234"}}, "+49301234"),
        ({"traits": {"nicknames": ["", "cindy"]}}, "cindy"),
        ({"traits": {"profile": {"contact": {"mail": WORK}}}}, WORK),
        ({"traits": {"profile": {"user_name": "inner"}, "handle": "outer"}}, "inner"),
        ({"traits": {"a": {"login": "inner"}, "login": "outer"}}, "outer"),
        ({"traits": {"user-id": 4711}}, "4711"),
        ({"traits": {"color": "red"}}, ""),
        ({"credentials": {"password": {"identifiers": ["bob-1"]}}}, "bob-1"),
        ({"credentials": {"oidc": {"identifiers": ["google:1"]}}}, ""),
        ({"verifiable_addresses": [build_address("+49301234", via="sms")]}, "+49301234"),
        ({"recovery_addresses": [{"value": WORK, "via": "email"}]}, WORK),
        ({"traits": "x"}, ""),
    ],
)
def test_label_is_found_in_every_place(changes: dict[str, Any], label: str) -> None:
    identity = build_identity(**{"traits": {}, "verifiable_addresses": [], **changes})
    assert get_adapter().get_identity_label(identity) == label
