"""The forms of a flow, by step and by version of Kratos."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_ory.adapter import OryAdapter
from django_ory.selfservice.forms.fields import Button, Field, Form, Hidden, Input
from django_ory.selfservice.pages.flow_page import FlowPage

from . import shapes
from .shapes import csrf, error, field, flow, hidden, password, provider, submit, text

Pages = Callable[..., FlowPage]


def posted(form: Form) -> list[str]:
    return [each.name for each in form.hidden]


def inputs(form: Form) -> list[str]:
    return [each.name for part in form.groups for each in part.fields if isinstance(each, Input)]


def buttons(form: Form) -> list[tuple[str, str | None, str]]:
    return [(each.name, each.value, each.style) for part in form.groups for each in part.buttons]


def test_login_has_one_form_and_a_separate_one_for_sso(page: Pages) -> None:
    found = page(shapes.login(extra=shapes.passkey()))
    (main,), (sso,) = found.main, found.sso
    assert inputs(main) == ["identifier", "password"]
    assert [group.name for group in main.groups] == ["password", "passkey"]
    assert buttons(main)[0] == ("method", "password", "primary")  # pressed by the Enter key
    assert set(posted(main)) == {"csrf_token", "passkey_login", "passkey_challenge"}
    assert main.needs_script
    assert buttons(sso) == [("provider", "github", "secondary")]
    assert posted(sso) == ["csrf_token"]
    assert not sso.needs_script
    assert len(found.scripts) == 1
    assert found.is_divided


def test_button_ignores_a_required_field_of_another_method(page: Pages) -> None:
    (main,) = page(shapes.login(extra=[submit("method", "code", group="code", label=text(1010015))])).main
    by_value = {each.value: each for part in main.groups for each in part.buttons}
    assert by_value["code"].attrs["formnovalidate"]
    assert "formnovalidate" not in by_value["password"].attrs


def test_first_step_of_registration_is_one_form(page: Pages) -> None:
    found = page(shapes.registration_first())
    (main,), (sso,) = found.main, found.sso
    assert inputs(main) == ["traits.email", "traits.name.first", "traits.newsletter"]
    assert buttons(main) == [("method", "profile", "primary")]
    assert posted(sso) == ["csrf_token"]  # inputs must not be sent with the provider's button
    assert not found.is_divided


def test_second_step_of_registration_has_a_form_for_each_method(page: Pages) -> None:
    found = page(shapes.registration_second())
    password_form, passkey_form = found.main
    assert set(posted(password_form)) == {"traits.newsletter", "traits.email", "method", "csrf_token"}
    assert {"passkey_register", "passkey_create_data", "traits.email"} <= set(posted(passkey_form))
    assert password_form.username == "ann@example.org"
    assert passkey_form.username == ""
    (back,) = found.back
    assert buttons(back) == [("screen", "previous", "quiet")]
    assert "method" not in posted(back)  # Kratos 1.3 would stay on the second step


def test_back_button_of_v1_2_has_its_own_form(page: Pages) -> None:
    nodes = [
        csrf(),
        hidden("traits.email", "a@b.c"),
        password(),
        submit("method", "password", group="password"),
    ]
    (back,) = page(flow("registration", [*nodes, submit("method", "profile:back", group="profile")])).back
    assert buttons(back) == [("method", "profile:back", "quiet")]


def test_traits_in_the_group_of_a_method_are_shared(page: Pages) -> None:
    nodes = [csrf(), *shapes.traits("password"), password(), submit("method", "password", group="password")]
    nodes += [provider(label=1040002), submit("method", "webauthn", group="webauthn", label=text(1040004))]
    found = page(flow("registration", nodes, state=None))
    (main,) = found.main
    assert inputs(main) == ["traits.email", "traits.name.first", "traits.newsletter", "password"]
    assert [group.name for group in main.groups] == ["password", "webauthn"]


def test_unfinished_sso_registration_is_one_form(page: Pages) -> None:
    (only,) = page(shapes.sso_continuation()).forms
    assert inputs(only) == ["traits.email", "traits.name.first", "traits.newsletter"]
    assert buttons(only) == [("provider", "github", "primary")]
    assert posted(only) == ["csrf_token"]


def test_second_factors_with_inputs_are_folded(page: Pages) -> None:
    found = page(shapes.login_second())
    assert [form.groups[0].name for form in found.main] == ["code"]
    assert [form.title for form in found.choices] == ["Authenticator app", "Backup codes"]
    assert buttons(found.main[0]) == [
        ("address", "ann@example.org", "secondary"),
        ("address", "+4912345", "secondary"),
    ]
    assert all(posted(form) == ["csrf_token"] for form in found.forms)


def test_identifier_first_login_has_one_form_and_then_one_for_each_method(page: Pages) -> None:
    (first,) = page(shapes.login_identifier_first()).main
    assert inputs(first) == ["identifier"]
    assert buttons(first) == [("method", "identifier_first", "primary")]
    found = page(shapes.login_identifier_first(step=2))
    assert found.account == "ann@example.org"
    password_form, code_form = found.main
    assert "identifier" in posted(password_form)
    assert "identifier" in posted(code_form)
    assert [each[2] for form in found.main for each in buttons(form)] == ["primary", "secondary"]


def test_resend_button_keeps_the_method(page: Pages) -> None:
    (form,) = page(shapes.recovery_sent()).main
    assert posted(form) == ["csrf_token", "method"]
    assert buttons(form) == [("method", "code", "primary")]
    (code,) = (each for each in form.groups[0].fields if isinstance(each, Input))
    assert code.button is not None
    assert (code.button.name, code.button.value) == ("email", "ann@example.org")
    assert form.default_button == form.groups[0].buttons[0]  # the Enter key must not send another code


def test_choice_of_addresses_has_no_primary_button(page: Pages) -> None:
    found = page(shapes.recovery_choice())
    assert [kind for _, _, kind in buttons(found.main[0])] == ["secondary", "secondary"]
    assert len(found.back) == 1


@pytest.mark.parametrize(
    ("section", "titles", "primary"),
    [
        ("profile", ["Profile"], [("method", "profile", "primary")]),
        ("password", ["Password"], [("method", "password", "primary")]),
        ("linked", ["Linked accounts"], []),
        ("two_factor", ["Authenticator app"], [("method", "totp", "primary")]),
        ("sign_in", ["Code by email or SMS", "Brand new"], []),
        ("passkeys", [], []),
    ],
)
def test_section_of_the_settings_has_a_form_for_each_of_its_groups(
    page: Pages, section: str, titles: list[str], primary: list[Any]
) -> None:
    new = [submit("x", "y", group="brand_new"), submit("x", "y", group="code")]
    found = page(shapes.settings(extra=new, section=section))
    assert [form.title for form in found.forms] == titles
    assert all("csrf_token" in posted(form) for form in found.forms)
    assert [each for form in found.forms for each in buttons(form) if each[2] == "primary"] == primary
    assert found.groups == {"profile", "password", "oidc", "totp", "brand_new", "code"}


@pytest.mark.parametrize("section", ["profile", "password", "linked", "two_factor", "sign_in", "passkeys"])
@pytest.mark.parametrize("extra", [[], shapes.lookup_codes(), shapes.passkey()])
def test_adapter_that_could_hide_fields_changes_no_page(page: Pages, section: str, extra: list[Any]) -> None:
    """All fields are built for it, those of the other sections as well."""

    class Adapter(OryAdapter):
        def is_field_shown(self, field: Field, *, flow_name: str) -> bool:
            return True

    body = shapes.settings(extra=extra, section=section)
    pages = [page(body, adapter=adapter()) for adapter in (OryAdapter, Adapter)]
    assert pages[0].section == pages[1].section
    assert pages[0].groups == pages[1].groups
    assert [posted(form) for form in pages[0].forms] == [posted(form) for form in pages[1].forms]
    assert [inputs(form) for form in pages[0].forms] == [inputs(form) for form in pages[1].forms]
    assert [buttons(form) for form in pages[0].forms] == [buttons(form) for form in pages[1].forms]
    assert pages[0].scripts == pages[1].scripts


def test_form_of_the_password_names_the_account(page: Pages) -> None:
    (form,) = page(shapes.settings(section="password")).forms
    assert form.username == "ann@example.org"


def test_linked_account_has_a_button_that_unlinks_it(page: Pages) -> None:
    (form,) = page(shapes.settings(section="linked")).forms
    assert ("unlink", "google", "danger") in buttons(form)


def test_new_backup_codes_are_the_first_form(page: Pages) -> None:
    found = page(shapes.settings(extra=shapes.lookup_codes()))
    assert found.forms[0].title == "Backup codes"
    assert buttons(found.forms[0]) == [("lookup_secret_confirm", "true", "primary")]


def test_flow_without_visible_nodes_has_no_form(page: Pages) -> None:
    assert page(flow("login", [csrf()], requested_aal="aal2")).forms == ()
    found = page(shapes.verification_passed())
    assert found.forms == ()
    assert found.links[0].href == "http://testserver/x"


def test_get_form_with_another_origin_is_not_rendered(page: Pages) -> None:
    body = shapes.login(ui={"action": "https://evil.example/", "method": "GET"})
    assert page(body).forms == ()


def test_captcha_is_posted_with_every_form(page: Pages) -> None:
    captcha = hidden("transient_payload.captcha_turnstile_response", "", group="captcha")
    body = shapes.registration_second()
    body["ui"]["nodes"].append(captcha)
    assert all(captcha["attributes"]["name"] in posted(form) for form in page(body).forms)


def test_form_has_method_hidden_fields_and_button(page: Pages) -> None:
    (form,) = page(shapes.recovery()).forms
    assert form.method == "post"
    assert isinstance(form.hidden[0], Hidden)
    assert isinstance(form.groups[0].buttons[0], Button)


def test_field_of_an_unknown_group_needs_no_button(page: Pages) -> None:
    nodes: list[Any] = [csrf(), field("oddity", group="brand_new", messages=[error(4000001, "Odd")])]
    (form,) = page(flow("login", nodes, requested_aal="aal1")).forms
    assert inputs(form) == ["oddity"]
    assert buttons(form) == []


def test_recovered_settings_start_with_the_password(page: Pages) -> None:
    usual = page(shapes.settings())
    recovered = page(shapes.settings(messages=[text(1060001, kind="success")]))
    assert "traits.email" in inputs(usual.main[0])
    assert inputs(recovered.main[0])[-1:] == ["password"]
    assert [buttons(form) for form in recovered.main] == [[("method", "password", "primary")]]


def test_passkeys_of_the_identifier_first_page_are_in_the_form_of_the_identifier(page: Pages) -> None:
    """The browser offers them in the list of usernames; there is no button."""
    body = shapes.login_identifier_first()
    passkey = [node for node in shapes.passkey() if node["attributes"]["type"] != "button"]
    found = page(body | {"ui": body["ui"] | {"nodes": [*body["ui"]["nodes"], *passkey]}})
    (main,), (sso,) = found.main, found.sso
    assert {"passkey_login", "passkey_challenge"} <= set(posted(main))
    assert posted(sso) == ["csrf_token"]
    (waiting,) = (each for each in main.hidden if each.name == "passkey_login")
    assert waiting.attrs == {"data-ory-load": "oryPasskeyLoginAutocompleteInit"}
    assert len(found.scripts) == 1


def test_hidden_fields_of_a_method_are_not_posted_with_another_method(page: Pages) -> None:
    found = page(shapes.registration_second())
    assert not {"passkey_register", "passkey_create_data"} & set(posted(found.main[0]))


def test_rejected_hidden_trait_is_not_posted_again(page: Pages) -> None:
    rejected = hidden("traits.phone", "12", messages=[error(4000041)])
    body = shapes.registration_second()
    body["ui"]["nodes"].append(rejected)
    found = page(body)
    for form in (*found.main, *found.back):
        assert "traits.phone" not in posted(form)
        assert "traits.email" in posted(form)
    assert [problem.text for problem in found.errors] == [
        "Phone: Enter a phone number with its country code, like +49 123 4567890."
    ]


def test_hidden_trait_that_a_web_hook_rejects_is_posted(page: Pages) -> None:
    """Without the address, Kratos would not even go back to its input."""
    body = shapes.registration_second()
    for node in body["ui"]["nodes"]:
        if node["attributes"].get("name") == "traits.email":
            node["messages"] = [error(4900100, "Not this address")]
    found = page(body)
    assert all("traits.email" in posted(form) for form in (*found.main, *found.back))
    assert [problem.text for problem in found.errors] == ["Email: Not this address"]


def test_hidden_trait_with_an_info_message_is_posted(page: Pages) -> None:
    body = shapes.registration_second()
    body["ui"]["nodes"].append(hidden("traits.phone", "12", messages=[text(1, "Well done")]))
    assert "traits.phone" in posted(page(body).main[0])


def test_back_in_recovery_carries_the_address(page: Pages) -> None:
    """v26.2.0 with feature_flags.choose_recovery_address: without it, Kratos returns to the first page."""
    (back,) = page(shapes.recovery_confirm()).back
    assert buttons(back) == [("screen", "previous", "quiet")]
    assert "recovery_address" in posted(back)
    assert "method" not in posted(back)


def test_metadata_has_no_field(page: Pages) -> None:
    body = shapes.registration_first()
    body["ui"]["nodes"] += [field("metadata_public.role", messages=[error(4000002)]), field("traits.x")]
    found = page(body)
    assert inputs(found.main[0])[-1] == "traits.x"
    assert [problem.text for problem in found.errors] == ["This field is required."]
