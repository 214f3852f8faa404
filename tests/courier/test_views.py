"""The endpoint: secret, size, content type and content of a post, and the statuses that Kratos acts on."""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.http.request import UnreadablePostError
from django.template import TemplateSyntaxError
from django.test import Client
from django.urls import reverse

from django_ory.conf import OryConfigurationError
from django_ory.exceptions import MessageRefused

from .conftest import CODE, RECIPIENT, SECRET, URL, build_newer_post, build_post

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings

    from .conftest import Configure, Post, SiteAdapter

TYPES = (
    *("recovery_valid", "recovery_invalid", "recovery_code_valid", "recovery_code_invalid"),
    *("verification_valid", "verification_invalid", "verification_code_valid", "verification_code_invalid"),
    *("login_code_valid", "registration_code_valid"),
)


@pytest.fixture(autouse=True)
def _nothing_personal_is_logged(site: type[SiteAdapter], caplog: pytest.LogCaptureFixture) -> Any:
    yield
    assert not [word for word in (RECIPIENT, CODE, URL, SECRET, "+49151") if word in caplog.text]


def get_html(sent: EmailMessage) -> str:
    """Return the only alternative of a mail."""
    assert isinstance(sent, EmailMultiAlternatives)
    [(html, kind)] = sent.alternatives
    assert kind == "text/html"
    return str(html)


@pytest.mark.parametrize("template_type", TYPES)
def test_every_type_is_sent_as_text_and_html(post: Post, template_type: str) -> None:
    response = post(build_post(template_type))
    assert (response.status_code, response.content) == (200, b'{"outcome": "sent"}')
    [sent] = mail.outbox
    html = get_html(sent)
    assert sent.to == [RECIPIENT]
    assert sent.extra_headers == {"Auto-Submitted": "auto-generated"}
    assert sent.subject
    assert "\n" not in sent.subject
    assert "Cups & Co." in str(sent.body)
    assert "Cups &amp; Co." in html
    has_code = "_code_valid" in template_type
    has_url = template_type in ("recovery_valid", "verification_valid", "verification_code_valid")
    assert (CODE in str(sent.body).splitlines()) is has_code
    assert (URL in str(sent.body).splitlines()) is has_url
    assert (f">{CODE}<" in html) is has_code
    assert (f'href="{URL.replace("&", "&amp;")}"' in html) is has_url
    assert "of Kratos" not in f"{sent.body}{html}"


def test_lifetime_is_shown_if_the_server_sends_it(post: Post) -> None:
    post(build_newer_post(data={"request_headers": {}}))
    assert "Valid for 15 minutes." in str(mail.outbox[0].body)


def test_endpoint_is_off_without_secrets(post: Post, configure: Configure) -> None:
    configure(COURIER_SECRETS=[])
    assert post().status_code == 404
    assert post(alias="other").status_code == 404


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", "\u00e9" * 32])
def test_missing_and_wrong_secret_have_the_same_answer(post: Post, secret: str | None) -> None:
    response = post(secret=secret)
    assert response.status_code == 403
    assert response.content == post(secret="another").content
    assert mail.outbox == []


def test_empty_entry_in_the_list_of_secrets_matches_nothing(post: Post, configure: Configure) -> None:
    configure(COURIER_SECRETS=["", SECRET])
    assert post(secret="").status_code == 403
    assert post(secret=None).status_code == 403


def test_characters_of_a_secret_that_is_not_in_a_list_are_no_secrets(
    post: Post, configure: Configure
) -> None:
    configure(COURIER_SECRETS=SECRET)
    for secret in (SECRET[0], SECRET):
        with pytest.raises(OryConfigurationError, match="COURIER_SECRETS"):
            post(secret=secret)
    assert mail.outbox == []


@pytest.mark.parametrize("secret", ["old" * 8, "new" * 8])
def test_every_secret_of_a_rotation_is_accepted(post: Post, configure: Configure, secret: str) -> None:
    configure(COURIER_SECRETS=["new" * 8, "old" * 8])
    assert post(secret=secret).status_code == 200
    assert len(mail.outbox) == 1


