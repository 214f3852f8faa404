"""Deletion of an account and the download of its data, in a real Kratos and a real Hydra."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from django_ory.adapter import OryAdapter
from django_ory.client import OryNotFound
from django_ory.clients import get_client
from django_ory.devstack import StackAddresses
from django_ory.models import AccountDeletion, Identity
from tests.live.provider.browser import Browser

from .conftest import Visitor, enroll

pytestmark = [pytest.mark.live, pytest.mark.django_db]


class GraceAdapter(OryAdapter):
    def get_deletion_grace(self, identity: Any, user: Any) -> timedelta:
        return timedelta(days=14)


@pytest.fixture
def ann(stack: StackAddresses, settings: Any) -> Visitor:
    changes = {"ACCOUNT_DELETION": True, "DATA_DOWNLOAD": True}
    settings.ORY = {"default": {**settings.ORY["default"], **changes}}
    visitor = enroll(Visitor(stack))
    visitor.sign_in()
    return visitor


def get_identity_id(visitor: Visitor) -> str:
    [identity] = get_client().admin_list_identities(credentials_identifier=visitor.email)
    return identity.id


def press_delete(visitor: Visitor) -> Browser:
    browser = visitor.page("account_delete")
    form = next(each for each in browser.forms if "account/delete" in str(each.action))
    return browser.post(f"{visitor.stack.site_url}{form.action}", [*form.fields, ("confirm", "true")])


def test_account_is_deleted_in_kratos_and_hydra(ann: Visitor, stack: StackAddresses) -> None:
    other = Visitor(stack, email=ann.email)
    other.sign_in()
    assert other.is_signed_in()
    identity_id = get_identity_id(ann)
    page = press_delete(ann)
    assert ann.heading == "Your account has been deleted"
    assert not ann.is_signed_in()
    with pytest.raises(OryNotFound):
        get_client().admin_get_identity(identity_id)
    assert list(get_client().admin_list_identity_sessions(identity_id)) == []
    assert list(get_client().admin_list_o_auth2_subject_consent_sessions(subject=identity_id)) == []
    other.page("account")
    assert other.heading != "Your account"
    assert not Identity.objects.filter(identity_id=identity_id).exists()
    assert not AccountDeletion.objects.exists()
    assert page.status == 200
    ann.sign_in()
    assert not ann.is_signed_in()


def test_grace_period_is_ended_by_the_link_or_the_command(ann: Visitor, settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "ADAPTER": f"{__name__}.GraceAdapter"}}
    identity_id = get_identity_id(ann)
    press_delete(ann)
    assert ann.heading == "Your account will be deleted"
    ann.sign_in()
    assert not ann.is_signed_in()
    [link] = [line for line in str(mail.outbox[0].body).splitlines() if line.startswith("http")]
    ann.browser.open(link)
    ann.browser.post(link, ann.browser.forms[0].fields)
    assert ann.heading == "Your account is active again"
    ann.sign_in()
    assert ann.is_signed_in()
    press_delete(ann)
    AccountDeletion.objects.update(due_at=timezone.now())
    out = StringIO()
    call_command("ory_delete_due_accounts", stdout=out)
    assert "1 of 1 deleted" in out.getvalue()
    with pytest.raises(OryNotFound):
        get_client().admin_get_identity(identity_id)


def test_download_has_the_account_and_no_hash(ann: Visitor) -> None:
    browser = ann.page("account_data")
    form = next(each for each in browser.forms if "account/data" in str(each.action))
    browser.post(f"{ann.stack.site_url}{form.action}", form.fields)
    content = json.loads(browser.text)
    assert content["account"]["traits"]["email"] == ann.email
    assert "password" in {each["type"] for each in content["account"]["credentials"]}
    assert [each["active"] for each in content["sessions"]] == [True]
    assert content["sessions"][0]["devices"]
    assert "$2a$" not in browser.text
    assert reverse("ory:account_data") in form.action
