"""The signed state of a login."""

from __future__ import annotations

import hashlib

from django.core import signing

from django_ory.provider.state import ClientLink, LoginState, dump_state, load_state

APP = ClientLink(name="Photo Lab", url="https://photos.example/")
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
    longest = ClientLink(name="n" * 5_000, url="https://a.example/" + "u" * 5_000)
    assert len(dump_state("c", client=longest, state=STATE)) < 2_000


def test_signed_value_of_another_shape_is_ignored() -> None:
    salt = f"django_ory.provider.state:{hashlib.sha256(b'c').hexdigest()}"
    assert load_state("c", signing.dumps([1.0, 0, "Photo Lab", ""], salt=salt))[1] == LoginState(seen_at=1.0)
    assert load_state("c", signing.dumps([1], salt=salt)) == (None, None)
