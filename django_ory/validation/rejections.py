"""Asks the adapter about a submission, and writes its errors in the format of Kratos."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import translation
from django.utils.translation import gettext as _

from django_ory.client.models import Identity
from django_ory.courier.language import FLOW_PARAMETERS, find_language, list_accepted_languages

from .submissions import Submission

__all__ = ["build_messages", "find_errors"]

logger = logging.getLogger("django_ory.validation")

#: The id of the messages. Kratos has no messages in this range, so that pages show their text unchanged.
REJECTION_MESSAGE_ID = 4900100


def find_errors(submission: Submission, validate: Callable[[Identity], None]) -> dict[str, Any] | None:
    """Return the errors of a submission for Kratos, in the language of the user; None if it is valid.

    ``validate``: a method of the adapter. Any exception besides ValidationError rejects the submission, too.
    """
    with translation.override(choose_submission_language(submission)):
        try:
            validate(submission.identity)
        except ValidationError as error:
            return build_messages(list(_list_errors(error)))
        except Exception as error:  # noqa: BLE001 (of the project's adapter; its text may contain traits)
            logger.error(
                "Submission rejected (project %s): %s failed with %s.",
                submission.alias,
                getattr(validate, "__name__", "the adapter"),
                type(error).__name__,
            )
            return build_messages([("", _("Your details could not be checked. Try again in a moment."))])
    return None


def build_messages(
    errors: Iterable[tuple[str, str]], *, message_id: int = REJECTION_MESSAGE_ID
) -> dict[str, Any]:
    """Return errors in the format of Kratos.

    ``errors``: the dotted path of a trait, or "" for the whole form, and the text.
    """
    messages = []
    for path, text in errors:
        message: dict[str, Any] = {"id": message_id, "text": text, "type": "error", "context": {}}
        messages.append({"instance_ptr": build_pointer(path), "messages": [message]})
    return {"messages": messages}


def build_pointer(path: str) -> str:
    """Return the JSON pointer of a trait: ``#/traits/name/first``, or ``#/`` for the whole form."""
    if not path:
        return "#/"
    names = [name.replace("~", "~0").replace("/", "~1") for name in path.removeprefix("traits.").split(".")]
    return "/".join(("#", "traits", *names))


def choose_submission_language(submission: Submission) -> str:
    """Return the language of the page, else that of the browser, else LANGUAGE_CODE."""
    of_page = [tag for name in FLOW_PARAMETERS for tag in submission.get_parameter(name).split()]
    of_browser = list_accepted_languages(submission.accept_language)
    return find_language([*of_page, *of_browser]) or settings.LANGUAGE_CODE


def _list_errors(error: ValidationError) -> Iterable[tuple[str, str]]:
    if hasattr(error, "error_dict"):
        for path, texts in error.message_dict.items():
            for text in texts:
                yield "" if path == NON_FIELD_ERRORS else path, text
    else:
        for text in error.messages:
            yield "", text
