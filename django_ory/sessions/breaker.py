"""The circuit breaker: while Kratos hangs, requests are told so at once instead of each waiting for a
timeout.

One per alias and process. Whether Kratos is back is found out by a thread in the background, so that no
visitor waits for it; only after a quiet time, when what we know is old, does a request try itself.
"""

from __future__ import annotations

import threading
import time

from django_ory.client import OryError, OryServerError, OryTransportError
from django_ory.clients import get_client
from django_ory.conf import PerAlias, get_settings

__all__ = ["Breaker", "breaker_for", "opens_breaker"]

#: What a gateway in front of Kratos answers for it. A 500 does not count: a single bad cookie may cause one.
GATEWAY_STATUSES = frozenset({502, 503, 504})


def opens_breaker(error: OryError) -> bool:
    """True for errors that the next request would meet as well, and that cost time."""
    if isinstance(error, OryServerError):
        return error.status in GATEWAY_STATUSES
    return isinstance(error, OryTransportError)


class Breaker:
    """Closed: calls go through. Open: they do not, for a while after the last failure or look at Kratos."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self._lock = threading.Lock()
        self._open = False
        # By the monotonic clock:
        self._last = 0.0  #: when Kratos failed a request, or a look at it began
        self._known = 0.0  #: the same, or when a look failed
        self._answered = 0.0  #: when Kratos answered last
        self._looking_since: float | None = None

    @property
    def is_open(self) -> bool:
        """True while Kratos is taken to be down."""
        return self._open

    def allows(self) -> bool:
        """Whether to call Kratos now. May start a look at it in the background."""
        if not self._open:
            return True
        settings = get_settings(self.alias)
        with self._lock:
            now = time.monotonic()
            if now - self._last < settings.breaker_seconds:
                return False
            age = now - self._known
            self._last = self._known = now
            stuck = self._looking_since is not None and now - self._looking_since > settings.timeout + 1
            if age >= 2 * settings.breaker_seconds or stuck:
                self._looking_since = None
                return True  # what we know is old: this request finds out
            # Beside a look that hangs: it may not hear that Kratos is back before its timeout.
            self._looking_since = self._looking_since or now
        threading.Thread(target=self._look, name="django_ory-breaker", daemon=True).start()
        return False

    def failed(self, *, since: float | None = None) -> None:
        """Kratos did not answer a call that began at ``since`` (default: now), by the monotonic clock.

        Who hung for long says little about now: if Kratos has answered somebody else meanwhile, it is up; if
        not, a look at it may begin the sooner.
        """
        if get_settings(self.alias).breaker_seconds > 0:
            with self._lock:
                now = time.monotonic()
                began = now if since is None else since
                if self._answered <= began:
                    self._open, self._last, self._known = True, max(self._last, began), now

    def succeeded(self) -> None:
        """Kratos answered."""
        self._answered = time.monotonic()
        if self._open:
            with self._lock:
                self._open, self._looking_since = False, None

    def _look(self) -> None:
        try:
            get_client(self.alias).to_session()
        except OryError as error:
            if opens_breaker(error):
                with self._lock:
                    self._known, self._looking_since = time.monotonic(), None
                return
        self.succeeded()


@PerAlias
def breaker_for(alias: str) -> Breaker:
    """The breaker of one alias in this process."""
    return Breaker(alias)
