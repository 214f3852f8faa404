from __future__ import annotations

from typing import Any

import pytest

from django_ory.client import OryConnectionError, OryDecodeError, OryTimeout
from django_ory.client.errors import error_for
from django_ory.selfservice.flows import (
    MAX_NODES,
    Asked,
    Explain,
    Leave,
    Redirect,
    Restart,
    Show,
    SignIn,
    Start,
    Unavailable,
    Visitor,
    after_fetch,
    before_start,
    flow_id,
)
from django_ory.selfservice.guard import SENT_TIMES, Guard
from django_ory.selfservice.kinds import LOGIN, RECOVERY, REGISTRATION, SETTINGS, VERIFICATION

from . import shapes
from .conftest import PLACES, read
from .shapes import FLOW, error_body

PAGE = "http://testserver/auth/settings/"
STRANGER = Visitor()
MEMBER = Visitor(signed_in=True, aal="aal1")
TWICE = Visitor(signed_in=True, aal="aal2")
HALF_WAY = Visitor(half_way=True)


def asked(**values: Any) -> Asked:
    return Asked(**{"page": PAGE, **values})


# Without a flow.


def test_a_stranger_starts_with_what_was_asked() -> None:
    decision = before_start(
        LOGIN,
        asked(return_to="http://testserver/x", parameters={"organization": "o", "bogus": "1"}),
        STRANGER,
    )
    assert decision == Start(LOGIN, {"organization": "o", "return_to": "http://testserver/x"})


@pytest.mark.parametrize("kind", [LOGIN, REGISTRATION])
def test_who_is_signed_in_goes_on(kind: Any) -> None:
    assert before_start(kind, asked(return_to="http://testserver/x"), MEMBER) == Leave("http://testserver/x")


def test_a_fresh_login_is_for_people_with_a_session() -> None:
    wanted = asked(parameters={"refresh": "true"})
    assert before_start(LOGIN, wanted, MEMBER) == Start(LOGIN, {"refresh": "true"})
    assert before_start(LOGIN, wanted, STRANGER) == Start(LOGIN, {})


def test_the_second_step_comes_after_the_first() -> None:
    wanted = asked(parameters={"aal": "aal2"})
    assert before_start(LOGIN, wanted, STRANGER) == Start(LOGIN, {})  # Kratos would show an error page
    assert before_start(LOGIN, wanted, MEMBER) == Start(LOGIN, {"aal": "aal2"})
    assert before_start(LOGIN, wanted, TWICE) == Leave(None)
    both = asked(parameters={"aal": "aal2", "refresh": "true"})
    assert before_start(LOGIN, both, TWICE) == Start(LOGIN, {"aal": "aal2", "refresh": "true"})


def test_who_is_half_way_gets_the_second_step_and_no_loop() -> None:
    assert before_start(LOGIN, asked(), HALF_WAY) == Start(LOGIN, {"aal": "aal2"})
    assert before_start(SETTINGS, asked(), HALF_WAY) == Start(LOGIN, {"aal": "aal2", "return_to": PAGE})


def test_half_way_with_refresh_gives_the_first_factor_afresh() -> None:
    """An OAuth2 client asks for it with ``prompt=login``. The second factor follows."""
    wanted = asked(parameters={"refresh": "true"})
    assert before_start(LOGIN, wanted, HALF_WAY) == Start(LOGIN, {"refresh": "true"})


def test_an_oauth2_request_is_kratos_to_answer() -> None:
    wanted = asked(parameters={"login_challenge": "c"})
    assert before_start(LOGIN, wanted, MEMBER) == Start(LOGIN, {"login_challenge": "c"})


def test_settings_need_a_session_and_come_back_to_themselves() -> None:
    assert before_start(SETTINGS, asked(), STRANGER) == SignIn(PAGE)
    assert before_start(SETTINGS, asked(return_to="http://testserver/x"), MEMBER) == Start(
        SETTINGS, {"return_to": "http://testserver/x"}
    )


def test_recovery_of_somebody_signed_in_is_a_change_of_settings() -> None:
    assert before_start(RECOVERY, asked(), MEMBER) == Start(SETTINGS)
    assert before_start(RECOVERY, asked(return_to="http://testserver/x"), MEMBER) == Start(
        SETTINGS, {"return_to": "http://testserver/x"}
    )
    assert before_start(RECOVERY, asked(), STRANGER) == Start(RECOVERY, {})
    assert before_start(VERIFICATION, asked(), MEMBER) == Start(VERIFICATION, {})


def test_no_answer_about_the_visitor_is_an_outage() -> None:
    assert before_start(LOGIN, asked(), Visitor(unavailable=True)) == Unavailable()


