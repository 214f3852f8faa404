"""Tests of the MCP server, called by the client of the package ``mcp`` without a network."""

from __future__ import annotations

from typing import Any

import httpx2
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.test import TestCase, override_settings
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from django_ory.mcp import build_mcp_application
from django_ory.testing import FakeOryMixin

from .mcp_server import server
from .models import Loan

SCOPES = ("loans.read", "loans.write")


@override_settings(ALLOWED_HOSTS=["localhost"])
class MCPServerTests(FakeOryMixin, TestCase):
    """A member, and a machine with a token of its own."""

    def setUp(self) -> None:
        super().setUp()
        self.member = self.ory.create_identity({"email": "ann@example.org"})

    def call_tool(self, name: str, arguments: dict[str, Any] | None = None, **token: Any) -> Any:
        """The result of a tool with a token of the member, or the error. ``token`` changes the token."""
        values = {"subject": self.member.id, "scope": SCOPES, "audience": [settings.MCP_URL], **token}
        return async_to_sync(self._call_tool)(
            name, arguments, self.ory.create_token("assistant", **values).value
        )

    async def _call_tool(self, name: str, arguments: dict[str, Any] | None, token: str) -> Any:
        transport = httpx2.ASGITransport(build_mcp_application(server, get_asgi_application()))
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            server.session_manager.run(),
            httpx2.AsyncClient(transport=transport, headers=headers) as http,
            Client(streamable_http_client(settings.MCP_URL, http_client=http)) as client,
        ):
            try:
                return await client.call_tool(name, arguments)
            except MCPError as error:  # the response to a denied request
                return error

    def test_member_borrows_and_returns_a_tool(self) -> None:
        borrowed = self.call_tool("borrow_tool", {"tool_id": "apple-press"})
        self.assertEqual(borrowed.structured_content["name"], "Apple press")
        loan = Loan.objects.get()
        self.assertEqual(str(loan.borrower.ory_identities.get().identity_id), self.member.id)
        self.assertEqual(len(self.call_tool("list_my_loans").structured_content["result"]), 1)
        self.call_tool("return_tool", {"tool_id": "apple-press"})
        self.assertEqual(self.call_tool("list_my_loans").structured_content["result"], [])

    def test_tool_on_loan_is_refused(self) -> None:
        other = self.ory.create_identity({"email": "ben@example.org"})
        self.call_tool("borrow_tool", {"tool_id": "apple-press"}, subject=other.id)
        result = self.call_tool("borrow_tool", {"tool_id": "apple-press"})
        self.assertTrue(result.is_error)
        self.assertIn("is on loan", result.content[0].text)

    def test_unknown_tool_and_foreign_loan_are_refused(self) -> None:
        self.assertIn("no tool", self.call_tool("borrow_tool", {"tool_id": "x"}).content[0].text)
        self.assertIn("has not borrowed", self.call_tool("return_tool", {"tool_id": "x"}).content[0].text)

    def test_machine_lists_tools_but_borrows_none(self) -> None:
        tools = self.call_tool("list_tools", subject="").structured_content["result"]
        self.assertIn({"id": "apple-press", "name": "Apple press", "is_available": True}, tools)
        self.assertTrue(self.call_tool("borrow_tool", {"tool_id": "apple-press"}, subject="").is_error)
        self.assertFalse(Loan.objects.exists())

    def test_token_without_the_scope_borrows_nothing(self) -> None:
        denied = self.call_tool("borrow_tool", {"tool_id": "apple-press"}, scope=["loans.read"])
        self.assertIsInstance(denied, MCPError)
        self.assertFalse(Loan.objects.exists())
