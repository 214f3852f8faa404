"""The states of all pages, as one table: each entry renders a page on ``FakeOry``.

The gallery takes pictures of them, and tests measure them. ``URLCONF`` must be the ROOT_URLCONF.
"""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from django_ory.http.redirects import CLIENT_NAME_PARAMETER, sign_client_name
from django_ory.selfservice.account.sections import SECTIONS
from django_ory.selfservice.flow_types import FLOW_TYPES_BY_NAME
from django_ory.selfservice.texts.explanations import EXPLANATIONS
from django_ory.selfservice.views.error import render_explanation
from django_ory.testing import build_message_json
from tests.provider.provider_site import ProviderSite
from tests.selfservice import shapes, trait_forms
from tests.selfservice.conftest import Kratos
from tests.selfservice.shapes import FLOW, error, field, hidden, submit, text
from tests.templates import every_page

from .provider_states import PROVIDER_STATES, PROVIDER_TEMPLATES, show_error
from .state import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

__all__ = ["STATES", "URLCONF", "State"]

URLCONF = __name__
LONG_NAME = "Volkshochschule Mönchengladbach-Rheydt e. V."
LONG_ADDRESS = "maximiliana.schmidt-hohenberger.von.und.zu.aschersleben@a-very-long-company-name.example.org"


def explain(request: HttpRequest, reason: str) -> HttpResponse:
    """Return the page that explains a failure."""
    reference = shapes.FLOW if reason in ("error", "expired") else ""
    return render_explanation(request, reason, again="/auth/login/", reference=reference)


urlpatterns = [
    path("", include("tests.templates.every_page")),
    path("explained/<reason>/", login_not_required(explain)),
    path("oauth2-errors/<name>/", login_not_required(show_error)),
]


def draw_qr_code(size: int = 33, scale: int = 6) -> str:
    """Return a data URL with a picture that looks like a QR code, without a content."""

    def is_dark(x: int, y: int) -> bool:
        for left, top in ((0, 0), (size - 7, 0), (0, size - 7)):
            dx, dy = x - left, y - top
            if 0 <= dx < 7 and 0 <= dy < 7:
                ring = min(dx, dy, 6 - dx, 6 - dy)
                return ring != 1
            if -1 <= dx < 8 and -1 <= dy < 8:
                return False
        return bool((x * x * 7 + y * y * 13 + x * y * 5) % 11 % 2)

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    border, width = 4, (size + 8) * scale
    rows = bytearray()
    for y in range(width):
        rows.append(0)
        for x in range(width):
            column, row = x // scale - border, y // scale - border
            inside = 0 <= column < size and 0 <= row < size
            rows.append(0 if inside and is_dark(column, row) else 255)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, width, 8, 0, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b"")
    return "data:image/png;base64," + b64encode(data).decode()


QR_CODE = draw_qr_code()
SECRET_KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CODES = ["6enve8v4", "kd8w2m1q", "zr5t9y3u", "p0o9i8u7", "m4n5b6v7", "q1w2e3r4"]


def open_flow(
    flow_type: str, build: Callable[[], Any], *, signed_in: bool = False
) -> Callable[[Kratos, ProviderSite], Any]:
    """Return a visit of a flow that lasts for 12 more minutes. ``signed_in``: with the session of a user."""

    def visit(kratos: Kratos, _site: ProviderSite) -> Any:
        if signed_in:
            kratos.session()
        now = datetime.now(UTC)
        times = {
            "issued_at": (now - timedelta(minutes=3)).isoformat(),
            "expires_at": (now + timedelta(minutes=12)).isoformat(),
        }
        return kratos.open(flow_type, build() | times)

    return visit


# Login.


def build_login_code_sent(*messages: Any, address: str = "ann@example.org") -> Any:
    nodes = [
        shapes.csrf(),
        hidden("identifier", address),
        hidden("method", "code", group="code"),
        field("code", group="code", label=text(1070012), required=True, maxlength=6),
        submit("method", "code", group="code", label=text(1070009)),
        submit("resend", "code", group="code", label=text(1070008)),
    ]
    sent = messages or [text(1010014)]
    return shapes.flow("login", nodes, messages=sent, state="sent_email", active="code", requested_aal="aal1")


