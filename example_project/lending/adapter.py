"""The texts of the consent page for the scopes of the API."""

from __future__ import annotations

from django_ory.adapter import OryAdapter

SCOPES = {
    "loans.read": ("See your loans", "Which tools you have borrowed, and when they are due."),
    "loans.write": ("Borrow and return tools", "Start and end loans in your name, and erase returned ones."),
    "loans.overdue": ("See the overdue loans of all members", "Only for clients with a token of their own."),
    "keybox.read": ("See the code of the key box", "Only within ten minutes after you signed in."),
}


class ToolshelfAdapter(OryAdapter):
    """Describes the scopes of the API."""

    def describe_scope(self, scope: str) -> tuple[str, str] | None:
        return SCOPES.get(scope)
