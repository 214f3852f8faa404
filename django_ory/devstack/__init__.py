"""A real Kratos and a real Hydra on a development machine, configured from the Django project.

``ory_settings`` is for settings modules; ``OryStack``, ``join_stack`` and ``read_mails`` are for tests and
tools. None of this is for production. The required packages come with the extra ``django-ory[dev]``.
"""

from __future__ import annotations

from .errors import DevstackError
from .ports import Ports
from .stack.mails import Mail, read_mails
from .stack.plan import StackAddresses
from .stack.project import data_folder, ory_settings
from .stack.shared import join_stack
from .stack.stack import OryStack

__all__ = [
    "DevstackError",
    "Mail",
    "OryStack",
    "Ports",
    "StackAddresses",
    "data_folder",
    "join_stack",
    "ory_settings",
    "read_mails",
]
