"""The pages with other configurations of Kratos. Each test starts a separate server."""

from __future__ import annotations

import base64
import html
import re
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from django_ory.clients import get_client

from .conftest import EMAIL, Visitor, build_identity_config, enroll, get_traits

if TYPE_CHECKING:
    from .conftest import StartStack

pytestmark = pytest.mark.live

PHONE = "+4915112345678"
#: Messages to phones go to a port on which nothing listens; the test reads them from Kratos.
SMS = {
    "channels": [
        {
            "id": "sms",
            "type": "http",
            "request_config": {
                "url": "http://127.0.0.1:9/",
                "method": "POST",
                "body": "base64://" + base64.b64encode(b"function(ctx) {to: ctx.recipient}").decode(),
            },
        }
    ]
}


NUMBER = {
    "type": "string",
    "format": "tel",
    "title": "Phone number",
    "ory.sh/kratos": {
        "credentials": {"password": {"identifier": True}, "code": {"identifier": True, "via": "sms"}},
        "verification": {"via": "sms"},
    },
}


def get_page_text(visitor: Visitor) -> str:
    """Return the text of the page without tags."""
    return html.unescape(re.sub(r"<[^>]+>", " ", visitor.browser.text))


def get_field_names(visitor: Visitor) -> set[str]:
    return {name for form in visitor.browser.forms for name, _ in form.fields}


def get_sms_code() -> str:
    """Return the code of the newest message to the phone."""
    (message, *_) = get_client().admin_list_courier_messages(recipient=PHONE)
    found = re.search(r"\b(\d{6})\b", message.body or "")
    assert found
    return found[1]


def test_disabled_flows_are_not_linked_and_are_explained(start_stack: StartStack) -> None:
    kinds = ("registration", "recovery", "verification")
    off = {kind: {"enabled": False} for kind in kinds}
    ann = enroll(Visitor(start_stack({"selfservice": {"flows": off}})))
    ann.page("login")
    assert not [link for link in ann.browser.links if any(reverse(f"ory:{kind}") in link for kind in kinds)]
    for kind in kinds:
        ann.page(kind)
        assert (ann.browser.status, ann.heading) == (403, "Not available")
        assert "This feature is disabled on this site." in ann.browser.text
        ann.page(kind, "?flow=7c6a5f0e-3b0f-4d5e-9c0a-3e9d1b6f8a11")
        assert (ann.browser.status, ann.heading) == (403, "Not available")
    ann.sign_in()
    assert ann.is_signed_in()


def test_login_hints_list_the_methods_of_the_account(start_stack: StartStack) -> None:
    stack = start_stack({"selfservice": {"flows": {"registration": {"login_hints": True}}}})
    eve = Visitor(stack, email=enroll(Visitor(stack)).email)
    eve.page("registration")
    eve.press("profile", **{"traits.email": eve.email})
    eve.press("password", password=eve.password)
    assert (
        "You already have an account. Sign in with your password or a code that we send you."
        in get_page_text(eve)
    )


def test_mailed_code_is_a_second_factor(start_stack: StartStack) -> None:
    methods = {"code": {"passwordless_enabled": False, "mfa_enabled": True}}
    ann = enroll(Visitor(start_stack({"selfservice": {"methods": methods}})))
    ann.sign_in("?next=/admin/login/")
    assert ann.heading == "Two-factor authentication"
    ann.press("address")
    assert ann.heading == "Two-factor authentication"
    assert ann.email in ann.browser.text
    login, logout = reverse("ory:login"), reverse("ory:logout")
    assert [link for link in ann.browser.links if logout in link]
    assert not [link for link in ann.browser.links if login in link]
    ann.press("method", code=ann.code())
    assert ann.browser.url.endswith("/admin/login/")


def test_sign_up_by_phone_does_not_mention_email(start_stack: StartStack) -> None:
    eve = Visitor(start_stack({**build_identity_config({"phone": NUMBER}, ("phone",)), "courier": SMS}))
    eve.page("registration")
    eve.press("profile", **{"traits.phone": PHONE})
    eve.press("password", password=eve.password)
    assert eve.heading == "Check your phone"
    assert PHONE in eve.browser.text
    assert "mail" not in get_page_text(eve)
    eve.press("method", code=get_sms_code())
    assert eve.heading == "Your phone number is confirmed"
    assert "mail" not in get_page_text(eve)
    eve.sign_out()
    eve.page("login")
    eve.press("code", identifier=PHONE)
    assert eve.heading == "Check your phone"
    assert "mail" not in get_page_text(eve)
    eve.press("method", code=get_sms_code())
    assert eve.is_signed_in()


