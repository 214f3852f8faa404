"""Renders the configuration of a server: ``kratos.yaml`` or ``hydra.yaml``, templates with comments.

Values are written as JSON, which is valid YAML: YAML cannot read a text as another type.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.template import Context, Engine

from django_ory.courier.messages import SECRET_HEADER
from django_ory.devstack.ports import HOST
from django_ory.mirror.password_hook import MIGRATION_SECRET_HEADER
from django_ory.mirror.webhooks.notifications import HOOK_EVENTS, HOOK_SECRET_HEADER, build_hook_template
from django_ory.provider.device_grant import CASES
from django_ory.provider.token_hook import TOKEN_HOOK_SECRET_HEADER
from django_ory.validation.submissions import SUBMISSION_TEMPLATE

from .identity_schema import schema_url
from .server_plan import PLACEHOLDER, SECRET_NAMES, ServerPlan
from .site import SiteUrls

_NEWER_VERSION: Final = (26, 2, 0)
"""The first Kratos with the settings for which ``is_newer`` is True. Older ones reject unknown keys."""

_DEVICE_FLOW_VERSION: Final = (25, 4, 0)
"""The first Hydra with the device flow. Older ones reject its keys."""

_DEVICE_CODE_CHARACTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
"""RFC 8628, section 6.1: no vowels, so that no code is a word, and no letters that look like digits."""

_TAG_LINE = re.compile(r"^[ \t]*(\{% [^%]+ %\})\n", re.MULTILINE)


def render_config(server: str, site: SiteUrls, plan: ServerPlan, *, title: str) -> str:
    """Return the configuration of ``kratos`` or ``hydra`` for a site, as YAML with comments.

    For ``plan.server_version``; the oldest are Kratos v1.3.1 and Hydra v2.3.0. The JSON schemas are
    ``embedx/config.schema.json`` in ory/kratos and ``.schema/config.schema.json`` in ory/hydra.
    """
    values = {**_encode(_build_values(site, plan)), "title": title.splitlines()}
    return render_template(f"{server}.yaml", values)


def render_template(name: str, values: Mapping[str, Any]) -> str:
    """Return a template of this folder with its values, without the lines of tags."""
    template = Path(__file__).with_name(name).read_text(encoding="utf-8")
    context = Context(dict(values), autoescape=False)
    return Engine().from_string(_TAG_LINE.sub(r"\1", template)).render(context)


def _build_values(site: SiteUrls, plan: ServerPlan) -> dict[str, Any]:
    mail_server = f"smtps://{PLACEHOLDER}:{PLACEHOLDER}@{PLACEHOLDER}:465/"
    # A template for production has no secret of the site, unless the operator wants them.
    hidden = (
        []
        if plan.dev or plan.with_site_secrets
        else [name for name in vars(site) if name.endswith("_secret")]
    )
    return {
        **vars(site),
        **dict.fromkeys(hidden, PLACEHOLDER),
        **vars(plan),
        "version": plan.version,
        "is_newer": plan.server_version >= _NEWER_VERSION,
        "has_device_flow": plan.server_version >= _DEVICE_FLOW_VERSION,
        "device_code_characters": _get_device_code_characters(site),
        "local_host": HOST,
        "secrets": {name: plan.get_secret(name) for name in SECRET_NAMES},
        "public_base_url": f"{plan.public_url}/",
        "admin_base_url": f"{plan.admin_url}/",
        "origins": [site.url],
        "return_urls": [f"{site.url}/", *site.return_urls],
        "cookie_domain": _get_cookie_domain(site, plan),
        "identity_schema": plan.identity_schema or schema_url(),
        "site_host": site.host,
        "smtp_url": plan.smtp_url or mail_server,
        "mail_name": site.mail_name or site.name,
        "courier_header": SECRET_HEADER,
        "hook_header": HOOK_SECRET_HEADER,
        "submission_body": _encode_template(SUBMISSION_TEMPLATE),
        "webhook_bodies": {event: _encode_template(build_hook_template(event)) for event in HOOK_EVENTS},
        "migration_header": MIGRATION_SECRET_HEADER,
        "token_hook_header": TOKEN_HOOK_SECRET_HEADER,
    }


def _get_device_code_characters(site: SiteUrls) -> str:
    """Return the characters of the codes of devices; "" for those of Hydra, which have both cases."""
    if site.device_code_case == "exact":
        return ""
    return CASES[site.device_code_case](_DEVICE_CODE_CHARACTERS)


def _encode_template(jsonnet: str) -> str:
    """Return the URL with a Jsonnet template in it."""
    return f"base64://{base64.b64encode(jsonnet.encode()).decode()}"


def _encode(value: Any) -> Any:
    """Return the JSON of a value. Booleans, and values that are missing, stay as they are: for ``if``."""
    if isinstance(value, Mapping):
        return {name: _encode(item) for name, item in value.items()}
    return json.dumps(value, ensure_ascii=False) if value and value is not True else value


def _get_cookie_domain(site: SiteUrls, plan: ServerPlan) -> str | None:
    """Return the domain of two hosts of one domain. A single host needs none."""
    hosts = (site.host, urlsplit(plan.public_url).hostname or "")
    if hosts[0] == hosts[1]:
        return None
    labels = zip(*(reversed(host.split(".")) for host in hosts), strict=False)
    shared = [one for one, _other in takewhile(lambda pair: pair[0] == pair[1], labels)]
    return ".".join(reversed(shared)) if len(shared) > 1 else None
