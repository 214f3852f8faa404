"""Flows as Kratos writes them, in the shapes of v1.3.1 and v26.2.0. Written by hand after both."""

from __future__ import annotations

from typing import Any

from django_ory.testing import (
    build_error_json,
    build_flow_json,
    build_input_node_json,
    build_message_json,
    build_node_json,
)

FLOW = "7c6a5f0e-3b0f-4d5e-9c0a-3e9d1b6f8a11"
KRATOS = "http://kratos.test:4433"
SITE = "http://testserver"
Json = dict[str, Any]
#: A transparent pixel.
QR_CODE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
    "RU5ErkJggg=="
)


def text(number: int, words: str = "", kind: str = "info", **context: Any) -> Json:
    return build_message_json(number, words, message_type=kind, context=context or None)


def error(number: int, words: str = "", **context: Any) -> Json:
    return text(number, words, "error", **context)


def node(kind: str, group: str, attributes: Json, label: Json | None = None, **more: Any) -> Json:
    return build_node_json(kind, group, attributes, label=label, **more)


def field(name: str, kind: str = "text", *, label: Any = None, **more: Any) -> Json:
    return build_input_node_json(
        name, kind, label=(1070002, label) if isinstance(label, str) else label, **more
    )


def hidden(name: str, value: Any = None, *, group: str = "default", **more: Any) -> Json:
    return field(name, "hidden", group=group, **({"value": value} if value is not None else {}), **more)


def submit(name: str, value: Any, *, group: str, label: Json | None = None, **more: Any) -> Json:
    return field(name, "submit", group=group, value=value, label=label, **more)


def csrf() -> Json:
    return hidden("csrf_token", "bm90IGEgc2VjcmV0==", required=True)


def provider(name: str = "github", label: int = 1010002) -> Json:
    return submit(
        "provider", name, group="oidc", label=text(label, f"Sign in with {name}", provider=name.title())
    )


def script(src: str = KRATOS + "/.well-known/ory/webauthn.js") -> Json:
    attributes = {
        "src": src,
        "async": True,
        "referrerpolicy": "no-referrer",
        "crossorigin": "anonymous",
        "integrity": "sha512-abc",
        "type": "text/javascript",
        "id": "webauthn_script",
        "nonce": "kratos-own",
    }
    return node("script", "webauthn", attributes)


def password(*, group: str = "password", autocomplete: str = "current-password", messages: Any = ()) -> Json:
    return field(
        "password",
        "password",
        group=group,
        label=text(1070001, "Password"),
        required=True,
        autocomplete=autocomplete,
        messages=messages,
    )


def identifier(**more: Any) -> Json:
    return field("identifier", label="E-mail address", required=True, **{"value": "", **more})


def traits(group: str = "default", **values: Any) -> list[Json]:
    return [
        field(
            "traits.email", "email", group=group, label="E-mail address", required=True, autocomplete="email"
        ),
        field("traits.name.first", group=group, label="First name", **values),
        field("traits.newsletter", "checkbox", group=group, label="Send me the newsletter"),
    ]


def flow(kind: str, nodes: list[Json], **more: Any) -> Json:
    return build_flow_json(
        kind, nodes, **{"id": FLOW, "expires_at": "2026-11-22T03:03:23.975008246Z", **more}
    )


def login(*, messages: Any = (), extra: Any = (), **more: Any) -> Json:
    nodes = [
        provider(),
        csrf(),
        identifier(autocomplete="username webauthn"),
        password(),
        submit("method", "password", group="password", label=text(1010022, "Sign in with password")),
        *extra,
    ]
    return flow("login", nodes, messages=messages, **{"refresh": False, "requested_aal": "aal1", **more})


def passkey() -> list[Json]:
    init = "oryPasskeyLoginAutocompleteInit"
    return [
        script(),
        field(
            "passkey_login_trigger",
            "button",
            group="passkey",
            value="",
            label=text(1010021),
            onclick="window.oryPasskeyLogin()",
            onclickTrigger="oryPasskeyLogin",
            onloadTrigger=init,
        ),
        hidden("passkey_login", group="passkey", onload=f"window.{init}()", onloadTrigger=init),
        hidden("passkey_challenge", '{"publicKey":{"challenge":"x"}}', group="passkey"),
    ]


def login_refresh() -> Json:
    nodes = [
        csrf(),
        hidden("identifier", "ann@example.org"),
        password(),
        submit("method", "password", group="password", label=text(1010001)),
    ]
    return flow("login", nodes, messages=[text(1010003)], refresh=True, requested_aal="aal1")


