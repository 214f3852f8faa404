"""The pages of a client beside its form."""

from __future__ import annotations

from .connection_page import CONNECTION_PAGE
from .lifespans_page import LIFESPANS_PAGE
from .revocation_page import REVOCATION_PAGE
from .secret_page import SECRET_PAGE

CLIENT_PAGES = (SECRET_PAGE, LIFESPANS_PAGE, REVOCATION_PAGE, CONNECTION_PAGE)
