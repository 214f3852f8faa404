"""One state of a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.test import Client, override_settings

from tests.provider.provider_site import ProviderSite
from tests.selfservice.conftest import Kratos

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django_ory.testing import FakeOry

__all__ = ["State"]


@dataclass(frozen=True)
class State:
    """One state of a page. ``visit`` returns the response. ``status``: None for any status."""

    visit: Callable[[Kratos, ProviderSite], Any]
    status: int | None = 200
    settings: Mapping[str, Any] | None = None  #: of the default alias of ``settings.ORY``

    def open(self, ory: FakeOry, client: Client | None = None) -> Any:
        """Open the page, by default in a new browser."""
        client = client or Client()
        if self.settings is None:  # a change of settings would empty the caches of the process
            return self.visit(Kratos(ory, client), ProviderSite(ory, client))
        default = {**settings.ORY["default"], **self.settings}
        with override_settings(ORY={**settings.ORY, "default": default}):
            return self.visit(Kratos(ory, client), ProviderSite(ory, client))
