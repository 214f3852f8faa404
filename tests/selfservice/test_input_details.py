"""Hints, links, labels and the focus of the inputs of a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from django_ory.schemas.parse import parse_schema
from django_ory.selfservice.forms.fields import Button, Field, Input
from django_ory.selfservice.pages.flow_page import FlowPage

from . import shapes, trait_forms
from .shapes import csrf, error, field, flow, hidden, submit, text

Pages = Callable[..., FlowPage]
ISSUED = "2026-11-22T02:03:23Z"
EXPIRES = "2026-11-22T03:03:23Z"


def fields(page: FlowPage) -> list[Field]:
    return [each for form in page.forms for each in form.visible_fields()]


def find_input(page: FlowPage, name: str) -> Input:
    (found,) = (each for each in fields(page) if isinstance(each, Input) and each.name == name)
    return found


def focused(page: FlowPage) -> list[str]:
    return [each.name for each in fields(page) if isinstance(each, Input) and "autofocus" in each.attrs]


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (shapes.login(), ["identifier"]),
        (shapes.login(messages=[error(4000006)]), ["password"]),
        (shapes.login(messages=[error(4000006), error(4010000)]), []),  # the summary has the focus
        (shapes.login(messages=[error(4010000)]), []),
        (shapes.login(messages=[text(1010016)]), []),  # a message to read first
        (shapes.login_refresh(), ["password"]),
        (shapes.login_second(), []),  # the first method has only buttons
        (shapes.registration_first(), ["traits.email"]),
        (shapes.registration_second(), ["password"]),
        (shapes.recovery_sent(), ["code"]),
        (shapes.recovery_choice(), []),
        (shapes.verification_passed(), []),
        (shapes.settings(), []),
        (
            flow("registration", [csrf(), field("traits.tos", "checkbox"), field("traits.nick")]),
            ["traits.nick"],
        ),
        (flow("login", [csrf(), field("identifier", disabled=True), field("x")]), ["x"]),
        (flow("login", [csrf(), hidden("x", "y")]), []),
    ],
)
def test_page_opens_with_the_focus_in_the_first_empty_or_wrong_input(
    page: Pages, body: Any, names: list[str]
) -> None:
    assert focused(page(body)) == names


def test_empty_input_in_a_row_of_a_list_has_the_focus(page: Pages) -> None:
    skills = {"type": "array", "items": {"type": "string"}}
    schema = {"properties": {"traits": {"type": "object", "properties": {"skills": skills}}}}
    found = page(trait_forms.sign_up(schema), schema=parse_schema("person", schema), traits_action="/here/")
    assert focused(found) == ["traits.skills"]


def test_restarted_page_has_no_focus_before_its_reason_is_read(page: Pages) -> None:
    assert focused(page(shapes.login(), reason="expired")) == []


def sent(**more: Any) -> Any:
    return shapes.recovery_sent() | {"issued_at": ISSUED, "expires_at": EXPIRES, **more}


@pytest.mark.parametrize(
    ("now", "hint"),
    [
        ("2026-11-22T02:03:23Z", "This page expires in 60 minutes."),
        ("2026-11-22T03:02:24Z", "This page expires in 1 minute."),
        ("2026-11-22T03:03:23Z", ""),
        ("2026-11-22T05:00:00Z", ""),
        ("2026-11-21T00:00:00Z", ""),  # a wrong clock
    ],
)
def test_code_has_a_hint_with_the_time_that_is_left(page: Pages, now: str, hint: str) -> None:
    moment = datetime.fromisoformat(now).timestamp()
    assert find_input(page(sent(), now=moment), "code").hint == hint


def test_hint_of_a_long_flow_counts_hours(page: Pages) -> None:
    now = datetime.fromisoformat(ISSUED).timestamp()
    body = sent(expires_at="2026-11-23T02:03:23Z")
    assert find_input(page(body, now=now), "code").hint == "This page expires in 24 hours."


@pytest.mark.parametrize("missing", ["issued_at", "expires_at"])
def test_code_of_a_flow_without_times_has_no_hint(page: Pages, missing: str) -> None:
    assert find_input(page(sent(**{missing: None}), now=0.0), "code").hint == ""


def test_new_password_shows_its_rule_and_a_present_one_does_not(page: Pages) -> None:
    new = find_input(page(shapes.registration_second(), min_password_length=10), "password")
    assert new.hint.startswith("Use at least 10 characters.")
    assert new.described_by == "ory-password-hint"
    assert find_input(page(shapes.registration_second()), "password").hint == ""
    assert find_input(page(shapes.login(), min_password_length=10), "password").hint == ""


def test_password_of_a_sign_in_links_to_the_recovery(page: Pages) -> None:
    found = page(shapes.login(), recovery_url="/recover/")
    link = find_input(found, "password").link
    assert link is not None
    assert (str(link.label), link.href) == ("Forgot password?", "/recover/")
    assert found.has_recovery_link
    for body in (shapes.login_refresh(), shapes.registration_second(), shapes.settings()):
        assert not page(body, recovery_url="/recover/").has_recovery_link


@pytest.mark.parametrize(
    ("body", "label"),
    [
        (shapes.recovery(), "Send code"),
        (shapes.verification_by_link(), "Send link"),
        (shapes.recovery_sent(), "Confirm code"),
        (shapes.recovery_confirm(), "Send code"),
        (shapes.verification_sent(), "Confirm code"),
        (shapes.login_second_sent(), "Sign in"),
        (shapes.login_identifier_first(), "Continue"),
        (
            flow(
                "registration",
                [csrf(), field("code"), submit("method", "code", group="code", label=text(1070009))],
                state="sent_email",
            ),
            "Create account",
        ),
        (
            flow("recovery", [csrf(), submit("method", "code", group="code", label=text(99, "Go"))]),
            "Go",
        ),
    ],
)
def test_button_is_named_after_its_effect(page: Pages, body: Any, label: str) -> None:
    buttons = [each for each in fields(page(body)) if isinstance(each, Button) and each.name == "method"]
    assert label in [each.label for each in buttons]
