"""Limits the attempts of one caller, such as guesses of a code.

Fails closed: while the cache does not work, no attempt is allowed.
"""

from __future__ import annotations

import hashlib
import json

from .fail_safe_cache import FailSafeCache


class AttemptThrottle:
    """At most ``limit`` attempts per key in any ``seconds``.

    The count is in the cache, so a cache of one process counts for that process only. A cache that stores
    nothing (DummyCache) limits nothing.

    Args:
        cache: The cache with the counts.
        name: The limited action. Throttles with the same name, limit and cache share their counts.
        limit: Attempts, at most about 100: each call reads this number of entries.
        seconds: The length of the window.
    """

    def __init__(self, cache: FailSafeCache, *, name: str, limit: int, seconds: float) -> None:
        self.cache = cache
        self.name = name
        self.limit = limit
        self.seconds = seconds

    def take(self, *key: str) -> bool:
        """Count an attempt. Returns False after too many, and while the cache does not work.

        ``key``: the caller, such as the alias and ``get_address_key(request)``. The texts may be of any
        length and content.
        """
        # Keys of memcached are short, and the texts may be secret.
        digest = hashlib.sha256(json.dumps([self.name, *key]).encode()).hexdigest()
        # Each attempt occupies an entry until the entry expires. ``add`` gives an entry to one process only.
        entries = [f"django_ory:attempts:{digest}:{number}" for number in range(self.limit)]
        occupied = self.cache.get_many(entries)
        return any(self.cache.add(entry, 1, self.seconds) for entry in entries if entry not in occupied)