def build_login_linking() -> Any:
    context = {"duplicateIdentifier": "ann@example.org", "provider": "GitHub", "newLoginUrl": "/"}
    nodes = [
        shapes.csrf(),
        hidden("identifier", "ann@example.org"),
        shapes.password(),
        submit("method", "password", group="password", label=text(1010017)),
    ]
    return shapes.flow("login", nodes, messages=[text(1010016, **context)], requested_aal="aal1")


def build_login_second_key() -> Any:
    nodes = [
        shapes.script(),
        shapes.csrf(),
        field(
            "webauthn_login_trigger",
            "button",
            group="webauthn",
            value='{"publicKey":{"challenge":"x"}}',
            label=text(1010008),
            onclickTrigger="oryWebAuthnLogin",
        ),
        hidden("webauthn_login", "", group="webauthn"),
        field("totp_code", group="totp", label=text(1010006), required=True, value=""),
        submit("method", "totp", group="totp", label=text(1010009)),
    ]
    return shapes.flow("login", nodes, messages=[text(1010004)], requested_aal="aal2")


def build_login_for_client() -> Any:
    query = urlencode({CLIENT_NAME_PARAMETER: sign_client_name("Fix-it Friday")})
    return shapes.login(request_url=f"{shapes.KRATOS}/self-service/login/browser?{query}")


def build_empty_login() -> Any:
    return shapes.flow("login", [shapes.csrf()], requested_aal="aal1")


def visit_restarted_login(kratos: Kratos, _site: ProviderSite) -> Any:
    """Open an expired flow, then the new one, which explains the restart."""
    kratos.flow("login", json=shapes.error_body(410, "self_service_flow_expired"), status=410)
    kratos.visit("login", flow=FLOW)
    return kratos.open("login", shapes.login())


# Registration.

SIGN_UP_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "traits": {
            "type": "object",
            "required": ["email", "terms"],
            "properties": {
                "email": {"type": "string", "format": "email", "title": "Email address"},
                "plan": {"type": "string", "enum": ["free", "pro", "team"], "title": "Plan"},
                "seats": {"type": "integer", "title": "Seats"},
                "born": {"type": "string", "format": "date", "title": "Date of birth"},
                "skills": {"type": "array", "items": {"type": "string"}, "title": "Skills"},
                "tools": {
                    "type": "array",
                    "items": {"type": "string", "enum": ["saw", "plane", "drill"]},
                    "title": "Tools",
                },
                "home": {
                    "type": "object",
                    "title": "Home address",
                    "properties": {
                        "street": {"type": "string", "title": "Street"},
                        "zip": {"type": "string", "title": "ZIP"},
                    },
                },
                "terms": {"type": "boolean", "const": True, "title": "I accept the terms"},
            },
        }
    },
}


def visit_sign_up_with_schema(kratos: Kratos, _site: ProviderSite) -> Any:
    document = {"id": "person", "schema": SIGN_UP_SCHEMA}
    kratos.ory.respond("GET /schemas", json=[document])
    return kratos.open("registration", trait_forms.sign_up(SIGN_UP_SCHEMA))


def build_registration_errors() -> Any:
    flow = shapes.registration_first()
    wrong = {
        "traits.email": error(4000040, value="not an address"),
        "traits.name.first": error(4000017, "at most 20", expected_length=20, actual_length=24),
    }
    for node in flow["ui"]["nodes"]:
        if (message := wrong.get(node["attributes"]["name"])) is not None:
            node["messages"] = [message]
    flow["ui"]["nodes"][1]["attributes"]["value"] = "not an address"
    return flow


def build_registration_code_sent() -> Any:
    nodes = [
        shapes.csrf(),
        hidden("traits.email", "ann@example.org"),
        hidden("method", "code", group="code"),
        field("code", group="code", label=text(1070012), required=True),
        submit("method", "code", group="code", label=text(1070009)),
        submit("resend", "code", group="code", label=text(1070008)),
        submit("screen", "credential-selection", group="profile", label=text(1040008)),
    ]
    return shapes.flow("registration", nodes, messages=[text(1040005)], state="sent_email", active="code")


# Settings.


