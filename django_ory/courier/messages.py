"""``CourierMessage``: a mail or SMS of Kratos, read from the JSON that its HTTP courier posts.

Two shapes are read: the complete one, which the configuration of ``ory_config`` requests, and that of Kratos'
default template, without the identity.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django_ory.http.redirects import get_query_parameter

__all__ = ["CourierMessage", "InvalidMessage", "is_email_address"]

#: The header in which Kratos sends the secret. Django hides headers with this word in its error reports.
#: Defined in this module because settings modules import the development stack, which cannot import models.
SECRET_HEADER = "X-Courier-Secret"

#: Longer values are never from Kratos.
MAX_RECIPIENT_LENGTH = 320
MAX_CODE_LENGTH = 64
MAX_LINK_LENGTH = 16_384

#: The values of message_type. Before v1.1 Kratos sends none with mails.
MAIL_TYPES = ("email", "")
SMS_TYPES = ("phone", "sms")

#: Types are names of template folders.
_TEMPLATE_TYPE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


class InvalidMessage(Exception):
    """The JSON is not a message that can be sent. The text names the field and never its value."""


@dataclass(frozen=True, kw_only=True)
class CourierMessage:
    """A mail or SMS that Kratos wants to send. ``repr`` shows only the type and the project."""

    alias: str
    template_type: str
    """Kratos' name, such as ``recovery_code_valid``; also the folder of the templates."""
    is_sms: bool = field(default=False, repr=False)
    recipient: str = field(repr=False)
    """The e-mail address or phone number."""
    code: str = field(default="", repr=False)
    """The one-time code, or ""."""
    url: str = field(default="", repr=False)
    """The link of the message (http or https), or ""."""
    expires_in_minutes: int | None = field(default=None, repr=False)
    """The lifetime of code and link. Only newer servers send it."""
    identity: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The identity as Kratos returns it; for a sign-up by code only its ``traits``."""
    request_url: str = field(default="", repr=False)
    """The URL that started the flow."""
    transient_payload: Mapping[str, Any] = field(default_factory=dict, repr=False)
    request_headers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Headers of the browser. Only newer servers send them."""
    subject: str = field(default="", repr=False)
    """The subject from Kratos' own template."""
    text: str = field(default="", repr=False)
    """The text from Kratos' own template."""

    @property
    def traits(self) -> Mapping[str, Any]:
        """The traits of the identity. May be empty."""
        return _get_mapping(self.identity, "traits")

    def get_flow_parameter(self, name: str) -> str:
        """Return a query parameter of the URL that started the flow, or ""."""
        return get_query_parameter(self.request_url, name)

    @classmethod
    def from_json(cls, document: object, *, alias: str) -> CourierMessage:
        """Read the JSON of Kratos. Unknown members are ignored.

        Raises InvalidMessage.
        """
        if not isinstance(document, Mapping):
            raise InvalidMessage("the body is not a JSON object")
        data = _get_mapping(document, "template_data") or document
        template_type = _get_text(document, "template_type")
        if not _TEMPLATE_TYPE.fullmatch(template_type):
            raise InvalidMessage("template_type is missing or not a name")
        kind = _get_text(document, "message_type")
        if kind not in (*MAIL_TYPES, *SMS_TYPES):
            raise InvalidMessage("message_type is neither email nor phone")
        is_sms = kind in SMS_TYPES
        recipient = (_get_text(document, "recipient") or _get_text(data, "to")).strip()
        if not (is_phone_number(recipient) if is_sms else is_email_address(recipient)):
            raise InvalidMessage(
                "recipient is not a phone number" if is_sms else "recipient is not an address"
            )
        identity = _get_mapping(data, "identity") or {"traits": _get_mapping(data, "traits")}
        minutes = data.get("expires_in_minutes")
        return cls(
            alias=alias,
            template_type=template_type,
            is_sms=is_sms,
            recipient=recipient,
            code=_find_code(data),
            url=_find_url(data),
            expires_in_minutes=minutes if type(minutes) is int and minutes > 0 else None,
            identity=identity,
            request_url=_get_text(data, "request_url"),
            transient_payload=_get_mapping(data, "transient_payload"),
            request_headers=_get_mapping(data, "request_headers")
            or _get_mapping(document, "request_headers"),
            subject=_get_text(document, "subject") or _get_text(data, "subject"),
            text=_get_text(document, "body") or _get_text(data, "body"),
        )


def is_email_address(text: str) -> bool:
    """Return whether a text can be one e-mail address. The mail server decides the rest."""
    local, at, domain = text.rpartition("@")
    return bool(
        at and local and domain and len(text) <= MAX_RECIPIENT_LENGTH and not re.search(r"[\s,;<>]", text)
    ) and not _CONTROL_CHARACTERS.search(text)


def is_phone_number(text: str) -> bool:
    """Return whether a text can be a phone number."""
    return len(text) <= MAX_RECIPIENT_LENGTH and bool(re.fullmatch(r"\+?[0-9][0-9 ()./-]*", text))


def _get_text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""


def _get_mapping(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    return value if isinstance(value, Mapping) else {}


def _find_code(data: Mapping[str, Any]) -> str:
    """Return the value of recovery_code, login_code and so on."""
    codes = (_get_text(data, name) for name in data if name.endswith("_code"))
    code = next(filter(None, codes), "")
    if len(code) > MAX_CODE_LENGTH or _CONTROL_CHARACTERS.search(code):
        raise InvalidMessage("the code is not a code")
    return code


def _find_url(data: Mapping[str, Any]) -> str:
    """Return the value of recovery_url or verification_url."""
    names = (name for name in data if name.endswith("_url") and name != "request_url")
    url = next(filter(None, (_get_text(data, name) for name in names)), "")
    if url and not _is_web_url(url):
        raise InvalidMessage("the link is not an http or https URL")
    return url


def _is_web_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and len(url) <= MAX_LINK_LENGTH
        and not re.search(r"[\s\"<>\\]", url)
    )
