"""JSON that a person has typed: parsed strictly, with a message for each mistake."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from django_ory.client.json_values import MAX_DEPTH, clean_json

__all__ = ["MAX_DEPTH", "InvalidJSON", "dump_json", "load_json"]

MAX_TYPED_JSON_LENGTH = 1_000_000


class InvalidJSON(ValueError):
    """The text is no JSON that Ory and every database accept. The text of the error is for the user."""


def load_json(text: str, *, max_depth: int = MAX_DEPTH) -> Any:
    """Parse JSON of a form.

    Raises InvalidJSON for anything that would be changed on its way: NaN, repeated names, NUL characters,
    numbers that a double cannot hold, and lists and objects nested more than ``max_depth`` levels deep.
    """
    if len(text) > MAX_TYPED_JSON_LENGTH:
        raise InvalidJSON(_("This is too long: more than one million characters."))
    try:
        value = json.loads(text, parse_constant=_reject, object_pairs_hook=_build_object)
    except InvalidJSON:
        raise
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        raise InvalidJSON(_("This is not valid JSON: line %(line)d, column %(column)d.") % where) from None
    except RecursionError:
        raise InvalidJSON(_get_depth_message()) from None
    except ValueError:  # an integer of thousands of digits
        raise InvalidJSON(_get_number_message()) from None
    _check(value, max_depth)
    return value


def dump_json(value: Any) -> str:
    """Return indented JSON for a text area, with unescaped letters."""
    return json.dumps(clean_json(value), indent=2, ensure_ascii=False)


def _reject(name: str) -> Any:
    raise InvalidJSON(_("%(name)s is not allowed in JSON.") % {"name": name})


def _build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidJSON(_("A name is repeated in the same object."))
    return found


def _check(value: Any, max_depth: int) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > max_depth:
            raise InvalidJSON(_get_depth_message())
        inner: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                for name in each:
                    _check_scalar(name)
                inner += each.values()
            elif isinstance(each, list):
                inner += each
            else:
                _check_scalar(each)
        level = inner


def _check_scalar(value: Any) -> None:
    if value is not None and clean_json(value) != value:
        is_text = isinstance(value, str)
        raise InvalidJSON(_get_text_message() if is_text else _get_number_message())


def _get_depth_message() -> str:
    return _("The lists and objects are nested too deeply.")


def _get_number_message() -> str:
    return _("A number is too large.")


def _get_text_message() -> str:
    return _("A text contains a character that cannot be stored, such as a null character.")
