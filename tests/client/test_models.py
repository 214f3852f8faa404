from __future__ import annotations

import ast
import re
import subprocess
import sys
import typing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from django_ory.client import models
from django_ory.client.models.model import OryBody, OryModel

from .answers import FLOW, IDENTITY, SESSION
from .every_model import MODELS

NAMES = sorted(models.MODULES)
#: Types of fields.
HELPERS = {"ReadOnlyDict": "read_only", "OrNone": "model", "UiNodeAttributes": "ui"}


def test_table_names_every_public_model_of_every_module() -> None:
    found = {}
    for path in Path(models.__file__).parent.glob("[a-z]*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                found[node.name] = path.stem
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found[node.targets[0].id] = path.stem
    public = {name: module for name, module in found.items() if re.match("[A-Z][A-Za-z0-9]*[a-z]", name)}
    assert public.items() - models.MODULES.items() <= HELPERS.items()
    assert models.MODULES.items() <= public.items()
    assert set(NAMES) <= set(dir(models))


def test_unknown_model_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="NoSuchModel"):
        _ = models.NoSuchModel  # type: ignore[attr-defined]


def test_every_model_is_open_or_a_body_and_can_be_built(subtests: pytest.Subtests) -> None:
    for name in NAMES:
        with subtests.test(model=name):
            value = getattr(models, name)
            for model in typing.get_args(value) or (value,):
                if isinstance(model, type) and issubclass(model, BaseModel):
                    assert issubclass(model, OryModel)
                    extra = "forbid" if issubclass(model, OryBody) else "allow"
                    assert model.model_config["extra"] == extra
                    assert model.__doc__
                    assert model.model_rebuild() is not False


def test_nothing_is_loaded_before_it_is_used() -> None:
    program = (
        "import sys, django_ory.client\n"
        "slow = ('pydantic', 'requests', 'urllib3', 'django', 'email.mime')\n"
        "loaded = [name for name in slow if name in sys.modules]\n"
        "assert not loaded, loaded\n"
        "from django_ory.client import models\n"
        "assert 'pydantic' not in sys.modules\n"
        "models.Session\n"
        "assert 'django_ory.client.models.ui' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_session_is_parsed() -> None:
    session = models.Session.model_validate(SESSION)
    assert session.identity is not None
    assert session.identity.created_at == datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)
    assert session.identity.traits == {"email": "planted-trait@example.org"}
    assert session.identity.verifiable_addresses == []
    assert session.devices == []
    assert session.authentication_methods[0].method == "password"


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.123456789Z", datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)),
        ("2026-01-02T05:04:05.1+02:00", datetime(2026, 1, 2, 3, 4, 5, 100000, tzinfo=UTC)),
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("1000-01-01T00:00:00Z", datetime(1000, 1, 1, tzinfo=UTC)),
        ("9998-12-30T02:00:00+02:00", datetime(9998, 12, 30, tzinfo=UTC)),
    ],
)
def test_times_have_a_time_zone(text: str, time: datetime) -> None:
    session = models.Session.model_validate_json(f'{{"id": "x", "expires_at": "{text}"}}')
    assert session.expires_at == time
    assert session.expires_at is not None
    assert session.expires_at.utcoffset() in (timedelta(0), timedelta(hours=2))


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00Z",  # Go's zero time
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00+14:00",
        "0999-12-31T23:59:59Z",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59",
    ],
)
def test_time_at_an_end_of_the_calendar_is_unknown(text: str) -> None:
    session = models.Session.model_validate_json(f'{{"id": "x", "expires_at": "{text}"}}')
    assert session.expires_at is None
    assert models.Session.model_validate_json(session.model_dump_json()).expires_at is None


def test_every_time_can_be_none() -> None:
    """A required time would have to be a time."""
    times = [
        (model.__name__, name)
        for model in MODELS
        for name, field in model.model_fields.items()
        if "datetime" in str(field.annotation) and type(None) not in typing.get_args(field.annotation)
    ]
    assert times == []


def test_unknown_fields_are_kept() -> None:
    session = models.Session.model_validate(
        {**SESSION, "authenticator_assurance_level": "aal9", "brand_new": {"a": [1]}, "id": 7}
    )
    assert session.authenticator_assurance_level == "aal9"
    assert session.brand_new == {"a": [1]}  # type: ignore[attr-defined]
    assert session.id == "7"
    assert session.model_dump()["brand_new"] == {"a": [1]}


PLANTED: list[BaseModel] = [
    models.Session.model_validate({**SESSION, "new_secret": "planted"}),
    models.Identity.model_validate({**IDENTITY, "credentials": {"password": {"config": {"x": "planted"}}}}),
    models.RecoveryCodeForIdentity(recovery_code="planted", recovery_link="https://planted.test"),
    models.LogoutFlow(logout_url="https://planted.test", logout_token="planted"),
    models.SuccessfulNativeLogin(session=models.Session.model_validate(SESSION), session_token="planted"),
    models.Message(id="x", body="planted", recipient="planted@example.org", subject="planted"),
    models.UpdateLoginFlowWithPasswordMethod(method="password", identifier="planted", password="planted"),
    models.CreateIdentityBody(schema_id="default", traits={"email": "planted"}),
    models.ContinueWithSetOrySessionToken(ory_session_token="planted"),
    models.LoginFlow.model_validate(
        {**FLOW, "session_token_exchange_code": "planted", "request_url": "planted"}
    ),
    models.UiNodeInputAttributes(name="csrf_token", value="planted"),
    models.UiText(id=1, text="planted", context={"secret": "planted"}),
    models.PerformNativeLogoutBody(session_token="planted"),
    models.VerifiableIdentityAddress(value="planted", via="email"),
    models.OidcUserInfo(sub="planted", name="planted", email="planted@example.org"),
    models.ProjectMember(id="x", name="planted", email="planted@example.org"),
]


