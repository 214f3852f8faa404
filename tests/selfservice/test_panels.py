"""The panels of the settings: the state of each method, and what can be removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_ory.client.models import Identity, Session
from django_ory.selfservice.account.panels import Panel, Removal, build_panels
from django_ory.selfservice.account.sections import SECTIONS

from . import shapes
from .conftest import Kratos
from .shapes import csrf, error, field, flow, submit, text
from .test_views import Tags

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.selfservice.pages.flow_page import FlowPage

    Pages = Callable[..., FlowPage]

ADDED: dict[str, Any] = {"added_at": "2026-01-31T10:00:00Z", "added_at_unix": 1769853600}
TOTP = submit("totp_unlink", "true", group="totp", label=text(1050004))
CODES = [
    submit("lookup_secret_reveal", "true", group="lookup_secret", label=text(1050007)),
    submit("lookup_secret_disable", "true", group="lookup_secret", label=text(1050016)),
]


def key(name: str, *, group: str = "webauthn", **attributes: Any) -> Any:
    number = 1050018 if group == "webauthn" else 1050020
    label = text(number, display_name=name, **ADDED)
    return submit(f"{group}_remove", name.lower(), group=group, label=label, **attributes)


def build(page: Pages, *nodes: Any, **options: Any) -> dict[str, Panel]:
    """Return the panels of all sections of a settings flow: title -> panel."""
    urls = [shapes.settings_url(section.key) for section in SECTIONS]
    pages = [page(flow("settings", [csrf(), *nodes], request_url=url)) for url in urls]
    return {panel.title: panel for each in pages for panel in build_panels(each.forms, **options)}


def get_removals(panel: Panel) -> list[Removal]:
    return (
        [each for each in panel.removals.visible_fields() if isinstance(each, Removal)]
        if panel.removals
        else []
    )


def get_warning(panels: dict[str, Panel], title: str) -> str:
    return get_removals(panels[title])[0].warning


def test_methods_that_are_on_and_off_say_so(page: Pages) -> None:
    regenerate = submit("lookup_secret_regenerate", "true", group="lookup_secret", label=text(1050008))
    panels = build(page, TOTP, regenerate, key("Blue"), key("Phone", group="passkey"))
    states = {title: (panel.state.text, panel.state.is_on) for title, panel in panels.items() if panel.state}
    assert states == {
        "Passkeys": ("On", True),
        "Security keys": ("On", True),
        "Authenticator app": ("On", True),
        "Backup codes": ("Off", False),
    }


def test_new_backup_codes_are_not_on_before_their_confirmation(page: Pages) -> None:
    panels = build(page, *shapes.lookup_codes())
    state = panels["Backup codes"].state
    assert state is not None
    assert (state.text, state.is_on) == ("Not saved yet", False)


def test_time_of_a_credential_is_shown_if_kratos_returns_it(page: Pages) -> None:
    credentials = {
        name: {"type": name, "created_at": "2026-01-31T10:00:00Z"} for name in ("totp", "password")
    }
    identity = Identity.model_validate({"id": "x", "credentials": credentials})
    nodes = shapes.settings()["ui"]["nodes"]
    panels = build(page, TOTP, *(each for each in nodes if each["group"] == "password"), identity=identity)
    texts = [panels[title].state.text for title in ("Authenticator app", "Password")]  # type: ignore[union-attr]
    assert texts == ["On since Jan. 31, 2026"] * 2


def test_password_is_on_if_the_session_was_signed_in_with_it(page: Pages) -> None:
    nodes = [each for each in shapes.settings()["ui"]["nodes"] if each["group"] == "password"]
    session = Session.model_validate({"id": "x", "authentication_methods": [{"method": "password"}]})
    assert build(page, *nodes)["Password"].state is None
    state = build(page, *nodes, session=session)["Password"].state
    assert state is not None
    assert state.is_on


def test_keys_are_a_list_with_name_and_day(page: Pages) -> None:
    new = field("webauthn_register_displayname", group="webauthn", label=text(1050013))
    panel = build(page, key("Blue <b>"), key("Red"), new)["Security keys"]
    found = [(each.label, each.detail, each.button.value, each.action) for each in get_removals(panel)]
    added = "Added on Jan. 31, 2026"
    assert found == [("Blue <b>", added, "blue <b>", "Remove"), ("Red", added, "red", "Remove")]
    assert panel.lists_removals
    assert panel.form
    assert [each.name for each in panel.form.groups[0].fields] == ["webauthn_register_displayname"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", [None, 0, -5, 10**30, "1769853600", [1]])
def test_unusable_time_of_a_key_is_left_out(page: Pages, value: Any) -> None:
    label = text(1050018, display_name="Blue", added_at_unix=value)
    node = submit("webauthn_remove", "x", group="webauthn", label=label)
    (removal,) = get_removals(build(page, node)["Security keys"])
    assert removal.detail == ""


def test_removal_of_the_last_second_factor_warns(page: Pages) -> None:
    assert "last second factor" in get_warning(build(page, TOTP), "Authenticator app")
    assert "last second factor" in get_warning(build(page, key("Blue")), "Security keys")
    assert "last second factor" in get_warning(build(page, *CODES), "Backup codes")


def test_removal_that_leaves_only_backup_codes_warns(page: Pages) -> None:
    panels = build(page, TOTP, *CODES)
    assert "Only your backup codes remain" in get_warning(panels, "Authenticator app")
    assert "stop working" in get_warning(panels, "Backup codes")


def test_removal_of_one_of_two_keys_does_not_speak_of_the_last_factor(page: Pages) -> None:
    warnings = {each.warning for each in get_removals(build(page, key("Blue"), key("Red"))["Security keys"])}
    assert warnings == {"You will no longer be able to use this security key here."}


def test_only_passkey_cannot_be_removed_and_says_why(page: Pages) -> None:
    panel = build(page, key("Phone", group="passkey", disabled=True))["Passkeys"]
    (removal,) = get_removals(panel)
    assert removal.is_locked
    assert removal.warning.startswith("You can't remove your only way to sign in.")


def test_linked_account_is_removed_after_a_confirmation(page: Pages) -> None:
    unlink = submit("unlink", "google", group="oidc", label=text(1050003, provider="Google"))
    link = submit("link", "github", group="oidc", label=text(1050002, provider="GitHub"))
    panel = build(page, link, unlink)["Linked accounts"]
    (removal,) = get_removals(panel)
    assert (removal.label, removal.action, removal.button.label) == ("Google", "Unlink", "Unlink Google")
    assert panel.form
    assert [each.name for each in panel.form.groups[0].buttons] == ["link"]


def test_linked_account_has_the_name_of_its_provider(page: Pages) -> None:
    """Kratos returns the id of a provider without a label."""
    unlink = submit("unlink", "github", group="oidc", label=text(1050003, provider="github"))
    (removal,) = get_removals(build(page, unlink)["Linked accounts"])
    assert (removal.label, removal.button.label) == ("GitHub", "Unlink GitHub")


def test_error_of_a_removal_opens_its_confirmation(kratos: Kratos) -> None:
    kratos.session()
    node = {**TOTP, "messages": [error(4000001, "No.")]}
    response = kratos.open("settings", flow("settings", [csrf(), node]))
    (details,) = Tags(response).all("details")
    assert "open" in details


def test_qr_code_is_folded_until_set_up(kratos: Kratos) -> None:
    kratos.session()
    content = kratos.open("settings", shapes.settings(section="two_factor")).content.decode()
    folded = content.partition("<details")[2].partition("</details>")[0]
    assert "Set up" in folded
    assert 'id="ory-totp-qr"' in folded
    assert 'id="ory-totp-secret-key"' in folded
    assert " open" not in folded.partition(">")[0]


def test_wrong_code_of_the_authenticator_app_opens_the_form(kratos: Kratos) -> None:
    kratos.session()
    body = shapes.settings(section="two_factor", messages=[error(4000008)])
    (details,) = Tags(kratos.open("settings", body)).all("details")
    assert "open" in details


def test_every_form_of_a_panel_has_the_token_of_the_flow(page: Pages) -> None:
    for panel in build(page, TOTP, *CODES, key("Blue")).values():
        for form in filter(None, (panel.form, panel.removals)):
            assert "csrf_token" in [each.name for each in form.hidden]


def test_hidden_fields_of_kratos_script_are_in_one_form(page: Pages) -> None:
    """The script uses the first field with a name."""
    names = ("passkey_create_data", "passkey_settings_register")
    hidden = [shapes.hidden(name, "{}", group="passkey") for name in names]
    panel = build(page, key("Phone", group="passkey"), *hidden, shapes.passkey()[1])["Passkeys"]
    assert panel.form
    assert panel.removals
    assert [each.name for each in panel.removals.hidden] == ["csrf_token"]
    assert {each.name for each in panel.form.hidden} == {"csrf_token", *names}
