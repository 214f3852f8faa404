from __future__ import annotations

from typing import Any

import pytest

from django_ory.client import OryConnectionError, OryDecodeError, OryTimeout
from django_ory.client.error_responses import build_error
from django_ory.selfservice.decisions.flows import (
    MAX_NODES,
    BrowserState,
    DenyAccess,
    FlowRequest,
    RedirectBack,
    RedirectToLogin,
    RedirectToOry,
    RenderExplanation,
    RenderFlow,
    RenderUnavailable,
    RestartFlow,
    StartFlow,
    decide_with_flow,
    decide_without_flow,
)
from django_ory.selfservice.decisions.redirect_loop import MAX_REPEATS, RedirectLoopGuard
from django_ory.selfservice.flow_types import LOGIN, RECOVERY, REGISTRATION, SETTINGS, VERIFICATION

from . import shapes
from .conftest import ORIGINS, read
from .shapes import FLOW, error_body

PAGE = "http://testserver/auth/settings/"
STRANGER = BrowserState()
MEMBER = BrowserState(signed_in=True, aal="aal1")
TWICE = BrowserState(signed_in=True, aal="aal2")
HALF_WAY = BrowserState(aal2_required=True)


def asked(**values: Any) -> FlowRequest:
    return FlowRequest(**{"url": PAGE, **values})


# Without a flow.


def test_anonymous_login_starts_with_its_parameters() -> None:
    decision = decide_without_flow(
        LOGIN,
        asked(return_to="http://testserver/x", parameters={"organization": "o"}),
        STRANGER,
    )
    assert decision == StartFlow(LOGIN, {"organization": "o", "return_to": "http://testserver/x"})


@pytest.mark.parametrize("kind", [LOGIN, REGISTRATION])
def test_login_of_a_signed_in_user_redirects_back(kind: Any) -> None:
    assert decide_without_flow(kind, asked(return_to="http://testserver/x"), MEMBER) == RedirectBack(
        "http://testserver/x"
    )


def test_refresh_without_a_session_is_dropped() -> None:
    wanted = asked(parameters={"refresh": "true"})
    assert decide_without_flow(LOGIN, wanted, MEMBER) == StartFlow(LOGIN, {"refresh": "true"})
    assert decide_without_flow(LOGIN, wanted, STRANGER) == StartFlow(LOGIN, {})


def test_aal2_without_a_session_is_dropped() -> None:
    wanted = asked(parameters={"aal": "aal2"})
    assert decide_without_flow(LOGIN, wanted, STRANGER) == StartFlow(
        LOGIN, {}
    )  # Kratos would show an error page
    assert decide_without_flow(LOGIN, wanted, MEMBER) == StartFlow(LOGIN, {"aal": "aal2"})
    assert decide_without_flow(LOGIN, wanted, TWICE) == RedirectBack(None)
    both = asked(parameters={"aal": "aal2", "refresh": "true"})
    assert decide_without_flow(LOGIN, both, TWICE) == StartFlow(LOGIN, {"aal": "aal2", "refresh": "true"})


def test_required_aal2_starts_a_login_with_aal2() -> None:
    assert decide_without_flow(LOGIN, asked(), HALF_WAY) == StartFlow(LOGIN, {"aal": "aal2"})
    assert decide_without_flow(SETTINGS, asked(), HALF_WAY) == StartFlow(
        LOGIN, {"aal": "aal2", "return_to": PAGE}
    )


def test_refresh_with_required_aal2_is_kept() -> None:
    """OAuth2 clients request a refresh with ``prompt=login``. The second factor follows."""
    wanted = asked(parameters={"refresh": "true"})
    assert decide_without_flow(LOGIN, wanted, HALF_WAY) == StartFlow(LOGIN, {"refresh": "true"})


def test_login_challenge_of_a_signed_in_user_reaches_kratos() -> None:
    wanted = asked(parameters={"login_challenge": "c"})
    assert decide_without_flow(LOGIN, wanted, MEMBER) == StartFlow(LOGIN, {"login_challenge": "c"})


def test_settings_without_a_session_redirect_to_login() -> None:
    assert decide_without_flow(SETTINGS, asked(), STRANGER) == RedirectToLogin(PAGE)
    assert decide_without_flow(SETTINGS, asked(return_to="http://testserver/x"), MEMBER) == StartFlow(
        SETTINGS, {"return_to": "http://testserver/x"}
    )


