"""Sample messages of every type, for previews of the templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django_ory.conf import get_settings

from .language import FLOW_PARAMETERS
from .messages import CourierMessage

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAIL_TEMPLATE_TYPES", "SMS_TEMPLATE_TYPES", "build_sample", "build_samples"]

#: Kratos' types of mails, v1.3.1 to v26.2.0. "stub" exists in tests of Kratos only.
MAIL_TEMPLATE_TYPES: Final = (
    *("verification_code_valid", "verification_code_invalid", "verification_valid", "verification_invalid"),
    *("recovery_code_valid", "recovery_code_invalid", "recovery_valid", "recovery_invalid"),
    *("login_code_valid", "registration_code_valid"),
)
#: Kratos' types of SMS. v1.3.1 has the first two.
SMS_TEMPLATE_TYPES: Final = (
    *("verification_code_valid", "login_code_valid"),
    *("recovery_code_valid", "registration_code_valid"),
)
SAMPLE_CODE = "481516"


def build_samples(*, alias: str, language: str) -> Iterator[CourierMessage]:
    """Yield a message of every type, mails first, in a language."""
    for template_type in MAIL_TEMPLATE_TYPES:
        yield build_sample(template_type, alias=alias, language=language)
    for template_type in SMS_TEMPLATE_TYPES:
        yield build_sample(template_type, alias=alias, language=language, is_sms=True)


def build_sample(template_type: str, *, alias: str, language: str, is_sms: bool = False) -> CourierMessage:
    """Return a message as Kratos sends it, with an invented recipient and code. Any type is valid."""
    kratos = get_settings(alias).kratos_browser_url or "http://localhost:4433"
    name = template_type.removesuffix("_valid")
    data: dict[str, Any] = {
        "identity": {"traits": {"email": "ann@example.org", "name": {"first": "Ann", "last": "Lee"}}},
        "request_url": f"{kratos}/self-service/login/browser?{FLOW_PARAMETERS[0]}={language}",
    }
    if template_type.endswith("_valid"):
        link = f"{kratos}/self-service/{name.removesuffix('_code')}?code={SAMPLE_CODE}"
        data["expires_in_minutes"] = 15
        data.update({name: SAMPLE_CODE} if name.endswith("_code") else {f"{name}_url": link})
        if template_type == "verification_code_valid":  # the only one with both
            data["verification_url"] = link
    document = {
        "recipient": "+12025550123" if is_sms else "ann@example.org",
        "subject": "Subject of Kratos",
        "body": f"Text of Kratos: {SAMPLE_CODE}",
        "template_type": template_type,
        "template_data": data,
        "message_type": "phone" if is_sms else "email",
    }
    return CourierMessage.from_json(document, alias=alias)