def build_settings(
    *extra: Any, section: str = "profile", messages: Any = (), state: str = "show_form"
) -> Any:
    """Return a settings flow of a section with all methods, and the picture of a QR code."""
    flow = shapes.settings(messages=messages, extra=extra, state=state, section=section)
    for node in flow["ui"]["nodes"]:
        attributes = node["attributes"]
        if attributes.get("id") == "totp_qr":
            attributes["src"] = QR_CODE
        elif attributes.get("id") == "totp_secret_key":
            attributes["text"] = text(1050006, SECRET_KEY, secret=SECRET_KEY)
    flow["ui"]["nodes"] += [
        shapes.script(),
        field(
            "passkey_register_trigger",
            "button",
            group="passkey",
            label=text(1050019),
            onclickTrigger="oryPasskeySettingsRegistration",
        ),
        hidden("passkey_create_data", "{}", group="passkey"),
        hidden("passkey_settings_register", "", group="passkey"),
        submit(
            "passkey_remove",
            "abc",
            group="passkey",
            label=text(1050020, display_name="Pixel 9", added_at="2026-03-01T08:00:00Z"),
        ),
        field("webauthn_register_displayname", group="webauthn", label=text(1050013)),
        field(
            "webauthn_register_trigger",
            "button",
            group="webauthn",
            label=text(1050012),
            onclickTrigger="oryWebAuthnRegistration",
        ),
        hidden("webauthn_register", "", group="webauthn"),
    ]
    return flow


def build_backup_codes() -> list[Any]:
    codes = [text(1050009, code, secret=code) for code in CODES]
    codes[1] = text(1050014, "Secret was used", used_at="2026-01-31T10:00:00Z")
    shown = shapes.node(
        "text",
        "lookup_secret",
        {"text": text(1050015, ", ".join(CODES), secrets=codes), "id": "lookup_secret_codes"},
        text(1050010),
    )
    return [shown, submit("lookup_secret_confirm", "true", group="lookup_secret", label=text(1050011))]


def build_new_backup_codes_button() -> Any:
    label = text(1050008)
    return submit("lookup_secret_regenerate", "true", group="lookup_secret", label=label)


def build_all_settings(section: str) -> Any:
    return build_settings(build_new_backup_codes_button(), section=section)


def build_second_factors() -> Any:
    """Return the settings of a user who has set up all second factors."""
    flow = build_settings(
        submit("totp_unlink", "true", group="totp", label=text(1050004)),
        submit("lookup_secret_reveal", "true", group="lookup_secret", label=text(1050007)),
        submit("lookup_secret_disable", "true", group="lookup_secret", label=text(1050016)),
        *(
            submit(
                "webauthn_remove",
                name,
                group="webauthn",
                label=text(1050018, display_name=name, added_at_unix=1772352000),
            )
            for name in ("Blue key", "unnamed")
        ),
        section="two_factor",
    )
    setup = {"totp_qr", "totp_secret_key", "totp_code", "totp"}
    flow["ui"]["nodes"] = [
        node
        for node in flow["ui"]["nodes"]
        if not setup & {node["attributes"].get(name) for name in ("id", "name", "value")}
    ]
    return flow


def build_saved_settings() -> Any:
    return build_settings(messages=[text(1050001, kind="success")], state="success")


#: Section -> the input with an error, and the error.
SETTINGS_ERRORS: dict[str, tuple[str, Any]] = {
    "profile": ("traits.name.first", error(4000017, "at most 20", expected_length=20, actual_length=24)),
    "password": ("password", error(4000032, min_length=8, actual_length=3)),
    "two-factor": ("totp_code", error(4000008)),
}


def build_settings_error(section: str) -> Any:
    flow = build_settings(section=section.replace("-", "_"))
    name, message = SETTINGS_ERRORS[section]
    for node in flow["ui"]["nodes"]:
        if node["attributes"].get("name") == name:
            node["messages"] = [message]
    return flow


#: User-Agent, place, and days since the sign-in of the other sessions.
OTHER_DEVICES = (
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Lisbon, PT", 3),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Safari/604.1",
        "",
        40,
    ),
)
THIS_DEVICE = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"


def visit_sessions(kratos: Kratos, _site: ProviderSite) -> Any:
    identity = kratos.ory.create_identity({"email": "ann@example.org"})
    kratos.client.defaults["HTTP_USER_AGENT"] = THIS_DEVICE
    kratos.ory.login(kratos.client, identity, authenticated_at=timedelta(minutes=5))
    for user_agent, place, days in OTHER_DEVICES:
        device = {"user_agent": user_agent, "location": place, "ip_address": "203.0.113.7:4711"}
        kratos.ory.create_session(identity, authenticated_at=timedelta(days=days), devices=[device])
    return kratos.visit("sessions")


