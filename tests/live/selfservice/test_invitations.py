"""Closed sign-up: a real Kratos asks this site by its blocking web hook before it creates an identity."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from django_ory.clients import get_client
from django_ory.devstack import OryStack
from django_ory.invitations.invitations import build_link, create_invitation, revoke_invitation
from django_ory.invitations.views import InvitationHookView
from django_ory.models import Invitation

from .conftest import Visitor, enroll

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]

SECRET = secrets.token_hex(16)


@pytest.fixture
def stack(live_server: LiveServer, settings: Any, ory_stack_factory: Callable[..., OryStack]) -> OryStack:
    """A Kratos with the configuration of ``ory_config`` for a site with closed sign-up."""
    closed = {
        "INVITATION_SECRETS": [SECRET],
        "INVITATION_HOOK_URL": f"{live_server.url}{reverse('ory:invitation_hook', args=['default'])}",
    }
    settings.ORY = {"default": {**settings.ORY["default"], **closed}}
    stack = ory_stack_factory(config_overrides={"kratos": {}})
    settings.ORY = {"default": {**stack.ory_setting["default"], **closed}}
    return stack


def invite(stack: OryStack, **options: Any) -> tuple[Invitation, str]:
    row, token = create_invitation(**options)
    return row, build_link(token, site_url=stack.site_url)


def sign_up(visitor: Visitor, link: str = "") -> Visitor:
    """Open the link, and press the buttons of the two steps."""
    if link:
        visitor.browser.open(link)
    visitor.press("profile", **{"traits.email": visitor.email, "traits.name.first": "Ann"})
    visitor.press("password", password=visitor.password)
    return visitor


def count(email: str) -> int:
    return len(get_client().admin_list_identities(credentials_identifier=email))


def expire(row: Invitation) -> None:
    Invitation.objects.filter(pk=row.pk).update(expires_at=row.created_at - timedelta(seconds=1))


def test_invitation_signs_up_one_visitor_with_the_right_address(
    stack: OryStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if Kratos repeats the post of the hook after a lost answer."""
    statuses: list[int] = []
    original = InvitationHookView.post

    def lose_the_second_answer(view: InvitationHookView, request: HttpRequest, alias: str) -> HttpResponse:
        response = original(view, request, alias)
        statuses.append(response.status_code)
        return HttpResponse(status=502) if len(statuses) == 2 else response

    monkeypatch.setattr(InvitationHookView, "post", lose_the_second_answer)
    ann = Visitor(stack)
    row, link = invite(stack, email=ann.email)
    eve = sign_up(Visitor(stack), link)
    assert "Use the email address that the invitation was sent to." in eve.browser.text
    assert count(eve.email) == 0
    sign_up(ann, link)
    assert ann.is_signed_in()
    assert statuses == [403, 204, 204]
    assert count(ann.email) == 1
    row.refresh_from_db()
    assert (row.status, row.used_by) == (Invitation.Status.USED, ann.email)
    eve.browser.open(link)
    assert eve.heading == "This invitation has already been used"
    assert not eve.browser.forms


def test_sign_up_without_an_open_invitation_is_refused_by_the_hook(stack: OryStack, settings: Any) -> None:
    """In an API flow that no page has started, after the form was opened, and with a wrong secret."""
    eve = Visitor(stack)
    eve.page("registration")
    assert eve.heading == "You need an invitation"
    body = {"method": "password", "password": eve.password, "traits": {"email": eve.email}}
    start = f"{stack.kratos_public_url}/self-service/registration/api"
    for grant, message_id in (("", 4900001), ("WzEsIngiXQ:x:y", 4900002)):
        flow = requests.get(start, {"invitation": grant}, timeout=10).json()
        answer = requests.post(flow["ui"]["action"], json=body, timeout=10)
        assert answer.status_code == 400
        errors = [each for each in answer.json()["ui"]["messages"] if each["type"] == "error"]
        assert [each["id"] for each in errors] == [message_id]
    for end, text in ((revoke_invitation, "withdrawn"), (expire, "expired")):
        row, link = invite(stack)
        eve.browser.open(link)
        end(row)
        [form] = [each for each in eve.browser.forms if each.fields]
        fields = {
            **dict(form.fields),
            "method": "password",
            "password": eve.password,
            "traits.email": eve.email,
        }
        eve.browser.post(form.action, list(fields.items()))
        assert text in eve.browser.text
    row, link = invite(stack)
    settings.ORY = {"default": {**settings.ORY["default"], "INVITATION_SECRETS": ["x" * 32]}}
    assert not sign_up(eve, link).is_signed_in()
    assert count(eve.email) == 0
    row.refresh_from_db()
    assert row.status is Invitation.Status.OPEN


def test_address_in_use_does_not_use_the_invitation_up(stack: OryStack) -> None:
    ann = enroll(Visitor(stack))
    _row, link = invite(stack)
    bob = Visitor(stack)
    own, bob.email = bob.email, ann.email
    sign_up(bob, link)
    assert not bob.is_signed_in()
    assert "already exists" in bob.browser.text
    bob.email = own
    sign_up(bob, link)
    assert bob.is_signed_in()
    assert (count(ann.email), count(own)) == (1, 1)
