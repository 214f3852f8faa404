"""The JSON of Kratos becomes a message, or an error that names the field and never its value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_ory.courier.messages import CourierMessage, InvalidMessage

from .conftest import CODE, RECIPIENT, URL, build_newer_post, build_post

if TYPE_CHECKING:
    from collections.abc import Callable

    Read = Callable[[Any], CourierMessage]


def test_message_of_the_oldest_server_is_read(read: Read) -> None:
    message = read(build_post("verification_code_valid"))
    assert (message.template_type, message.recipient, message.is_sms) == (
        "verification_code_valid",
        RECIPIENT,
        False,
    )
    assert (message.code, message.url) == (CODE, URL)
    assert message.traits["name"] == {"first": "Ann"}
    assert (message.subject, message.text) == ("Subject of Kratos", f"Text of Kratos: {CODE}")
    assert message.expires_in_minutes is None
    assert message.transient_payload == {}


def test_message_of_a_newer_server_has_lifetime_and_headers(read: Read) -> None:
    message = read(build_newer_post())
    assert message.expires_in_minutes == 15
    assert message.request_headers["User-Agent"] == ["Mozilla/5.0"]


def test_message_of_kratos_default_template_is_read(read: Read) -> None:
    message = read(
        {
            "recipient": RECIPIENT,
            "template_type": "recovery_valid",
            "to": RECIPIENT,
            "recovery_code": None,
            "recovery_url": URL,
            "verification_url": None,
            "verification_code": None,
            "subject": "Recover",
            "body": "Text",
        }
    )
    assert (message.code, message.url, message.traits) == ("", URL, {})


def test_traits_of_a_sign_up_are_read(read: Read) -> None:
    message = read(build_post("registration_code_valid", data={"identity": None, "traits": {"locale": "de"}}))
    assert message.traits == {"locale": "de"}


@pytest.mark.parametrize("kind", ["phone", "sms"])
def test_message_type_phone_is_an_sms(read: Read, kind: str) -> None:
    message = read(build_post(message_type=kind, recipient="+4915112345678"))
    assert message.is_sms


def test_unknown_members_are_ignored(read: Read) -> None:
    document = build_post(priority=1, data={"brand": {"x": [1]}, "expires_in_minutes": "soon"})
    assert read(document).expires_in_minutes is None


def test_repr_shows_no_personal_data_and_no_code(read: Read) -> None:
    shown = repr(read(build_post("verification_code_valid")))
    assert shown == "CourierMessage(alias='default', template_type='verification_code_valid')"


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (None, "not a JSON object"),
        ([], "not a JSON object"),
        ({}, "template_type"),
        (build_post(template_type="../../etc/passwd"), "template_type"),
        (build_post(template_type="a" * 65), "template_type"),
        ({**build_post(), "template_type": 7}, "template_type"),
        (build_post(message_type="fax"), "message_type"),
        (build_post(recipient="nobody"), "recipient"),
        (build_post(recipient="a@example.org, b@example.org"), "recipient"),
        (build_post(recipient="a@example.org\r\nBcc: b@example.org"), "recipient"),
        (build_post(recipient=f"{'a' * 400}@example.org"), "recipient"),
        (build_post(recipient=None, data={"to": None}), "recipient"),
        (build_post(message_type="phone"), "recipient"),
        (build_post(data={"login_code": "1" * 65}), "code"),
        (build_post(data={"login_code": "12\r\n34"}), "code"),
        (build_post("recovery_valid", data={"recovery_url": "javascript:alert(1)"}), "link"),
        (build_post("recovery_valid", data={"recovery_url": 'https://x"onclick=y'}), "link"),
        (build_post("recovery_valid", data={"recovery_url": "https://[x"}), "link"),
    ],
)
def test_invalid_message_is_an_error_without_values(read: Read, document: Any, problem: str) -> None:
    with pytest.raises(InvalidMessage) as raised:
        read(document)
    assert problem in str(raised.value)
    assert not {"nobody", "example.org", "alert", "12"} & set(str(raised.value).replace(":", " ").split())


def test_parameters_of_the_flow_are_read(read: Read) -> None:
    message = read(build_post(data={"request_url": "http://x/self-service/login/browser?lang=de&lang=fr"}))
    assert message.get_flow_parameter("lang") == "de"
    assert message.get_flow_parameter("aal") == ""
    assert read(build_post(data={"request_url": "http://[x?lang=de"})).get_flow_parameter("lang") == ""