def test_a_browser_without_cookies_is_told_so() -> None:
    assert before_start(LOGIN, asked(again=True), STRANGER, Guard()) == Explain("cookies")
    assert before_start(LOGIN, asked(again=True), STRANGER, Guard(restarts=1)) == Start(LOGIN, {})


def in_circles(decision: Any) -> Guard:
    """Of somebody who was just sent this way as often as the guard allows."""
    guard = Guard()
    for _ in range(SENT_TIMES):
        guard = guard.after_sending(decision.way)
    return guard


def test_a_page_that_sends_a_member_back_ends_on_an_explanation() -> None:
    target = "http://testserver/staff/"
    guard = in_circles(Leave(target))
    assert before_start(LOGIN, asked(return_to=target), MEMBER, guard) == Explain("not_for_you")
    assert before_start(LOGIN, asked(return_to=target + "other"), MEMBER, guard) == Leave(target + "other")
    assert before_start(LOGIN, asked(), MEMBER, in_circles(Leave(None))) == Leave(None)


@pytest.mark.parametrize(
    ("kind", "visitor", "query"),
    [
        (LOGIN, STRANGER, {"return_to": "http://testserver/x"}),
        (LOGIN, STRANGER, {}),
        (LOGIN, HALF_WAY, {"return_to": "http://testserver/x"}),
        (LOGIN, MEMBER, {"parameters": {"refresh": "true"}}),
        (REGISTRATION, STRANGER, {"parameters": {"login_challenge": "c"}}),
        (SETTINGS, MEMBER, {}),
        (SETTINGS, HALF_WAY, {}),
    ],
)
def test_a_kratos_that_sends_somebody_back_ends_on_an_explanation(
    kind: Any, visitor: Visitor, query: dict[str, Any]
) -> None:
    start = before_start(kind, asked(**query), visitor)
    assert before_start(kind, asked(**query), visitor, in_circles(start)) == Explain("circles")
    elsewhere = asked(**query | {"return_to": "http://testserver/y", "page": PAGE + "y"})
    assert isinstance(before_start(kind, elsewhere, visitor, in_circles(start)), Start)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "x",
        "7c6a5f0e3b0f4d5e9c0a3e9d1b6f8a11",
        "{7c6a5f0e-3b0f-4d5e-9c0a-3e9d1b6f8a11}",
        "../admin",
        "\x00" * 36,
    ],
)
def test_only_a_uuid_is_a_flow(value: str | None) -> None:
    assert flow_id(value) is None
    assert flow_id(FLOW) == FLOW


# With a flow.


def fetched(
    kind: Any, result: Any, *, visitor: Visitor = STRANGER, guard: Guard | None = None, **query: Any
) -> Any:
    return after_fetch(kind, asked(flow=FLOW, **query), visitor, guard or Guard(), result, PLACES)


def failed(status: int, error_id: str = "", **details: Any) -> Any:
    top = details.pop("top", {})
    return error_for(
        status, error_body(status, error_id, **details) | top, {}, "GET /self-service/login/flows"
    )


def test_a_flow_is_shown() -> None:
    flow = read(shapes.login())
    assert fetched(LOGIN, flow) == Show(flow, "")
    assert fetched(LOGIN, flow, guard=Guard(1, "expired")) == Show(flow, "expired")


def test_a_plain_login_is_over_for_who_is_signed_in() -> None:
    flow = read(shapes.login(return_to="http://testserver/x"))
    assert fetched(LOGIN, flow, visitor=MEMBER) == Leave("http://testserver/x")
    for body in (shapes.login_refresh(), shapes.login_second()):
        assert isinstance(fetched(LOGIN, read(body), visitor=MEMBER), Show)
    assert fetched(REGISTRATION, read(shapes.registration_first()), visitor=MEMBER) == Leave(None)
    assert isinstance(fetched(VERIFICATION, read(shapes.verification_sent()), visitor=MEMBER), Show)


@pytest.mark.parametrize(
    "action",
    [
        "https://evil.example/self-service/login",
        "javascript:alert(1)",
        "//evil.example",
        "",
        "http://kratos.test:1/",
    ],
)
def test_a_form_that_posts_elsewhere_is_never_shown(action: str, caplog: pytest.LogCaptureFixture) -> None:
    flow = read(shapes.login(ui={"action": action}))
    assert fetched(LOGIN, flow) == Explain("broken", FLOW)
    assert "KRATOS_BROWSER_URL" in caplog.text


def test_an_absurd_number_of_nodes_is_not_shown() -> None:
    body = shapes.login(extra=[shapes.hidden("x")] * MAX_NODES)
    assert fetched(LOGIN, read(body)) == Explain("broken", FLOW)


