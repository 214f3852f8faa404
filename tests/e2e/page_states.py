"""The states of the pages of flows: name -> type of the flow, and the flow in JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.selfservice import shapes
from tests.selfservice.shapes import csrf, error, field, flow, hidden, submit, text

__all__ = ["STATES"]

LONG = "maximiliana.schmidt-hohenberger.von.und.zu.aschersleben@a-very-long-company-name.example.org"


def _send_code(*, messages: Any = (), address: str = "ann@example.org") -> Any:
    nodes = [
        csrf(),
        hidden("identifier", address, group="code"),
        hidden("method", "code", group="code"),
        field("code", group="code", label=text(1070012), required=True, maxlength=6),
        submit("method", "code", group="code", label=text(1070009)),
        submit("resend", "code", group="code", label=text(1070008)),
    ]
    return flow("login", nodes, messages=messages, state="sent_email", active="code", requested_aal="aal1")


_STATES: dict[str, tuple[str, Any]] = {
    "login": ("login", shapes.login()),
    "login-passkey": ("login", shapes.login(extra=shapes.passkey())),
    "login-wrong-password": ("login", shapes.login(messages=[error(4000006)])),
    "login-two-errors": ("login", shapes.login(messages=[error(4000006), error(4010001)])),
    "login-form-error": ("login", shapes.login(messages=[error(4010000)])),
    "login-client": (
        "login",
        shapes.login(oauth2_login_request={"client": {"client_name": "Fix-it Friday"}, "challenge": "c"}),
    ),
    "login-linking": (
        "login",
        shapes.login(
            messages=[text(1010016, duplicateIdentifier="ann@example.org", provider="Google", kind="info")]
        ),
    ),
    "login-identifier-first": ("login", shapes.login_identifier_first()),
    "login-identifier-second": ("login", shapes.login_identifier_first(step=2)),
    "login-refresh": ("login", shapes.login_refresh()),
    "login-unknown": ("login", shapes.login_unknown("ann@example.org", messages=[error(4000035)])),
    "login-code": ("login", _send_code()),
    "login-code-wrong": ("login", _send_code(messages=[error(4010008)])),
    "login-code-long-address": ("login", _send_code(address=LONG)),
    "login-second": ("login", shapes.login_second()),
    "login-second-sent": ("login", shapes.login_second_sent()),
    "login-webauthn": ("login", shapes.login(extra=shapes.webauthn_v1())),
    "registration": ("registration", shapes.registration_first()),
    "registration-second": ("registration", shapes.registration_second()),
    "registration-weak-password": (
        "registration",
        shapes.registration_second(problem=error(4000032, min_length=8, actual_length=3), passkeys=False),
    ),
    "registration-continued": ("registration", shapes.sso_continuation()),
    "recovery": ("recovery", shapes.recovery()),
    "recovery-code": ("recovery", shapes.recovery_sent()),
    "recovery-wrong-code": ("recovery", shapes.recovery_sent(messages=[error(4060006)])),
    "recovery-choice": ("recovery", shapes.recovery_choice()),
    "recovery-confirm": ("recovery", shapes.recovery_confirm()),
    "verification-link": ("verification", shapes.verification_by_link()),
    "verification-code": ("verification", shapes.verification_sent()),
    "verification-phone": ("verification", shapes.verification_sent_by_phone()),
    "verification-passed": ("verification", shapes.verification_passed()),
}


def _build_states() -> dict[str, tuple[str, Any]]:
    """The states, of flows that still last 12 minutes."""
    now = datetime.now(UTC)
    times = {
        "issued_at": (now - timedelta(minutes=3)).isoformat(),
        "expires_at": (now + timedelta(minutes=12)).isoformat(),
    }
    return {name: (kind, body | times) for name, (kind, body) in _STATES.items()}


STATES = _build_states()
