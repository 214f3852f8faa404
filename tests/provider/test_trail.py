"""The trail: what comes back is what was left, for one challenge, or nothing."""

from __future__ import annotations

import hashlib

from django.core import signing

from django_ory.provider.trail import App, Trail, leave_trail, read_trail

APP = App(name="Photo Lab", url="https://photos.example/")
TRAIL = Trail(seen_at=1777896000.25, stepped_up=True)


def test_comes_back() -> None:
    assert read_trail("c", leave_trail("c", app=APP, trail=TRAIL)) == (APP, TRAIL)


def test_a_page_alone_has_sent_nobody_away() -> None:
    assert read_trail("c", leave_trail("c", app=APP)) == (APP, None)


def test_fits_one_challenge() -> None:
    assert read_trail("d", leave_trail("c", app=APP, trail=TRAIL)) == (None, None)


def test_nothing_is_nothing() -> None:
    assert read_trail("c", None) == (None, None)
    assert read_trail("c", "x" * 10_000) == (None, None)


def test_stays_short() -> None:
    longest = App(name="n" * 5_000, url="https://a.example/" + "u" * 5_000)
    assert len(leave_trail("c", app=longest, trail=TRAIL)) < 2_000


def test_another_shape_is_nothing() -> None:
    salt = f"django_ory.provider.trail:{hashlib.sha256(b'c').hexdigest()}"
    assert read_trail("c", signing.dumps([1.0, 0, "Photo Lab", ""], salt=salt))[1] == Trail(seen_at=1.0)
    assert read_trail("c", signing.dumps([1], salt=salt)) == (None, None)
