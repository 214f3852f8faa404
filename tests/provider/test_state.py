"""The state: what comes back is what was left, for one challenge, or nothing."""

from __future__ import annotations

import hashlib

from django.core import signing

from django_ory.provider.state import ClientLink, LoginState, dump_state, load_state

APP = ClientLink(name="Photo Lab", url="https://photos.example/")
STATE = LoginState(seen_at=1777896000.25, stepped_up=True)


def test_comes_back() -> None:
    assert load_state("c", dump_state("c", client=APP, state=STATE)) == (APP, STATE)


def test_a_page_alone_has_sent_nobody_away() -> None:
    assert load_state("c", dump_state("c", client=APP)) == (APP, None)


def test_fits_one_challenge() -> None:
    assert load_state("d", dump_state("c", client=APP, state=STATE)) == (None, None)


def test_nothing_is_nothing() -> None:
    assert load_state("c", None) == (None, None)
    assert load_state("c", "x" * 10_000) == (None, None)


def test_stays_short() -> None:
    longest = ClientLink(name="n" * 5_000, url="https://a.example/" + "u" * 5_000)
    assert len(dump_state("c", client=longest, state=STATE)) < 2_000


def test_another_shape_is_nothing() -> None:
    salt = f"django_ory.provider.state:{hashlib.sha256(b'c').hexdigest()}"
    assert load_state("c", signing.dumps([1.0, 0, "Photo Lab", ""], salt=salt))[1] == LoginState(seen_at=1.0)
    assert load_state("c", signing.dumps([1], salt=salt)) == (None, None)
