"""No call of Ory inside a database transaction, so that the rows are stored before the change in Ory."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client

from django_ory.accounts.deletion import DeletionState, continue_deletion, request_deletion
from django_ory.invitations.invitations import create_invitation
from django_ory.models import AccountDeletion, Invitation
from django_ory.testing import FakeOry

from .conftest import ClosingAdapter, Member
from .test_deletion import request
from .test_invitations import HOOK, SECRET, build_post

pytestmark = pytest.mark.django_db(transaction=True)


def test_deletion_and_download_run_without_a_transaction(member: Member, inside: list[bool]) -> None:
    inside.clear()
    assert member.post("account_data").status_code == 200
    assert b"has been deleted" in member.delete().content
    assert len(inside) > 10
    assert not any(inside)


def test_hook_runs_without_a_transaction(
    ory: FakeOry, inside: list[bool], client: Client, settings: Any
) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "INVITATION_SECRETS": [SECRET]}}
    row, _token = create_invitation()
    body = json.dumps(build_post(row))
    response = client.post(HOOK, body, content_type="application/json", headers={"X-Webhook-Secret": SECRET})
    assert response.status_code == 204
    assert inside
    assert not any(inside)
    row.refresh_from_db()
    assert row.status is Invitation.Status.USED


def test_failing_adapter_keeps_the_request_and_the_user(
    member: Member, adapter: type[ClosingAdapter]
) -> None:
    """The row of the request is deleted in the transaction of the adapter."""
    request(member)
    adapter.error = RuntimeError("broken")
    with pytest.raises(CommandError):
        call_command("ory_delete_due_accounts", verbosity=0)
    assert AccountDeletion.objects.get().user == member.user
    adapter.error = None
    call_command("ory_delete_due_accounts", verbosity=0)
    assert not AccountDeletion.objects.exists()


def test_request_for_a_user_that_was_just_deleted_is_stored(member: Member) -> None:
    gone = get_user_model()._default_manager.get(pk=member.user.pk)
    get_user_model()._default_manager.all().delete()
    row = request_deletion(member.identity.id, user=gone, grace=timedelta(0), alias="default")
    assert row.user is None
    assert continue_deletion(row) is DeletionState.DELETED
