"""Random flows: each gets a page, forms are sent to Kratos, and no value becomes markup or script."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.template.loader import render_to_string
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_ory.client.models import (
    LoginFlow,
    RecoveryFlow,
    RegistrationFlow,
    SettingsFlow,
    VerificationFlow,
)
from django_ory.selfservice.flow_types import FLOW_TYPES_BY_NAME
from django_ory.selfservice.pages.flow_page import build_page
from django_ory.selfservice.pages.flow_user import FlowUser

from .conftest import ANN, ORIGINS
from .shapes import FLOW, KRATOS

EVIL = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "%(provider)s %s {0}",
    "\x00",
    "‮",
]
words = st.sampled_from(
    [*EVIL, "", "x", "traits.email", "identifier", "method", "password", "csrf_token", "code"]
)
urls = st.sampled_from(
    [
        "javascript:alert(1)",
        "//evil.example",
        "https://evil.example/",
        f"{KRATOS}/x",
        "/x",
        "http://[",
        "data:x",
    ]
)
values: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), words, st.lists(words, max_size=2)
)
messages: st.SearchStrategy[Any] = st.builds(
    dict,
    id=st.sampled_from([0, 1, 1010002, 1050014, 1050015, 4000002, 4000006, 4060006, 10**12]),
    text=words,
    type=st.sampled_from(["info", "error", "success", "odd"]),
    context=st.one_of(
        st.none(), st.dictionaries(st.sampled_from(["provider", "used_at", "secrets", "x"]), values)
    ),
)
attributes: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"node_type": st.sampled_from(["input", "text", "img", "a", "script", "div", "hologram"])},
    optional={
        "name": words,
        "type": st.sampled_from(
            ["text", "hidden", "submit", "button", "checkbox", "password", "number", "file", "x y"]
        ),
        "value": values,
        "required": st.booleans(),
        "disabled": st.booleans(),
        "pattern": words,
        "maxlength": st.integers(-5, 10**9),
        "autocomplete": words,
        "label": messages,
        "options": st.lists(st.builds(dict, value=values), max_size=3),
        "onclick": words,
        "onclickTrigger": st.sampled_from(["alert", "oryPasskeyLogin", ""]),
        "onload": words,
        "id": words,
        "text": messages,
        "title": messages,
        "src": urls,
        "href": urls,
        "width": st.integers(-5, 10**9),
        "data": st.dictionaries(words, values, max_size=2),
    },
)
nodes: st.SearchStrategy[Any] = st.builds(
    dict,
    type=words,
    group=st.sampled_from(
        ["default", "password", "oidc", "code", "profile", "totp", "lookup_secret", "passkey", *EVIL]
    ),
    attributes=attributes,
    messages=st.lists(messages, max_size=2),
    meta=st.one_of(st.just({}), st.builds(dict, label=messages)),
)
flows: st.SearchStrategy[Any] = st.builds(
    dict,
    id=st.just(FLOW),
    state=st.one_of(values, st.sampled_from(["choose_method", "sent_email", "passed_challenge", "success"])),
    active=st.sampled_from([None, "link", "code", *EVIL]),
    refresh=st.booleans(),
    requested_aal=st.sampled_from(["aal1", "aal2", None]),
    ui=st.builds(
        dict,
        action=st.one_of(st.just(f"{KRATOS}/self-service/login"), urls),
        method=st.sampled_from(["POST", "GET", "DELETE", ""]),
        nodes=st.lists(nodes, max_size=8),
        messages=st.lists(messages, max_size=3),
    ),
)
kinds = st.sampled_from(
    [
        ("login", LoginFlow),
        ("registration", RegistrationFlow),
        ("recovery", RecoveryFlow),
        ("verification", VerificationFlow),
        ("settings", SettingsFlow),
    ]
)
ATTRIBUTES_WITH_URLS = {"src", "href", "action", "formaction"}


class Checked(HTMLParser):
    """Refuses a page that has markup or an address which is not ours."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert not [name for name in found if name.startswith("on")], (tag, attrs)
        assert "style" not in found
        for name in ATTRIBUTES_WITH_URLS & found.keys():
            assert "javascript:" not in str(found[name]).lower(), (tag, attrs)
        if tag == "form":
            assert str(found["action"]).startswith(f"{KRATOS}/"), attrs
        if tag == "script":
            assert str(found.get("src")).startswith(("/static/", f"{KRATOS}/")), attrs
        if tag == "img":
            assert found.get("onerror") is None
            assert str(found["src"]).startswith((f"{KRATOS}/", "data:image/png")), attrs


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(kind=kinds, body=flows)
def test_random_flow_renders_a_harmless_page(kind: tuple[str, type[Any]], body: dict[str, Any]) -> None:
    name, model = kind
    page = build_page(
        FLOW_TYPES_BY_NAME[name],
        model.model_validate(body),
        origins=ORIGINS,
        site="Acme",
        find_user=lambda: FlowUser.from_identity(ANN),
    )
    html = render_to_string(f"ory/selfservice/{name}.html", {"page": page, "footer": ()})
    Checked(convert_charrefs=True).feed(html)
    ids = [each.id for form in page.forms for part in form.groups for each in part.buttons]
    assert len(ids) == len(set(ids))
