"""Sign-ups and changed profiles that the adapter rejects: the message is at the field, nothing is stored."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest
import requests
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language

from django_ory.adapter import OryAdapter
from tests.live.hook_server import hook_server

from .conftest import Visitor, get_traits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django.live_server_helper import LiveServer

    from django_ory.client.models import Identity
    from django_ory.devstack import OryStack

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]

SECRET = secrets.token_hex(16)
NOTIFICATIONS = reverse("ory:kratos_hook", args=["default"])


class StrictAdapter(OryAdapter):
    """Rejects an e-mail domain at sign-up and a name in the profile."""

    def validate_registration(self, identity: Identity) -> None:
        if identity.traits["email"].endswith("@blocked.example"):
            raise ValidationError({"email": f"We do not accept this address ({get_language()})."})

    def validate_settings(self, identity: Identity) -> None:
        if identity.traits["name"]["first"] == "Admin":
            assert identity.id
            raise ValidationError({"name.first": "This name is reserved."})
        if identity.traits["name"]["first"] == "Crash":
            raise LookupError("Crash")


@pytest.fixture
def site_url(live_server: LiveServer) -> Iterator[str]:
    """A site that gets the blocking web hooks only."""

    def respond(path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if path == NOTIFICATIONS:
            return 202, b""
        kept = {name: headers[name] for name in ("Content-Type", "X-Webhook-Secret")}
        response = requests.post(f"{live_server.url}{path}", data=body, headers=kept, timeout=30)
        return response.status_code, response.content

    with hook_server(respond) as url:
        yield url


@pytest.fixture
def stack(site_url: str, settings: Any, ory_stack_factory: Callable[..., OryStack]) -> OryStack:
    """A Kratos with the configuration of ``ory_config`` for a site with this adapter."""
    hooks = {
        "ADAPTER": f"{__name__}.StrictAdapter",
        "WEBHOOK_SECRETS": [SECRET],
        "WEBHOOK_URL": f"{site_url}{NOTIFICATIONS}",
    }
    settings.ORY = {"default": {**settings.ORY["default"], **hooks}}
    stack = ory_stack_factory(config_overrides={"kratos": {}})
    settings.ORY = {"default": {**stack.ory_setting["default"], **hooks}}
    return stack


def read_field_error(visitor: Visitor, trait: str) -> str:
    """Return the part of the page with the messages of an input."""
    element_id = f"ory-{trait.replace('.', '-')}-messages"
    return visitor.browser.text.partition(f'id="{element_id}"')[2].partition("</div>")[0]


def test_rejected_form_shows_the_message_at_the_field(stack: OryStack) -> None:
    ann, address = Visitor(stack), f"v{secrets.token_hex(6)}@blocked.example"
    with translation.override("de"):
        ann.page("registration")
    ann.press("profile", **{"traits.email": address, "traits.name.first": "Ann"})
    ann.press("password", password=ann.password)
    assert "Email: We do not accept this address (de)." in ann.browser.text  # the input is on the first page
    assert get_traits(address) is None
    ann.press("previous")
    ann.press("profile", **{"traits.email": ann.email, "traits.name.first": "Ann"})
    ann.press("password", password=ann.password)
    assert ann.is_signed_in()
    stored = get_traits(ann.email)
    ann.page("settings")
    for name, text in (("Admin", "This name is reserved."), ("Crash", "could not be checked")):
        ann.press("profile", **{"traits.email": ann.email, "traits.name.first": name})
        assert text in ann.browser.text
        assert get_traits(ann.email) == stored
        if name == "Admin":
            assert text in read_field_error(ann, "traits.name.first")
    ann.press("profile", **{"traits.email": ann.email, "traits.name.first": "Anna"})
    assert get_traits(ann.email) == {"email": ann.email, "name": {"first": "Anna"}}