def test_passkeys_of_the_identifier_first_page_are_in_the_form_of_the_identifier(
    start_stack: StartStack,
) -> None:
    passkeys = {"login": {"style": "identifier_first"}}, {"passkey": {"enabled": True}}
    stack = start_stack({"selfservice": dict(zip(("flows", "methods"), passkeys, strict=True))})
    ann = enroll(Visitor(stack))
    ann.page("login")
    (form,) = (form for form in ann.browser.forms if "identifier" in dict(form.fields))
    assert dict(form.fields)["passkey_challenge"].startswith("{")
    assert dict(form.fields)["passkey_login"] == ""
    assert 'data-ory-load="oryPasskeyLoginAutocompleteInit"' in ann.browser.text
    ann.press("identifier_first", identifier=ann.email)
    ann.press("password", password=ann.password)
    assert ann.is_signed_in()


def test_metadata_in_the_schema_is_not_in_the_form(start_stack: StartStack) -> None:
    role = {"type": "object", "properties": {"role": {"type": "string", "title": "Role"}}}
    eve = Visitor(start_stack(build_identity_config({"email": EMAIL}, ("email",), metadata_public=role)))
    eve.page("registration")
    assert "Role" not in eve.browser.text
    eve.press("profile", **{"traits.email": eve.email})
    eve.press("password", password=eve.password)
    assert get_traits(eve.email) == {"email": eve.email}
    eve.page("settings")
    assert "traits.email" in get_field_names(eve)
    assert not [name for name in get_field_names(eve) if name.startswith("metadata")]


def test_checkboxes_and_numbers_of_a_schema_are_saved(start_stack: StartStack) -> None:
    """An optional checkbox that must be ticked if present, a required one, and an invalid number."""
    traits = {
        "email": EMAIL,
        "terms": {"type": "boolean", "const": True, "title": "I accept the terms"},
        "news": {"type": "boolean", "title": "News"},
        "partner": {"const": True, "title": "I am a partner"},
        "seats": {"type": "integer", "title": "Seats"},
        "plan": {"type": "string", "enum": ["free", "pro"], "title": "Plan"},
    }
    eve = Visitor(start_stack(build_identity_config(traits, ("email", "terms"))))
    eve.page("registration")
    eve.press("profile", **{"traits.email": eve.email, "traits.seats": "many", "traits.plan": "gold"})
    assert "I accept the terms: This must be accepted." in get_page_text(eve)
    assert "Seats: Enter a whole number." in get_page_text(eve)
    assert "Plan: Choose one of these: free, pro." in get_page_text(eve)
    assert get_page_text(eve).count("This must be accepted.") == 2  # in the summary and at the checkbox
    eve.press("profile", **{"traits.terms": "true", "traits.seats": "3", "traits.plan": "pro"})
    eve.press("password", password=eve.password)
    kept = {"email": eve.email, "terms": True, "seats": 3, "plan": "pro", "news": False}
    assert get_traits(eve.email) == kept
    eve.page("settings")
    eve.press("profile", **{"traits.news": "true", "traits.terms": "true"})
    assert get_traits(eve.email) == {**kept, "news": True}
    eve.page("settings")
    form = next(form for form in eve.browser.forms if ("traits.news", "true") in form.fields)
    form_data = [pair for pair in form.fields if pair != ("traits.news", "true")]
    eve.browser.post(form.action, [*form_data, ("method", "profile")])
    assert "Your changes have been saved." in eve.browser.text
    assert not (get_traits(eve.email) or {}).get("news")


def test_unknown_address_looks_like_a_known_one_with_mitigation(start_stack: StartStack) -> None:
    mitigation = {"account_enumeration": {"mitigate": True}}
    flows = {"login": {"style": "identifier_first"}}
    code = {"code": {"passwordless_enabled": False}}
    stack = start_stack({"security": mitigation, "selfservice": {"flows": flows, "methods": code}})
    pages = []
    for visitor in (enroll(Visitor(stack)), Visitor(stack)):
        visitor.page("login")
        visitor.press("identifier_first", identifier=visitor.email)
        step = get_page_text(visitor).replace(visitor.email, "x").split()
        visitor.press("password", password="not the password")
        pages.append((visitor.heading, step, get_page_text(visitor).replace(visitor.email, "x").split()))
    assert pages[0] == pages[1]
    assert "Incorrect" in pages[0][2]
