"""Form fields of the OAuth2 client forms.

A value that is submitted as shown is unchanged, even if the value is invalid or has unusual line ends.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.utils.translation import gettext as _

_LINE_END = re.compile(r"\r\n|\r|\n")
#: ``localhost:8001/callback``: a URL parser reads a scheme and a path instead of a host and a port.
_HOST_AND_PORT = re.compile(r"[^/?#]+:\d+(?:[/?#]|$)")
_LOOPBACK = re.compile(r"(?:localhost|127\.[\d.]+|\[::1\])(?:[:/?#]|$)", re.IGNORECASE)
_FORBIDDEN_SCHEMES = frozenset({"javascript", "data", "vbscript"})


class LineField(forms.CharField):
    """One line of text."""

    widget = AdminTextInputWidget

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Ignore line ends, which browsers remove from an input."""
        return _LINE_END.sub("", data or "") != _LINE_END.sub("", str(initial or "")) and super().has_changed(
            initial, data
        )


class LinesField(forms.CharField):
    """One value per line. Cleans to a list without empty lines and repetitions."""

    widget = AdminTextareaWidget(attrs={"rows": 3})

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


class URIsField(LinesField):
    """Absolute URIs, one per line. Schemes of apps are allowed, schemes that a browser executes are not.

    ``known``: the current URIs of the client, which are not validated.
    """

    known: Collection[str] = ()

    def validate(self, value: list[str]) -> None:
        """Raise one error for all invalid lines."""
        super().validate(value)
        errors = [_get_uri_error(uri) for uri in value if uri not in self.known]
        if any(errors):
            raise forms.ValidationError([error for error in errors if error])


class JWKSURIField(LineField):
    """The URL of a JWK set. Hydra fetches the set, so a host name of an internal network is valid."""

    def validate(self, value: str) -> None:
        """Raise an error unless the value is an http or https URL with a host."""
        super().validate(value)
        error = _get_uri_error(value) if value else ""
        if not error and value and urlsplit(value).scheme not in ("http", "https"):
            error = _("“%(uri)s” must start with https:// or http://.") % {"uri": value}
        if error:
            raise forms.ValidationError(error)


def _get_uri_error(uri: str) -> str:
    if re.search(r"\s", uri):
        return _("“%(uri)s” contains a space. Enter one URI per line.") % {"uri": uri}
    try:
        parts = urlsplit(uri)
    except ValueError:
        return _("“%(uri)s” is not a valid URI.") % {"uri": uri}
    if not parts.scheme or parts.scheme == "localhost" or _HOST_AND_PORT.match(uri):
        scheme = "http" if _LOOPBACK.match(uri) else "https"
        text = _("“%(uri)s” has no scheme. Did you mean %(scheme)s://%(uri)s?")
        return text % {"uri": uri, "scheme": scheme}
    if parts.scheme in _FORBIDDEN_SCHEMES:
        return _("“%(uri)s”: the scheme %(scheme)s is not allowed.") % {"uri": uri, "scheme": parts.scheme}
    if parts.scheme in ("http", "https") and not parts.hostname:
        return _("“%(uri)s” has no host.") % {"uri": uri}
    return ""
