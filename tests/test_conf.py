"""Settings are read on use and typed, and mistakes raise errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_ory.conf import KEYS, OryConfigurationError, OrySettings, aliases, get_settings
from tests.support.kratos import ory_settings

if TYPE_CHECKING:
    from pytest_django import Settings


def test_settings_are_read_on_use(settings: Settings) -> None:
    settings.ORY = ory_settings(TIMEOUT=7)
    assert get_settings().timeout == 7
    settings.ORY = ory_settings(TIMEOUT=8)
    assert get_settings().timeout == 8


def test_unknown_key_names_the_nearest_key(settings: Settings) -> None:
    settings.ORY = ory_settings(KRATOS_PUBLIC_UR="http://x", WHATEVER=1)
    with pytest.raises(OryConfigurationError) as caught:
        get_settings()
    assert 'has no key "KRATOS_PUBLIC_UR". Did you mean "KRATOS_PUBLIC_URL"?' in str(caught.value)
    assert 'has no key "WHATEVER"' in str(caught.value)


def test_unknown_alias_is_an_error(settings: Settings) -> None:
    with pytest.raises(OryConfigurationError, match="It has: default"):
        get_settings("acme")
    settings.ORY = {}
    with pytest.raises(OryConfigurationError, match="It has: nothing"):
        get_settings()


@pytest.mark.parametrize("value", [None, [], "x", {"default": None}])
def test_response_of_a_wrong_form_is_a_decode_error(settings: Settings, value: Any) -> None:
    settings.ORY = value
    with pytest.raises(OryConfigurationError, match="dictionary of dictionaries"):
        aliases()


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (name, "dictionary" if isinstance(field.default_factory(), dict) else "list")
        for name, field in KEYS.items()
        if callable(field.default_factory)
    ],
)
def test_text_for_a_list_or_dictionary_is_an_error_without_the_text(
    settings: Settings, key: str, kind: str
) -> None:
    for text in ("s3cret", "", b"s3cret"):
        settings.ORY = ory_settings(**{key: text})
        with pytest.raises(OryConfigurationError) as caught:
            get_settings()
        assert str(caught.value) == f'settings.ORY["default"]["{key}"] must be a {kind}, not a text.'


def test_aliases_begin_with_the_default(settings: Settings) -> None:
    settings.ORY = {"acme": {}, "zoo": {}, "default": {}}
    assert aliases() == ("default", "acme", "zoo")


def test_sdk_url_is_used_for_all_services() -> None:
    settings = OrySettings(sdk_url="https://slug.example/", hydra_admin_url="https://own.example/")
    assert settings.kratos_public_url == settings.kratos_browser_url == "https://slug.example"
    assert settings.hydra_admin_url == "https://own.example"
    assert settings.console_url == ""


def test_api_key_is_not_in_the_repr() -> None:
    assert "hush" not in repr(OrySettings(api_key="hush"))


def test_every_key_has_a_help_text() -> None:
    assert "ALIAS" not in KEYS
    assert all(field.metadata["help"].endswith((".", ")")) for field in KEYS.values())


def test_defaults_are_not_shared() -> None:
    assert OrySettings().user_fields is not OrySettings().user_fields
