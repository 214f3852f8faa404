"""The tools of the MCP server: an assistant lists, borrows and returns tools for a member.

A machine with a token of its own (client credentials) may list tools only. The name of each function, its
arguments and its docstring are the description for the model.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from django_ory.mcp import OryTokenVerifier, build_auth_settings, get_current_user, oauth2_tool

from .models import Loan, Tool, ToolOnLoan

server: MCPServer[Any] = MCPServer(
    "Toolshelf",
    instructions="Lends tools to the members of a neighborhood tool library.",
    token_verifier=OryTokenVerifier(settings.MCP_URL),
    auth=build_auth_settings(settings.MCP_URL),
    log_level="WARNING",  # otherwise a line for each request
)


@server.tool()
@oauth2_tool()
def list_tools() -> list[dict[str, Any]]:
    """List all tools with their ids, and whether they can be borrowed now."""
    return [
        {"id": tool.slug, "name": tool.name, "is_available": tool.current_loan is None}
        for tool in Tool.objects.prefetch_related("loans")
    ]


@server.tool()
@oauth2_tool(scopes=["loans.read"])
def list_my_loans() -> list[dict[str, Any]]:
    """List the open loans of the member."""
    loans = Loan.objects.filter(borrower=get_current_user(), returned_on__isnull=True).select_related("tool")
    return [describe_loan(loan) for loan in loans]


@server.tool()
@oauth2_tool(scopes=["loans.write"])
def borrow_tool(tool_id: str) -> dict[str, Any]:
    """Borrow a tool for the member. The id is one of list_tools."""
    tool = Tool.objects.filter(slug=tool_id).first()
    if tool is None:
        raise ToolError("There is no tool with this id. Call list_tools for the ids.")
    try:
        return describe_loan(tool.lend_to(get_current_user()))
    except ToolOnLoan:
        raise ToolError(f"{tool.name} is on loan. Choose another tool.") from None


@server.tool()
@oauth2_tool(scopes=["loans.write"])
def return_tool(tool_id: str) -> dict[str, Any]:
    """Return a tool that the member has borrowed."""
    loan = Loan.objects.filter(
        borrower=get_current_user(), tool__slug=tool_id, returned_on__isnull=True
    ).first()
    if loan is None:
        raise ToolError("The member has not borrowed this tool. Call list_my_loans.")
    loan.give_back()
    return describe_loan(loan)


def describe_loan(loan: Loan) -> dict[str, Any]:
    """A loan as the result of a tool."""
    return {
        "tool_id": loan.tool.slug,
        "name": loan.tool.name,
        "due_on": loan.due_on.isoformat(),
        "returned_on": loan.returned_on and loan.returned_on.isoformat(),
    }
