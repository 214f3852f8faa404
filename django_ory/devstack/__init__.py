"""A real Kratos and a real Hydra on a development machine, configured from the Django project.

For settings modules: ``ory_settings``. For tests and tools: ``OryStack``, ``join_stack`` and
``read_mails``. Nothing here is for production; the packages it needs come with the extra ``django-
ory[dev]``.
"""

from __future__ import annotations

from .errors import DevstackError
from .mails import Mail, read_mails
from .plan import Ports
from .project import data_folder, ory_settings
from .shared import SharedStack, join_stack
from .stack import OryStack

__all__ = [
    "DevstackError",
    "Mail",
    "OryStack",
    "Ports",
    "SharedStack",
    "data_folder",
    "join_stack",
    "ory_settings",
    "read_mails",
]
