"""Template tags: ``{% ory_element "button" label=... %}``, ``{% ory_field f %}``, site name, CSP nonce."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.conf import settings
from django.urls import get_script_prefix
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext

from django_ory.authentication.request import get_ory
from django_ory.conf import aliases
from django_ory.http.branding import site_name

if TYPE_CHECKING:
    from django.template.context import Context

    from django_ory.selfservice.forms.fields import Field

register = template.Library()


@register.simple_tag(takes_context=True)
def ory_element(context: Context, name: str, /, **values: Any) -> SafeString:
    """Render ``ory/elements/<name>.html`` with ``values`` and nothing else of the page's context but its
    nonce, which is how ``{% ory_nonce %}`` finds it where a context processor made it.
    """
    found = context.template.engine.get_template(f"ory/elements/{name}.html")  # type: ignore[union-attr]
    nonce = {"csp_nonce": context["csp_nonce"]} if "csp_nonce" in context else {}
    return found.render(context.new({**nonce, **values}))


@register.simple_tag(takes_context=True)
def ory_field(context: Context, field: Field) -> SafeString:
    """Render a field of a form of Kratos through the element that its kind names."""
    return ory_element(context, field.element, **field.variables())


@register.simple_tag(takes_context=True)
def ory_site_name(context: Context) -> str:
    """The name of the site, for the top of the pages."""
    request = getattr(context, "request", None)
    return site_name(request, alias=get_ory(request).alias if request else aliases()[0])


@register.simple_tag
def ory_root() -> str:
    """The address of the start page: ``/``, or what the site is mounted under."""
    return get_script_prefix()


@register.simple_tag
def ory_language() -> SafeString:
    """``lang="..." dir="..."`` of the pages' texts. English if the active language has no translation.

    A translation names its own language, so those in a site's ``LOCALE_PATHS`` count as well.
    """
    language = pgettext("code of the language of these texts, such as de", "en")
    direction = "rtl" if language.partition("-")[0] in settings.LANGUAGES_BIDI else "ltr"
    return format_html('lang="{}" dir="{}"', language, direction)


@register.simple_tag(takes_context=True)
def ory_nonce(context: Context) -> SafeString:
    """`` nonce="..."`` if the site has one (Django 6's or django-csp's), else nothing."""
    # Django's nonce is false until it was turned into text, so the name is looked for and not the value.
    nonce = (
        context["csp_nonce"]
        if "csp_nonce" in context
        else getattr(getattr(context, "request", None), "csp_nonce", None)
    )
    return mark_safe("") if nonce is None else format_html(' nonce="{}"', nonce)
