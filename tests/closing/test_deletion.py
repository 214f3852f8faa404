"""Deletion of an account: each step, each failure between two steps, and the end of the grace period."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from requests import ReadTimeout

from django_ory.accounts.deletion import (
    DeletionIncomplete,
    DeletionState,
    cancel_deletion,
    continue_deletion,
    request_deletion,
)
from django_ory.client import OryError
from django_ory.models import AccountDeletion, Identity
from django_ory.signals import account_deleted
from django_ory.testing import FakeOry, FakeRequest, FakeResponse
from django_ory.user_closing import anonymize_user
from tests.support.resources import fail, fail_hydra_sessions

from .conftest import EMAIL, ClosingAdapter, Member

DELETE = reverse("ory:account_delete")


def run_command(*arguments: str) -> str:
    out = StringIO()
    call_command("ory_delete_due_accounts", *arguments, stdout=out, stderr=StringIO(), no_color=True)
    return out.getvalue()


def let_time_pass() -> None:
    AccountDeletion.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def is_user_active(member: Member) -> bool:
    return bool(get_user_model()._default_manager.get(pk=member.user.pk).is_active)


def request(member: Member, grace: timedelta = timedelta(0)) -> AccountDeletion:
    return request_deletion(member.identity.id, user=member.user, grace=grace, alias="default")


@pytest.fixture
def received() -> Any:
    """The arguments of the signal."""
    calls: list[dict[str, Any]] = []

    def record(**values: Any) -> None:
        calls.append(values)

    account_deleted.connect(record)
    yield calls
    account_deleted.disconnect(record)


# The page.


def test_page_and_post_are_missing_while_the_setting_is_off(member: Member, settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "ACCOUNT_DELETION": False}}
    assert member.client.get(DELETE).status_code == 404
    assert member.delete().status_code == 404
    assert member.get_state() == "active"
    assert DELETE.encode() not in member.client.get(reverse("ory:account")).content


def test_account_page_links_to_the_pages(member: Member) -> None:
    content = member.client.get(reverse("ory:account")).content.decode()
    assert f'href="{DELETE}"' in content
    assert f'href="{reverse("ory:account_data")}"' in content


def test_get_shows_the_form_and_changes_nothing(member: Member, ory: FakeOry) -> None:
    response = member.client.get(DELETE)
    assert response.status_code == 200
    assert b'name="confirm"' in response.content
    assert b"This cannot be undone" in response.content
    assert "no-store" in response["Cache-Control"]
    assert {each.method for each in ory.requests} == {"GET"}
    assert not AccountDeletion.objects.exists()


def test_anonymous_user_is_sent_to_the_login_page(
    adapter: Any, ory: FakeOry, client: Client, db: None
) -> None:
    for response in (client.get(DELETE), client.post(DELETE, {"confirm": "true"})):
        assert response["Location"].startswith(reverse("ory:login"))


def test_old_session_must_sign_in_again(member: Member) -> None:
    member.sign_in(authenticated_at=timedelta(minutes=11))
    for response in (member.client.get(DELETE), member.delete()):
        assert "refresh=true" in response["Location"]
    assert member.get_state() == "active"


def test_account_with_an_authenticator_app_needs_the_second_factor(
    ory: FakeOry, client: Client, adapter: Any, db: None
) -> None:
    """Also where Kratos does not require a second factor for a session."""
    ory.kratos.sessions.required_aal = "aal1"
    identity = ory.create_identity(second_factor=True)
    ory.login(client, identity)
    for response in (client.get(DELETE), client.post(DELETE, {"confirm": "true"})):
        assert "aal=aal2" in response["Location"]
    assert not AccountDeletion.objects.exists()
    ory.login(client, identity, aal="aal2")
    assert b"has been deleted" in client.post(DELETE, {"confirm": "true"}).content


def test_post_without_the_csrf_token_is_rejected(member: Member) -> None:
    browser = Client(enforce_csrf_checks=True)
    member.ory.login(browser, member.identity)
    assert browser.post(DELETE, {"confirm": "true"}).status_code == 403
    assert member.get_state() == "active"


def test_post_without_the_confirmation_shows_an_error(member: Member) -> None:
    response = member.post("account_delete")
    assert response.status_code == 400
    assert b"Check the box to confirm." in response.content
    assert member.get_state() == "active"


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_staff_cannot_delete_their_account(member: Member, flag: str) -> None:
    setattr(member.user, flag, True)
    member.user.save()
    assert b"Ask another administrator" in member.client.get(DELETE).content
    assert member.delete().status_code == 403
    assert member.get_state() == "active"


def test_veto_of_the_adapter_is_shown(member: Member, adapter: type[ClosingAdapter]) -> None:
    adapter.denial = "Return <the drill> first."
    assert b"Return &lt;the drill&gt; first." in member.client.get(DELETE).content
    assert b'name="confirm"' not in member.client.get(DELETE).content
    assert member.delete().status_code == 403
    assert not AccountDeletion.objects.exists()


def test_unavailable_admin_api_is_a_503(member: Member, ory: FakeOry) -> None:
    ory.respond("GET /admin/identities/{id}", fault="down")
    assert member.client.get(DELETE).status_code == 503
    assert member.delete().status_code == 503
    assert member.get_state() == "active"


# At once.


def test_account_is_deleted_everywhere(
    member: Member, ory: FakeOry, received: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "django_ory")
    other_device = ory.create_session(member.identity)
    response = member.delete()
    assert response.status_code == 200
    assert b"Your account has been deleted" in response.content
    assert member.get_state() == ""
    calls = [f"{each.method} {each.path}" for each in ory.requests if each.method in ("PATCH", "DELETE")]
    identity, sessions = f"/admin/identities/{member.identity.id}", "/admin/oauth2/auth/sessions/"
    assert calls == [
        f"PATCH {identity}",
        f"DELETE {identity}/sessions",
        f"DELETE {sessions}login",
        f"DELETE {sessions}consent",
        f"DELETE {identity}",
        f"DELETE {sessions}login",
        f"DELETE {sessions}consent",
    ]
    assert other_device.is_active is False
    assert not is_user_active(member)
    member.user.refresh_from_db()
    assert not member.user.has_usable_password()
    assert not Identity.objects.exists()
    assert not AccountDeletion.objects.exists()
    [signal] = received
    assert (signal["alias"], str(signal["identity_id"]), signal["user"]) == (
        "default",
        member.identity.id,
        member.user,
    )
    assert f"Account deleted: identity {member.identity.id} (project default)." in caplog.messages
    assert EMAIL not in caplog.text
    assert member.client.get(DELETE)["Location"].startswith(reverse("ory:login"))
    assert mail.outbox == []


def test_django_session_ends(member: Member) -> None:
    session = member.client.session
    session["cart"] = "full"
    session.save()
    member.client.cookies["sessionid"] = session.session_key or ""
    member.delete()
    assert "cart" not in member.client.session


def test_user_with_an_account_in_another_project_stays(member: Member) -> None:
    Identity.objects.create(alias="other", identity_id="0" * 32, user=member.user)
    member.delete()
    assert is_user_active(member)
    assert member.get_state() == ""


# Failures between two steps.


@pytest.mark.parametrize("fault", ["down", "slow", "error", "html", "rate_limited"])
@pytest.mark.parametrize("route", ["PATCH /admin/identities/{id}", "DELETE /admin/identities/{id}"])
def test_interrupted_deletion_is_finished_by_the_command(
    member: Member, ory: FakeOry, route: str, fault: str
) -> None:
    ory.respond(route, fault=fault)
    response = member.delete()
    assert response.status_code == 200
    assert b"We have saved your request" in response.content
    assert AccountDeletion.objects.count() == 1
    assert is_user_active(member)
    with pytest.raises(CommandError, match="1 not deleted yet"):
        run_command()
    ory.respond(route, ory.answer)
    assert run_command() == "default: 1 of 1 deleted.\n"
    assert member.get_state() == ""
    assert not is_user_active(member)
    assert run_command() == "default: 0 of 0 deleted.\n"


@pytest.mark.parametrize("route", ["PATCH /admin/identities/{id}", "DELETE /admin/identities/{id}"])
def test_lost_answer_is_repeated(member: Member, ory: FakeOry, route: str) -> None:
    """Kratos has made the change, and the answer did not arrive."""

    def lose(request: FakeRequest) -> FakeResponse:
        ory.answer(request)
        ory.respond(route, ory.answer)
        raise ReadTimeout

    ory.respond(route, lose)
    assert b"We have saved your request" in member.delete().content
    run_command()
    assert member.get_state() == ""
    assert not AccountDeletion.objects.exists()


def test_consents_are_revoked_before_the_identity_is_deleted(member: Member, ory: FakeOry) -> None:
    fail_hydra_sessions(ory, 503)
    assert b"We have saved your request" in member.delete().content
    assert member.get_state() == "inactive"  # so no session can begin
    with pytest.raises(CommandError):
        run_command()
    assert member.get_state() == "inactive"
    for kind in ("login", "consent"):
        ory.respond(f"DELETE /admin/oauth2/auth/sessions/{kind}", ory.answer)
    run_command()
    assert member.get_state() == ""


def test_consents_that_fail_after_the_deletion_are_repeated(member: Member, ory: FakeOry) -> None:
    row = request(member)
    AccountDeletion.objects.update(deactivated_at=timezone.now())
    ory.update_identity(member.identity.id, state="inactive")
    fail_hydra_sessions(ory, 503)
    with pytest.raises(DeletionIncomplete, match="not all consents"):
        continue_deletion(row)
    assert member.get_state() == ""
    for kind in ("login", "consent"):
        ory.respond(f"DELETE /admin/oauth2/auth/sessions/{kind}", ory.answer)
    assert continue_deletion(row) is DeletionState.DELETED


def test_failing_adapter_stops_no_other_account(
    member: Member, ory: FakeOry, adapter: type[ClosingAdapter], caplog: pytest.LogCaptureFixture
) -> None:
    other = ory.create_identity()
    request(member)
    request_deletion(other.id, user=None, grace=timedelta(0), alias="default")
    adapter.error = RuntimeError(EMAIL)
    with pytest.raises(CommandError, match="1 not deleted yet"):
        run_command()
    assert "close_user of the adapter raised RuntimeError" in caplog.text
    assert EMAIL not in caplog.text
    assert other.id not in ory.kratos.identities.identities
    assert [each.user for each in AccountDeletion.objects.all()] == [member.user]
    adapter.error = None
    run_command()
    assert not is_user_active(member)


def test_failing_adapter_is_no_error_page(
    member: Member, adapter: type[ClosingAdapter], caplog: pytest.LogCaptureFixture
) -> None:
    adapter.error = RuntimeError(EMAIL)
    assert b"We have saved your request" in member.delete().content
    assert member.get_state() == ""
    assert (
        "close_user of the adapter raised RuntimeError. ory_delete_due_accounts will continue." in caplog.text
    )
    assert EMAIL not in caplog.text
    adapter.error = None
    run_command()
    assert not is_user_active(member)


@pytest.mark.parametrize("policy", ["anonymize", "delete"])
def test_policy_of_the_adapter_is_applied(
    member: Member, monkeypatch: pytest.MonkeyPatch, received: list[Any], policy: str
) -> None:
    policies: dict[str, Any] = {"anonymize": anonymize_user, "delete": lambda user: user.delete()}
    monkeypatch.setattr(ClosingAdapter, "close_user", lambda adapter, user: policies[policy](user))
    assert b"has been deleted" in member.delete().content
    users = get_user_model()._default_manager.all()
    assert [user.is_active for user in users] == ([False] if policy == "anonymize" else [])
    assert EMAIL not in str([vars(user) for user in users])
    assert len(received) == 1


def test_site_without_the_admin_api_has_a_503(member: Member, settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "KRATOS_ADMIN_URL": ""}}
    for response in (member.client.get(DELETE), member.delete(), member.post("account_data")):
        assert response.status_code == 503
    assert not AccountDeletion.objects.exists()


@pytest.mark.django_db
def test_command_for_a_project_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(CommandError, match=r'settings\.ORY has no "acme"\. It has: default\.'):
        run_command("--alias", "acme")
    assert run_command("--alias", "default") == "default: 0 of 0 deleted.\n"


def test_command_stops_while_kratos_is_down(member: Member, ory: FakeOry) -> None:
    request(member)
    request_deletion(ory.create_identity().id, user=None, grace=timedelta(0), alias="default")
    ory.requests.clear()
    with ory.fault("kratos", "down"), pytest.raises(CommandError, match="2 not deleted yet"):
        run_command()
    assert len([each for each in ory.requests if each.method == "PATCH"]) == 1


def test_canceled_deletion_is_not_counted_as_open(member: Member, ory: FakeOry) -> None:
    row = request(member, timedelta(days=1))
    continue_deletion(row)
    ory.update_identity(member.identity.id, state="active")
    let_time_pass()
    request_deletion(ory.create_identity().id, user=None, grace=timedelta(0), alias="default")
    ory.respond("PATCH /admin/identities/{id}", fault="down")
    with pytest.raises(CommandError, match=r"^1 not deleted yet"):
        run_command()


def test_identity_deleted_by_staff_is_no_error(member: Member, ory: FakeOry) -> None:
    request(member)
    ory.delete_identity(member.identity.id)
    run_command()
    assert not AccountDeletion.objects.exists()
    assert not is_user_active(member)


def test_post_again_after_an_interruption_finishes(member: Member, ory: FakeOry) -> None:
    fail(ory, "PATCH /admin/identities/{id}", 500, "busy")
    member.delete()
    ory.respond("PATCH /admin/identities/{id}", ory.answer)
    member.sign_in()
    assert b"we could not finish yet" in member.client.get(DELETE).content
    assert b"has been deleted" in member.delete().content
    assert member.get_state() == ""


def test_interrupted_request_can_be_canceled_on_the_page(member: Member, ory: FakeOry) -> None:
    fail(ory, "PATCH /admin/identities/{id}", 500, "busy")
    member.delete()
    ory.respond("PATCH /admin/identities/{id}", ory.answer)
    member.sign_in()
    response = member.post("account_delete", cancel="true")
    assert b"we could not finish yet" not in response.content
    assert not AccountDeletion.objects.exists()
    run_command()
    assert member.get_state() == "active"


# The grace period.


def get_link() -> str:
    [sent] = mail.outbox
    [link] = [line for line in str(sent.body).splitlines() if line.startswith("http")]
    return link.removeprefix("http://testserver")


def test_grace_period_deactivates_and_deletes_later(member: Member, adapter: type[ClosingAdapter]) -> None:
    adapter.grace = timedelta(days=14)
    assert b"Until then, a link in an email lets you keep it." in member.client.get(DELETE).content
    response = member.delete()
    assert b"will be deleted on" in response.content
    assert b"We sent you an email" in response.content
    assert member.get_state() == "inactive"
    assert is_user_active(member)
    assert run_command() == "default: 0 of 0 deleted.\n"
    let_time_pass()
    assert run_command() == "default: 1 of 1 deleted.\n"
    assert member.get_state() == ""
    assert not is_user_active(member)


def test_link_in_the_mail_keeps_the_account(member: Member, adapter: type[ClosingAdapter]) -> None:
    adapter.grace = timedelta(days=14)
    member.delete()
    assert mail.outbox[0].to == [EMAIL]
    assert mail.outbox[0].subject == "Your Cups & Co. account will be deleted"
    link = get_link()
    browser = Client()
    assert b"Keep your account?" in browser.get(link).content
    assert member.get_state() == "inactive"
    assert b"Your account is active again" in browser.post(link).content
    assert member.get_state() == "active"
    for response in (browser.get(link), browser.post(link)):
        assert response.status_code == 410
    run_command()
    assert member.get_state() == "active"
    member.sign_in()
    assert member.client.get(DELETE).status_code == 200


def test_link_of_an_earlier_request_does_not_cancel_a_later_one(
    member: Member, adapter: type[ClosingAdapter]
) -> None:
    adapter.grace = timedelta(days=14)
    member.delete()
    link = get_link()
    member.client.post(link)
    member.sign_in()
    member.delete()
    assert member.client.post(link).status_code == 410
    assert member.get_state() == "inactive"


@pytest.mark.parametrize("token", ["x", "x:y:z", "W10:1tabcd:sig", "a" * 5000])
def test_invalid_link_is_explained(adapter: Any, client: Client, db: None, token: str) -> None:
    url = f"{reverse('ory:account_restore')}?{urlencode({'token': token})}"
    for response in (client.get(url), client.post(url)):
        assert response.status_code == 410


def test_link_while_kratos_is_down_keeps_the_request(
    member: Member, ory: FakeOry, adapter: type[ClosingAdapter], caplog: pytest.LogCaptureFixture
) -> None:
    adapter.grace = timedelta(days=14)
    member.delete()
    with ory.fault("kratos", "down"):
        assert Client().post(get_link()).status_code == 503
    assert "Service Unavailable" in caplog.text
    assert get_link().partition("token=")[2] not in caplog.text
    assert AccountDeletion.objects.count() == 1
    assert b"active again" in Client().post(get_link()).content


def test_unverified_address_gets_no_link(
    ory: FakeOry, client: Client, adapter: type[ClosingAdapter], db: None
) -> None:
    adapter.grace = timedelta(days=14)
    ory.login(client, verified=False)
    response = client.post(DELETE, {"confirm": "true"})
    assert b"Contact support before that day" in response.content
    assert mail.outbox == []


def test_mail_server_that_is_down_does_not_stop_the_request(
    member: Member,
    adapter: type[ClosingAdapter],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(self: Any, **options: Any) -> None:
        raise OSError(EMAIL)

    adapter.grace = timedelta(days=14)
    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
    assert b"Contact support before that day" in member.delete().content
    assert member.get_state() == "inactive"
    assert "not sent: OSError" in caplog.text
    assert EMAIL not in caplog.text


def test_activation_by_staff_cancels(member: Member, ory: FakeOry, adapter: type[ClosingAdapter]) -> None:
    adapter.grace = timedelta(days=14)
    member.delete()
    ory.update_identity(member.identity.id, state="active")
    let_time_pass()
    run_command()
    assert not AccountDeletion.objects.exists()
    assert member.get_state() == "active"


def test_link_does_not_activate_an_account_that_staff_has_deactivated(
    member: Member, admin_client: Client, adapter: type[ClosingAdapter]
) -> None:
    adapter.grace = timedelta(days=14)
    member.delete()
    row = Identity.objects.get(identity_id=member.identity.id)
    url = reverse("admin:django_ory_identity_do", args=[row.pk, "deactivate"])
    assert admin_client.post(url).status_code == 302
    assert Client().post(get_link()).status_code == 410
    assert member.get_state() == "inactive"
    let_time_pass()
    assert run_command() == "default: 1 of 1 deleted.\n"


# At the same moment.


def test_deletion_that_has_begun_cannot_be_canceled(member: Member, ory: FakeOry) -> None:
    row = request(member)
    AccountDeletion.objects.update(started_at=timezone.now())
    assert not cancel_deletion(row)
    assert AccountDeletion.objects.exists()


def test_cancel_during_the_deactivation_activates_again(member: Member, ory: FakeOry) -> None:
    row = request(member, timedelta(days=14))

    def cancel_meanwhile(call: Any) -> Any:
        ory.respond("PATCH /admin/identities/{id}", ory.answer)
        AccountDeletion.objects.all().delete()
        return ory.answer(call)

    ory.respond("PATCH /admin/identities/{id}", cancel_meanwhile)
    assert continue_deletion(row) is DeletionState.CANCELED
    assert member.get_state() == "active"


def test_two_processes_close_the_user_once(member: Member, ory: FakeOry, received: list[Any]) -> None:
    row = request(member)

    def finish_meanwhile(call: Any) -> Any:
        ory.respond("DELETE /admin/identities/{id}", ory.answer)
        assert continue_deletion(AccountDeletion.objects.get()) is DeletionState.DELETED
        return ory.answer(call)

    ory.respond("DELETE /admin/identities/{id}", finish_meanwhile)
    continue_deletion(row)
    assert len(received) == 1


def test_outage_of_kratos_while_canceling_keeps_the_request(member: Member, ory: FakeOry) -> None:
    row = request(member)
    with ory.fault("kratos", "down"), pytest.raises(OryError):
        cancel_deletion(row)
    assert AccountDeletion.objects.exists()


def test_user_that_was_deleted_meanwhile_is_no_error(member: Member) -> None:
    request(member)
    get_user_model()._default_manager.all().delete()
    run_command()
    assert member.get_state() == ""