def test_recovery_of_a_signed_in_user_starts_settings() -> None:
    assert decide_without_flow(RECOVERY, asked(), MEMBER) == StartFlow(SETTINGS)
    assert decide_without_flow(RECOVERY, asked(return_to="http://testserver/x"), MEMBER) == StartFlow(
        SETTINGS, {"return_to": "http://testserver/x"}
    )
    assert decide_without_flow(RECOVERY, asked(), STRANGER) == StartFlow(RECOVERY, {})
    assert decide_without_flow(VERIFICATION, asked(), MEMBER) == StartFlow(VERIFICATION, {})


def test_restart_without_the_guard_cookie_explains_cookies() -> None:
    assert decide_without_flow(
        LOGIN, asked(is_restart=True), STRANGER, RedirectLoopGuard()
    ) == RenderExplanation("cookies")
    assert decide_without_flow(
        LOGIN, asked(is_restart=True), STRANGER, RedirectLoopGuard(restarts=1)
    ) == StartFlow(LOGIN, {})


def build_exhausted_guard(decision: Any) -> RedirectLoopGuard:
    """Return a guard after the maximum of identical redirects."""
    guard = RedirectLoopGuard()
    for _ in range(MAX_REPEATS):
        guard = guard.after_redirect(decision.fingerprint)
    return guard


def test_repeated_redirect_back_denies_access() -> None:
    target = "http://testserver/staff/"
    guard = build_exhausted_guard(RedirectBack(target))
    assert decide_without_flow(LOGIN, asked(return_to=target), MEMBER, guard) == DenyAccess()
    assert decide_without_flow(LOGIN, asked(return_to=target + "other"), MEMBER, guard) == RedirectBack(
        target + "other"
    )
    assert decide_without_flow(
        LOGIN, asked(), MEMBER, build_exhausted_guard(RedirectBack(None))
    ) == RedirectBack(None)


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
def test_repeated_start_explains_the_redirect_loop(
    kind: Any, visitor: BrowserState, query: dict[str, Any]
) -> None:
    start = decide_without_flow(kind, asked(**query), visitor)
    assert decide_without_flow(
        kind, asked(**query), visitor, build_exhausted_guard(start)
    ) == RenderExplanation("redirect_loop")
    elsewhere = asked(**query | {"return_to": "http://testserver/y", "url": PAGE + "y"})
    assert isinstance(decide_without_flow(kind, elsewhere, visitor, build_exhausted_guard(start)), StartFlow)


# With a flow.


def fetched(
    kind: Any,
    result: Any,
    *,
    visitor: BrowserState = STRANGER,
    guard: RedirectLoopGuard | None = None,
    **query: Any,
) -> Any:
    request, signed_in = asked(flow_id=FLOW, **query), visitor.signed_in
    return decide_with_flow(kind, request, guard or RedirectLoopGuard(), result, ORIGINS, signed_in=signed_in)


def failed(status: int, error_id: str = "", **details: Any) -> Any:
    top = details.pop("top", {})
    return build_error(
        status, error_body(status, error_id, **details) | top, {}, "GET /self-service/login/flows"
    )


def test_valid_flow_is_rendered() -> None:
    flow = read(shapes.login())
    assert fetched(LOGIN, flow) == RenderFlow(flow, "")
    assert fetched(LOGIN, flow, guard=RedirectLoopGuard(1, "expired")) == RenderFlow(flow, "expired")


def test_login_flow_of_a_signed_in_user_redirects_back() -> None:
    flow = read(shapes.login(return_to="http://testserver/x"))
    assert fetched(LOGIN, flow, visitor=MEMBER) == RedirectBack("http://testserver/x")
    for body in (shapes.login_refresh(), shapes.login_second()):
        assert isinstance(fetched(LOGIN, read(body), visitor=MEMBER), RenderFlow)
    assert fetched(REGISTRATION, read(shapes.registration_first()), visitor=MEMBER) == RedirectBack(None)
    assert isinstance(fetched(VERIFICATION, read(shapes.verification_sent()), visitor=MEMBER), RenderFlow)


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
def test_form_with_another_origin_is_not_shown(action: str, caplog: pytest.LogCaptureFixture) -> None:
    flow = read(shapes.login(ui={"action": action}))
    assert fetched(LOGIN, flow) == RenderExplanation("untrusted_response", FLOW)
    assert "KRATOS_BROWSER_URL" in caplog.text