@pytest.mark.parametrize("model", PLANTED, ids=lambda model: type(model).__name__)
def test_repr_shows_no_secret_and_no_trait(model: BaseModel) -> None:
    assert "planted" not in f"{model!r} {model} {[model]} {list(model.__repr_args__())}"


def test_repr_shows_ids_and_states() -> None:
    session = models.Session.model_validate({**SESSION, "id": "x"})
    assert repr(session) == "Session(id='x', active=True, authenticator_assurance_level='aal1')"
    field = models.UiNodeInputAttributes(name="csrf_token", type="hidden", value="planted")
    assert repr(field) == "UiNodeInputAttributes(node_type='input', type='hidden', name='csrf_token')"


def test_repr_shows_the_action() -> None:
    assert repr(models.IdentityPatchResponse(action="error")) == "IdentityPatchResponse(action='error')"
    token = models.ContinueWithSetOrySessionToken(ory_session_token="planted")
    assert repr(token) == "ContinueWithSetOrySessionToken(action='set_ory_session_token')"
    form = models.UiContainer(action="https://site.test/next?code=planted", method="POST")
    assert repr(form) == "UiContainer(method='POST')"


def test_validation_error_shows_no_value() -> None:
    with pytest.raises(ValidationError) as caught:
        models.Session.model_validate({"id": "x", "active": "planted"})
    assert "planted" not in str(caught.value)


NODES: list[tuple[dict[str, Any], type[BaseModel]]] = [
    (
        {"node_type": "input", "name": "password", "type": "password", "onclickTrigger": "x"},
        models.UiNodeInputAttributes,
    ),
    (
        {"node_type": "text", "id": "totp", "text": {"id": 1, "text": "x", "type": "info"}},
        models.UiNodeTextAttributes,
    ),
    (
        {"node_type": "img", "id": "qr", "src": "data:", "width": 256, "height": 256},
        models.UiNodeImageAttributes,
    ),
    ({"node_type": "a", "id": "a", "href": "https://x.test"}, models.UiNodeAnchorAttributes),
    ({"node_type": "script", "id": "s", "src": "/s.js", "async": True}, models.UiNodeScriptAttributes),
    (
        {"node_type": "div", "id": "d", "class": "captcha", "data": {"a": "b"}},
        models.UiNodeDivisionAttributes,
    ),
    ({"node_type": "hologram", "id": "h", "depth": 3}, models.UiNodeOtherAttributes),
    ({"id": "h"}, models.UiNodeOtherAttributes),
]


@pytest.mark.parametrize(("attributes", "kind"), NODES)
def test_node_type_selects_the_attributes(attributes: dict[str, Any], kind: type[BaseModel]) -> None:
    node = models.UiNode.model_validate(
        {"type": "x", "group": "y", "attributes": attributes, "messages": None}
    )
    assert type(node.attributes) is kind
    assert node.messages == []
    assert node.meta.label is None
    again = models.UiNode.model_validate(node)
    assert again == node
    assert models.UiNode(attributes=node.attributes).attributes == node.attributes
    assert node.model_dump(by_alias=True, exclude_unset=True)["attributes"] == attributes


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (
            {"action": "set_ory_session_token", "ory_session_token": "t"},
            models.ContinueWithSetOrySessionToken,
        ),
        (
            {"action": "redirect_browser_to", "redirect_browser_to": "https://x.test"},
            models.ContinueWithRedirectBrowserTo,
        ),
        (
            {"action": "show_verification_ui", "flow": {"id": "f", "verifiable_address": "a"}},
            models.ContinueWithVerificationUi,
        ),
        ({"action": "show_recovery_ui", "flow": {"id": "f", "url": "u"}}, models.ContinueWithRecoveryUi),
        ({"action": "show_settings_ui", "flow": {"id": "f"}}, models.ContinueWithSettingsUi),
        ({"action": "tell_a_joke", "joke": "j"}, models.ContinueWithOther),
        ({}, models.ContinueWithOther),
    ],
)
def test_action_selects_the_continue_with_model(value: dict[str, Any], kind: type[BaseModel]) -> None:
    flow = models.SettingsFlow.model_validate({**FLOW, "continue_with": [value]})
    assert type(flow.continue_with[0]) is kind
    assert models.SettingsFlow(id="x", continue_with=flow.continue_with).continue_with == flow.continue_with


def test_python_keywords_get_an_underscore() -> None:
    schema = models.IdentitySchemaContainer.model_validate_json('{"id": "x", "schema": {"type": "object"}}')
    assert schema.schema_ == {"type": "object"}
    assert models.JsonPatch(op="move", path="/a", from_="/b").model_dump(
        by_alias=True, exclude_unset=True
    ) == {
        "op": "move",
        "path": "/a",
        "from": "/b",
    }


def test_body_with_unknown_field_is_rejected() -> None:
    with pytest.raises(ValidationError, match="trait"):
        models.CreateIdentityBody(schema_id="default", trait={})  # type: ignore[call-arg]


def test_flow_of_an_older_kratos_is_read() -> None:
    flow = models.VerificationFlow.model_validate_json('{"id": "x", "ui": {"nodes": null, "messages": null}}')
    assert (flow.ui.nodes, flow.ui.messages, flow.state, flow.issued_at) == ([], [], None, None)