def test_secret_is_checked_before_the_body_is_read(post: Post) -> None:
    assert post(body="x" * 2_000_000, secret="wrong").status_code == 403


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
def test_only_post_is_allowed(post: Post, method: str) -> None:
    assert post(method=method).status_code == 405
    assert mail.outbox == []


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "", "text/json"])
def test_other_content_type_is_rejected(post: Post, content_type: str) -> None:
    assert post(content_type=content_type).status_code == 415


def test_content_type_may_have_a_charset(post: Post) -> None:
    assert post(content_type="application/json; charset=utf-8").status_code == 200


@pytest.mark.parametrize(
    "body", [" ", "{", "\xff", "[" * 100_000, "NaN}", '{"recipient": "\\ud800"}', "1" * 5000]
)
def test_body_that_is_not_json_is_rejected(post: Post, body: str) -> None:
    assert post(body=body.encode("latin-1")).status_code == 400


def test_large_body_is_rejected(post: Post) -> None:
    assert post(body=" " * (6 * 1024 * 1024 + 1)).status_code == 413


def test_message_with_large_traits_is_sent(post: Post, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    identity = {"traits": {"picture": "x" * 5_000_000}}
    assert post(build_post(data={"identity": identity})).status_code == 200


def test_closed_connection_is_an_error(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object, *_: object) -> bytes:
        raise UnreadablePostError

    monkeypatch.setattr("django.http.request.HttpRequest.read", fail)
    assert post().status_code == 400


@pytest.mark.parametrize(
    "document",
    [
        [],
        "text",
        None,
        {"template_type": "login_code_valid"},
        build_post(template_type="../layout"),
        build_post(body="", data={"login_code": ""}),
        build_post("recovery_valid", body="", data={"recovery_url": None}),
    ],
)
def test_json_that_is_no_message_is_unprocessable(post: Post, document: Any) -> None:
    response = post(body="null") if document is None else post(document)
    assert response.status_code == 422
    assert mail.outbox == []


def test_unknown_type_is_sent_with_the_text_of_kratos(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    document = build_post("account_locked", body="Locked <b>\nhttps://example.com/", subject="Your account")
    assert post(document).status_code == 200
    [sent] = mail.outbox
    assert sent.subject == "Your account"
    assert str(sent.body).startswith("Locked <b>\nhttps://example.com/")
    html = get_html(sent)
    assert "Locked &lt;b&gt;<br>" in html
    assert 'href="https://example.com/"' in html
    assert "ory/mails/account_locked/" in caplog.text


@pytest.mark.parametrize("template_type", ["login_code_valid", "account_locked_valid"])
def test_code_under_an_unknown_name_is_sent_with_the_text_of_kratos(
    post: Post, caplog: pytest.LogCaptureFixture, template_type: str
) -> None:
    document = build_post(template_type, body="Your code: 2342", data={"login_code": None, "otp": "2342"})
    document["template_data"] = {"to": RECIPIENT, "otp": "2342"}
    assert post(document).status_code == 200
    assert str(mail.outbox[0].body).startswith("Your code: 2342")
    assert "no known code" in caplog.text


def test_unknown_type_without_text_is_unprocessable(post: Post) -> None:
    assert post(build_post("account_locked", body="")).status_code == 422


def test_csrf_is_not_checked() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(
        reverse("ory:courier", args=["default"]),
        build_post(),
        content_type="application/json",
        headers={"X-Courier-Secret": SECRET},
    )
    assert response.status_code == 200


def test_repeated_post_is_sent_once(post: Post) -> None:
    answers = [post().content for _ in range(3)]
    assert answers == [b'{"outcome": "sent"}', *[b'{"outcome": "repeated"}'] * 2]
    assert len(mail.outbox) == 1


def test_other_code_is_another_message(post: Post) -> None:
    post()
    post(build_post(data={"login_code": "999999"}))
    assert len(mail.outbox) == 2


def test_message_in_progress_is_not_sent_by_another_worker(
    post: Post, site: type[SiteAdapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    inner: list[Any] = []

    def allow(self: object, message: object) -> bool:
        inner.append(post())
        return True

    monkeypatch.setattr(site, "allow_message", allow)
    assert post().status_code == 200
    [meanwhile] = inner
    assert (meanwhile.status_code, meanwhile["Retry-After"]) == (503, "5")
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("backend", ["dummy.DummyCache", "missing.Cache"])
def test_mail_is_sent_without_a_working_cache(post: Post, settings: Settings, backend: str) -> None:
    settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}"}}
    assert post().status_code == 200
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "error",
    [
        OSError("no route to ann@example.org"),
        smtplib.SMTPServerDisconnected(RECIPIENT),
        smtplib.SMTPAuthenticationError(535, b"wrong"),
        smtplib.SMTPRecipientsRefused({RECIPIENT: (451, b"greylisted ann@example.org")}),
        smtplib.SMTPDataError(452, b"full"),
        RuntimeError(f"provider: {RECIPIENT} {CODE}"),
    ],
)
def test_failure_of_the_mail_server_is_tried_again(
    post: Post, site: type[SiteAdapter], error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "error", error)
    response = post()
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response.content == b'{"outcome": "failed"}'
    monkeypatch.setattr(site, "error", None)
    assert post().content == b'{"outcome": "sent"}'
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({RECIPIENT: (550, b"no such user ann@example.org")}),
        smtplib.SMTPDataError(554, b"spam"),
        MessageRefused("the number is blocked"),
    ],
)
def test_refused_message_is_not_tried_again(
    post: Post, site: type[SiteAdapter], error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "error", error)
    assert post().status_code == 422
    monkeypatch.setattr(site, "error", None)
    assert (post().status_code, post().content) == (422, b'{"outcome": "refused"}')
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("recipient", "status"),
    [("é@example.org", 422), ("=?utf-8?q?x?=@example.org", 422), (RECIPIENT, 503)],
    ids=["not ascii", "encoded word", "usual"],
)
def test_address_that_no_server_takes_is_not_tried_again(
    post: Post,
    site: type[SiteAdapter],
    recipient: str,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Django raises ValueError for such addresses, and also for a fault in the settings of a backend."""
    monkeypatch.setattr(site, "error", ValueError(f"cannot write {recipient}"))
    assert post(build_post(recipient=recipient)).status_code == status
    assert recipient not in caplog.text


def test_message_that_the_adapter_does_not_allow_counts_as_sent(
    post: Post, site: type[SiteAdapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "allowed", False)
    for _ in range(2):
        assert (post().status_code, post().content) == (200, b'{"outcome": "not_allowed"}')
    assert mail.outbox == []


def test_interrupted_worker_leaves_the_message_for_the_next_post(
    post: Post, site: type[SiteAdapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "error", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        post()
    monkeypatch.setattr(site, "error", None)
    assert post().content == b'{"outcome": "sent"}'


@pytest.mark.parametrize("source", ["{% nonsense %}", "{% extends 'missing.html' %}", "{{ code|add }}"])
def test_broken_template_is_tried_again_and_named(
    post: Post, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture, source: str
) -> None:
    folder = tmp_path / "ory/mails/login_code_valid"
    folder.mkdir(parents=True)
    (folder / "body.html").write_text(source)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    assert post().status_code == 503
    assert "template is broken" in caplog.text
    assert TemplateSyntaxError.__name__ not in caplog.text


def test_sms_is_sent_by_the_adapter(post: Post, site: type[SiteAdapter]) -> None:
    document = build_post(message_type="phone", recipient="+4915112345678")
    assert post(document).status_code == 200
    assert site.sms == [("+4915112345678", f"Cups & Co.: {CODE} is your sign-in code.")]
    assert mail.outbox == []


def test_sms_of_an_unknown_type_has_the_text_of_kratos(post: Post, site: type[SiteAdapter]) -> None:
    post(build_post("stub", message_type="phone", recipient="+4915112345678", body="A & B"))
    assert site.sms == [("+4915112345678", "A & B")]


def test_sms_without_a_provider_is_refused_with_advice(
    post: Post, configure: Configure, caplog: pytest.LogCaptureFixture
) -> None:
    configure(ADAPTER="django_ory.adapter.OryAdapter")
    assert post(build_post(message_type="phone", recipient="+4915112345678")).status_code == 422
    assert "override send_sms in your subclass of OryAdapter" in caplog.text
