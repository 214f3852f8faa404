"""The loggers with their messages, read from the source, and the events of the audit log."""

from __future__ import annotations

import ast
import logging
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import django_ory
from django_ory.provider.audit import EVENTS

from .markdown import code, entry

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(django_ory.__file__).parent
#: What the package calls to write a message -> level. ``warn`` and ``log_error`` are helpers of its own.
LEVELS = {
    "debug": "DEBUG",
    "info": "INFO",
    "warning": "WARNING",
    "warn": "WARNING",
    "error": "ERROR",
    "log_error": "ERROR",
}
#: Two words: a text without them is that of other code, such as ``%s: %s``.
MESSAGE = re.compile(r"[a-z]{2,} [a-z%(]\w*", re.IGNORECASE)
#: Logger -> its subject.
LOGGERS = {
    "django_ory": "Session lookups, users, the session cache, identity schemas and keys of tokens.",
    "django_ory.accounts": "Deletions of accounts, downloads, and the page of connected apps.",
    "django_ory.admin": "Actions of the admin.",
    "django_ory.audit": "The decisions of the provider: the events below.",
    "django_ory.client": "Each call to Ory: method, path template, status and milliseconds.",
    "django_ory.courier": "Mails and SMS that this site sends for Kratos.",
    "django_ory.import": "Imports of users, and the passwords of imported users.",
    "django_ory.invitations": "Invitations, and the web hook that checks sign-ups.",
    "django_ory.mirror": "Syncs of identities and OAuth2 clients.",
    "django_ory.provider": "The pages of Hydra, the token hook, and clients that register themselves.",
    "django_ory.relying_party": "Logout tokens of a Hydra at which this site signs in by another library.",
    "django_ory.selfservice": "The pages of Kratos.",
    "django_ory.tasks": "Work of the queue.",
    "django_ory.validation": "The web hook that validates profiles.",
    "django_ory.webhooks": "Web hooks of Kratos.",
}


@cache
def read_messages() -> dict[str, list[tuple[str, str]]]:
    """Return level and text of the messages of each logger, as far as the text is in the call."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text())
        names = [name for node in ast.walk(tree) if (name := _get_logger_name(node))]
        for name in names:
            found[name].extend(_find_messages(tree))
    return {name: sorted(set(texts)) for name, texts in found.items()}


def lines() -> list[str]:
    """Return an entry for each logger, with its messages."""
    found = []
    for name, subject in LOGGERS.items():
        messages = [f"- {level}: {code(text)}" for level, text in read_messages()[name]]
        found += entry(f"`{name}`", subject, "\n".join(messages), label=f"logger-{name}")
    return found


def event_lines() -> list[str]:
    """Return an entry for each event of the audit log."""
    found = []
    for name, event in EVENTS.items():
        owasp = f" OWASP: `{event.owasp}`." if event.owasp else ""
        facts = f"{event.summary} Level: {logging.getLevelName(event.level)}.{owasp}"
        found += entry(f"`{name}`", facts)
    return found


def _get_logger_name(node: ast.AST) -> str:
    """Return the name in ``logging.getLogger("...")``, or ""."""
    match node:
        case ast.Call(func=ast.Attribute(attr="getLogger"), args=[ast.Constant(value=str(name))]):
            return name if name.startswith("django_ory") else ""
    return ""


def _find_messages(tree: ast.Module) -> Iterator[tuple[str, str]]:
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=method), args=arguments) if method in LEVELS:
                values = [each.value for each in arguments if isinstance(each, ast.Constant)]
                values += [constants.get(each.id) for each in arguments if isinstance(each, ast.Name)]
                texts = [value for value in values if isinstance(value, str) and MESSAGE.search(value)]
                yield from ((LEVELS[method], text) for text in texts[:1])
            case ast.Assign(targets=[ast.Name(id="rejection_log")], value=ast.Constant(value=str(text))):
                yield LEVELS["warn"], text  # of a post of Kratos or Hydra
