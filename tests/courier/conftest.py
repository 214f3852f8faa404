"""A site that sends the mails of Kratos, and posts of Kratos."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from django.urls import reverse

from django_ory.adapter import OryAdapter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.core.mail import EmailMultiAlternatives
    from django.test import Client
    from pytest_django import Settings

    from django_ory.courier.messages import CourierMessage

SECRET = "5d41402abc4b2a76b9719d911017c592"
RECIPIENT = "ann@example.org"
CODE = "481516"
URL = "http://localhost:4433/self-service/verification?code=481516&flow=7c6a"


class SiteAdapter(OryAdapter):
    """Records SMS. ``error`` is raised for each message, ``allowed`` is the answer of ``allow_message``."""

    sms: list[tuple[str, str]] = []  # noqa: RUF012 (cleared by the fixture)
    error: BaseException | None = None
    allowed = True

    def allow_message(self, message: CourierMessage) -> bool:
        return self.allowed

    def send_mail(self, mail: EmailMultiAlternatives, message: CourierMessage) -> None:
        if self.error:
            raise self.error
        super().send_mail(mail, message)

    def send_sms(self, phone: str, text: str, *, message: CourierMessage) -> None:
        if self.error:
            raise self.error
        self.sms.append((phone, text))


class Configure(Protocol):
    def __call__(self, **values: Any) -> None: ...


class Post(Protocol):
    def __call__(self, document: Any = ..., **options: Any) -> Any: ...


@pytest.fixture
def configure(settings: Settings) -> Configure:
    """Changes keys of ``settings.ORY["default"]``."""

    def change(**values: Any) -> None:
        settings.ORY = {**settings.ORY, "default": {**settings.ORY["default"], **values}}

    return change


@pytest.fixture
def site(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> type[SiteAdapter]:
    """Turns the endpoint on, and returns the adapter of the site."""
    configure(COURIER_SECRETS=[SECRET], SITE_NAME="Cups & Co.", ADAPTER=f"{__name__}.SiteAdapter")
    monkeypatch.setattr(SiteAdapter, "sms", [])
    monkeypatch.setattr(SiteAdapter, "error", None)
    monkeypatch.setattr(SiteAdapter, "allowed", True)
    return SiteAdapter


@pytest.fixture
def arabic(settings: Settings, tmp_path: Path) -> None:
    """A site in English and Arabic, with a part of an Arabic translation."""
    texts = {
        "code of the language of these texts, such as de\x04en": "ar",
        "Your sign-in code": "رمز تسجيل الدخول",
    }
    catalog = build_catalog({"": "Content-Type: text/plain; charset=utf-8\n", **texts})
    path = tmp_path / "locale/ar/LC_MESSAGES/django.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(catalog)
    settings.LANGUAGES = [("en", "English"), ("ar", "Arabic"), ("de", "German"), ("sv", "Swedish")]
    settings.LOCALE_PATHS = [tmp_path / "locale"]


def build_catalog(texts: dict[str, str]) -> bytes:
    """Return the content of a .mo file."""
    pairs = [(key.encode(), value.encode()) for key, value in sorted(texts.items())]
    count = len(pairs)
    start = 28 + 16 * count
    tables: list[bytes] = []
    strings = b""
    for column in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[column]), start + len(strings)))
            strings += pair[column] + b"\0"
    header = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, start)
    return header + b"".join(tables) + strings


@pytest.fixture
def post(client: Client) -> Post:
    """Posts a message as Kratos does."""

    def send(document: Any = None, **options: Any) -> Any:
        body = options.pop("body", None)
        if body is None:
            body = json.dumps(build_post() if document is None else document)
        headers = {"X-Courier-Secret": options.pop("secret", SECRET), **options.pop("headers", {})}
        return client.generic(
            options.pop("method", "POST"),
            reverse("ory:courier", args=[options.pop("alias", "default")]),
            body,
            content_type=options.pop("content_type", "application/json"),
            headers={name: value for name, value in headers.items() if value is not None},
            **options,
        )

    return send


def build_post(template_type: str = "login_code_valid", **changes: Any) -> dict[str, Any]:
    """Return the JSON of Kratos v1.3.1 for a mail. ``data``: members of ``template_data``."""
    values = {}
    if template_type.endswith("_valid"):
        name = template_type.removesuffix("_valid")
        values = {name: CODE} if name.endswith("_code") else {f"{name}_url": URL}
    if template_type == "verification_code_valid":
        values["verification_url"] = URL
    data = {
        "to": RECIPIENT,
        **values,
        "identity": {
            "id": "9f425a8d-7efc-4768-8f23-7647a74fdf13",
            "schema_id": "person",
            "state": "active",
            "traits": {"email": RECIPIENT, "name": {"first": "Ann"}},
            "metadata_public": None,
        },
        "request_url": "http://localhost:4433/self-service/login/browser?return_to=",
        "transient_payload": None,
        **changes.pop("data", {}),
    }
    return {
        "recipient": RECIPIENT,
        "subject": "Subject of Kratos",
        "body": f"Text of Kratos: {CODE}",
        "template_type": template_type,
        "template_data": data,
        "message_type": "email",
        **changes,
    }


def build_newer_post(template_type: str = "login_code_valid", **changes: Any) -> dict[str, Any]:
    """Return the JSON of Kratos v26.2.0, with the headers of the browser and the lifetime."""
    headers = {"Accept-Language": ["de-AT,de;q=0.9,en;q=0.5"], "User-Agent": ["Mozilla/5.0"]}
    data = {"expires_in_minutes": 15, "request_headers": headers, **changes.pop("data", {})}
    return {**build_post(template_type, data=data), "html_body": "<p>HTML of Kratos</p>", **changes}


@pytest.fixture
def read(site: object) -> Callable[..., CourierMessage]:
    """Reads the JSON of a message."""
    from django_ory.courier.messages import CourierMessage

    def parse(document: Any) -> CourierMessage:
        return CourierMessage.from_json(document, alias="default")

    return parse
