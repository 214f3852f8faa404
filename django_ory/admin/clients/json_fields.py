"""Fields with values that are not text in Ory: JSON, a JWK set, and a choice with three states.

``show`` returns the text for the form. The initial value of such a field is this text.
"""

from __future__ import annotations

import json
import math
from types import MappingProxyType
from typing import Any, ClassVar, NoReturn

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.utils.translation import gettext as _

from django_ory.mirror.client_content import PRIVATE_KEY_MEMBERS

MAX_JSON_LENGTH = 100_000
MAX_JSON_DEPTH = 50
#: The members of a public key by type (RFC 7518 section 6, RFC 8037 section 2).
PUBLIC_KEY_MEMBERS = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}


class TriStateField(forms.ChoiceField):
    """Yes, no, or the default of the server: True, False or None."""

    values: ClassVar[dict[str, bool]] = {"true": True, "false": False}

    def show(self, value: Any) -> str:
        """Return the choice for a value."""
        return next((text for text, each in self.values.items() if each is value), "")

    def clean(self, value: Any) -> bool | None:
        """Return the value of a choice."""
        return self.values.get(super().clean(value))


class JSONTextField(forms.CharField):
    """Any JSON value as text. Cleans to the value, to ``{}`` for an empty text."""

    widget = AdminTextareaWidget(
        attrs={"rows": 6, "class": "vLargeTextField ory-code", "spellcheck": "false"}
    )
    empty: ClassVar[Any] = MappingProxyType({})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": MAX_JSON_LENGTH, **kwargs})

    def show(self, value: Any) -> str:
        """Return the text for a value; "" for an empty value."""
        return json.dumps(value, indent=2, ensure_ascii=False) if value not in (None, {}) else ""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the values: line ends, blanks and the order of members do not matter."""
        if (data or "").strip() == (initial or "").strip():
            return False
        try:
            return bool(_parse(data or "null") != _parse(initial or "null"))
        except (ValueError, RecursionError):
            return True

    def clean(self, value: Any) -> Any:
        """Return the parsed text. Raises ValidationError with the position of the error."""
        text = super().clean(value)
        if not text:
            return dict(self.empty) if self.empty is not None else None
        try:
            parsed = _parse(text)
        except json.JSONDecodeError as error:
            place = {"line": error.lineno, "column": error.colno}
            raise forms.ValidationError(
                _("This is not valid JSON: see line %(line)d, column %(column)d.") % place
            ) from None
        except (ValueError, RecursionError):  # not a number of JSON, too long a number, too deep
            raise forms.ValidationError(_("This is not valid JSON, or it is too large.")) from None
        if not _is_flat(parsed, MAX_JSON_DEPTH):
            raise forms.ValidationError(
                _("This JSON has more than %(depth)d levels.") % {"depth": MAX_JSON_DEPTH}
            )
        self.check_value(parsed)
        return parsed

    def check_value(self, value: Any) -> None:
        """Raise ValidationError for JSON that is valid but not allowed here."""


class JWKSField(JSONTextField):
    """A JWK set (RFC 7517) of public keys. Cleans to the set, to None without keys."""

    empty = None

    def show(self, value: Any) -> str:
        """Return the text of a set with keys."""
        return super().show(value) if isinstance(value, dict) and value.get("keys") else ""

    def check_value(self, value: Any) -> None:
        """Raise ValidationError for another structure and for secret keys."""
        keys = value.get("keys") if isinstance(value, dict) else None
        if not isinstance(keys, list) or not keys or not all(isinstance(key, dict) for key in keys):
            raise forms.ValidationError(_('Enter a JWK set, such as {"keys": [...]}.'))
        errors = [error for number, key in enumerate(keys, 1) if (error := _find_key_error(number, key))]
        if errors:
            raise forms.ValidationError(errors)


def _find_key_error(number: int, key: dict[str, Any]) -> str:
    kty, values = key.get("kty"), {"number": number}
    if kty == "oct" or key.keys() & {*PRIVATE_KEY_MEMBERS}:
        return _("Key %(number)d contains a secret part. Enter public keys only.") % values
    if not isinstance(kty, str) or kty not in PUBLIC_KEY_MEMBERS:
        return _("Key %(number)d needs a “kty” of RSA, EC or OKP.") % values
    missing = [name for name in PUBLIC_KEY_MEMBERS[kty] if not isinstance(key.get(name), str)]
    if missing:
        return _("Key %(number)d lacks %(names)s.") % {**values, "names": ", ".join(missing)}
    return ""


def _parse(text: str) -> Any:
    return json.loads(text, parse_constant=_reject, parse_float=_parse_float)


def _reject(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _parse_float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("the number is too large")
    return number


def _is_flat(value: Any, depth: int) -> bool:
    level = [value]
    for _level in range(depth):
        level = [
            each
            for parent in level
            if isinstance(parent, (dict, list))
            for each in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not level:
            return True
    return False