def visit_no_apps(kratos: Kratos, _site: ProviderSite) -> Any:
    kratos.ory.login(kratos.client, kratos.ory.create_identity())
    return kratos.visit("connected_apps")


def deny(verdict: str) -> State:
    def visit(kratos: Kratos, _site: ProviderSite) -> Any:
        kratos.session()
        return kratos.client.get(f"/refused/{verdict}/")

    return State(visit, 403)


def open_explanation(reason: str) -> State:
    return State(
        lambda kratos, _site: kratos.client.get(f"/explained/{reason}/"), EXPLANATIONS[reason].status
    )


def build_sent_by_link(flow_type: str, message: int) -> Any:
    nodes = [
        shapes.csrf(),
        field("email", "email", group="link", label=text(1070007), required=True, value="ann@example.org"),
        submit("method", "link", group="link", label=text(1070009)),
    ]
    return shapes.flow(flow_type, nodes, messages=[text(message)], active="link", state="sent_email")


def build_stuck_login() -> Any:
    """Return a sign-in with two errors: a summary lists them."""
    stopped = build_message_json(4000001, "The hook of the site stopped the sign-in.", message_type="error")
    return shapes.login(messages=[error(4000010), stopped])


def from_template(name: str, status: int | None = 200) -> State:
    """Return the state of ``every_page`` for a template below ``ory/``."""
    return State(every_page.PAGES[name], status)


def visit_unfolded_apps(kratos: Kratos, site: ProviderSite) -> Any:
    """Unfold the questions before a removal."""
    response = every_page.PAGES["accounts/connected_apps.html"](kratos, site)
    response.content = response.content.replace(b"<details ", b"<details open ")
    return response


