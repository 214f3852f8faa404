"""One development stack for all processes of a test run, such as the workers of pytest-xdist.

The first process to join runs the stack, and waits for the others before the end.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django_ory.conf import DEFAULT_ALIAS
from django_ory.devstack.lock import file_lock, is_locked
from django_ory.devstack.ports import Ports

from .plan import StackAddresses
from .stack import OryStack


@contextmanager
def join_stack(folder: Path, *, alias: str = DEFAULT_ALIAS) -> Iterator[StackAddresses]:
    """Use the stack that all processes with this folder share, started by the first one.

    The stack runs until the last user leaves or dies. If the first process is killed, the stack stops and the
    next caller starts another one. Raises DevstackError if the stack cannot start.
    """
    with ExitStack() as closing:
        with file_lock(folder / "start.lock"):
            stack = _read_running(folder)
            if stack is None:
                stack = closing.enter_context(_run_stack(folder, alias))
            else:
                closing.enter_context(file_lock(stack.folder / "users.lock", shared=True))
        yield stack


@contextmanager
def _run_stack(folder: Path, alias: str) -> Iterator[StackAddresses]:
    data, state = Path(tempfile.mkdtemp(prefix="stack-", dir=folder)), folder / "stack.json"
    with file_lock(data / "runner.lock"), OryStack(folder=data, alias=alias) as stack:
        known = {"folder": str(stack.folder), "site_url": stack.site_url, "ports": vars(stack.ports)}
        state.write_text(json.dumps(known))
        try:
            yield stack
        finally:
            with file_lock(folder / "start.lock"):
                state.unlink()  # later callers start another stack
            with file_lock(data / "users.lock"):  # waits until the last user has released the lock
                pass


def _read_running(folder: Path) -> StackAddresses | None:
    """Return the stack in the state file, or None if no process runs that stack."""
    state = folder / "stack.json"
    known = json.loads(state.read_text()) if state.exists() else None
    if known is None or not is_locked(Path(known["folder"]) / "runner.lock"):
        return None
    return StackAddresses(
        folder=Path(known["folder"]), site_url=known["site_url"], ports=Ports(**known["ports"])
    )