def login_second() -> Json:
    nodes = [
        csrf(),
        field("totp_code", group="totp", label=text(1010006), required=True, value=""),
        submit("method", "totp", group="totp", label=text(1010009)),
        field("lookup_secret", group="lookup_secret", label=text(1010007), required=True),
        submit("method", "lookup_secret", group="lookup_secret", label=text(1010010)),
        submit(
            "address",
            "ann@example.org",
            group="code",
            label=text(1010023, address="a…@example.org", channel="email"),
        ),
        submit("address", "+4912345", group="code", label=text(1010023, address="+49…45", channel="sms")),
    ]
    return flow("login", nodes, messages=[text(1010004)], requested_aal="aal2")


def login_second_sent(address: str = "ann@example.org") -> Json:
    """Kratos mailed the only second factor at once."""
    nodes = [
        csrf(),
        hidden("identifier", address, group="code"),
        hidden("method", "code", group="code"),
        field("code", group="code", label=text(1070013), required=True),
        submit("method", "code", group="code", label=text(1070009)),
        submit("resend", "code", group="code", label=text(1070008)),
    ]
    return flow(
        "login", nodes, messages=[text(1010014)], requested_aal="aal2", state="sent_email", active="code"
    )


def login_unknown(value: str, *, messages: Any = (), of_field: Any = ()) -> Json:
    """v1.3.1 after a sign-in by code that failed: the identifier is hidden."""
    nodes = [
        csrf(),
        hidden("identifier", value, messages=of_field),
        submit("method", "code", group="code", label=text(1010015)),
        password(),
        submit("method", "password", group="password", label=text(1010022)),
    ]
    return flow("login", nodes, messages=messages, refresh=False, requested_aal="aal1")


def registration_first() -> Json:
    nodes = [
        provider(label=1040002),
        *traits(),
        csrf(),
        submit("method", "profile", group="profile", label=text(1040001)),
    ]
    return flow("registration", nodes)


def registration_second(*, problem: Json | None = None, passkeys: bool = True) -> Json:
    passkey_nodes = [
        script(),
        hidden("passkey_register", group="passkey"),
        field(
            "passkey_register_trigger",
            "button",
            group="passkey",
            label=text(1040007),
            onclickTrigger="oryPasskeyRegistration",
        ),
        hidden("passkey_create_data", "{}", group="passkey"),
    ]
    nodes = [
        *(passkey_nodes if passkeys else []),
        password(autocomplete="new-password", messages=[problem] if problem else ()),
        submit("method", "password", group="password", label=text(1040001)),
        submit("screen", "previous", group="profile", label=text(1040008)),
        hidden("traits.newsletter", True),
        hidden("traits.email", "ann@example.org"),
        hidden("method", "profile"),
        csrf(),
    ]
    return flow("registration", nodes, messages=[] if problem else [text(1040009)])


def recovery(*, messages: Any = ()) -> Json:
    nodes = [
        csrf(),
        field("email", "email", group="code", label=text(1070007), required=True),
        submit("method", "code", group="code", label=text(1070009)),
    ]
    return flow("recovery", nodes, messages=messages, active="code")


def recovery_sent(*, messages: Any = ()) -> Json:
    nodes = [
        csrf(),
        field("code", group="code", label=text(1070010), required=True, pattern="[0-9]+", maxlength=6),
        hidden("method", "code", group="code"),
        submit("method", "code", group="code", label=text(1070009)),
        submit("email", "ann@example.org", group="code", label=text(1070008)),
    ]
    return flow("recovery", nodes, messages=messages or [text(1060003)], active="code", state="sent_email")


def verification_sent(*, messages: Any = ()) -> Json:
    nodes = [
        hidden("method", "code", group="code"),
        field("code", group="code", label=text(1070011), required=True),
        submit("method", "code", group="code", label=text(1070009)),
        csrf(),
    ]
    return flow(
        "verification", nodes, messages=messages or [text(1080003)], active="code", state="sent_email"
    )


def verification_sent_by_phone(*, messages: Any = ()) -> Json:
    """The button that sends another code is named after the channel."""
    nodes = [
        hidden("method", "code", group="code"),
        field("code", group="code", label=text(1070011), required=True),
        submit("method", "code", group="code", label=text(1070009)),
        submit("sms", "+4912345678", group="code", label=text(1070008)),
        csrf(),
    ]
    return flow(
        "verification", nodes, messages=messages or [text(1080004)], active="code", state="sent_email"
    )


def verification_by_link() -> Json:
    nodes = [
        csrf(),
        field("email", "email", group="link", label=text(1070007), required=True),
        submit("method", "link", group="link", label=text(1070009)),
    ]
    return flow("verification", nodes, active="link")


