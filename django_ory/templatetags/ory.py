"""Template tags: ``{% ory_element "button" label=... %}``, ``{% ory_field f %}``, site name, CSP nonce."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import template
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from django_ory.adapter import get_adapter
from django_ory.authentication.request import get_ory
from django_ory.authentication.results import SessionState
from django_ory.conf import aliases
from django_ory.http.branding import get_text_language, is_right_to_left, list_languages, site_name
from django_ory.selfservice.embedded import build_embedded_page
from django_ory.selfservice.flow_types import FLOW_TYPES_BY_NAME, LOGIN, RECOVERY, REGISTRATION, VERIFICATION

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.template.context import Context

    from django_ory.selfservice.forms.fields import Field

register = template.Library()

APP_NAME = "ory"
#: Flow -> label of the link to its page, where ``ory_form`` cannot show the form.
EMBEDDED_LABELS = {
    LOGIN.name: _("Sign in"),
    REGISTRATION.name: _("Create an account"),
    RECOVERY.name: _("Recover your account"),
    VERIFICATION.name: _("Confirm your address"),
}


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


@register.simple_tag
def ory_attrs(attrs: object) -> SafeString:
    """Return the attributes of an HTML element: `` name="value"``, or only the name if the value is True.

    ``attrs``: a mapping of names to texts, or True. Anything else, such as a missing variable, has none.
    """
    if not isinstance(attrs, Mapping):
        return mark_safe("")
    # Faster than format_html, which matters for a page with many inputs.
    parts = (
        f" {escape(str(name))}" if value is True else f' {escape(str(name))}="{escape(str(value))}"'
        for name, value in attrs.items()
    )
    return mark_safe("".join(parts))  # noqa: S308 (each part is escaped)


@register.simple_tag(takes_context=True)
def ory_control_attrs(context: Context) -> SafeString:
    """Return the attributes that every input, select and button needs, from the variables of its element.

    They are ``id``, ``aria-describedby``, ``aria-invalid``, those in ``attrs``, and ``name``. The name is the
    last one, so that the value follows it, where tests of a site may expect it.
    """
    names = (("id", "id"), ("aria-describedby", "described_by"))
    found: dict[str, Any] = {name: value for name, key in names if (value := context.get(key))}
    if context.get("invalid"):
        found["aria-invalid"] = "true"
    if isinstance(attrs := context.get("attrs"), Mapping):
        found |= attrs
    if name := context.get("name"):
        found["name"] = name
    return ory_attrs(found)


@register.simple_tag(takes_context=True)
def ory_site_name(context: Context) -> str:
    """Return the name of the site."""
    request = getattr(context, "request", None)
    return site_name(request, alias=get_ory(request).alias if request else aliases()[0])


@register.simple_tag
def ory_root() -> str:
    """Return the path of the homepage: the script prefix, usually ``/``."""
    return get_script_prefix()


@register.simple_tag(takes_context=True)
def ory_page_url(context: Context, name: str, return_to: str | None = None) -> str:
    """Return the path of one of the pages, with the page to open afterwards.

    Args:
        context: the context of the template.
        name: ``login``, ``registration``, ``recovery``, ``verification``, ``settings`` or ``logout``.
        return_to: the URL to open afterwards, which the page validates. Default: the page of the template, if
            it is not one of these pages.
    """
    request: HttpRequest | None = getattr(context, "request", None)
    if return_to is None and request is not None and _can_return_to(request):
        return_to = request.get_full_path()
    path = reverse(f"ory:{name}", current_app=getattr(request, "current_app", None))
    return f"{path}?{urlencode({'return_to': return_to})}" if return_to else path


@register.simple_tag(takes_context=True)
def ory_login_url(context: Context, return_to: str | None = None) -> str:
    """Return the path of the sign-in page, which leads back to this page, or to ``return_to``."""
    return ory_page_url(context, "login", return_to)


@register.simple_tag(takes_context=True)
def ory_form(context: Context, name: str, return_to: str | None = None) -> SafeString:
    """Render the form of a new flow into any page, or a link to the page of the flow if necessary.

    Creates a flow at Kratos (one call). Nothing is rendered for a signed-in user, except ``verification``.

    Args:
        context: the context of the template, with the request.
        name: ``login``, ``registration``, ``recovery`` or ``verification``.
        return_to: the URL to open afterwards. Default: the page of the adapter, else the page of the
            template.

    """
    if name not in EMBEDDED_LABELS:
        raise template.TemplateSyntaxError(
            f"ory_form has no form {name!r}. It has: {', '.join(EMBEDDED_LABELS)}."
        )
    request: HttpRequest | None = getattr(context, "request", None)
    if request is None:
        return mark_safe("")
    is_signed_in = get_ory(request).whoami.state is SessionState.SIGNED_IN
    if is_signed_in and name != VERIFICATION.name:
        return mark_safe("")
    page = build_embedded_page(request, FLOW_TYPES_BY_NAME[name], return_to=return_to)
    href = ory_page_url(context, name, return_to)
    return ory_element(context, "embedded_form", page=page, href=href, label=EMBEDDED_LABELS[name])


@register.simple_tag(takes_context=True)
def ory_user_menu(context: Context) -> SafeString:
    """Render the name of the user with a link to the settings and "Sign out", or links to sign in and up.

    Without a cookie of Kratos there is no call. With one there is the call that ``request.user`` makes, too.
    While Kratos is unavailable, nothing is rendered.
    """
    request: HttpRequest | None = getattr(context, "request", None)
    if request is None or get_ory(request).unavailable:
        return mark_safe("")
    name = _get_user_name(request)
    urls = {f"{each}_url": ory_page_url(context, each) for each in ("settings", "login", "registration")}
    return ory_element(
        context,
        "user_menu",
        is_authenticated=bool(name),
        name=name,
        logout_url=reverse("ory:logout"),
        csrf_token=context.get("csrf_token"),
        **urls,
    )


def _can_return_to(request: HttpRequest) -> bool:
    """Whether a flow can lead back to a page: not after a POST, nor to a page of another flow."""
    match = request.resolver_match
    return request.method in ("GET", "HEAD") and not (match is not None and APP_NAME in match.app_names)


def _get_user_name(request: HttpRequest) -> str:
    """The name of the Django user, else of the identity; "" for an anonymous user."""
    user, identity = getattr(request, "user", None), get_ory(request).identity
    if user is not None and user.is_authenticated:
        full_name = getattr(user, "get_full_name", str)()
        label = get_adapter(get_ory(request).alias).get_identity_label(identity) if identity else ""
        return str(full_name or label or user.get_username())
    return "" if identity is None else get_adapter(get_ory(request).alias).get_identity_label(identity) or "…"


@register.simple_tag
def ory_language() -> SafeString:
    """Return ``lang="..." dir="..."`` for the texts of pages and mails. See ``get_text_language``."""
    language = get_text_language()
    direction = "rtl" if is_right_to_left(language) else "ltr"
    return format_html('lang="{}" dir="{}"', language, direction)


@register.simple_tag(takes_context=True)
def ory_language_chooser(context: Context) -> SafeString:
    """Render a menu of ``settings.LANGUAGES``, which posts to the view ``set_language`` of Django.

    The view needs a URL: ``path("i18n/", include("django.conf.urls.i18n"))``. The page is opened again in the
    chosen language.
    """
    request, languages = getattr(context, "request", None), list_languages()
    values = {
        "action": reverse("set_language"),
        "languages": languages,
        "current": next((each for each in languages if each.is_current), None),
        "next": request.get_full_path() if request else "",
        "csrf_token": context.get("csrf_token"),
    }
    return ory_element(context, "language_chooser", **values)


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
