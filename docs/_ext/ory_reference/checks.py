"""The system checks: id, level, reason, and an example of message and remedy."""

from __future__ import annotations

from django_ory.checks import RULES

from .check_faults import find_message
from .markdown import code, entry, mark_names

LEVELS = {"E": "Error", "W": "Warning", "I": "Info"}


def lines(level: str) -> list[str]:
    """Return an entry for each check of a level: ``E``, ``W`` or ``I``."""
    found = []
    for rule in sorted(RULES.values(), key=lambda rule: rule.id):
        if rule.id[0] != level:
            continue
        message = find_message(rule.id)
        only = " Only with `check --deploy`." if rule.deploy else ""
        found += entry(
            f"`django_ory.{rule.id}`",
            f"{LEVELS[level]}: {mark_names(rule.summary)}{only}",
            f"- Message: {code(message.msg)}\n- Remedy: {code(str(message.hint))}",
            label=f"check-{rule.id}",
        )
    return found
