"""Titles, notes and errors of a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_ory.client.models import Identity
from django_ory.selfservice.fields import Input
from django_ory.selfservice.pages import FlowPage, account_of
from django_ory.selfservice.problems import Problem

from . import shapes
from .shapes import csrf, error, field, flow, hidden, submit, text

Pages = Callable[..., FlowPage]


def code_sent(kind: str, *nodes: Any, **more: Any) -> Any:
    return flow(kind, [csrf(), *nodes, field("code", group="code")], state="sent_email", **more)


CASES = [
    (shapes.login(), "login", "Sign in to Acme", ""),
    (shapes.login_refresh(), "login.refresh", "Confirm it is you", "once more"),
    (shapes.login_second(), "login.second", "Second step", "second factor"),
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
        "Check your mail",
        "<strong><bdi>a@b.c</bdi></strong>",
    ),
    (shapes.registration_first(), "registration", "Create your account", ""),
    (
        shapes.registration_second(),
        "registration.credentials",
        "Choose how you will sign in",
        "ann@example.org",
    ),
    (
        code_sent("registration", hidden("traits.email", "<i>")),
        "registration.sent",
        "Check your mail",
        "&lt;i&gt;",
    ),
    (shapes.recovery(), "recovery", "Recover your account", "email address"),
    (shapes.recovery_sent(), "recovery.sent", "Check your mail", "ann@example.org"),
    (
        flow("recovery", [csrf()], state="sent_email", active="link"),
        "recovery.link",
        "Check your mail",
        "a link",
    ),
    (shapes.recovery_choice(), "recovery.choose", "Recover your account", "Where shall"),
    (
        flow("recovery", [csrf()], state="recovery_confirming_address"),
        "recovery.confirm",
        "Recover your account",
        "full address",
    ),
    (shapes.verification_sent(), "verification.sent", "Check your mail", "your email address"),
    (
        code_sent("login", hidden("identifier", "+4912345678")),
        "login.sent",
        "Check your phone",
        "<strong><bdi>+4912345678</bdi></strong>",
    ),
    (code_sent("login", hidden("identifier", "4912345678")), "login.sent", "Check your mail", "4912345678"),
    (
        code_sent("registration", submit("resend", "code", group="code", label=text(1070008))),
        "registration.sent",
        "Check your mail",
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
        "to <strong><bdi>+4912345678</bdi></strong>. Enter it here to confirm the number.",
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
        "Thank you",
    ),
    (
        flow("verification", [csrf(), field("email", "email", group="code")], active="code"),
        "verification",
        "Confirm your email address",
        "We will send a code to it.",
    ),
    (
        shapes.verification_by_link(),
        "verification",
        "Confirm your email address",
        "We will send a link to it.",
    ),
    (
        flow("verification", [csrf()], state="sent_email", active="link"),
        "verification.link",
        "Check your mail",
        "a link",
    ),
    (shapes.verification_passed(), "verification.passed", "Your address is confirmed", "Thank you"),
    (shapes.settings(), "settings", "Your account", ""),
    (shapes.settings(state="sent_email"), "settings", "Your account", ""),
    (flow("login", [csrf()], state=["odd"]), "login", "Sign in to Acme", ""),
    (flow("registration", [csrf()], state=None), "registration", "Create your account", ""),
]


@pytest.mark.parametrize(("body", "step", "title", "lead"), CASES)
def test_each_step_says_what_it_is(page: Pages, body: Any, step: str, title: str, lead: str) -> None:
    found = page(body)
    assert found.step == step
    assert found.heading.title == title
    assert lead in found.heading.lead
    assert bool(lead) <= bool(found.heading.lead)


def test_the_site_s_name_is_escaped(page: Pages) -> None:
    assert page(shapes.login(), site="<Acme>").heading.title == "Sign in to &lt;Acme&gt;"


def test_who_is_meant_is_said_where_the_form_does_not_ask(page: Pages) -> None:
    assert page(shapes.login_refresh()).who == "ann@example.org"
    assert page(shapes.login()).who == ""
    assert page(shapes.registration_second()).who == ""


def test_who_is_signed_in_need_not_say_it_again(page: Pages) -> None:
    again = shapes.login(refresh=True, messages=[text(1010003)])  # v1.3.1 with codes on
    found = page(again, account="ann@example.org")
    assert (
        next(each for part in found.main[0].parts for each in part.fields).variables()["value"]
        == "ann@example.org"
    )
    assert found.who == ""
    assert page(shapes.login_second(), account="ann@example.org").who == "ann@example.org"
    assert page(shapes.login_refresh(), account="other@example.org").who == "ann@example.org"
    (form,) = page(shapes.login(), account="ann@example.org").main
    assert "ann@example.org" not in str(form)


def test_what_somebody_signs_in_with() -> None:
    identity = Identity.model_validate(
        {
            "id": "x",
            "verifiable_addresses": [{"id": "1", "value": ""}, {"id": "2", "value": "ann@example.org"}],
            "recovery_addresses": [{"id": "3", "value": "other@example.org"}],
        }
    )
    assert account_of(identity) == "ann@example.org"
    assert account_of(Identity.model_validate({"id": "x"})) == ""
    assert account_of(None) == ""


def test_messages_that_the_heading_says_are_left_out(page: Pages) -> None:
    assert page(shapes.login_refresh()).notes == ()
    assert page(shapes.recovery_sent()).notes == ()
    assert page(shapes.verification_sent_by_phone()).notes == ()
    (note,) = page(shapes.settings(messages=[text(1050001, kind="success")], state="success")).notes
    assert (note.kind, note.text) == ("success", "Your changes are saved.")


@pytest.mark.parametrize(
    ("reason", "words"), [("expired", "had expired"), ("cookies", "another visit"), ("other", "any more")]
)
def test_a_new_page_says_why(page: Pages, reason: str, words: str) -> None:
    assert words in page(shapes.login(), reason=reason).notes[0].text
    assert page(shapes.login(), reason="bogus").notes == ()


def test_wrong_details_are_tied_to_the_password(page: Pages) -> None:
    found = page(shapes.login(messages=[error(4000006)]))
    (problem,) = found.problems
    assert problem.target == "ory-password"
    tied = next(
        each
        for part in found.main[0].parts
        for each in part.fields
        if isinstance(each, Input) and each.invalid
    )
    assert tied.name == "password"
    assert tied.messages[0].text == problem.text
    assert found.notes == ()


def test_a_wrong_code_is_tied_to_its_field(page: Pages) -> None:
    (problem,) = page(shapes.recovery_sent(messages=[error(4060006)])).problems
    assert problem.target == "ory-code"


def test_without_its_field_an_error_is_general(page: Pages) -> None:
    found = page(flow("login", [csrf()], messages=[error(4000006), error(99, "New kind of error")]))
    assert [problem.target for problem in found.problems] == ["", ""]
    assert found.problems[1].text == "New kind of error"


def test_errors_of_fields_are_named_in_the_summary(page: Pages) -> None:
    body = shapes.registration_second(problem=error(4000032, min_length=8, actual_length=3))
    assert page(body).problems == (
        Problem("Password: Please use a password of at least 8 characters.", "ory-password"),
    )


def test_errors_of_an_earlier_step_are_shown_although_their_field_is_hidden(page: Pages) -> None:
    body = shapes.registration_second()
    body["ui"]["nodes"].append(hidden("traits.name.first_name", "x", messages=[error(4000001, "Too odd")]))
    assert Problem("First name: Too odd") in page(body).problems


def test_errors_of_boxes_buttons_and_texts(page: Pages) -> None:
    nodes = [
        csrf(),
        field("traits.tos", "checkbox", label="Terms", messages=[error(4000030)]),
        submit("method", "password", group="password", messages=[error(1, "No")]),
        shapes.node("text", "new", {"id": "t", "text": text(1, "x")}, messages=[error(2, "Bad")]),
        shapes.node("div", "captcha", {"id": "d"}),
    ]
    found = page(flow("registration", nodes))
    assert found.problems == (
        Problem("Terms: This must be accepted.", "ory-traits-tos"),
        Problem("No", "ory-method"),
        Problem("Bad", "ory-t"),
    )


def test_what_is_said_of_something_without_a_place_is_said_on_top(page: Pages) -> None:
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
def test_whether_another_code_can_be_asked_for(page: Pages, body: Any, can: bool) -> None:
    assert page(body).can_resend is can


def test_the_same_error_is_listed_once(page: Pages) -> None:
    found = page(flow("login", [csrf()], messages=[error(99, "Twice"), error(99, "Twice")]))
    assert len(found.problems) == 1
