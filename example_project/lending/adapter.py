"""The texts of the consent page for the scopes of the API, and the end of a member's account."""

from __future__ import annotations

from typing import Any

from django_ory.adapter import OryAdapter

SCOPES = {
    "loans.read": ("See your loans", "Which tools you have borrowed, and when they are due."),
    "loans.write": ("Borrow and return tools", "Start and end loans in your name, and erase returned ones."),
    "loans.overdue": ("See the overdue loans of all members", "Only for clients with a token of their own."),
    "keybox.read": ("See the code of the key box", "Only within ten minutes after you signed in."),
}


class ToolshelfAdapter(OryAdapter):
    """Describes the scopes of the API, and knows the loans of a member."""

    def describe_scope(self, scope: str) -> tuple[str, str] | None:
        return SCOPES.get(scope)

    def get_deletion_denial(self, identity: Any, user: Any) -> Any:
        if user is not None and user.loans.filter(returned_on=None).exists():
            return "You still have tools of ours. Return them first."
        return super().get_deletion_denial(identity, user)

    def export_user(self, user: Any) -> dict[str, Any]:
        loans = user.loans.values("tool__name", "borrowed_on", "due_on", "returned_on")
        return {**super().export_user(user), "loans": list(loans)}
