"""ASGI application of the site and its MCP server: ``uvicorn toolshelf.asgi:application --port 8002``."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "toolshelf.settings")

site = get_asgi_application()

# After the line above: these modules import models.
from lending.mcp_server import server  # noqa: E402

from django_ory.mcp import build_mcp_application  # noqa: E402

application = build_mcp_application(server, site)
