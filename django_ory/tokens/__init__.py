"""OAuth2 access tokens of Hydra: parsing, verification by introspection or as a JWT, and their principals.

Usable without Django REST framework. A token is accepted only after every check has passed; while Hydra is
unavailable, verification raises OryError and no token is accepted.
"""

from __future__ import annotations
