"""Compares ``settings.ORY`` with the servers that ``ory_dev`` is about to start.

A site whose settings name other ports would use the Kratos of another project without notice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django_ory.conf import get_settings

from .errors import DevstackError
from .ports import HOST
from .project import are_settings_from_stack

if TYPE_CHECKING:
    from .plan import Ports

__all__ = ["check_settings"]

_REMEDY = """\
The site would not use the servers of ory_dev, so nothing was started. Let the settings follow them:

    from django_ory.devstack import ory_settings

    ORY = ory_settings(BASE_DIR)  # further keys are arguments: ory_settings(BASE_DIR, SITE_NAME="Cups")

or start the servers where the settings expect them; the options are in: manage.py ory_dev --help"""


def check_settings(ports: Ports, *, alias: str) -> None:
    """Make sure that the settings of this project lead to the servers on these ports.

    Raises DevstackError that names each wrong setting and the remedy. Settings made by ``ory_settings`` are
    always right.
    """
    if are_settings_from_stack():
        return
    ory = get_settings(alias)
    problems: dict[str, str] = {}  # by URL: an unset browser URL is the public one, and is named once
    for service in ("kratos", "hydra"):
        for side in ("public", "browser", "admin"):
            key = f"{service}_{side}_url"
            port = getattr(ports, f"{service}_{'admin' if side == 'admin' else 'public'}")
            found = getattr(ory, key)
            if found and not _leads_to(found, port, exact=side == "browser"):
                text = f"  {key.upper()} is {found}, and the server will be at http://localhost:{port}."
                problems.setdefault(found, text)
    if problems:
        head = f'settings.ORY["{alias}"] names other servers than those that ory_dev starts:'
        raise DevstackError("\n".join((head, *problems.values(), _REMEDY)))


def _leads_to(url: str, port: int, *, exact: bool) -> bool:
    """Whether a URL is that of the server. Browsers must use the name localhost, which the site has too."""
    hosts = ("localhost",) if exact else ("localhost", HOST, "[::1]", "::1")
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in hosts and (parts.port or 80) == port