@pytest.mark.parametrize(
    "error",
    [
        OryTimeout("slow"),
        OryConnectionError("down"),
        OryDecodeError("html"),
        failed(500),
        failed(503),
        failed(429),
    ],
)
def test_an_outage_is_an_outage(error: Any) -> None:
    assert fetched(LOGIN, error) == Unavailable(error)


def test_a_foreign_flow_starts_over_once() -> None:
    error = failed(403, "security_csrf_violation")
    assert fetched(LOGIN, error, return_to="http://testserver/x") == Restart("cookies", "http://testserver/x")
    assert fetched(LOGIN, error, guard=Guard(1, "cookies")) == Explain("cookies")


@pytest.mark.parametrize(
    ("error", "reason", "return_to", "flow"),
    [
        (failed(404), "expired", None, None),
        (failed(410), "expired", None, None),
        (
            failed(410, "self_service_flow_expired", return_to="http://testserver/x"),
            "expired",
            "http://testserver/x",
            None,
        ),
        (failed(410, top={"use_flow_id": FLOW}), "expired", None, FLOW),
        (failed(410, top={"use_flow_id": "../x"}), "expired", None, None),
        (failed(403, "security_identity_mismatch"), "other", None, None),
        (failed(403), "other", None, None),
        (failed(400), "other", None, None),
        (failed(418, "something_new"), "other", None, None),
        (failed(400, "self_service_flow_return_to_forbidden"), "return_to", None, None),
    ],
)
def test_what_cannot_be_used_starts_over(
    error: Any, reason: str, return_to: str | None, flow: str | None
) -> None:
    assert fetched(VERIFICATION, error) == Restart(reason, return_to, flow)
    assert isinstance(fetched(VERIFICATION, error, guard=Guard(1, reason)), Restart)
    assert fetched(VERIFICATION, error, guard=Guard(2, reason)) == Explain("stuck")


@pytest.mark.parametrize(
    ("error", "decision"),
    [
        (failed(403, "session_aal2_required"), Start(LOGIN, {"aal": "aal2", "return_to": PAGE})),
        (failed(403, "session_refresh_required"), SignIn(PAGE, refresh=True)),
        (failed(401), SignIn(PAGE)),
        (failed(401, "session_inactive"), SignIn(PAGE)),
        (failed(401, "session_aal1_required"), Start(LOGIN, {"return_to": "http://testserver/x"})),
        (failed(401, "session_aal_already_fulfilled"), Leave("http://testserver/x")),
        (failed(400, "session_already_available"), Leave("http://testserver/x")),
        (failed(400, "self_service_flow_disabled"), Explain("disabled")),
        (
            failed(422, top={"redirect_browser_to": "http://kratos.test:4433/x"}),
            Redirect("http://kratos.test:4433/x"),
        ),
        (failed(422, top={"redirect_browser_to": "https://evil.example/"}), Explain("broken")),
        (failed(422), Explain("broken")),
    ],
)
def test_what_kratos_asks_for(error: Any, decision: Any) -> None:
    assert fetched(SETTINGS, error, return_to="http://testserver/x") == decision


@pytest.mark.parametrize("kind", [LOGIN, REGISTRATION, RECOVERY, VERIFICATION, SETTINGS])
@pytest.mark.parametrize("kind_of_flow", ["api", "", "Browser", "something_new"])
def test_flow_that_is_not_of_type_browser_restarts(kind: Any, kind_of_flow: str) -> None:
    flow = read(shapes.flow(kind.name, [], type=kind_of_flow, return_to="http://testserver/of-the-attacker"))
    for visitor in (STRANGER, MEMBER):
        decision = fetched(kind, flow, visitor=visitor, return_to="http://testserver/x")
        assert decision == Restart("other", "http://testserver/x")
    assert fetched(kind, flow, guard=Guard(2, "other")) == Explain("stuck")


@pytest.mark.parametrize("kind", [LOGIN, REGISTRATION, RECOVERY, VERIFICATION, SETTINGS])
def test_flow_without_a_type_restarts(kind: Any) -> None:
    body = shapes.flow(kind.name, [])
    del body["type"]
    assert isinstance(fetched(kind, read(body)), Restart)


@pytest.mark.parametrize("name", ["Recovery", "Verification"])
def test_disabled_flow_without_an_error_id_is_explained(name: str) -> None:
    reason = f"{name} is not allowed because it was disabled."
    error = error_for(400, error_body(400, reason=reason), {}, "GET /self-service/recovery/flows")
    assert fetched(RECOVERY, error) == Explain("disabled")


def test_upper_case_flow_id_is_kept() -> None:
    assert flow_id(FLOW.upper()) == FLOW.upper()
