"""Who is asking: credential -> cache -> whoami -> Kratos session -> Django user.

Views use ``request.ory`` and ``request.user``; the other rooms use the modules by name.
"""

from __future__ import annotations