def test_flow_with_too_many_nodes_is_not_shown() -> None:
    body = shapes.login(extra=[shapes.hidden("x")] * MAX_NODES)
    assert fetched(LOGIN, read(body)) == RenderExplanation("untrusted_response", FLOW)


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
def test_failed_call_renders_the_unavailable_page(error: Any) -> None:
    assert fetched(LOGIN, error) == RenderUnavailable(error)


def test_csrf_violation_restarts_once() -> None:
    error = failed(403, "security_csrf_violation")
    assert fetched(LOGIN, error, return_to="http://testserver/x") == RestartFlow(
        "cookies", "http://testserver/x"
    )
    assert fetched(LOGIN, error, guard=RedirectLoopGuard(1, "cookies")) == RenderExplanation("cookies")


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
def test_unusable_flow_restarts_at_most_twice(
    error: Any, reason: str, return_to: str | None, flow: str | None
) -> None:
    assert fetched(VERIFICATION, error) == RestartFlow(reason, return_to, flow)
    assert isinstance(fetched(VERIFICATION, error, guard=RedirectLoopGuard(1, reason)), RestartFlow)
    assert fetched(VERIFICATION, error, guard=RedirectLoopGuard(2, reason)) == RenderExplanation(
        "too_many_restarts"
    )


@pytest.mark.parametrize(
    ("error", "decision"),
    [
        (failed(403, "session_aal2_required"), StartFlow(LOGIN, {"aal": "aal2", "return_to": PAGE})),
        (failed(403, "session_refresh_required"), RedirectToLogin(PAGE, refresh=True)),
        (failed(401), RedirectToLogin(PAGE)),
        (failed(401, "session_inactive"), RedirectToLogin(PAGE)),
        (failed(401, "session_aal1_required"), StartFlow(LOGIN, {"return_to": "http://testserver/x"})),
        (failed(401, "session_aal_already_fulfilled"), RedirectBack("http://testserver/x")),
        (failed(400, "session_already_available"), RedirectBack("http://testserver/x")),
        (failed(400, "self_service_flow_disabled"), RenderExplanation("disabled")),
        (
            failed(422, top={"redirect_browser_to": "http://kratos.test:4433/x"}),
            RedirectToOry("http://kratos.test:4433/x"),
        ),
        (
            failed(422, top={"redirect_browser_to": "https://evil.example/"}),
            RenderExplanation("untrusted_response"),
        ),
        (failed(422), RenderExplanation("untrusted_response")),
    ],
)
def test_error_of_kratos_leads_to_its_decision(error: Any, decision: Any) -> None:
    assert fetched(SETTINGS, error, return_to="http://testserver/x") == decision


@pytest.mark.parametrize("kind", [LOGIN, REGISTRATION, RECOVERY, VERIFICATION, SETTINGS])
@pytest.mark.parametrize("kind_of_flow", ["api", "", "Browser", "something_new"])
def test_flow_that_is_not_of_type_browser_restarts(kind: Any, kind_of_flow: str) -> None:
    flow = read(shapes.flow(kind.name, [], type=kind_of_flow, return_to="http://testserver/of-the-attacker"))
    for visitor in (STRANGER, MEMBER):
        decision = fetched(kind, flow, visitor=visitor, return_to="http://testserver/x")
        assert decision == RestartFlow("other", "http://testserver/x")
    assert fetched(kind, flow, guard=RedirectLoopGuard(2, "other")) == RenderExplanation("too_many_restarts")


@pytest.mark.parametrize("kind", [LOGIN, REGISTRATION, RECOVERY, VERIFICATION, SETTINGS])
def test_flow_without_a_type_restarts(kind: Any) -> None:
    body = shapes.flow(kind.name, [])
    del body["type"]
    assert isinstance(fetched(kind, read(body)), RestartFlow)


@pytest.mark.parametrize("name", ["Recovery", "Verification"])
def test_disabled_flow_without_an_error_id_is_explained(name: str) -> None:
    reason = f"{name} is not allowed because it was disabled."
    error = build_error(400, error_body(400, reason=reason), {}, "GET /self-service/recovery/flows")
    assert fetched(RECOVERY, error) == RenderExplanation("disabled")
