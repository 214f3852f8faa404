"""Types and checks of command-line arguments."""

from __future__ import annotations

import argparse

from django.core.management.base import CommandError

from django_ory.conf import aliases

__all__ = ["choose_aliases", "parse_count", "parse_pair", "require_alias"]


def parse_pair(text: str) -> tuple[str, str]:
    """Return the name and the value of ``NAME=VALUE``. Raises ArgumentTypeError."""
    name, separator, value = text.partition("=")
    if not name or not separator:
        raise argparse.ArgumentTypeError("must be NAME=VALUE")
    return name, value


def parse_count(text: str) -> int:
    """Return a number from 1 on. Raises ArgumentTypeError."""
    if not (text.isascii() and text.isdecimal() and int(text) >= 1):
        raise argparse.ArgumentTypeError("must be a number from 1 on")
    return int(text)


def choose_aliases(alias: str | None) -> tuple[str, ...]:
    """Return the chosen project; all projects if none is chosen. Raises CommandError for an unknown one."""
    if not alias:
        return aliases()
    require_alias(alias)
    return (alias,)


def require_alias(alias: str) -> None:
    """Raise CommandError unless ``settings.ORY`` has the project."""
    if alias not in aliases():
        raise CommandError(f'settings.ORY has no "{alias}". It has: {", ".join(aliases())}.')
