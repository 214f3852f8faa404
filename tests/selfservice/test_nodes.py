from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from django_ory.client.models import UiNode
from django_ory.selfservice.flow_types import FLOW_TYPES_BY_NAME
from django_ory.selfservice.forms.fields import (
    BackupCode,
    BackupCodes,
    Button,
    Checkbox,
    Control,
    CopyableText,
    Field,
    Hidden,
    Image,
    Input,
    Link,
    NamedField,
    Option,
    Placeholder,
    RadioGroup,
    Script,
    Select,
    Text,
)
from django_ory.selfservice.forms.nodes import NodeConverter, is_metadata

from . import shapes
from .conftest import ORIGINS
from .shapes import field, hidden, node, submit, text


def read(body: dict[str, Any], kind: str = "login") -> Any:
    return NodeConverter(FLOW_TYPES_BY_NAME[kind], ORIGINS).to_field(UiNode.model_validate(body))


@pytest.mark.parametrize(
    ("value", "posted"),
    [
        (True, "true"),
        (False, "false"),
        (None, ""),
        (3, "3"),
        (1.5, "1.5"),
        ("<x>", "<x>"),
        ({"a": 1}, ""),
        ([1], ""),
    ],
)
def test_hidden_value_is_what_kratos_reads_back(value: Any, posted: str) -> None:
    found = read(node("input", "default", {"name": "x", "type": "hidden", "value": value, "required": True}))
    assert found == Hidden(name="x", value=posted, group="default")


@pytest.mark.parametrize("kind", ["text", "password", "email", "tel", "number", "date", "url"])
def test_known_input_type_is_kept(kind: str) -> None:
    assert read(field("traits.x", kind)).type == kind


@pytest.mark.parametrize("kind", ["file", "image", "color", "", "x onfocus=alert(1)", "datetime-local"])
def test_other_input_type_becomes_text(kind: str) -> None:
    assert read(field("traits.x", kind)).type == "text"


def test_date_with_time_has_a_hint() -> None:
    found = read(field("traits.x", "datetime-local"))
    assert "2026-01-31T18:30:00Z" in found.hint
    assert found.described_by == "ory-traits-x-hint"


def test_password_value_is_dropped() -> None:
    found = read(
        shapes.password()
        | {"attributes": {"node_type": "input", "name": "password", "type": "password", "value": "s3cret"}}
    )
    assert found.value is None
    assert found.attrs["data-ory-show"]


@pytest.mark.parametrize(
    ("kind", "token"),
    [("login", "current-password"), ("registration", "new-password"), ("settings", "new-password")],
)
def test_password_without_autocomplete_gets_it_by_its_flow(kind: str, token: str) -> None:
    assert read(field("password", "password"), kind).attrs["autocomplete"] == token


def test_missing_label_falls_back_to_the_name() -> None:
    assert read(field("traits.x", label="Shoe size")).label == "Shoe size"
    assert (
        read(
            node("input", "default", {"name": "a", "type": "text", "label": text(1, "Own")}, text(2, "Meta"))
        ).label
        == "Own"
    )
    assert read(field("traits.name.first_name")).label == "First name"
    assert read(submit("x", "some_value", group="new")).label == "Some value"


@pytest.mark.parametrize(
    ("kind", "body", "label"),
    [
        ("settings", shapes.password(), "New password"),
        ("login", shapes.password(), "Password"),
        ("registration", submit("method", "profile", group="profile", label=text(1040001)), "Continue"),
        (
            "registration",
            submit("method", "password", group="password", label=text(1040001)),
            "Create account",
        ),
        ("settings", submit("method", "totp", group="totp", label=text(1070003)), "Turn on"),
    ],
)
def test_misleading_label_is_replaced(kind: str, body: Any, label: str) -> None:
    assert read(body, kind).label == label


def test_missing_attributes_are_added_by_name() -> None:
    assert read(field("code")).attrs == {
        "autocomplete": "one-time-code",
        "inputmode": "numeric",
        "dir": "ltr",
    }
    assert read(field("totp_code")).variant == "code"
    assert read(field("identifier")).attrs["autocomplete"] == "username"
    assert (
        read(field("identifier", autocomplete="username webauthn")).attrs["autocomplete"]
        == "username webauthn"
    )


def test_addresses_and_codes_are_left_to_right() -> None:
    assert [read(field("traits.x", kind)).attrs["dir"] for kind in ("email", "tel", "url")] == ["ltr"] * 3
    assert "dir" not in read(field("traits.x")).attrs
    assert "dir" not in read(field("webauthn_register_displayname")).attrs


