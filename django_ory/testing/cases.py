"""``FakeOry`` for ``django.test.TestCase``, without pytest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .fake.ory import FakeOry

if TYPE_CHECKING:
    from django.test import AsyncClient, Client

    from django_ory.client.models import Identity

    from .fake.sessions import StoredSession

__all__ = ["FakeOryMixin"]


class FakeOryMixin:
    """Gives each test of a ``TestCase`` an in-memory Kratos and Hydra as ``self.ory``.

    Base class to put first: ``class ProfileTests(FakeOryMixin, TestCase)``.
    """

    ory: FakeOry
    client: Client
    async_client: AsyncClient

    def setUp(self) -> None:
        """Start the fake servers before each test."""
        self.ory = FakeOry()
        self.ory.__enter__()
        self.addCleanup(self.ory.__exit__, None, None, None)  # type: ignore[attr-defined]  # of unittest.TestCase
        super().setUp()  # type: ignore[misc]

    def ory_login(self, identity: Identity | str | None = None, **options: Any) -> StoredSession:
        """Sign a user in at ``self.client`` and ``self.async_client``; see ``FakeOry.login``."""
        session = self.ory.login(self.client, identity, **options)
        self.async_client.cookies[self.ory.kratos.sessions.session_cookie] = session.cookie
        return session