def verification_passed(href: str = SITE + "/x") -> Json:
    link = node("a", "code", {"href": href, "title": text(1070009), "id": "continue"}, text(1070009))
    ui = {"action": href, "method": "GET"}
    return flow(
        "verification",
        [csrf(), link],
        messages=[text(1080002, kind="success")],
        state="passed_challenge",
        ui=ui,
    )


def lookup_codes() -> list[Json]:
    codes = [
        text(1050009, "6enve8v4", secret="6enve8v4"),
        text(1050014, "Secret was used", used_at="2026-01-31T10:00:00Z"),
    ]
    shown = node(
        "text",
        "lookup_secret",
        {"text": text(1050015, "6enve8v4, ...", secrets=codes), "id": "lookup_secret_codes"},
        text(1050010),
    )
    return [shown, submit("lookup_secret_confirm", "true", group="lookup_secret", label=text(1050011))]


def settings(*, messages: Any = (), extra: Any = (), section: str = "", **more: Any) -> Json:
    """``section``: the section of the account area that started the flow."""
    nodes = [
        csrf(),
        *traits("profile", value="Ann"),
        submit("method", "profile", group="profile", label=text(1070003)),
        password(autocomplete="new-password"),
        submit("method", "password", group="password", label=text(1070003)),
        submit("link", "github", group="oidc", label=text(1050002, provider="GitHub")),
        submit("unlink", "google", group="oidc", label=text(1050003, provider="Google")),
        node(
            "img",
            "totp",
            {"src": QR_CODE, "id": "totp_qr", "width": 256, "height": 256},
            text(1050005),
        ),
        node(
            "text",
            "totp",
            {"text": text(1050006, "CCB4YRKR", secret="CCB4YRKR"), "id": "totp_secret_key"},
            text(1050017),
        ),
        field("totp_code", group="totp", label=text(1070006), required=True),
        submit("method", "totp", group="totp", label=text(1070003)),
        *extra,
    ]
    nodes[1]["attributes"]["value"] = "ann@example.org"
    if section:
        more["request_url"] = settings_url(section)
    return flow("settings", nodes, messages=messages, **more)


def settings_url(section: str) -> str:
    """Return the URL that starts the settings with a section of the account area."""
    return f"{KRATOS}/self-service/settings/browser?section={section}"


# v26.2.0


def login_identifier_first(*, step: int = 1) -> Json:
    first = [
        identifier() | {"group": "default"},
        submit("method", "identifier_first", group="identifier_first", label=text(1070009)),
    ]
    second = [
        hidden("identifier", "ann@example.org", group="identifier_first"),
        password(),
        submit("method", "password", group="password", label=text(1010022)),
        submit("method", "code", group="code", label=text(1010015)),
    ]
    return flow("login", [csrf(), provider(), *(first if step == 1 else second)], requested_aal="aal1")


def recovery_choice() -> Json:
    nodes = [
        csrf(),
        submit("recovery_select_address", "aGFzaDE=", group="code", label=text(1070000, "a***@example.org")),
        submit("recovery_select_address", "aGFzaDI=", group="code", label=text(1070000, "+49*****12")),
        submit("screen", "previous", group="code", label=text(1060007)),
    ]
    return flow(
        "recovery", nodes, messages=[text(1060006)], state="recovery_awaiting_address_choice", active="code"
    )


def recovery_confirm() -> Json:
    nodes = [
        csrf(),
        hidden("recovery_address", "a***@example.org", group="code"),
        hidden("method", "code", group="code"),
        field("recovery_confirm_address", group="code", label=text(1070016), required=True),
        submit("method", "code", group="code", label=text(1070009)),
        submit("screen", "previous", group="code", label=text(1060007)),
    ]
    return flow(
        "recovery", nodes, messages=[text(1060005)], state="recovery_confirming_address", active="code"
    )


def sso_continuation() -> Json:
    nodes = [
        csrf(),
        *traits("default"),
        submit("provider", "github", group="oidc", label=text(1040003)),
    ]
    return flow("registration", nodes, messages=[error(4000002, property="email")], active="oidc")


# v1.1 and before


def webauthn_v1() -> list[Json]:
    line = 'window.__oryWebAuthnLogin({"publicKey":{"challenge":"x"}})'
    return [
        hidden("webauthn_login", "", group="webauthn"),
        field(
            "webauthn_login_trigger", "button", group="webauthn", label=text(1010011), value="", onclick=line
        ),
    ]


def error_body(code: int, error_id: str = "", reason: str = "", **details: Any) -> Json:
    return build_error_json(code, reason, error_id=error_id, details=details)
