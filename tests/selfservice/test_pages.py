"""Titles, notes and errors of a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_ory.client.models import Identity
from django_ory.http.redirects import sign_client_name
from django_ory.selfservice.forms.errors import FormError
from django_ory.selfservice.forms.fields import Input
from django_ory.selfservice.pages.flow_page import FlowPage
from django_ory.selfservice.pages.flow_user import FlowUser

from . import shapes
from .conftest import ANN, member
from .shapes import csrf, error, field, flow, hidden, submit, text

Pages = Callable[..., FlowPage]
OTHER = member("other@example.org")


def code_sent(kind: str, *nodes: Any, **more: Any) -> Any:
    return flow(kind, [csrf(), *nodes, field("code", group="code")], state="sent_email", **more)


CASES = [
    (shapes.login(), "login", "Sign in to Acme", ""),
    (shapes.login_refresh(), "login.refresh", "Confirm it's you", "sign in again"),
    (shapes.login_second(), "login.second", "Two-factor authentication", "to finish signing in"),
    (
        shapes.login(messages=[text(1010016, "There is already")]),
        "login.linking",
        "Sign in to link your accounts",
        "",
    ),
    (
        shapes.login(oauth2_login_request={"client": {"client_name": "<b>Shop</b>"}, "challenge": "c"}),
        "login.client",
        "Sign in",
        "&lt;b&gt;Shop&lt;/b&gt;",
    ),
    (shapes.login(oauth2_login_request={"client": None}), "login", "Sign in to Acme", ""),
    (
        code_sent("login", hidden("identifier", "a@b.c"), requested_aal="aal1"),
        "login.sent",
        "Check your email",
        "<strong><bdi>a@b.c</bdi></strong>",
    ),
    (shapes.registration_first(), "registration", "Create your account", ""),
    (
        shapes.registration_second(),
        "registration.credentials",
        "Choose how to sign in",
        "ann@example.org",
    ),
    (
        shapes.registration_second(passkeys=False),
        "registration.credentials",
        "Create a password",
        "ann@example.org",
    ),
    (
        code_sent("registration", hidden("traits.email", "<i>")),
        "registration.sent",
        "Check your email",
        "&lt;i&gt;",
    ),
    (shapes.recovery(), "recovery", "Recover your account", "Enter your email"),
    (shapes.recovery_sent(), "recovery.sent", "Check your email", "ann@example.org"),
    (
        flow("recovery", [csrf()], state="sent_email", active="link"),
        "recovery.link",
        "Check your email",
        "a link",
    ),
    (shapes.recovery_choice(), "recovery.choose", "Recover your account", "Where should"),
    (
        flow("recovery", [csrf()], state="recovery_confirming_address"),
        "recovery.confirm",
        "Recover your account",
        "full address",
    ),
    (shapes.verification_sent(), "verification.sent", "Check your email", "your email address"),
    (
        code_sent("login", hidden("identifier", "+4912345678")),
        "login.sent",
        "Check your phone",
        "<strong><bdi>+4912345678</bdi></strong>",
    ),
    (code_sent("login", hidden("identifier", "4912345678")), "login.sent", "Check your email", "4912345678"),
    (
        code_sent("registration", submit("resend", "code", group="code", label=text(1070008))),
        "registration.sent",
        "Check your email",
        "sent you a code",
    ),
    (
        code_sent("registration", hidden("traits.email", "+4912345678")),
        "registration.sent",
        "Check your phone",
        "+4912345678",
    ),
    (
        code_sent("recovery", hidden("recovery_address", "+49*****78")),
        "recovery.sent",
        "Check your phone",
        "+49*****78",
    ),
    (
        shapes.verification_sent_by_phone(),
        "verification.sent",
        "Check your phone",
        "to <strong><bdi>+4912345678</bdi></strong>. Enter it to confirm that the number is yours.",
    ),
    (
        shapes.verification_sent_by_phone(messages=[error(4070006)]),
        "verification.sent",
        "Check your phone",
        "the number",
    ),
    (
        shapes.verification_sent(messages=[text(1080004)]),
        "verification.sent",
        "Check your phone",
        "to your phone",
    ),
    (
        flow("verification", [csrf()], state="passed_challenge", messages=[text(1080005, kind="success")]),
        "verification.passed",
        "Your phone number is confirmed",
        "",
    ),
    (
        flow("verification", [csrf(), field("email", "email", group="code")], active="code"),
        "verification",
        "Confirm your email address",
        "send you a code",
    ),
    (
        shapes.verification_by_link(),
        "verification",
        "Confirm your email address",
        "send you a link",
    ),
    (
        flow("verification", [csrf()], state="sent_email", active="link"),
        "verification.link",
        "Check your email",
        "a link",
    ),
    (shapes.verification_passed(), "verification.passed", "Your email is confirmed", ""),
    (shapes.settings(), "settings", "Your account", ""),
    (shapes.settings(state="sent_email"), "settings", "Your account", ""),
    (flow("login", [csrf()], state=["odd"]), "login", "Sign in to Acme", ""),
    (flow("registration", [csrf()], state=None), "registration", "Create your account", ""),
]


@pytest.mark.parametrize(("body", "step", "title", "lead"), CASES)
def test_flow_has_the_heading_of_its_step(page: Pages, body: Any, step: str, title: str, lead: str) -> None:
    found = page(body)
    assert found.step == step
    assert found.heading.title == title
    assert lead in found.heading.lead
    assert bool(lead) <= bool(found.heading.lead)


def test_site_name_is_escaped(page: Pages) -> None:
    assert page(shapes.login(), site="<Acme>").heading.title == "Sign in to &lt;Acme&gt;"


def test_account_is_shown_without_an_identifier_input(page: Pages) -> None:
    assert page(shapes.login_refresh()).account == "ann@example.org"
    assert page(shapes.login()).account == ""
    assert page(shapes.registration_second()).account == ""


def test_identifier_of_a_refresh_is_prefilled(page: Pages) -> None:
    again = shapes.login(refresh=True, messages=[text(1010003)])  # v1.3.1 with codes on
    found = page(again, identity=ANN)
    assert (
        next(each for part in found.main[0].groups for each in part.fields).variables()["value"]
        == "ann@example.org"
    )
    assert found.account == ""
    assert page(shapes.login_second(), identity=ANN).account == "ann@example.org"
    assert page(shapes.login_refresh(), identity=OTHER).account == "ann@example.org"
    (form,) = page(shapes.login(), identity=ANN).main
    assert "ann@example.org" not in str(form)


def test_account_is_the_first_address() -> None:
    identity = Identity.model_validate(
        {
            "id": "x",
            "verifiable_addresses": [{"id": "1", "value": ""}, {"id": "2", "value": "ann@example.org"}],
            "recovery_addresses": [{"id": "3", "value": "other@example.org"}],
        }
    )
    assert FlowUser.from_identity(identity).account == "ann@example.org"
    assert FlowUser.from_identity(Identity.model_validate({"id": "x"})).account == ""
    assert FlowUser.from_identity(None).account == ""


def test_message_that_repeats_the_heading_is_left_out(page: Pages) -> None:
    assert page(shapes.login_refresh()).notes == ()
    assert page(shapes.recovery_sent()).notes == ()
    assert page(shapes.verification_sent_by_phone()).notes == ()
    (note,) = page(shapes.settings(messages=[text(1050001, kind="success")], state="success")).notes
    assert (note.level, note.text) == ("success", "Your changes have been saved.")


@pytest.mark.parametrize(
    ("reason", "words"),
    [("expired", "has expired"), ("cookies", "could not be continued"), ("other", "could not be continued")],
)
def test_restarted_page_shows_the_reason(page: Pages, reason: str, words: str) -> None:
    assert words in page(shapes.login(), reason=reason).notes[0].text
    assert page(shapes.login(), reason="bogus").notes == ()


def test_wrong_credentials_are_an_error_of_the_password(page: Pages) -> None:
    found = page(shapes.login(messages=[error(4000006)]))
    (problem,) = found.errors
    assert problem.target == "ory-password"
    tied = next(
        each
        for part in found.main[0].groups
        for each in part.fields
        if isinstance(each, Input) and each.has_error
    )
    assert tied.name == "password"
    assert tied.messages[0].text == problem.text
    assert found.notes == ()


def test_wrong_code_is_an_error_of_its_field(page: Pages) -> None:
    (problem,) = page(shapes.recovery_sent(messages=[error(4060006)])).errors
    assert problem.target == "ory-code"


def test_error_without_its_field_is_an_error_of_the_form(page: Pages) -> None:
    found = page(flow("login", [csrf()], messages=[error(4000006), error(99, "New kind of error")]))
    assert [problem.target for problem in found.errors] == ["", ""]
    assert found.errors[1].text == "New kind of error"


def test_error_summary_names_the_field(page: Pages) -> None:
    body = shapes.registration_second(problem=error(4000032, min_length=8, actual_length=3))
    assert page(body).errors == (
        FormError("Password: Use a password of at least 8 characters.", "ory-password"),
    )


def test_error_of_a_hidden_field_is_in_the_summary(page: Pages) -> None:
    body = shapes.registration_second()
    body["ui"]["nodes"].append(hidden("traits.name.first_name", "x", messages=[error(4009999, "Too odd")]))
    assert FormError("First name: Too odd") in page(body).errors


def test_errors_of_checkboxes_buttons_and_texts_are_in_the_summary(page: Pages) -> None:
    nodes = [
        csrf(),
        field("traits.tos", "checkbox", label="Terms", messages=[error(4000030)]),
        submit("method", "password", group="password", messages=[error(1, "No")]),
        shapes.node("text", "new", {"id": "t", "text": text(1, "x")}, messages=[error(2, "Bad")]),
        shapes.node("div", "captcha", {"id": "d"}),
    ]
    found = page(flow("registration", nodes))
    assert found.errors == (
        FormError("Terms: This must be accepted.", "ory-traits-tos"),
        FormError("No", "ory-method"),
        FormError("Bad", "ory-t"),
    )


def test_message_of_an_invisible_field_is_shown_above_the_forms(page: Pages) -> None:
    nodes = [
        csrf(),
        hidden("traits.email", "x", messages=[text(1, "Of a hidden field"), error(2, "Wrong")]),
        shapes.node("a", "default", {"id": "a", "href": "/x"}, messages=[text(3, "Of a link")]),
        shapes.node("text", "default", {"id": "t", "text": text(4, "x")}, messages=[text(5, "Of a text")]),
    ]
    found = page(flow("login", nodes, messages=[text(6, "Of all")]))
    assert [note.text for note in found.notes] == ["Of all", "Of a hidden field", "Of a link"]


@pytest.mark.parametrize(
    ("body", "can"),
    [
        (shapes.recovery_sent(), True),
        (shapes.verification_sent_by_phone(), True),
        (shapes.verification_sent(), False),
        (code_sent("login", submit("resend", "code", group="code", label=text(1070008))), True),
    ],
)
def test_page_knows_whether_a_code_can_be_resent(page: Pages, body: Any, can: bool) -> None:
    assert page(body).can_resend is can


def test_confirmation_for_a_client_names_both_the_user_and_the_client(page: Pages) -> None:
    body = shapes.login_refresh() | {"oauth2_login_request": {"client": {"client_name": "Photo Lab"}}}
    found = page(body)
    assert (found.step, found.account) == ("login.refresh", "ann@example.org")
    assert (found.heading.title, found.heading.lead) == ("Confirm it's you", "to continue to Photo Lab")


def test_repeated_error_is_listed_once(page: Pages) -> None:
    found = page(flow("login", [csrf()], messages=[error(99, "Twice"), error(99, "Twice")]))
    assert len(found.errors) == 1


@pytest.mark.parametrize("address", ["ann@example.org", "+4912345678"])
def test_sent_second_factor_has_the_heading_of_the_second_factor(page: Pages, address: str) -> None:
    found = page(shapes.login_second_sent(address))
    assert found.step == "login.second.sent"
    assert found.heading.title == "Two-factor authentication"
    assert address in found.heading.lead
    assert found.notes == ()
    wrong = shapes.login_second_sent(address)
    wrong["ui"]["messages"] = [error(4010008)]
    assert page(wrong).step == "login.second.sent"


@pytest.mark.parametrize(
    "body",
    [
        shapes.login_unknown("", of_field=[error(4000002)]),
        shapes.login_unknown("x@example.org", messages=[error(4000035)]),
        shapes.login_unknown("x@example.org", messages=[error(4000037)]),
    ],
    ids=["empty", "unknown", "no account"],
)
def test_identifier_hidden_after_an_error_is_an_input(page: Pages, body: Any) -> None:
    found = page(body)
    (form,) = found.main
    (box,) = (
        each for part in form.groups for each in part.fields if getattr(each, "name", "") == "identifier"
    )
    assert isinstance(box, Input)
    assert box.has_error
    assert [problem.target for problem in found.errors] == [box.id]
    assert "identifier" not in [each.name for each in form.hidden]
    assert found.account == ""


def test_identifier_of_a_fresh_sign_in_stays_hidden_after_an_error(page: Pages) -> None:
    body = shapes.login_refresh()
    body["ui"]["messages"] = [error(4000035)]
    assert page(body).account == "ann@example.org"


@pytest.mark.parametrize(
    ("identity", "value"),
    [
        (member("ann@example.org", verified=False), "ann@example.org"),
        (member(phones=("+4912345678",), verified=False), ""),
        (None, ""),
    ],
    ids=["email", "phone only", "not signed in"],
)
def test_verification_is_filled_with_the_email_of_the_session(
    page: Pages, identity: Identity | None, value: str
) -> None:
    nodes = [csrf(), field("email", "email", group="code", label=text(1070007), value="")]
    found = page(flow("verification", nodes, active="code"), identity=identity)
    (box,) = found.main[0].visible_fields()
    assert box.variables()["value"] == value
    assert ("to this address" in found.heading.lead) is bool(value)


PHONE = "+4915112345678"


@pytest.mark.parametrize(
    ("body", "identity", "title", "lead"),
    [
        # v1.3.1 names neither the address nor, after an error, the channel, and always speaks of email.
        (shapes.verification_sent(), member(phones=(PHONE,), verified=False), "Check your phone", PHONE),
        (
            shapes.verification_sent(messages=[error(4070006)]),
            member(phones=(PHONE,), verified=False),
            "Check your phone",
            PHONE,
        ),
        (
            shapes.verification_sent(),
            member("ann@example.org", verified=False),
            "Check your email",
            "ann@example.org",
        ),
        (
            shapes.verification_sent(),
            member("ann@example.org", phones=(PHONE,), verified=False),
            "Enter your code",
            "sent you a code",
        ),
        (shapes.verification_sent(), None, "Check your email", "your email address"),
        (shapes.verification_passed(), member(phones=(PHONE,)), "Your phone number is confirmed", ""),
        (shapes.verification_passed(), member("ann@example.org"), "Your email is confirmed", ""),
        (
            shapes.verification_passed(),
            member("ann@example.org", phones=(PHONE,)),
            "Your address is confirmed",
            "",
        ),
        (
            shapes.verification_sent_by_phone(messages=[text(1080003)]),
            member("ann@example.org"),
            "Check your phone",
            "4912345678",
        ),
        # Sign-up by SMS on v26.2.0.
        (code_sent("registration", hidden("traits.phone", PHONE)), None, "Check your phone", PHONE),
        (
            code_sent("registration", hidden("traits.tel", PHONE), hidden("traits.email", "a@b.c")),
            None,
            "Enter your code",
            "sent you a code",
        ),
        (
            code_sent("registration", hidden("traits.name", "Ann"), hidden("traits.work.mail", "a@b.c")),
            None,
            "Check your email",
            "a@b.c",
        ),
        # A newer Kratos asks for either.
        (
            flow("verification", [csrf(), field("address", group="code", label=text(1070018))]),
            None,
            "Confirm your address",
            "send you a code",
        ),
    ],
)
def test_heading_names_the_channel_of_a_code(
    page: Pages, body: Any, identity: Identity | None, title: str, lead: str
) -> None:
    heading = page(body, identity=identity).heading
    assert heading.title == title
    assert lead in heading.lead
    if title != "Check your email":
        assert "email" not in heading.lead


@pytest.mark.parametrize(
    ("body", "title"),
    [(shapes.login(), "Sign in"), (shapes.registration_first(), "Create your account")],
    ids=["login", "registration"],
)
def test_heading_names_the_oauth2_client(page: Pages, body: Any, title: str) -> None:
    """The OAuth2 provider passes the name along in the address that starts the flow."""
    url = body["request_url"]
    heading = page(body | {"request_url": f"{url}?client={sign_client_name('<i>Shop</i>')}"}).heading
    assert heading.title == title
    assert heading.lead == "to continue to &lt;i&gt;Shop&lt;/i&gt;"
    assert page(body | {"request_url": f"{url}?client=Shop"}).heading.lead == ""


def test_second_step_of_registration_with_a_list_that_stays_visible(page: Pages) -> None:
    """v26.2.0 hides every trait but the items of lists."""
    body = shapes.registration_second()
    body["ui"]["nodes"].append(field("traits.tags.0", value="red"))
    assert page(body).step == "registration.credentials"


def test_missing_trait_in_a_message_of_the_form_is_shown_at_its_field(page: Pages) -> None:
    found = page(shapes.sso_continuation())
    fields = [each for form in found.forms for each in form.visible_fields() if isinstance(each, Input)]
    (email,) = (each for each in fields if each.name == "traits.email")
    assert [note.text for note in email.messages] == ["This field is required."]
    assert found.message is None


def test_missing_trait_without_a_field_is_named(page: Pages) -> None:
    flow = shapes.sso_continuation()
    flow["ui"]["messages"] = [error(4000002, property="staff_number")]
    message = page(flow).message
    assert message is not None
    assert message.text == "Staff number: This field is required."
