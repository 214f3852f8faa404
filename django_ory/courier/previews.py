"""Sample messages of every type, for previews of the templates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from django.core.mail import EmailMultiAlternatives
from django.utils import translation
from django.utils.formats import date_format

from django_ory.conf import get_settings

from .language import FLOW_PARAMETERS
from .messages import CourierMessage
from .rendering import build_site_mail

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
#: Mails of this site itself.
SITE_TEMPLATE_TYPES: Final = ("account_access", "account_deletion", "invitation")
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


def build_site_sample(template_type: str, *, alias: str, language: str) -> EmailMultiAlternatives:
    """Return a mail of ``SITE_TEMPLATE_TYPES`` with invented values, in a language."""
    site_url = "https://www.example.org/"
    with translation.override(language):
        day = date_format(date(2027, 1, 31), "DATE_FORMAT")
        context = {
            "url": f"{site_url}auth/invitation/{'x' * 43}/",
            "inviter": "Ann Lee",
            "expires_on": day,
            "due_on": day,
            "expires_at": day,
            "code": SAMPLE_CODE if template_type == "account_access" else "",
        }
        return build_site_mail(template_type, "ann@example.org", context, alias=alias, site_url=site_url)
