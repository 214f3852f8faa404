from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.lock import file_lock, is_locked

if TYPE_CHECKING:
    from pathlib import Path


def test_second_process_waits_and_calls_on_wait(tmp_path: Path) -> None:
    order: list[str] = []
    waiting = threading.Event()

    def second() -> None:
        with file_lock(tmp_path / "a" / "lock", on_wait=waiting.set):
            order.append("second")

    with file_lock(tmp_path / "a" / "lock"):
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(60)
        order.append("first")
    thread.join(60)
    assert order == ["first", "second"]


def test_error_in_the_block_releases_the_lock(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), file_lock(tmp_path / "lock"):
        1 / 0  # noqa: B018
    with file_lock(tmp_path / "lock", on_wait=lambda: pytest.fail("still held")):
        pass


def test_unwritable_folder_raises_advice(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(
            DevstackError, match=r"Cannot write to .*file/cache: .*Not a directory.*\. Take another\."
        ),
        file_lock(tmp_path / "file" / "cache" / "lock", advice="Take another."),
    ):
        pass


def test_system_without_file_locks_raises_alternatives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(DevstackError, match="On Windows use WSL"), file_lock(tmp_path / "lock"):
        pass


@pytest.mark.parametrize("shared", [False, True])
def test_is_locked_inside_of_the_block_only(tmp_path: Path, shared: bool) -> None:
    assert not is_locked(tmp_path / "lock")
    with file_lock(tmp_path / "lock", shared=shared):
        assert is_locked(tmp_path / "lock")
    assert not is_locked(tmp_path / "lock")


def test_shared_locks_are_held_at_the_same_time(tmp_path: Path) -> None:
    def fail() -> None:
        pytest.fail("not shared")

    with file_lock(tmp_path / "lock", shared=True), file_lock(tmp_path / "lock", shared=True, on_wait=fail):
        assert is_locked(tmp_path / "lock")
