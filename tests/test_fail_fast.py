"""Calls of ``get_client()`` fail at once while a service or the credential of a visitor causes timeouts."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests

from django_ory.client import (
    OryCircuitOpen,
    OryConnectionError,
    OryError,
    OryServerError,
    OryTimeout,
    OryUnauthorized,
)
from django_ory.client.services import HYDRA_ADMIN, KRATOS_ADMIN, KRATOS_PUBLIC
from django_ory.clients import get_client, get_fail_fast, new_client
from django_ory.resilience.circuit_breaker import CircuitBreaker
from django_ory.testing import FakeResponse
from tests.support.kratos import ory_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import Settings

    from django_ory.client import OryClient
    from django_ory.client.services import Service
    from django_ory.testing import FakeOry, FakeRequest
    from tests.probes import Probes

KRATOS = "http://kratos.test:4433"
KRATOS_ADMIN_URL = "http://kratos.test:4434"
HYDRA_ADMIN_URL = "http://hydra.test:4445"
WHOAMI = f"{KRATOS}/sessions/whoami"
FLOWS = f"{KRATOS}/self-service/login/flows"
READY = {
    KRATOS_PUBLIC: f"{KRATOS}/health/ready",
    KRATOS_ADMIN: f"{KRATOS_ADMIN_URL}/admin/health/ready",
    HYDRA_ADMIN: f"{HYDRA_ADMIN_URL}/health/ready",
}
LATE: dict[str, Any] = {"fault": "slow"}
REFUSED: dict[str, Any] = {"fault": "down"}
OK: dict[str, Any] = {"json": {"status": "ok"}}
ANONYMOUS: dict[str, Any] = {"status": 401, "json": {"error": {"code": 401}}}

ID = "9f425a8d-7efc-4768-8f23-7647a74fdf13"


CALLS: dict[str, tuple[Service, str, Callable[[OryClient], object]]] = {
    "whoami": (KRATOS_PUBLIC, WHOAMI, lambda c: c.to_session(cookie="ory_kratos_session=a")),
    "health": (KRATOS_PUBLIC, f"{KRATOS}/health/alive", lambda c: c.is_alive(service="kratos_public")),
    "flow": (KRATOS_PUBLIC, FLOWS, lambda c: c.get_self_service_login_flow(id=ID)),
    "identity": (
        KRATOS_ADMIN,
        f"{KRATOS_ADMIN_URL}/admin/identities/{ID}",
        lambda c: c.admin_get_identity(ID),
    ),
    "login request": (
        HYDRA_ADMIN,
        f"{HYDRA_ADMIN_URL}/admin/oauth2/auth/requests/login",
        lambda c: c.admin_get_o_auth2_login_request(login_challenge="x"),
    ),
}


@pytest.mark.parametrize("fault", [LATE, REFUSED], ids=["late", "refused"])
@pytest.mark.parametrize("name", CALLS)
def test_hanging_service_is_called_once_and_then_heals(
    ory: FakeOry, probes: Probes, name: str, fault: dict[str, Any]
) -> None:
    service, url, call = CALLS[name]
    ory.respond(f"GET {url}", **fault)
    ory.respond(f"GET {READY[service]}", **fault)
    with pytest.raises(OryError):
        call(get_client())
    probes.run()
    sent = len(ory.requests)
    for _ in range(5):
        with pytest.raises(OryCircuitOpen) as caught:
            call(get_client())
        assert caught.value.operation
    assert len(ory.requests) == sent
    assert not get_fail_fast().breakers[service].is_closed

    ory.respond(f"GET {READY[service]}", **OK)
    get_fail_fast().breakers[service]._next_probe_at -= 1.1
    with pytest.raises(OryCircuitOpen):
        call(get_client())
    probes.run()
    with pytest.raises((OryTimeout, OryConnectionError)):
        call(get_client())


def test_each_service_and_alias_has_its_own_circuit(ory: FakeOry, settings: Settings, probes: Probes) -> None:
    settings.ORY = {**settings.ORY, "acme": settings.ORY["default"]}
    ory.respond(f"GET {KRATOS}/health/alive", **LATE)
    ory.respond(f"GET {READY[KRATOS_PUBLIC]}", **LATE)
    ory.respond(f"GET {HYDRA_ADMIN_URL}/health/alive", **OK)
    with pytest.raises(OryTimeout):
        get_client().is_alive(service="kratos_public")
    probes.run()
    with pytest.raises(OryCircuitOpen):
        get_client().is_alive(service="kratos_public")
    get_client().is_alive(service="hydra_admin")
    with pytest.raises(OryTimeout):
        get_client("acme").is_alive(service="kratos_public")


def test_database_that_hangs_opens_the_circuit(ory: FakeOry, probes: Probes) -> None:
    """Without a credential whoami would still answer 401."""
    ory.respond(f"GET {WHOAMI}", **LATE)
    ory.respond(f"GET {READY[KRATOS_PUBLIC]}", status=503, json={"errors": {"database": "timeout"}})
    with pytest.raises(OryTimeout):
        get_client().to_session(cookie="ory_kratos_session=a")
    probes.run()
    with pytest.raises(OryCircuitOpen):
        get_client().to_session(cookie="ory_kratos_session=b")


@pytest.mark.parametrize("status", [200, 401, 404, 429, 500])
def test_any_response_to_the_probe_keeps_the_circuit_closed(
    ory: FakeOry, probes: Probes, status: int
) -> None:
    ory.respond(f"GET {WHOAMI}", **LATE)
    ory.respond(f"GET {READY[KRATOS_PUBLIC]}", status=status, body="<html>")
    with pytest.raises(OryTimeout):
        get_client().to_session(cookie="ory_kratos_session=a")
    probes.run()
    assert get_fail_fast().breakers[KRATOS_PUBLIC].is_closed


def test_credential_rejected_by_a_gateway_does_not_affect_others(ory: FakeOry, probes: Probes) -> None:
    def whoami(request: FakeRequest) -> FakeResponse:
        return FakeResponse(502 if "evil" in request.headers["Cookie"] else 401, b"{}")

    ory.respond(f"GET {WHOAMI}", whoami)
    ory.respond(f"GET {READY[KRATOS_PUBLIC]}", **OK)
    for _ in range(10):
        with pytest.raises((OryServerError, OryCircuitOpen)):
            get_client().to_session(cookie="ory_kratos_session=evil")
        with pytest.raises(OryUnauthorized):
            get_client().to_session(cookie="ory_kratos_session=good")
        probes.run()
    evil = [call for call in ory.requests if "evil" in call.headers.get("Cookie", "")]
    assert len(evil) == 10  # rejected by the gateway at once, so without a delay


def test_only_the_credential_that_times_out_twice_is_rejected(ory: FakeOry, probes: Probes) -> None:
    def whoami(request: FakeRequest) -> FakeResponse:
        if "evil" in request.headers["Cookie"]:
            raise requests.ReadTimeout("too slow")
        return FakeResponse(401, b"{}")

    ory.respond(f"GET {WHOAMI}", whoami)
    ory.respond(f"GET {READY[KRATOS_PUBLIC]}", **OK)
    for _ in range(10):
        with pytest.raises((OryTimeout, OryCircuitOpen)):
            get_client().to_session(cookie="ory_kratos_session=evil")
        with pytest.raises(OryUnauthorized):
            get_client().to_session(cookie="ory_kratos_session=good")
        probes.run()
    evil = [call for call in ory.requests if "evil" in call.headers.get("Cookie", "")]
    assert len(evil) == 2


PADDED = [
    "ory_kratos_session=evil",
    "ory_session_1=x; ory_kratos_session=evil",
    "ory_kratos_session=evil; ory_kratos_session=y",
    "lang=en; ory_kratos_session=evil",
]


def test_too_large_answer_rejects_only_its_credential(ory: FakeOry, settings: Settings) -> None:
    settings.ORY = ory_settings(MAX_RESPONSE_BYTES=1000)
    ory.respond(f"GET {WHOAMI}", body="x" * 1001)
    with pytest.raises(OryError, match="larger than 1000 bytes"):
        get_client().to_session(cookie="lang=en; ory_kratos_session=evil")
    ory.respond(f"GET {WHOAMI}", **ANONYMOUS)
    for cookie in PADDED:
        with pytest.raises(OryCircuitOpen):
            get_client().to_session(cookie=cookie)
    for cookie in ("ory_kratos_session=good", "lang=en; ory_kratos_session=good", "lang=en"):
        with pytest.raises(OryUnauthorized):
            get_client().to_session(cookie=cookie)
    with pytest.raises(OryUnauthorized):
        get_client().to_session(x_session_token="t")


def test_too_large_answer_rejects_the_session_token(ory: FakeOry, settings: Settings) -> None:
    settings.ORY = ory_settings(MAX_RESPONSE_BYTES=1000)
    ory.respond(f"GET {WHOAMI}", body="x" * 1001)
    with pytest.raises(OryError):
        get_client().to_session(x_session_token="evil")
    with pytest.raises(OryCircuitOpen):
        get_client().to_session(x_session_token="evil")
    assert len(ory.requests) == 1


def test_too_large_flow_rejects_that_flow_with_any_cookie(ory: FakeOry, settings: Settings) -> None:
    settings.ORY = ory_settings(MAX_RESPONSE_BYTES=1000)
    ory.respond(f"GET {FLOWS}", body="x" * 1001)
    with pytest.raises(OryError, match="larger"):
        get_client().get_self_service_login_flow(id=ID, cookie="csrf_token_x=1")
    with pytest.raises(OryCircuitOpen):
        get_client().get_self_service_login_flow(id=ID, cookie="csrf_token_x=1; ory_kratos_session=made-up")
    ory.respond(f"GET {FLOWS}", **ANONYMOUS)
    with pytest.raises(OryUnauthorized):
        get_client().get_self_service_login_flow(id=ID[::-1], cookie="csrf_token_x=1")


def test_large_answers_of_admin_apis_reject_no_credential(ory: FakeOry, settings: Settings) -> None:
    settings.ORY = ory_settings(MAX_RESPONSE_BYTES=1000)
    ory.respond(f"GET {KRATOS_ADMIN_URL}/admin/identities", body="x" * 1001)
    for _ in range(3):
        with pytest.raises(OryError, match="larger"):
            get_client().admin_list_identities()


def test_no_credential_is_rejected_after_an_outage(ory: FakeOry, probes: Probes) -> None:
    ory.respond(f"GET {WHOAMI}", **REFUSED)
    ory.respond(f"GET {READY[KRATOS_PUBLIC]}", **REFUSED)
    with pytest.raises(OryConnectionError):
        get_client().to_session(cookie="ory_kratos_session=ann")
    probes.run()
    with pytest.raises(OryCircuitOpen):
        get_client().to_session(cookie="ory_kratos_session=bob")
    ory.respond(f"GET {WHOAMI}", **ANONYMOUS)
    ory.respond(f"GET {READY[KRATOS_PUBLIC]}", **OK)
    get_fail_fast().breakers[KRATOS_PUBLIC]._next_probe_at -= 1.1
    with pytest.raises(OryCircuitOpen):
        get_client().to_session(cookie="ory_kratos_session=bob")
    probes.run()
    for _ in range(2):
        for name in ("ann", "bob"):
            with pytest.raises(OryUnauthorized):
                get_client().to_session(cookie=f"ory_kratos_session={name}")


def test_zero_breaker_seconds_turn_the_circuit_off(ory: FakeOry, settings: Settings, probes: Probes) -> None:
    settings.ORY = ory_settings(BREAKER_SECONDS=0)
    ory.respond(f"GET {KRATOS}/health/alive", **LATE)
    for _ in range(3):
        with pytest.raises(OryTimeout):
            get_client().is_alive()
    assert not probes.started


def test_new_clients_have_no_circuit_breaker(ory: FakeOry, probes: Probes) -> None:
    from django_ory.client import OryClient

    ory.respond(f"GET {KRATOS}/health/alive", **LATE)
    client = new_client(OryClient, "default")
    for _ in range(3):
        with pytest.raises(OryTimeout):
            client.is_alive()
    assert not probes.started


def test_circuits_are_new_with_new_settings(settings: Settings) -> None:
    before = get_fail_fast()
    assert get_fail_fast("default") is before
    settings.ORY = ory_settings(TIMEOUT=1)
    assert get_fail_fast() is not before


@pytest.mark.parametrize("seconds", [0.5, 1.0, 3.0])
def test_timeout_of_any_length_opens_the_circuit(
    ory: FakeOry, settings: Settings, probes: Probes, seconds: float
) -> None:
    settings.ORY = ory_settings(TIMEOUT=seconds)
    ory.respond(f"GET {WHOAMI}", **LATE)
    ory.respond(f"GET {READY[KRATOS_PUBLIC]}", **LATE)
    with pytest.raises(OryTimeout):
        get_client().to_session(cookie="ory_kratos_session=a")
    probes.run()
    with pytest.raises(OryCircuitOpen):
        get_client().to_session(cookie="ory_kratos_session=b")


def test_parallel_timeouts_of_one_visitor_count_once(ory: FakeOry, probes: Probes) -> None:
    """A browser calls in parallel. When the service hangs for a moment, its user must not be rejected."""
    barrier = threading.Barrier(3)

    def whoami(_: FakeRequest) -> FakeResponse:
        barrier.wait(10)
        raise requests.ReadTimeout("too slow")

    def call(_: int) -> None:
        with pytest.raises(OryTimeout):
            get_client().to_session(cookie="ory_kratos_session=ann")

    ory.respond(f"GET {WHOAMI}", whoami)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(call, range(3)))
    ory.respond(f"GET {WHOAMI}", **ANONYMOUS)
    with pytest.raises(OryUnauthorized):
        get_client().to_session(cookie="ory_kratos_session=ann")


def test_timeout_of_a_call_with_little_time_counts_for_no_visitor(ory: FakeOry) -> None:
    ory.respond(f"GET {WHOAMI}", **LATE)
    for _ in range(5):
        with pytest.raises(OryTimeout):
            get_client().with_timeout(0.5).to_session(cookie="ory_kratos_session=ann")


def test_wait_for_a_probe_is_part_of_the_call_s_time(ory: FakeOry, monkeypatch: pytest.MonkeyPatch) -> None:
    def allows_calls(_: CircuitBreaker, *, wait: float) -> bool:
        assert wait == 3
        time.sleep(0.2)
        return True

    get_fail_fast().breakers[KRATOS_PUBLIC].is_closed = False
    monkeypatch.setattr(CircuitBreaker, "allows_calls", allows_calls)
    with pytest.raises(OryUnauthorized):
        get_client().to_session(cookie="ory_kratos_session=ann")
    assert 0 < (ory.requests[-1].timeout or 0) < 2.81
