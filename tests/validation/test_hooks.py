"""Blocking web hooks: the adapter rejects sign-ups and changed profiles, and everything else fails closed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from django_ory.adapter import OryAdapter
from django_ory.invitations.invitations import build_grant, create_invitation
from django_ory.models import Invitation
from tests.support.fixtures import change_ory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

    from django_ory.client.models import Identity
    from django_ory.testing import FakeOry
    from tests.support.fixtures import ChangeOry

__all__ = ["change_ory"]

pytestmark = pytest.mark.django_db

SECRET = "5d41402abc4b2a76b9719d911017c592"
SIGN_UP = reverse("ory:invitation_hook", args=["default"])
SETTINGS = reverse("ory:settings_hook", args=["default"])
HOOKS = pytest.mark.parametrize("url", [SIGN_UP, SETTINGS])


class StrictAdapter(OryAdapter):
    """Rejects by the first name, which is the kind of error."""

    def validate_registration(self, identity: Identity) -> None:
        match identity.traits["name"]["first"]:
            case "field":
                raise ValidationError({"email": "Not here.", "name.first": ["One.", "Two."]})
            case "form":
                raise ValidationError(
                    ["Not now.", ValidationError("Nor ever, %(name)s.", params={"name": "Ann"})]
                )
            case "both":
                raise ValidationError({"__all__": "Not now.", "traits.a/b~c.0": "Not here."})
            case "language":
                raise ValidationError(f"{get_language()}: {_('Sign in')}")
            case "crash":
                raise LookupError("person1@example.com")
            case "id":
                raise ValidationError(f"{identity.id!r} {identity.schema_id}")

    validate_settings = validate_registration


@pytest.fixture(autouse=True)
def strict(ory: FakeOry, change_ory: ChangeOry) -> None:
    """A site with this adapter, and open sign-up."""
    change_ory(ADAPTER=f"{__name__}.StrictAdapter", WEBHOOK_SECRETS=[SECRET])


@pytest.fixture
def post(client: Client, caplog: pytest.LogCaptureFixture) -> Iterator[Any]:
    """Posts a form as Kratos does. No trait and no secret is logged."""

    def send(name: str, *, url: str = SIGN_UP, secret: str = SECRET, **changes: Any) -> Any:
        document = {
            "request_url": "http://kratos.test:4433/self-service/registration/browser",
            "flow_id": "9f425a8d-7efc-4768-8f23-7647a74fdf13",
            "identity_id": "00000000-0000-0000-0000-000000000000",
            "schema_id": "person",
            "traits": {"email": "person1@example.com", "name": {"first": name}},
            "accept_language": [],
            **changes,
        }
        return client.post(
            url, json.dumps(document), content_type="application/json", headers={"X-Webhook-Secret": secret}
        )

    yield send
    assert not [word for word in (SECRET, "person1@example.com") if word in caplog.text]


def read(response: Any) -> list[tuple[str, str]]:
    """Return the pointers and the texts of the errors."""
    assert response.status_code == 403
    found = []
    for error in response.json()["messages"]:
        for message in error["messages"]:
            assert (message["type"], message["id"]) == ("error", 4900100)
            found.append((error["instance_ptr"], message["text"]))
    return found


@HOOKS
@pytest.mark.parametrize(
    ("name", "errors"),
    [
        (
            "field",
            [
                ("#/traits/email", "Not here."),
                ("#/traits/name/first", "One."),
                ("#/traits/name/first", "Two."),
            ],
        ),
        ("form", [("#/", "Not now."), ("#/", "Nor ever, Ann.")]),
        ("both", [("#/", "Not now."), ("#/traits/a~1b~0c/0", "Not here.")]),
        ("crash", [("#/", "Your details could not be checked. Try again in a moment.")]),
        ("id", [("#/", "'' person")]),
    ],
)
def test_errors_of_the_adapter_are_messages_of_kratos(
    post: Any, url: str, name: str, errors: list[tuple[str, str]]
) -> None:
    assert read(post(name, url=url)) == errors


@HOOKS
def test_valid_form_is_accepted(post: Any, url: str) -> None:
    response = post("Ann", url=url)
    assert (response.status_code, response.content) == (204, b"")


def test_changed_profile_has_the_id_of_the_identity(post: Any) -> None:
    assert read(post("id", url=SETTINGS, identity_id=str(UUID(int=7)))) == [("#/", f"'{UUID(int=7)}' person")]


@pytest.mark.parametrize(
    ("url", "header", "expected"),
    [
        ("http://k/?lang=de", ["fr"], "de: Anmelden"),
        ("http://k/?ui_locales=xx+fr", ["de"], "fr: Se connecter"),
        ("http://k/", ["xx, de;q=0.9, fr;q=0.1"], "de: Anmelden"),
        ("http://k/", "fr", "fr: Se connecter"),
        ("http://[k", None, "en-us: Sign in"),
        ("http://k/?lang=" + "x" * 5000, 7, "en-us: Sign in"),
    ],
)
def test_error_is_in_the_language_of_the_page_or_the_browser(
    post: Any, url: str, header: Any, expected: str
) -> None:
    assert read(post("language", request_url=url, accept_language=header)) == [("#/", expected)]


@HOOKS
@pytest.mark.parametrize("traits", [None, [], "x", {"name": None}, {"name": {"first": {"a": [1]}}}])
def test_unusual_traits_never_raise(post: Any, url: str, traits: Any) -> None:
    assert post("", url=url, traits=traits).status_code in (204, 403)


@HOOKS
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"request_url": None}, 422),
        ({"schema_id": 5}, 422),
        ({"flow_id": []}, 422),
        ({"secret": "x"}, 403),
        ({"secret": ""}, 403),
    ],
)
def test_invalid_posts_are_rejected_without_messages(
    post: Any, url: str, changes: dict[str, Any], status: int
) -> None:
    response = post("Ann", url=url, **changes)
    assert response.status_code == status
    assert "messages" not in response.json()


@HOOKS
def test_endpoint_is_off_without_secrets(post: Any, change_ory: ChangeOry, url: str) -> None:
    change_ory(WEBHOOK_SECRETS=[])
    assert post("Ann", url=url).status_code == 404


def test_rejected_sign_up_does_not_use_the_invitation_up(post: Any, change_ory: ChangeOry) -> None:
    change_ory(INVITATION_SECRETS=["i" * 32])
    row, _token = create_invitation()
    url = f"http://kratos.test:4433/?invitation={build_grant(row)}"
    assert read(post("form", request_url=url))[0] == ("#/", "Not now.")
    assert Invitation.objects.get().status is Invitation.Status.OPEN
    assert post("Ann", request_url=url, secret="i" * 32).status_code == 204
    assert Invitation.objects.get().status is Invitation.Status.USED
    refused = post("Ann").json()["messages"][0]["messages"][0]
    assert refused["id"] == 4900001
