"""Mails and SMS of a real Kratos, sent by Django: its HTTP courier posts them to the site on loopback."""

from __future__ import annotations

import re
import secrets
import smtplib
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation

from django_ory.adapter import OryAdapter
from django_ory.clients import get_client
from django_ory.courier.language import choose_language
from django_ory.courier.views import CourierView

from .conftest import Visitor, build_identity_config, enroll
from .test_configurations import NUMBER, PHONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.core.mail import EmailMessage, EmailMultiAlternatives
    from pytest_django.live_server_helper import LiveServer

    from django_ory.courier.messages import CourierMessage
    from django_ory.devstack import OryStack

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]

SECRET = secrets.token_hex(16)
WAIT_SECONDS = 60


class SiteAdapter(OryAdapter):
    """Records SMS and the languages of mails, and has a mail server that rejects the first mails."""

    sms: list[tuple[str, str]] = []  # noqa: RUF012 (cleared by the fixture)
    languages: list[str] = []  # noqa: RUF012 (cleared by the fixture)
    failures_left = 0
    failures = 0

    def send_mail(self, mail: EmailMultiAlternatives, message: CourierMessage) -> None:
        SiteAdapter.languages.append(choose_language(message))
        if SiteAdapter.failures_left:
            SiteAdapter.failures_left -= 1
            SiteAdapter.failures += 1
            raise smtplib.SMTPConnectError(421, b"too busy")
        super().send_mail(mail, message)

    def send_sms(self, phone: str, text: str, *, message: CourierMessage) -> None:
        self.sms.append((phone, text))


@pytest.fixture
def start(
    live_server: LiveServer, settings: Any, ory_stack_factory: Callable[..., OryStack]
) -> Iterator[Callable[..., OryStack]]:
    """Starts a Kratos that posts its mails to the live server. ``secret``: the one that the site accepts."""

    def start_stack(*, secret: str = SECRET, kratos: dict[str, Any] | None = None) -> OryStack:
        courier = {
            "ADAPTER": f"{__name__}.SiteAdapter",
            "COURIER_SECRETS": [SECRET],
            "COURIER_URL": f"{live_server.url}{reverse('ory:courier', args=['default'])}",
            "SITE_NAME": "Cups & Co.",
        }
        settings.ORY = {"default": {**settings.ORY["default"], **courier}}
        stack = ory_stack_factory(config_overrides={"kratos": kratos or {}})
        settings.ORY = {"default": {**stack.ory_setting["default"], **courier, "COURIER_SECRETS": [secret]}}
        return stack

    SiteAdapter.sms.clear()
    SiteAdapter.languages.clear()
    SiteAdapter.failures_left = SiteAdapter.failures = 0
    yield start_stack
    SiteAdapter.failures_left = 0


def wait_for(is_done: Callable[[], Any]) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while not is_done():
        assert time.monotonic() < until, "timed out"
        time.sleep(0.05)


def find_mails(to: str) -> list[EmailMessage]:
    return [each for each in mail.outbox if each.to == [to]]


def read_code(to: str, *, count: int = 1) -> str:
    """Wait until an address has got ``count`` mails. Return the code of the newest one."""
    wait_for(lambda: len(find_mails(to)) >= count)
    return next(line for line in find_mails(to)[-1].body.splitlines() if line.isdecimal())


def list_messages(status: str) -> list[Any]:
    return get_client().list_courier_messages(status=status)


def test_codes_of_sign_up_recovery_and_sign_in_arrive_by_djangos_mail(
    start: Callable[..., OryStack],
) -> None:
    ann = Visitor(start())
    ann.page("registration")
    ann.press("profile", **{"traits.email": ann.email})
    ann.press("password", password=ann.password)
    ann.press("method", code=read_code(ann.email))
    assert ann.heading == "Your email is confirmed"
    ann.browser.session.cookies.clear()
    ann.page("login")
    ann.press("code", identifier=ann.email)
    ann.press("method", code=read_code(ann.email, count=2))
    assert ann.is_signed_in()
    ann.browser.session.cookies.clear()
    with translation.override("de"):
        ann.page("recovery")
    ann.press("method", email=ann.email)
    ann.press("method", code=read_code(ann.email, count=3))
    assert SiteAdapter.languages == ["en", "en", "de"]
    assert "Set a new password now" in ann.browser.text
    assert [each.subject for each in find_mails(ann.email)] == [
        "Confirm your email address",
        "Your sign-in code",
        "Konto wiederherstellen",
    ]
    assert all("Cups & Co." in each.body for each in mail.outbox)
    wait_for(lambda: len(list_messages("sent")) == 3)


def test_mail_arrives_once_after_an_outage_and_a_lost_answer(
    start: Callable[..., OryStack], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = enroll(Visitor(start()))
    SiteAdapter.failures_left = 1
    outcomes: list[bytes] = []
    original = CourierView.post

    def lose_the_second_answer(view: CourierView, request: HttpRequest, alias: str) -> HttpResponse:
        response = original(view, request, alias)
        outcomes.append(response.content)
        return HttpResponse(status=502) if len(outcomes) == 2 else response

    monkeypatch.setattr(CourierView, "post", lose_the_second_answer)
    ann.page("recovery")
    ann.press("method", email=ann.email)
    ann.press("method", code=read_code(ann.email))
    assert "Set a new password now" in ann.browser.text
    assert SiteAdapter.failures == 1
    wait_for(lambda: len(list_messages("sent")) == 1)
    assert outcomes == [
        b'{"outcome": "failed"}',
        b'{"outcome": "sent"}',
        b'{"outcome": "repeated"}',
    ]
    assert len(find_mails(ann.email)) == 1


def test_wrong_secret_sends_no_mail_and_kratos_gives_up(
    start: Callable[..., OryStack], caplog: pytest.LogCaptureFixture
) -> None:
    ann = enroll(Visitor(start(secret="x" * 32, kratos={"courier": {"message_retries": 1}})))
    ann.page("recovery")
    ann.press("method", email=ann.email)
    wait_for(lambda: len(list_messages("abandoned")) == 1)
    assert mail.outbox == []
    assert "is not one of COURIER_SECRETS" in caplog.text
    assert ann.email not in caplog.text
    assert SECRET not in caplog.text


def test_sms_with_a_code_is_sent_by_the_adapter(start: Callable[..., OryStack]) -> None:
    eve = Visitor(start(kratos=build_identity_config({"phone": NUMBER}, ("phone",))))
    eve.page("registration")
    eve.press("profile", **{"traits.phone": PHONE})
    eve.press("password", password=eve.password)
    wait_for(lambda: SiteAdapter.sms)
    [(phone, text)] = SiteAdapter.sms
    assert phone == PHONE
    found = re.fullmatch(r"Cups & Co\.: (\d{6}) is your confirmation code\.", text)
    assert found
    eve.press("method", code=found[1])
    assert eve.heading == "Your phone number is confirmed"
