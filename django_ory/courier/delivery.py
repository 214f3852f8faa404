"""Sends a message once: repeated posts of the same message are recognized by a keyed hash in the cache.

Kratos posts a message again after any answer but 2xx, and after no answer within 30 seconds. Posts have no
id, but a repeated post has the same content.
"""

from __future__ import annotations

import logging
import smtplib
from enum import Enum
from typing import TYPE_CHECKING

from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from django_ory.adapter import get_adapter
from django_ory.conf import get_settings
from django_ory.exceptions import MessageRefused
from django_ory.resilience.fail_safe_cache import FailSafeCache
from django_ory.resilience.log_throttle import throttled_log

from .messages import InvalidMessage
from .rendering import FALLBACK_FOLDER, build_mail, find_folder, render_sms

if TYPE_CHECKING:
    from django.core.mail import EmailMultiAlternatives

    from .messages import CourierMessage

__all__ = ["Delivery", "deliver"]

logger = logging.getLogger("django_ory.courier")

#: How long a repeated post is recognized. Kratos' codes are valid for 15 minutes or an hour.
RECOGNIZED_SECONDS = 15 * 60
#: How long a worker may take to send. Repeated posts are answered with "try again" for this long, even if the
#: worker has died.
SENDING_SECONDS = 60

#: SMTP replies from here on are permanent (RFC 5321, section 4.2.1).
PERMANENT_SMTP_CODE = 500


class Delivery(Enum):
    """The result of a post."""

    SENT = "sent"
    REPEATED = "repeated"  # sent before
    NOT_ALLOWED = "not_allowed"  # by the adapter
    REFUSED = "refused"  # can never be delivered
    SENDING = "sending"  # another worker has not finished
    FAILED = "failed"  # may work later


@sensitive_variables()
def deliver(message: CourierMessage) -> Delivery:
    """Render and send a message, but no message twice. Never raises because of a mail server.

    Raises InvalidMessage if the message cannot be rendered.
    """
    store = FailSafeCache(get_settings(message.alias).session_cache_alias)
    key = _build_key(message)
    # A cache that failed returns None: a message twice is better than none.
    if store.add(key, Delivery.SENDING.value, SENDING_SECONDS) is False:
        return _EARLIER.get(store.get(key), Delivery.SENDING)
    try:
        outcome = _send(message)
    except BaseException:
        store.delete(key)
        raise
    if outcome is Delivery.FAILED:
        store.delete(key)
    else:
        store.set(key, outcome.value, RECOGNIZED_SECONDS)
    return outcome


#: The entry of an earlier post -> the outcome of a repeated one.
_EARLIER = {
    Delivery.SENT.value: Delivery.REPEATED,
    Delivery.NOT_ALLOWED.value: Delivery.NOT_ALLOWED,
    Delivery.REFUSED.value: Delivery.REFUSED,
}


def _build_key(message: CourierMessage) -> str:
    """Return the cache key. The hash is keyed, because six digits could be found by trying all of them."""
    parts = (
        message.template_type,
        str(message.is_sms),
        message.recipient,
        message.code,
        message.url,
        message.request_url,
        message.subject,
        message.text,
    )
    content = "".join(f"{len(part)}:{part}" for part in parts)
    digest = salted_hmac("django_ory.courier", content, algorithm="sha256").hexdigest()
    return f"ory:{message.alias}:courier:{digest}"


def _send(message: CourierMessage) -> Delivery:
    try:
        return _render_and_send(message)
    except InvalidMessage:
        raise
    except MessageRefused as error:
        _log(message, "refused, and Kratos will give up: %s", error)
        return Delivery.REFUSED
    except (TemplateDoesNotExist, TemplateSyntaxError) as error:  # their texts name templates and tags only
        _log(message, "not sent, because its template is broken: %s. Kratos will try again", error)
        return Delivery.FAILED
    except Exception as error:  # noqa: BLE001 (mail backends and adapters raise anything; the message is kept)
        if is_permanent(error):
            _log(message, "refused by the mail server (%s), and Kratos will give up", _describe(error))
            return Delivery.REFUSED
        _log(message, "not sent (%s). Kratos will try again", _describe(error))
        return Delivery.FAILED


def _render_and_send(message: CourierMessage) -> Delivery:
    adapter = get_adapter(message.alias)
    if not adapter.allow_message(message):
        return Delivery.NOT_ALLOWED
    if find_folder(message) == FALLBACK_FOLDER:
        throttled_log.warn(
            logger,
            ("courier", message.alias, message.template_type),
            "Message type %s (project %s) has no templates in ory/mails/%s/, or no known code; "
            "the text of Kratos is sent.",
            message.template_type,
            message.alias,
            message.template_type,
        )
    if message.is_sms:
        adapter.send_sms(message.recipient, render_sms(message), message=message)
    else:
        _send_mail(build_mail(message), message)
    return Delivery.SENT


def _send_mail(mail: EmailMultiAlternatives, message: CourierMessage) -> None:
    """Send a mail. Raises MessageRefused for an address that Kratos accepts and the backend cannot write.

    Kratos sends one message after the other, so trying such an address again would delay all others.
    A ValueError for another address is a fault of the configuration.
    """
    try:
        get_adapter(message.alias).send_mail(mail, message)
    except ValueError as error:
        if message.recipient.isascii() and "=?" not in message.recipient:
            raise
        raise MessageRefused(f"the address cannot be written ({type(error).__name__})") from None


def is_permanent(error: Exception) -> bool:
    """Return whether a mail server refused the recipient or the content for ever."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT_SMTP_CODE for code, _text in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= PERMANENT_SMTP_CODE


def _describe(error: Exception) -> str:
    """Return the class of an error and the SMTP code. Its text may contain the recipient."""
    code = getattr(error, "smtp_code", None)
    return type(error).__name__ if code is None else f"{type(error).__name__} {code}"


def _log(message: CourierMessage, text: str, reason: object) -> None:
    kind = "SMS" if message.is_sms else "Mail"
    logger.warning(
        f"%s %s (project %s) {text}.",  # noqa: G004 (the texts above)
        kind,
        message.template_type,
        message.alias,
        reason,
    )
