"""Visitors that send requests without long pauses, and their results: counts, durations, violations."""

from __future__ import annotations

import contextlib
import http.client
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .servers import sign_out_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .accounts import Person
    from .servers import Answer, Site

__all__ = ["SIGN_IN_PAGES", "Load", "Result", "Visit"]

PAGES = ("session/", "user/", "login-required/", "members/", "api/", "aal2/")
SIGN_IN_PAGES = ("login/", "registration/", "settings/", "login/?flow=5d3a1a0e-8f60-4d0c-9a3a-7e1ad9cf0a10")
WRONG_COOKIES = (
    "ory_kratos_session=MTcwMDAwMDAwMHxub2JvZHk=",
    "ory_kratos_session=",
    "ory_kratos_session=\xff\xfe",
    "ory_session_other=ory_st_nobody; sessionid=x",
)
KINDS = (
    *("public", "anonymous", "wrong cookie", "wrong cookie", "sign-in page", "signing out", "signed out"),
    *(5 * ("signed in",)),
)
#: The statuses of a sign-out: complete, or still signed in because Kratos is unavailable.
SIGN_OUT_STATUSES = (303, 503)
HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}


@dataclass(frozen=True)
class Visit:
    """One request. ``entitled`` is the only user name that the site may return."""

    kind: str
    method: str
    path: str
    cookie: str = ""
    allowed_name: str | None = None
    body: str | None = None

    @property
    def is_protected(self) -> bool:
        """Whether the page requires a sign-in."""
        return any(part in self.path for part in ("required", "members", "api", "aal2"))


@dataclass(frozen=True)
class Result:
    """The result of a visit. ``status`` 0: the connection was closed."""

    phase: str
    visit: Visit
    status: int
    name: str | None
    started: float  #: by the monotonic clock
    seconds: float

    @property
    def violation(self) -> str:
        """The reason if access was granted by mistake, or an empty text."""
        if self.name is not None and self.name != self.visit.allowed_name:
            return f"{self.visit.kind} was answered with the data of another user"
        if self.status == 200 and self.visit.is_protected and self.visit.allowed_name is None:
            return f"{self.visit.kind} saw {self.visit.path}"
        return ""

    @property
    def has_expected_status(self) -> bool:
        """Whether the status is allowed during an outage."""
        usual = (200, 302, 303, 401, 503)
        return self.status in (SIGN_OUT_STATUSES if self.visit.kind == "signing out" else usual)

    @property
    def is_success(self) -> bool:
        """Whether a signed-in visitor got the expected response."""
        return (
            self.status == 303 if self.visit.kind == "signing out" else self.name == self.visit.allowed_name
        )


