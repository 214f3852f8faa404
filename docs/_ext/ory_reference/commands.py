"""The management commands with their options, from the parsers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from .markdown import code, entry, mark_names

if TYPE_CHECKING:
    import argparse


def list_commands() -> list[str]:
    """Return the names of the commands of this app."""
    return sorted(name for name, app in get_commands().items() if app == "django_ory")


def list_actions(name: str) -> list[argparse.Action]:
    """Return the own options of a command, without those of every command of Django."""
    common = {action.dest for action in _get_actions(BaseCommand().create_parser("manage.py", name))}
    return [each for each in _get_actions(get_parser(name)) if each.dest not in common]


def get_parser(name: str) -> argparse.ArgumentParser:
    """Return the parser of a command."""
    return load_command_class("django_ory", name).create_parser("manage.py", name)


def lines() -> list[str]:
    """Return an entry for each command."""
    found = []
    for name in list_commands():
        options = [_describe(action) for action in list_actions(name)]
        found += entry(
            f"`python manage.py {name}`",
            mark_names(get_parser(name).description or ""),
            "\n".join(options),
            label=f"command-{name}",
        )
    return found


def _describe(action: argparse.Action) -> str:
    """Return an item of the list of options."""
    names = ", ".join(action.option_strings) or str(action.metavar or action.dest)
    takes_value = bool(action.option_strings) and action.nargs != 0
    value = f" {action.metavar or action.dest.upper()}" if takes_value else ""
    if takes_value and action.choices:
        value = f" {{{','.join(map(str, action.choices))}}}"
    values = {**vars(action), "default": code(str(action.default))}
    text = mark_names((action.help or "") % values)
    text += "" if text.endswith(".") else "."
    if not takes_value and action.choices:
        text += f" One of {', '.join(code(str(each)) for each in action.choices)}."
    required = " Required." if action.required and action.option_strings else ""
    return f"- {code(names + value)}: {text}{required}"


def _get_actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return parser._actions  # noqa: SLF001 (argparse has no public name for them)
