"""The rule about ``SECURE_CSP``, the Content-Security-Policy of Django 6."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.conf import settings

from django_ory.conf import OrySettings
from django_ory.csp import NONCE, SELF, read_origin
from django_ory.http.redirects import parse_origin

from .rules import CheckContext, Finding, rule

CONTEXT_PROCESSOR = "django.template.context_processors.csp"
CSP_REMEDY = "SECURE_CSP = ory_csp(ORY)  # from django_ory.csp import ory_csp"


class Need(NamedTuple):
    """A source that the pages need, and its purpose."""

    directive: str
    source: str
    purpose: str


@rule("W040", "`SECURE_CSP` lacks a source that the pages need.")
def missing_sources(context: CheckContext) -> Iterator[Finding]:
    policy = getattr(settings, "SECURE_CSP", None)
    if not isinstance(policy, Mapping) or not policy:
        return
    backends: list[Any] = settings.TEMPLATES
    has_nonce = any(
        CONTEXT_PROCESSOR in each.get("OPTIONS", {}).get("context_processors", ()) for each in backends
    )
    needs = dict.fromkeys(need for project in context.projects for need in _list_needs(project))
    for need in needs:
        sources = _get_sources(policy, need.directive)
        if sources is None or _allows(sources, need, has_nonce=has_nonce):
            continue
        problem = f"settings.SECURE_CSP: {need.directive} lacks {need.source}, for {need.purpose}."
        remedy = CSP_REMEDY
        if NONCE in sources and not has_nonce:
            remedy = f'Add "{CONTEXT_PROCESSOR}" to the context processors in TEMPLATES, for the nonce.'
        yield Finding(problem, remedy)


def _list_needs(project: OrySettings) -> Iterator[Need]:
    kratos, static = read_origin(project.kratos_browser_url), read_origin(settings.STATIC_URL or "") or SELF
    if not kratos:
        return
    yield Need("style-src", static, "the style sheet of the pages")
    yield Need("script-src", static, "the script of the pages")
    yield Need("script-src", kratos, "passkeys and security keys (Kratos' script)")
    yield Need("img-src", "data:", "the QR code of authenticator apps")
    yield Need("form-action", kratos, "all forms of the pages, which are posted to Kratos")
    for origin in map(str, project.captcha_origins):
        yield Need("script-src", origin, "the captcha (CAPTCHA_ORIGINS)")
        yield Need("frame-src", origin, "the captcha (CAPTCHA_ORIGINS)")


def _get_sources(policy: Mapping[str, Any], directive: str) -> list[str] | None:
    """Return the sources that apply to a directive; None without a limit."""
    names = [directive]
    if directive in ("script-src", "style-src"):
        names = [f"{directive}-elem", directive]
    if directive == "frame-src":
        names.append("child-src")
    if directive != "form-action":
        names.append("default-src")
    for name in names:
        values = policy.get(name)
        if values in (None, False):
            continue
        return list(map(str, values)) if isinstance(values, list | tuple | set | frozenset) else [str(values)]
    return None


def _allows(sources: list[str], need: Need, *, has_nonce: bool) -> bool:
    if has_nonce and NONCE and NONCE in sources and need.directive in ("script-src", "style-src"):
        return True
    if need.source == SELF and "*" in sources:
        return True
    return need.source in sources or any(_matches(each, need.source) for each in sources)


def _matches(source: str, origin: str) -> bool:
    """Whether a source such as ``https://*.example.org`` includes an origin."""
    target = parse_origin(origin)
    if target is None:
        return False
    scheme, host, port = target
    if source in ("*", f"{scheme}:"):
        return True
    pattern = source if "://" in source else f"{scheme}://{source}"
    found = parse_origin(pattern.replace("://*.", "://", 1))
    if found is None or (found[0], found[2]) != (scheme, port):
        return False
    return host.endswith(f".{found[1]}") if "://*." in pattern else host == found[1]