@dataclass
class Load:
    """``threads`` visitors at a site. The users in ``signed_in`` have sessions; those in ``signed_out``
    have ended their session, and submit the form repeatedly.
    """

    site: Site
    signed_in: Sequence[Person]
    signed_out: Sequence[Person]
    threads: int = 8
    seed: int = 0
    phase: str = "before"
    results: list[Result] = field(default_factory=list)
    _forms: list[tuple[str, str]] = field(default_factory=list, repr=False)
    _stop: threading.Event = field(default_factory=threading.Event)
    _visitors: list[threading.Thread] = field(default_factory=list)

    def warm_up(self) -> None:
        """Request every page once: the first request of a server is slow."""
        pages = [*(f"auth/{page}" for page in SIGN_IN_PAGES), *PAGES, *(f"{page}async/" for page in PAGES)]
        for page in pages:
            self.site.get(f"/{page}", cookie=self.signed_in[0].cookie, headers=HTML)
        for person in self.signed_in:
            self.site.get("/user/", cookie=person.cookie)
        self._forms = [sign_out_form(self.site, leaver.cookie) for leaver in self.signed_out]
        for cookie, body in self._forms:
            self.site.fetch("POST", "/auth/logout/", cookie=cookie, headers=HTML, body=body)

    @contextlib.contextmanager
    def running(self) -> Iterator[Load]:
        """Send requests until the end of the block."""
        chances = [random.Random(self.seed + number) for number in range(self.threads)]
        self._visitors = [threading.Thread(target=self._visit, args=[each], daemon=True) for each in chances]
        for visitor in self._visitors:
            visitor.start()
        try:
            yield self
        finally:
            self.stop()

    def stop(self) -> None:
        """Stop all visitors and wait for the end."""
        self._stop.set()
        for visitor in self._visitors:
            visitor.join(60)

    def make(self, visit: Visit) -> None:
        """Send one request and record the result."""
        phase, started = self.phase, time.monotonic()
        status, name = 0, None
        with contextlib.suppress(OSError, http.client.HTTPException):
            answer = self._send(visit)
            status, name = answer.status, answer.name
        self.results.append(Result(phase, visit, status, name, started, time.monotonic() - started))

    def recovery(self, since: float) -> float:
        """Return the seconds from a moment to the last wrong response for a signed-in user."""
        asked = [
            one
            for one in list(self.results)
            if one.visit.kind in ("signed in", "signing out")
            and "aal2" not in one.visit.path
            and one.started >= since
        ]
        bad = [one for one in asked if not one.is_success]
        assert len(asked) > len(bad), "no correct response after the fault"
        return max((one.started + one.seconds - since for one in bad), default=0.0)

    def table(self) -> str:
        """Return counts by phase and status, with the slowest request of each phase."""
        phases = list(dict.fromkeys(one.phase for one in self.results))
        statuses = sorted({one.status for one in self.results})
        width = max(map(len, phases))
        lines = [f"{'':{width}} " + "".join(f"{status or 'broken':>8}" for status in statuses) + "  slowest"]
        for phase in phases:
            of_phase = [one for one in self.results if one.phase == phase]
            counts = Counter(one.status for one in of_phase)
            slowest = max(one.seconds for one in of_phase)
            row = "".join(f"{counts[status]:>8}" for status in statuses)
            lines.append(f"{phase:{width}} {row}  {slowest:6.2f} s")
        return "\n".join([*lines, f"{len(self.results)} requests"])

    def _visit(self, chance: random.Random) -> None:
        while not self._stop.is_set():
            self.make(self._choose(chance))
            self._stop.wait(0.01 + chance.random() * 0.03)

    def _send(self, visit: Visit) -> Answer:
        headers = JSON if "api" in visit.path or "session" in visit.path else HTML
        return self.site.send(visit.method, visit.path, cookie=visit.cookie, headers=headers, body=visit.body)

    def _choose(self, chance: random.Random) -> Visit:
        kind, person = chance.choice(KINDS), chance.choice(self.signed_in)
        forged = person.cookie[:60] + ("A" if person.cookie[60] != "A" else "B") + person.cookie[61:]
        cookies = {
            "signed in": person.cookie,
            "wrong cookie": chance.choice((*WRONG_COOKIES, forged)),
            "sign-in page": chance.choice((person.cookie, forged, "")),
            "signed out": chance.choice(self.signed_out).cookie,
        }
        cookie = cookies.get(kind, "")
        if kind == "public":
            return Visit(kind, "GET", "/", person.cookie)
        if kind == "sign-in page":
            return Visit(kind, "GET", f"/auth/{chance.choice(SIGN_IN_PAGES)}", cookie)
        if kind == "signing out":
            cookie, body = chance.choice(self._forms)
            return Visit(kind, "POST", "/auth/logout/", cookie, body=body)
        method, page = chance.choice([*(("GET", page) for page in PAGES), *(3 * (("POST", "post/"),))])
        path = f"/{page}{chance.choice(('', 'async/'))}"
        allowed_name = person.id if kind == "signed in" else None
        return Visit(kind, method, path, cookie, allowed_name, "a=b" if method == "POST" else None)
