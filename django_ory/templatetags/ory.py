"""Template tags: ``{% ory_element "button" label=... %}``, ``{% ory_field f %}``, site name, CSP nonce."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.urls import get_script_prefix
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from django_ory.authentication.request import get_ory
from django_ory.conf import aliases
from django_ory.http.branding import get_text_language, is_right_to_left, site_name

if TYPE_CHECKING:
    from django.template.context import Context

    from django_ory.selfservice.forms.fields import Field

register = template.Library()


@register.simple_tag(takes_context=True)
def ory_element(context: Context, name: str, /, **values: Any) -> SafeString:
    """Render ``ory/elements/<name>.html`` with ``values`` and the nonce of the page as its context."""
    found = context.template.engine.get_template(f"ory/elements/{name}.html")  # type: ignore[union-attr]
    nonce = {"csp_nonce": context["csp_nonce"]} if "csp_nonce" in context else {}
    return found.render(context.new({**nonce, **values}))


@register.simple_tag(takes_context=True)
def ory_field(context: Context, field: Field) -> SafeString:
    """Render a form field with its element template."""
    return ory_element(context, field.element, **field.variables())


@register.simple_tag(takes_context=True)
def ory_site_name(context: Context) -> str:
    """Return the name of the site."""
    request = getattr(context, "request", None)
    return site_name(request, alias=get_ory(request).alias if request else aliases()[0])


@register.simple_tag
def ory_root() -> str:
    """Return the path of the homepage: the script prefix, usually ``/``."""
    return get_script_prefix()


@register.simple_tag
def ory_language() -> SafeString:
    """Return ``lang="..." dir="..."`` for the texts of pages and mails. See ``get_text_language``."""
    language = get_text_language()
    direction = "rtl" if is_right_to_left(language) else "ltr"
    return format_html('lang="{}" dir="{}"', language, direction)


@register.simple_tag(takes_context=True)
def ory_nonce(context: Context) -> SafeString:
    """Return `` nonce="..."`` with the nonce of Django 6 or django-csp; empty without a nonce."""
    # Django's nonce is false before its first use, so only its presence is tested.
    nonce = (
        context["csp_nonce"]
        if "csp_nonce" in context
        else getattr(getattr(context, "request", None), "csp_nonce", None)
    )
    return mark_safe("") if nonce is None else format_html(' nonce="{}"', nonce)