#: Name of the pictures -> state. The part before the first dot is the page.
STATES: dict[str, State] = {
    "login": State(open_flow("login", shapes.login)),
    "login.wrong-password": State(open_flow("login", lambda: shapes.login(messages=[error(4000006)]))),
    "login.unverified": State(open_flow("login", lambda: shapes.login(messages=[error(4000010)]))),
    "login.two-errors": State(open_flow("login", build_stuck_login)),
    "login.two-errors-one-field": State(
        open_flow("login", lambda: shapes.login(messages=[error(4000006), error(4010001)]))
    ),
    "login.unknown": State(
        open_flow("login", lambda: shapes.login_unknown("ann@example.org", messages=[error(4000035)]))
    ),
    "login.restarted": State(visit_restarted_login),
    "login.passkey": State(open_flow("login", lambda: shapes.login(extra=shapes.passkey()))),
    "login.webauthn-v1": State(open_flow("login", lambda: shapes.login(extra=shapes.webauthn_v1()))),
    "login.long-name": State(open_flow("login", shapes.login), settings={"SITE_NAME": LONG_NAME}),
    "login.client": State(open_flow("login", build_login_for_client)),
    "login.identifier-first": State(open_flow("login", shapes.login_identifier_first)),
    "login.identifier-second": State(open_flow("login", lambda: shapes.login_identifier_first(step=2))),
    "login.code-sent": State(open_flow("login", build_login_code_sent)),
    "login.code-sent-long-address": State(
        open_flow("login", lambda: build_login_code_sent(address=LONG_ADDRESS))
    ),
    "login.wrong-code": State(open_flow("login", lambda: build_login_code_sent(error(4010008)))),
    "login.linking": State(open_flow("login", build_login_linking)),
    "login.refresh": State(open_flow("login", shapes.login_refresh, signed_in=True)),
    "login.second": State(open_flow("login", shapes.login_second, signed_in=True)),
    "login.second-sent": State(open_flow("login", shapes.login_second_sent, signed_in=True)),
    "login.second-key": State(open_flow("login", build_login_second_key, signed_in=True)),
    "login.second-none": State(
        open_flow(
            "login",
            lambda: shapes.flow("login", [shapes.csrf()], messages=[text(1010004)], requested_aal="aal2"),
            signed_in=True,
        )
    ),
    "login.nothing": State(open_flow("login", build_empty_login)),
    "registration": State(open_flow("registration", shapes.registration_first)),
    "registration.errors": State(open_flow("registration", build_registration_errors)),
    "registration.all-traits": State(visit_sign_up_with_schema),
    "registration.second": State(open_flow("registration", shapes.registration_second)),
    "registration.second-error": State(
        open_flow(
            "registration",
            lambda: shapes.registration_second(problem=error(4000032, min_length=8, actual_length=3)),
        )
    ),
    "registration.password": State(
        open_flow("registration", lambda: shapes.registration_second(passkeys=False))
    ),
    "registration.code-sent": State(open_flow("registration", build_registration_code_sent)),
    "registration.provider": State(open_flow("registration", shapes.sso_continuation)),
    "recovery": State(open_flow("recovery", shapes.recovery)),
    "recovery.expired-link": State(open_flow("recovery", lambda: shapes.recovery(messages=[error(4060004)]))),
    "recovery.sent": State(open_flow("recovery", shapes.recovery_sent)),
    "recovery.wrong-code": State(
        open_flow("recovery", lambda: shapes.recovery_sent(messages=[error(4060006)]))
    ),
    "recovery.link-sent": State(open_flow("recovery", lambda: build_sent_by_link("recovery", 1060002))),
    "recovery.choice": State(open_flow("recovery", shapes.recovery_choice)),
    "recovery.confirm": State(open_flow("recovery", shapes.recovery_confirm)),
    "verification": State(
        open_flow("verification", lambda: shapes.flow("verification", shapes.recovery()["ui"]["nodes"]))
    ),
    "verification.sent": State(open_flow("verification", shapes.verification_sent, signed_in=True)),
    "verification.wrong-code": State(
        open_flow("verification", lambda: shapes.verification_sent(messages=[error(4070006)]))
    ),
    "verification.sent-to-phone": State(open_flow("verification", shapes.verification_sent_by_phone)),
    "verification.by-link": State(open_flow("verification", shapes.verification_by_link)),
    "verification.link-sent": State(
        open_flow("verification", lambda: build_sent_by_link("verification", 1080001))
    ),
    "verification.passed": State(open_flow("verification", shapes.verification_passed)),
    **{
        f"settings.{section.key.replace('_', '-')}": State(
            open_flow("settings", partial(build_all_settings, section.key), signed_in=True)
        )
        for section in SECTIONS
        if section.groups
    },
    "settings.two-factor-on": State(open_flow("settings", build_second_factors, signed_in=True)),
    "settings.saved": State(open_flow("settings", build_saved_settings, signed_in=True)),
    **{
        f"settings.{section}-error": State(
            open_flow("settings", partial(build_settings_error, section), signed_in=True)
        )
        for section in SETTINGS_ERRORS
    },
    "settings.backup-codes": State(
        open_flow(
            "settings",
            lambda: build_settings(*build_backup_codes(), section="two_factor"),
            signed_in=True,
        )
    ),
    "sessions.several": State(visit_sessions),
    "connected-apps.none": State(visit_no_apps),
    "connected-apps.confirm": State(visit_unfolded_apps),
    "logout": from_template("selfservice/logout.html"),
    "logout.failed": from_template("selfservice/not_signed_out.html", 503),
    "unavailable": from_template("unavailable.html", 503),
    **{
        f"access-denied.{verdict.replace('_', '-')}": deny(verdict)
        for verdict in ("verify_address_for_user", "deny", "two_accounts")
    },
    **{f"explain.{reason.replace('_', '-')}": open_explanation(reason) for reason in EXPLANATIONS},
    **PROVIDER_STATES,
}
#: Templates whose pages are in the table. ``every_page`` has a state for each of the others.
OWN_STATES = frozenset(
    {
        *(
            f"selfservice/{name}.html"
            for name in (*FLOW_TYPES_BY_NAME, "explain", "logout", "not_signed_out")
        ),
        *PROVIDER_TEMPLATES,
        "unavailable.html",
        "access_denied.html",
    }
)
STATES |= {
    name.rpartition("/")[2].removesuffix(".html").replace("_", "-"): from_template(name, None)
    for name in every_page.PAGES
    if name not in OWN_STATES
}
