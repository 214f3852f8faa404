"""The trail: what comes back is what was left, for one challenge, or nothing."""

from __future__ import annotations

from django.core import signing

from django_ory.provider.trail import Trail, leave_trail, read_trail

TRAIL = Trail(
    seen_at=1777896000.25, stepped_up=True, client_name="Photo Lab", client_url="https://photos.example/"
)


def test_comes_back() -> None:
    assert read_trail("c", leave_trail("c", TRAIL)) == TRAIL


def test_fits_one_challenge() -> None:
    assert read_trail("d", leave_trail("c", TRAIL)) is None


def test_nothing_is_nothing() -> None:
    assert read_trail("c", None) is None
    assert read_trail("c", "x" * 10_000) is None


def test_stays_short() -> None:
    longest = Trail(seen_at=1.0, client_name="n" * 5_000, client_url="https://a.example/" + "u" * 5_000)
    assert len(leave_trail("c", longest)) < 2_000


def test_another_shape_is_nothing() -> None:
    other = signing.dumps([1], salt="django_ory.provider.trail:" + "0" * 64)
    assert read_trail("c", other) is None
