"""Labels of traits in the active language.

An identity schema has titles in one language. A title is the ``msgid`` of its translation, so a site adds its
own in a catalog. The titles below, which many schemas have, are translated in django_ory.
"""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

__all__ = ["COMMON_TITLES", "build_label", "translate_title"]

COMMON_TITLES = (
    gettext_noop("Email"),
    gettext_noop("E-Mail"),
    gettext_noop("E-mail address"),
    gettext_noop("Email address"),
    gettext_noop("Username"),
    gettext_noop("Name"),
    gettext_noop("Full name"),
    gettext_noop("First name"),
    gettext_noop("Last name"),
    gettext_noop("Nickname"),
    gettext_noop("Phone"),
    gettext_noop("Phone number"),
    gettext_noop("Date of birth"),
    gettext_noop("Birthday"),
    gettext_noop("Address"),
    gettext_noop("Street"),
    gettext_noop("City"),
    gettext_noop("Postal code"),
    gettext_noop("Country"),
    gettext_noop("Language"),
    gettext_noop("Website"),
    gettext_noop("Company"),
)


def translate_title(title: str) -> str:
    """Return the translation of a title of the schema; the title itself without a translation."""
    return gettext(title) if title else ""


def build_label(name: str, *, title: str = "") -> str:
    """Return the label for a trait: its title, else one from its name.

    ``traits.first_name`` becomes "First name".
    """
    return translate_title(title or name.rpartition(".")[2].replace("_", " ").strip().capitalize())