def test_required_and_optional_inputs_are_marked() -> None:
    required = read(field("traits.x", required=True))
    assert required.attrs["required"] is True
    assert not required.optional
    assert read(field("traits.x")).optional
    assert not read(field("code")).optional
    assert read(field("traits.x", required=True) | {"group": "profile"}).attrs["required"]


def test_disabled_field_is_not_required() -> None:
    found = node("input", "profile", {"name": "traits.x", "type": "text", "required": True, "disabled": True})
    assert read(found).attrs == {"disabled": True}


@pytest.mark.parametrize(
    "pattern", ["[0-9]+", "^[a-z0-9_]{3,20}$", r"^\d{5}$", "[A-Z][a-z]*", r"[a-z.\-]+@[a-z]+\.[a-z]{2,}"]
)
def test_portable_pattern_is_used(pattern: str) -> None:
    assert read(field("traits.x", pattern=pattern)).attrs["pattern"] == pattern


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", r"\p{L}+", "(?i)x", "[[:alpha:]]", "[", "a|b", r"\Qx\E", "[a-", "[^a]+", r"\z", "x" * 3 + "("],
)
def test_other_pattern_is_ignored(pattern: str) -> None:
    assert "pattern" not in read(field("traits.x", pattern=pattern)).attrs


def test_maxlength_and_step_are_set() -> None:
    assert read(field("traits.x", maxlength=6)).attrs["maxlength"] == "6"
    assert "maxlength" not in read(field("traits.x", maxlength=-1)).attrs
    assert read(field("traits.x", "number", value=1.5)).attrs["step"] == "any"


@pytest.mark.parametrize(
    ("value", "checked"), [(True, True), ("true", True), (False, False), (None, False), ("false", False)]
)
def test_unchecked_required_checkbox_posts_false(value: Any, checked: bool) -> None:
    found = read(field("traits.x", "checkbox", value=value, required=True, label="Terms"))
    assert isinstance(found, Checkbox)
    assert (found.checked, found.off_value) == (checked, "false")
    assert "required" not in found.attrs
    assert not found.optional


def test_input_with_many_options_is_a_select() -> None:
    options = [*({"value": each} for each in "abcdef"), {"bogus": 1}, {"value": None}]
    found = read(field("traits.size", options=options, value="b"))
    assert isinstance(found, Select)
    assert not isinstance(found, RadioGroup)
    assert found.options[:3] == (Option("", "—"), Option("a", "a"), Option("b", "b", True))
    assert read(field("traits.size", options=options, required=True)).options[0] == Option("", "—", True)
    assert len(read(field("traits.size", options=options, required=True, value="b")).options) == 6


def test_input_with_few_options_is_radio_buttons() -> None:
    options = [{"value": "s"}, {"value": "m"}, {"bogus": 1}, {"value": None}]
    found = read(field("traits.size", options=options, value="m"))
    assert isinstance(found, RadioGroup)
    assert found.options == (Option("", "Not specified"), Option("s", "s"), Option("m", "m", True))
    required = read(field("traits.size", options=options, required=True))
    assert required.options == (Option("s", "s"), Option("m", "m"))
    assert required.attrs == {"required": True}


@pytest.mark.parametrize(
    ("name", "kind", "novalidate"),
    [
        ("method", "secondary", False),
        ("provider", "secondary", True),
        ("link", "secondary", True),
        ("unlink", "danger", True),
        ("totp_unlink", "danger", True),
        ("webauthn_remove", "danger", True),
        ("resend", "quiet", True),
        ("email", "quiet", True),
        ("screen", "quiet", True),
        ("recovery_select_address", "secondary", True),
    ],
)
def test_button_has_its_style_and_validation(name: str, kind: str, novalidate: bool) -> None:
    found = read(submit(name, "x", group="password"))
    assert isinstance(found, Button)
    assert found.style == kind
    assert found.attrs.get("formnovalidate", False) is novalidate


@pytest.mark.parametrize("name", ["sms", "email", "resend", "whatsapp"])
def test_resend_button_is_quiet_for_every_channel(name: str) -> None:
    """The empty field for the code, which is required, must not be in its way."""
    found = read(submit(name, "+4912345678", group="code", label=text(1070008)), "verification")
    assert found.resends
    assert (found.style, found.attrs) == ("quiet", {"formnovalidate": True})


def test_password_has_no_spelling_check_and_a_show_button() -> None:
    attrs = read(shapes.password()).attrs
    assert (attrs["spellcheck"], attrs["autocapitalize"]) == ("false", "none")
    assert (attrs["data-ory-show"], attrs["data-ory-hide"]) == ("Show password", "Hide password")


def test_disabled_button_stays_disabled() -> None:
    assert read(
        node("input", "oidc", {"name": "unlink", "type": "submit", "value": "x", "disabled": True})
    ).attrs["disabled"]
    assert read(submit("method", "profile:back", group="profile")).attrs["formnovalidate"]


def test_script_call_is_a_data_attribute_of_a_hidden_button() -> None:
    trigger = read(shapes.passkey()[1])
    assert trigger.type == "button"
    assert trigger.attrs == {"data-ory-click": "oryPasskeyLogin", "hidden": True}
    waiting = read(shapes.passkey()[2])
    assert waiting.attrs == {"data-ory-load": "oryPasskeyLoginAutocompleteInit"}
    old = read(shapes.webauthn_v1()[1])
    assert old.attrs["data-ory-click"] == "__oryWebAuthnLogin"
    assert old.attrs["data-ory-argument"] == '{"publicKey":{"challenge":"x"}}'


def test_javascript_of_a_node_is_ignored() -> None:
    found = read(field("x", "button", onclick="alert(1)", onclickTrigger="alert", onload="alert(2)"))
    assert found.type == "submit"
    assert "alert" not in str(found.attrs)


def test_totp_secret_is_copyable_text() -> None:
    attributes = {"text": text(1050006, "CCB4", secret="CCB4"), "id": "totp_secret_key"}
    found = read(node("text", "totp", attributes, text(1050017)))
    assert isinstance(found, CopyableText)
    assert found.text == "CCB4"


def test_backup_codes_are_listed_with_their_use() -> None:
    found = read(shapes.lookup_codes()[0])
    assert isinstance(found, BackupCodes)
    assert found.codes[0] == BackupCode("6enve8v4")
    assert found.codes[1].used
    assert "2026" in found.codes[1].text
    odd = text(1050015, "x", secrets=[{"id": "not a number"}, "x", {"text": "ok"}])
    assert read(node("text", "lookup_secret", {"text": odd, "id": "y"})).codes == (
        BackupCode(""),
        BackupCode("ok"),
    )


def test_other_text_node_is_text() -> None:
    found = read(node("text", "new", {"text": text(77, "Hello"), "id": "x"}))
    assert isinstance(found, Text)
    assert found.text == "Hello"
    assert read(node("text", "new", {"id": "x"})).text == ""


@pytest.mark.parametrize(
    ("src", "shown"),
    [
        ("data:image/png;base64,iVBOR", True),
        ("http://kratos.test:4433/x.png", True),
        ("data:text/html;base64,PHg+", False),
        ("data:image/svg+xml,<svg onload=alert(1)>", False),
        ("https://tracker.example/x.png", False),
        ("javascript:alert(1)", False),
    ],
)
def test_only_trusted_images_are_shown(src: str, shown: bool) -> None:
    found = read(node("img", "totp", {"src": src, "id": "q", "width": 256, "height": 99999}))
    assert isinstance(found, Image) is shown
    if found:
        assert (found.width, found.height) == (256, 0)


@pytest.mark.parametrize(
    ("href", "shown"),
    [
        ("http://testserver/x", True),
        ("https://elsewhere.example/", True),
        ("/x", True),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("data:text/html,x", False),
        ("x", False),
    ],
)
def test_only_safe_links_are_shown(href: str, shown: bool) -> None:
    found = read(node("a", "code", {"href": href, "id": "continue"}))
    assert isinstance(found, Link) is shown
    if found:
        assert found.label == "Continue"


def test_only_scripts_of_kratos_are_loaded() -> None:
    found = read(shapes.script())
    assert isinstance(found, Script)
    assert found.attrs == {
        "id": "webauthn_script",
        "integrity": "sha512-abc",
        "crossorigin": "anonymous",
        "referrerpolicy": "no-referrer",
        "async": True,
    }
    assert read(shapes.script("https://evil.example/x.js")) is None
    assert read(shapes.script("https://challenges.example/api.js")) is None


def test_script_of_an_unknown_origin_is_logged_with_the_setting(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        assert read(shapes.script("https://captcha-log.example/api.js?key=secret")) is None
    (record,) = (each for each in caplog.records if "captcha-log" in each.getMessage())
    assert "CAPTCHA_ORIGINS" in record.getMessage()
    assert "secret" not in record.getMessage()


@pytest.mark.parametrize(
    ("src", "is_loaded"),
    [
        ("https://challenges.example/api.js", True),
        ("https://challenges.example.evil.net/api.js", False),
        ("http://challenges.example/api.js", False),
        ("https://challenges.example:8443/api.js", False),
        ("https://challenges.example@evil.net/api.js", False),
        ("//challenges.example/api.js", False),
    ],
)
def test_script_of_a_captcha_is_loaded_from_its_origin_only(src: str, is_loaded: bool) -> None:
    origins = replace(ORIGINS, captcha=frozenset({("https", "challenges.example", 443)}))
    converter = NodeConverter(FLOW_TYPES_BY_NAME["login"], origins)
    assert (converter.to_field(UiNode.model_validate(shapes.script(src))) is not None) is is_loaded


def test_division_is_a_placeholder_with_data_attributes() -> None:
    data = {"sitekey": "abc", "on load": "x", "flag": True}
    found = read(node("div", "captcha", {"id": "cf-turnstile", "data": data}))
    assert found == Placeholder(
        id="cf-turnstile", group="captcha", attrs={"data-sitekey": "abc", "data-flag": "true"}
    )
    assert read(node("div", "captcha", {})).id == "ory-block"


@pytest.mark.parametrize(
    ("names", "kept"),
    [("cf-turnstile", "cf-turnstile"), ("a b_1", "a b_1"), ('x" onload="y', None), ("", None), (None, None)],
)
def test_captcha_keeps_its_class(names: str | None, kept: str | None) -> None:
    found = read(node("div", "captcha", {"id": "c", "class": names}))
    assert found.attrs.get("class") == kept


def test_unknown_node_shows_only_its_label() -> None:
    found = read(node("hologram", "new", {"id": "h"}, text(9, "Look here")))
    assert isinstance(found, Text)
    assert found.text == "Look here"
    assert read(node("hologram", "new", {"id": "h"})) is None


def test_ids_are_unique_and_clean() -> None:
    reader = NodeConverter(FLOW_TYPES_BY_NAME["login"], ORIGINS)
    names = ["traits.a", "traits.a", "traits-a", '"><script>', "…"]
    found = [reader.to_field(UiNode.model_validate(field(name))) for name in names]
    ids = [each.id for each in found if isinstance(each, Input)]
    assert ids == ["ory-traits-a", "ory-traits-a--2", "ory-traits-a--3", "ory-script", "ory-field"]


def test_error_makes_a_field_invalid_and_describes_it() -> None:
    found = read(field("traits.x", messages=[shapes.error(4000002)]))
    assert found.has_error
    assert found.described_by == found.messages_id == "ory-traits-x-messages"
    hinted = read(field("traits.x", messages=[text(1, "Well done")]))
    assert not hinted.has_error


def test_every_field_has_an_element_template() -> None:
    from django.template.loader import get_template

    import django_ory.admin.identities.trait_fields  # noqa: F401 (its fields have templates of their own)

    def kinds(cls: type[Field]) -> list[type[Field]]:
        return [each for sub in cls.__subclasses__() for each in (sub, *kinds(sub))]

    for cls in set(kinds(Field)) - {NamedField, Control}:  # base classes
        is_of_admin = cls.__module__.startswith("django_ory.admin.")
        folder = "admin/django_ory/traits" if is_of_admin else "ory/elements"
        get_template(f"{folder}/{cls.element}.html")


def test_hidden_fields_are_never_required() -> None:
    assert "required" not in read(hidden("csrf_token", "x", required=True)).attrs


@pytest.mark.parametrize("name", ["metadata_public.role", "metadata_admin.notes", "metadata_public"])
def test_metadata_node_is_recognized(name: str) -> None:
    assert is_metadata(UiNode.model_validate(field(name, required=True)))


@pytest.mark.parametrize("name", ["traits.metadata_public", "metadata", "traits.x", "method"])
def test_node_with_another_name_is_not_metadata(name: str) -> None:
    assert not is_metadata(UiNode.model_validate(field(name)))


@pytest.mark.parametrize("value", [None, ""])
def test_hidden_identifier_without_a_value_is_an_input(value: Any) -> None:
    found = read(hidden("identifier", value, messages=[shapes.error(4000002)]))
    assert isinstance(found, Input)
    assert (found.type, found.label, found.has_error) == ("text", "Email or username", True)
    assert found.attrs["autocomplete"] == "username"


def test_hidden_identifier_with_a_value_stays_hidden() -> None:
    assert isinstance(read(hidden("identifier", "ann@example.org")), Hidden)
    assert isinstance(read(hidden("csrf_token", "")), Hidden)
    assert isinstance(read(hidden("identifier", ""), "registration"), Hidden)


def test_unchecked_optional_trait_posts_nothing() -> None:
    assert read(field("traits.x", "checkbox")).off_value == ""
    assert read(field("traits.x", "checkbox", required=True)).off_value == "false"
    assert read(field("remember", "checkbox")).off_value == "false"
