"""The signals, from the comments above them."""

from __future__ import annotations

import inspect
import re
from typing import NamedTuple

from django_ory import signals

from .markdown import entry

SIGNAL = re.compile(r"((?:^#:.*\n)+)(\w+) = Signal\(\)", re.MULTILINE)
TEXT = re.compile(r"(?P<when>Sent .+?)\. Sender: (?P<sender>\w+)\. Arguments: (?P<arguments>.+)\.")

#: The name of an argument, outside of the explanation in brackets.
ARGUMENT = re.compile(r"(?:(?<=, )|^)\w+")
NAME = r"`\g<0>`"


class SignalText(NamedTuple):
    """The documentation of one signal."""

    when: str
    sender: str
    arguments: str


def read_texts() -> dict[str, SignalText]:
    """Return the documentation of each signal."""
    found = {}
    for comment, name in SIGNAL.findall(inspect.getsource(signals)):
        text = TEXT.fullmatch(" ".join(comment.replace("#:", "").split()))
        assert text is not None, f"The comment of {name} must be: Sent ... Sender: ... Arguments: ..."
        found[name] = SignalText(*text.groups())
    return found


def lines() -> list[str]:
    """Return an entry for each signal."""
    found = []
    for name, text in sorted(read_texts().items()):
        facts = f"Sender: `{text.sender}`. Arguments: {ARGUMENT.sub(NAME, text.arguments)}."
        found += entry(f"`django_ory.signals.{name}`", f"{text.when}.", facts, label=f"signal-{name}")
    return found
