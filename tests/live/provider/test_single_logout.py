"""Logouts from every side, and the logout tokens that a real Hydra posts for them."""

from __future__ import annotations

from queue import Empty, Queue
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client, TestCase

from django_ory.authentication.logout import end_sessions
from django_ory.clients import get_client
from django_ory.mirror.sessions import revoke_session
from django_ory.models import HydraSession
from django_ory.relying_party.sessions import has_ended
from tests.live.hook_server import hook_server

from .conftest import parse_claims
from .test_logout import sign_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import App, Person

pytestmark = pytest.mark.live

DELIVERY_SECONDS = 30


class Receiver:
    """Keeps the bodies of posts to ``url``."""

    url: str

    def __init__(self) -> None:
        self.bodies: Queue[bytes] = Queue()

    def receive(self, _path: str, _headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Keep a body. Returns the response."""
        self.bodies.put(body)
        return 200, b""

    def wait(self) -> bytes:
        """Return the next body."""
        try:
            return self.bodies.get(timeout=DELIVERY_SECONDS)
        except Empty:
            raise AssertionError("Hydra has delivered no logout token") from None


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    with hook_server(receiver.receive) as receiver.url:
        yield receiver


@pytest.fixture
def photos(app: Callable[..., App], receiver: Receiver, settings: Any) -> App:
    """A client that Hydra notifies."""
    made = app(backchannel_logout_uri=receiver.url, backchannel_logout_session_required=True)
    default = {**settings.ORY["default"], "LOGOUT_CLIENT_IDS": [made.id]}
    settings.ORY = {**settings.ORY, "default": default}
    return made


def sign_in(alice: Person, photos: App) -> dict[str, Any]:
    """Sign in at the client and return the tokens."""
    alice.browser.open(photos.authorize())
    return photos.tokens(alice.sign_in().press("accept"))


def sign_out_of_the_site(alice: Person, photos: App, id_token: str) -> None:
    alice.browser.open(f"{photos.stack.site_url}/auth/logout/").press("")


def sign_out_without_the_django_session(alice: Person, photos: App, id_token: str) -> None:
    alice.browser.forget(only="sessionid")
    sign_out_of_the_site(alice, photos, id_token)


def sign_out_of_the_client(alice: Person, photos: App, id_token: str) -> None:
    sign_out(alice, photos, id_token).press("accept")


def revoke_as_staff(alice: Person, photos: App, id_token: str) -> None:
    assert revoke_session("default", get_kratos_session()).problems == ()


def revoke_in_kratos(alice: Person, photos: App, id_token: str) -> None:
    get_client().disable_session(get_kratos_session())
    call_command("ory_end_hydra_sessions", verbosity=0)


def delete_in_kratos(alice: Person, photos: App, id_token: str) -> None:
    get_client().admin_delete_identity_sessions(alice.id)
    call_command("ory_end_hydra_sessions", verbosity=0)


def end_all_sessions(alice: Person, photos: App, id_token: str) -> None:
    assert end_sessions(alice.id) == {}


def disable_the_user(alice: Person, photos: App, id_token: str) -> None:
    user = get_user_model().objects.get(email=alice.email)
    user.is_active = False
    with TestCase.captureOnCommitCallbacks(execute=True):
        user.save()


def get_kratos_session() -> str:
    """Return the Kratos session of the recorded login."""
    return str(HydraSession.objects.latest("checked_at").session_id)


SIDES = [
    sign_out_of_the_site,
    sign_out_without_the_django_session,
    sign_out_of_the_client,
    revoke_as_staff,
    revoke_in_kratos,
    delete_in_kratos,
    end_all_sessions,
    disable_the_user,
]


@pytest.mark.parametrize("side", SIDES, ids=lambda side: side.__name__)
def test_logout_of_each_side_is_delivered_and_accepted(
    side: Callable[[Person, App, str], None], alice: Person, photos: App, receiver: Receiver, settings: Any
) -> None:
    id_token = sign_in(alice, photos)["id_token"]
    claims = parse_claims(id_token)
    entry = ["default", claims["sid"], claims["sub"], claims["iat"]]
    assert not has_ended(entry)
    side(alice, photos, id_token)
    body = receiver.wait()
    settings.ROOT_URLCONF = "django_ory.relying_party.urls"
    assert post_logout(body) == 200
    assert has_ended(entry)
    assert post_logout(body) == 400
    assert post_logout(f"logout_token={id_token}".encode()) == 400


def post_logout(body: bytes) -> int:
    """Return the status of the endpoint of a second site."""
    kind = "application/x-www-form-urlencoded"
    return Client().post("/backchannel-logout/", body, content_type=kind).status_code


def test_each_login_of_a_browser_is_delivered(alice: Person, photos: App, receiver: Receiver) -> None:
    """Hydra begins a new session for ``prompt=login``, and forgets nothing of the first one."""
    first = parse_claims(sign_in(alice, photos)["id_token"])["sid"]
    alice.browser.open(photos.authorize(prompt="login"))
    second = parse_claims(photos.tokens(alice.sign_in().press("accept"))["id_token"])["sid"]
    assert first != second
    sign_out_of_the_site(alice, photos, "")
    tokens = [receiver.wait().decode().partition("logout_token=")[2] for _ in range(2)]
    assert {parse_claims(token)["sid"] for token in tokens} == {first, second}
    assert not HydraSession.objects.exists()


def test_logout_of_a_client_is_delivered_once(alice: Person, photos: App, receiver: Receiver) -> None:
    sign_out_of_the_client(alice, photos, sign_in(alice, photos)["id_token"])
    receiver.wait()
    HydraSession.objects.update(ended_at="2026-01-01T00:00:00Z")
    call_command("ory_end_hydra_sessions", verbosity=0)
    assert not HydraSession.objects.exists()
    with pytest.raises(Empty):
        receiver.bodies.get(timeout=0.5)
