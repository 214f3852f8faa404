"""A member becomes staff, and does in the Django admin what staff do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests
from playwright.sync_api import expect

from .servers import manage

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack.stack import OryStack

    from .looks import Looks
    from .people import Visitor
