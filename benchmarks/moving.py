"""The import of Django users against the same calls without it: ``PATCH /admin/identities`` by requests.

A real Kratos, and a Django database in a file. The two take turns, with the same number of new identities
each: a turn of the import checks its users, creates the identities and writes the links.
``BENCH_USERS`` is the number of users (5,000).
"""

from __future__ import annotations

import os
import time
from typing import Any

import requests
from django.test import override_settings

from .mirror_sites import configure_site, open_database

TURNS = 5
BATCH = 200
GOAL = 0.9
PASSWORD = "a quiet harbor at 5 am"


def main() -> None:
    """Measure and print the rates, their ratio, and the result of one sign-in."""
    with open_database("sqlite") as database:
        configure_site(database, {}, ROOT_URLCONF="benchmarks.moving_urls")
        from django_ory.devstack import OryStack

        with OryStack() as stack, override_settings(ORY=stack.ory_setting):
            _measure(stack)


def _measure(stack: Any) -> None:
    from django.contrib.auth import get_user_model
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command

    from django_ory.mirror.imports.password_hashes import convert_to_kratos
    from django_ory.mirror.imports.users import UserImport, UserImportOptions
    from django_ory.models import Identity

    call_command("migrate", verbosity=0)
    number = int(os.environ.get("BENCH_USERS", "5000")) // TURNS * TURNS
    hashed = make_password(PASSWORD, hasher="pbkdf2_sha256")
    user_model: Any = get_user_model()
    user_model.objects.bulk_create(
        user_model(
            username=f"user{index}",
            email=f"user{index}@example.com",
            first_name="Ann",
            last_name="Example",
            password=hashed,
        )
        for index in range(number)
    )
    url = f"{stack.kratos_admin_url}/admin/identities"
    size = number // TURNS
    measured: dict[str, list[float]] = {"requests": [], "import": []}
    with requests.Session() as session:

        def send_raw(turn: int) -> None:
            bodies = [_build_body(f"raw{turn}-{index}", convert_to_kratos(hashed)) for index in range(size)]
            started = time.perf_counter()
            for start in range(0, size, BATCH):
                answer = session.patch(url, json={"identities": bodies[start : start + BATCH]}, timeout=120)
                assert answer.status_code == 200, answer.text
            measured["requests"].append(time.perf_counter() - started)

        def import_users(turn: int) -> None:
            started = time.perf_counter()
            users = UserImport(UserImportOptions(alias="default", limit=size, batch_size=BATCH))
            assert users.check()
            assert users.run().counts["created"] == size
            measured["import"].append(time.perf_counter() - started)

        for turn in range(TURNS):
            steps = (send_raw, import_users) if turn % 2 else (import_users, send_raw)
            for step in steps:
                step(turn)
    raw, ours = sum(measured["requests"]), sum(measured["import"])
    print([round(one / other, 2) for one, other in zip(*measured.values(), strict=True)])
    assert Identity.objects.filter(user__isnull=False).count() == number
    ratio = raw / ours
    print(f"{number} identities each, {BATCH} per call, {TURNS} turns each")
    print(f"requests: {number / raw:6.0f} identities a second")
    print(f"import:   {number / ours:6.0f} users a second, checked and linked")
    print(f"ratio:    {ratio:6.2f} (goal: at least {GOAL})")
    print(f"sign-in with the old password: {_sign_in(stack, 'user0@example.com')}")


def _build_body(name: str, hashed: str) -> dict[str, Any]:
    """The body that the import makes for a user with this name."""
    metadata = {"user": "12345", "import": "0" * 32}
    return {
        "create": {
            "schema_id": "person",
            "traits": {"email": f"{name}@example.com", "name": {"first": "Ann", "last": "Example"}},
            "state": "active",
            "metadata_admin": {"django": metadata},
            "credentials": {"password": {"config": {"hashed_password": hashed}}},
        },
        "patch_id": "00000000-0000-0000-0000-000000000000",
    }


def _sign_in(stack: Any, identifier: str) -> int:
    flow = requests.get(f"{stack.kratos_public_url}/self-service/login/api", timeout=10).json()
    body = {"method": "password", "identifier": identifier, "password": PASSWORD}
    return requests.post(flow["ui"]["action"], json=body, timeout=60).status_code
