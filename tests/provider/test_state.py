"""The signed state of a login."""

from __future__ import annotations

import hashlib
import secrets

from django.core import signing

from django_ory.provider.state import (
    MAX_REQUEST_URL_LENGTH,
    MAX_STATE_LENGTH,
    ClientLink,
    LoginState,
    dump_state,
    load_state,
)

APP = ClientLink(
    name="Photo Lab",
    url="https://photos.example/",
    request_url="http://hydra.test:4444/oauth2/auth?client_id=app&state=x",
)
STATE = LoginState(seen_at=1777896000.25, stepped_up=True)


def test_dumped_state_is_loaded() -> None:
    assert load_state("c", dump_state("c", client=APP, state=STATE)) == (APP, STATE)


def test_client_without_a_state_is_loaded() -> None:
    assert load_state("c", dump_state("c", client=APP)) == (APP, None)


def test_state_of_another_challenge_is_ignored() -> None:
    assert load_state("d", dump_state("c", client=APP, state=STATE)) == (None, None)


def test_missing_or_long_text_is_ignored() -> None:
    assert load_state("c", None) == (None, None)
    assert load_state("c", "x" * 10_000) == (None, None)


def test_long_client_names_are_truncated() -> None:
    url = f"https://a.example/{secrets.token_urlsafe(5_000)}"
    longest = ClientLink(name=secrets.token_urlsafe(5_000), url=url, request_url=url[:MAX_REQUEST_URL_LENGTH])
    text = dump_state("c", client=longest, state=STATE)
    assert len(text) <= MAX_STATE_LENGTH
    loaded = load_state("c", text)[0]
    assert loaded is not None
    assert loaded.request_url == longest.request_url


def test_longer_request_url_is_left_out() -> None:
    """A part of it would be another request."""
    link = ClientLink(name="app", request_url="https://a.example/" + "u" * MAX_REQUEST_URL_LENGTH)
    assert load_state("c", dump_state("c", client=link)) == (ClientLink(name="app"), None)


def test_signed_value_of_another_shape_is_ignored() -> None:
    salt = f"django_ory.provider.state:{hashlib.sha256(b'c').hexdigest()}"
    assert load_state("c", signing.dumps([1.0, 0, "Photo Lab", "", ""], salt=salt))[1] == LoginState(
        seen_at=1.0
    )
    assert load_state("c", signing.dumps([1], salt=salt)) == (None, None)
