"""Fields of the OAuth2 client forms: text, keys, and a choice with three states.

A value that is submitted as shown is unchanged, even if the value is invalid or has unusual line ends.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.utils.translation import gettext as _

from django_ory.admin.json_fields import JSONField
from django_ory.mirror.client_content import PUBLIC_KEY_MEMBERS
from django_ory.mirror.issuers import has_private_part

from .uris import WEB_SCHEMES, find_origin_error, find_uri_error

MAX_ERRORS = 10  # of one field: a list may have hundreds of lines
_LINE_END = re.compile(r"\r\n|\r|\n")
#: Characters of a client id that need no escape in a URL (RFC 3986 section 2.3). Hydra before 25.4 cannot
#: find a client with others.
_CLIENT_ID = re.compile(r"[A-Za-z0-9._~-]+")


class LineField(forms.CharField):
    """One line of text."""

    widget: type[forms.Widget] | forms.Widget = AdminTextInputWidget

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Ignore line ends, which browsers remove from an input."""
        return _LINE_END.sub("", data or "") != _LINE_END.sub("", str(initial or "")) and super().has_changed(
            initial, data
        )


class ClientIdField(LineField):
    """The id of a new client."""

    def validate(self, value: str) -> None:
        """Raise an error for an id that no URL can have."""
        super().validate(value)
        if value and (not _CLIENT_ID.fullmatch(value) or value in (".", "..")):
            raise forms.ValidationError(
                _("Use letters without accents, digits, hyphens, dots, underscores and tildes only.")
            )


class WebURLField(LineField):
    """One http or https URL. A host name of an internal network is valid.

    ``schemes`` and ``allow_fragment`` are those of ``find_uri_error``.
    """

    widget = AdminTextInputWidget(attrs={"class": "vURLField"})

    def __init__(
        self, *, schemes: Collection[str] = WEB_SCHEMES, allow_fragment: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.schemes, self.allow_fragment = schemes, allow_fragment

    def validate(self, value: str) -> None:
        """Raise an error unless the value is empty or such a URL."""
        super().validate(value)
        options: dict[str, Any] = {"schemes": self.schemes, "allow_fragment": self.allow_fragment}
        if value and (error := find_uri_error(value, **options)):
            raise forms.ValidationError(error)


class LinesField(forms.CharField):
    """One value per line. Cleans to a list without empty lines and repetitions.

    ``known``: the current values of the client, which are not validated.
    """

    widget = AdminTextareaWidget(attrs={"rows": 3})
    known: Collection[str] = ()

    def to_python(self, value: Any) -> Any:
        """Return the lines, without blanks around them."""
        lines = (line.strip() for line in _LINE_END.split(value or ""))
        return list(dict.fromkeys(line for line in lines if line))

    def prepare_value(self, value: Any) -> Any:
        """Return the content of the text area."""
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Ignore the kind of line ends, which browsers change."""
        shown = self.prepare_value(initial) or ""
        return _LINE_END.sub("\n", data or "") != _LINE_END.sub("\n", shown) and super().has_changed(
            initial, data
        )

    def validate(self, value: list[str]) -> None:
        """Raise one error for all invalid lines."""
        super().validate(value)
        errors = [error for line in value if line not in self.known and (error := self.find_error(line))]
        if errors:
            raise forms.ValidationError(errors[:MAX_ERRORS])

    def find_error(self, line: str) -> str:
        """Return the error of one line; "" if the line is valid."""
        return ""


class URIsField(LinesField):
    """Absolute URIs, one per line. Schemes of apps are allowed, schemes that a browser executes are not."""

    def __init__(self, *, schemes: Collection[str] = (), allow_fragment: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.schemes, self.allow_fragment = schemes, allow_fragment

    def find_error(self, line: str) -> str:
        """Return the error of one URI."""
        return find_uri_error(line, schemes=self.schemes, allow_fragment=self.allow_fragment)


class OriginsField(LinesField):
    """Origins of web pages, one per line."""

    def find_error(self, line: str) -> str:
        """Return the error of one origin."""
        return find_origin_error(line)


class TriStateField(forms.ChoiceField):
    """Yes, no, or the default of the server: True, False or None."""

    values: ClassVar[dict[str, bool]] = {"true": True, "false": False}

    def show(self, value: Any) -> str:
        """Return the choice for a value."""
        return next((text for text, each in self.values.items() if each is value), "")

    def clean(self, value: Any) -> bool | None:
        """Return the value of a choice."""
        return self.values.get(super().clean(value))


class JWKSField(JSONField):
    """A JWK set (RFC 7517) of public keys. Cleans to the set, to None without keys."""

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
    if has_private_part(key):
        return _("Key %(number)d contains a secret part. Enter public keys only.") % values
    if not isinstance(kty, str) or kty not in PUBLIC_KEY_MEMBERS:
        return _("Key %(number)d needs a “kty” of RSA, EC or OKP.") % values
    missing = [name for name in PUBLIC_KEY_MEMBERS[kty] if not isinstance(key.get(name), str)]
    if missing:
        return _("Key %(number)d lacks %(names)s.") % {**values, "names": ", ".join(missing)}
    return ""
