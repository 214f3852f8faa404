"""``ory:token_hook``: Hydra asks this site before a token is issued, and gets the present claims."""

from __future__ import annotations

#: The header with a secret of ``TOKEN_HOOK_SECRETS``. Here for Hydra's configuration.
TOKEN_HOOK_SECRET_HEADER = "X-Token-Hook-Secret"
