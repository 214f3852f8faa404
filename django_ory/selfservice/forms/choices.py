"""Inputs with fixed values: radio buttons for a few of them, a select for more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from .fields import Option, RadioGroup, Select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .fields import Input

__all__ = ["build_choice_field"]

#: More values than these are a select.
MAX_RADIO_BUTTONS = 5
#: HTML attributes of an input that radio buttons and a select have, too.
RADIO_ATTRIBUTES = frozenset({"required", "disabled"})
SELECT_ATTRIBUTES = RADIO_ATTRIBUTES | {"autocomplete"}
#: Attributes of the field that it keeps.
KEPT = ("group", "messages", "name", "id", "label", "optional", "hint")


def build_choice_field(field: Input, options: Sequence[Option], *, is_required: bool) -> Select:
    """Build the field of a value that is one of several.

    An option for "no value" is added where the user may choose it: a radio button cannot be unchecked.

    Args:
        field: an input for the value.
        options: the allowed values, and the stored one. An empty value is an allowed value, too.
        is_required: whether a value must be chosen.
    """
    kept = {name: getattr(field, name) for name in KEPT}
    is_short = len(options) <= MAX_RADIO_BUTTONS
    label = _("Not specified") if is_short else "—"
    names = RADIO_ATTRIBUTES if is_short else SELECT_ATTRIBUTES
    attrs = {name: value for name, value in field.attrs.items() if name in names}
    has_value = any(each.selected for each in options)
    shown = [each if each.label else replace(each, label=label) for each in options]
    if any(not each.value for each in options):
        if not is_short:  # browsers take the allowed empty value of a select for a missing one
            attrs.pop("required", None)
    elif not is_required or not (is_short or has_value):
        shown.insert(0, Option("", label, not has_value))
    return (RadioGroup if is_short else Select)(**kept, attrs=attrs, options=tuple(shown))
