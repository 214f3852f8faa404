"""50 concurrent users, and a server that breaks the rules of HTTP at random.

``DJANGO_ORY_HOSTILE_TURNS=1000`` makes the run longer.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django_ory.client import OryClient, OryError, Timeout

from .hostile_server import (
    UNAUTHORIZED,
    Manner,
    after,
    chunked,
    cut_off,
    hostile_server,
    ordinary,
    status,
    together,
    twice,
    twice_chunked,
    with_head,
)

#: Requests of each user. Not a time: a busy machine would make fewer requests in it.
TURNS = int(os.environ.get("DJANGO_ORY_HOSTILE_TURNS", "25"))
USERS = 50
SEED = 20260728

INTERIM = [status(b"%d x" % code) for code in (100, 102, 103, 104, 199)]
NO_BODY = [*(status(b"%d x" % code) for code in (101, 204, 304)), UNAUTHORIZED]


def choose(chance: random.Random, counts: Counter[str], _: str) -> Manner:
    """A manner at random; half of all responses are correct, so that connections are used again."""
    pause = chance.uniform(0, 0.03)
    manners: dict[str, Manner] = {
        "1xx": after(*chance.choices(INTERIM, k=chance.randint(1, 5)), pause=pause / 5),
        "1xx at once": together(*chance.choices(INTERIM, k=chance.randint(1, 5))),
        "no body": after(chance.choice(NO_BODY), pause=pause),
        "no body, at once": together(chance.choice(NO_BODY)),
        "two": chance.choice([twice, twice_chunked]),
        "bytes after the end": with_head(b"Content-Length: %d\r\n", extra=chance.randbytes(50)),
        "early close": cut_off(chance.randrange(100), reset=chance.random() < 0.5),
    }
    name = chance.choice([*manners, *["ordinary"] * len(manners)])
    counts[name] += 1
    return manners.get(name) or chance.choice([ordinary, chunked])


def visit(ory: OryClient, number: int) -> Counter[str]:
    """Request the session of one user repeatedly. Each session has a unique id."""
    got: Counter[str] = Counter()
    for turn in range(TURNS):
        name = f"user{number}-{turn}"
        try:
            session = ory.to_session(cookie=f"ory_kratos_session={name}")
        except OryError as error:
            got[type(error).__name__] += 1
        else:
            got["own" if session.id == name else "another user's"] += 1
    return got


def test_hostile_server_never_causes_another_users_session() -> None:
    sent: Counter[str] = Counter()
    with (
        hostile_server(partial(choose, random.Random(SEED), sent)) as server,
        OryClient(kratos_public_url=server.url, timeout=Timeout(2, 5)) as ory,
        ThreadPoolExecutor(USERS) as pool,
    ):
        got = sum(pool.map(partial(visit, ory), range(USERS)), Counter())
        reused = server.requests - server.connections
    print(f"sent {dict(sent)}; received {dict(got)}; {reused} requests over a used connection")
    assert got["another user's"] == 0
    assert got["own"] > USERS
    assert reused > USERS  # otherwise the test proves nothing
    assert len(sent) == 8
