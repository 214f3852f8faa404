"""Clients on pages: cleaned names, safe links, hosts in ASCII."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import engines

from django_ory.adapter import OryAdapter, get_adapter
from django_ory.client.models import OAuth2Client
from django_ory.client_metadata import SELF_REGISTERED
from django_ory.http.redirects import format_host, is_loopback_url
from django_ory.provider.client_profile import ClientProfile, clean_name

LINKS = {
    "logo_uri": "https://photos.example/logo.png",
    "client_uri": "https://photos.example/about",
    "policy_uri": "https://photos.example/privacy",
    "tos_uri": "https://photos.example/terms",
}


def build_profile(*, redirect_uri: str = "", **values: Any) -> ClientProfile:
    client = OAuth2Client.model_validate({"client_id": "app", "client_name": "Photo Lab", **values})
    return ClientProfile.from_client(client, adapter=get_adapter(), redirect_uri=redirect_uri)


def render_profile(profile: ClientProfile) -> str:
    template = engines["django"].from_string('{% load ory %}{% ory_element "client" client=client %}')
    return template.render({"client": profile})


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Photo Lab", "Photo Lab"),
        ("  Photo\t\n Lab\u00a0 ", "Photo Lab"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("Bank\u202egnp.exe", "Bankgnp.exe"),
        ("\u2066\u200b\u200f\ufeff", ""),
        ("\u062a\u0637\u0628\u064a\u0642", "\u062a\u0637\u0628\u064a\u0642"),
        ("n" * 100, "n" * 100),
        ("n" * 101, "n" * 99 + "…"),
        ("\ud800lone", "lone"),
        ("\x00" * 5000 + "late", ""),
    ],
)
def test_name_has_one_line_of_visible_characters(name: str, shown: str) -> None:
    assert clean_name(name) == shown


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({}, "Photo Lab"),
        ({"client_name": ""}, "app"),
        ({"client_name": None}, "app"),
        ({"client_name": "\u202e \x00"}, "app"),
        ({"client_name": "", "client_id": "\u200b"}, "?"),
        ({"client_name": None, "client_id": None}, "?"),
    ],
)
def test_client_without_a_name_shows_its_id(values: dict[str, Any], shown: str) -> None:
    assert build_profile(**values).name == shown


def test_links_of_a_verified_client_are_shown() -> None:
    profile = build_profile(**LINKS)
    assert profile.is_verified
    assert (profile.logo_url, profile.site_url, profile.policy_url, profile.terms_url) == tuple(
        LINKS.values()
    )
    page = render_profile(profile)
    assert 'src="https://photos.example/logo.png"' in page
    assert "<bdi>photos.example</bdi>" in page
    assert "Not verified" not in page


def test_unverified_client_has_a_mark_and_no_logo() -> None:
    profile = build_profile(**LINKS, metadata=SELF_REGISTERED)
    assert (profile.is_verified, profile.origin, profile.logo_url) == (False, "registration", "")
    page = render_profile(profile)
    assert "Not verified" in page
    assert "<img" not in page


@pytest.mark.parametrize(
    ("site", "shown"),
    [
        ("https://agents.example/about", True),
        ("https://bank.example/", False),
        ("https://agents.example.bank.example/", False),
        ("https://agents.example:8443/", False),
    ],
)
def test_described_client_only_links_to_the_site_of_its_description(site: str, shown: bool) -> None:
    profile = build_profile(client_id="https://agents.example/client.json", client_uri=site)
    assert bool(profile.site_url) is shown
    assert build_profile(client_uri=site, metadata=SELF_REGISTERED).site_url == ""


def test_described_client_shows_the_host_of_its_id() -> None:
    profile = build_profile(client_id="https://\u0430pple.example/client.json")
    assert (profile.origin, profile.document_host) == ("document", "xn--pple-43d.example")
    assert "xn--pple-43d.example" in render_profile(profile)


def test_adapter_decides_whether_a_client_is_verified() -> None:
    class Adapter(OryAdapter):
        def is_client_verified(self, client: OAuth2Client) -> bool:
            return client.client_id == "mine"

    for client_id, verified in (("mine", True), ("other", False)):
        client = OAuth2Client(client_id=client_id)
        assert ClientProfile.from_client(client, adapter=Adapter()).is_verified is verified


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//a.example", "https://a@b.example", "x"]
)
def test_other_urls_are_no_links(url: str) -> None:
    profile = build_profile(**dict.fromkeys(LINKS, url))
    assert (profile.logo_url, profile.site_url, profile.policy_url, profile.terms_url) == ("", "", "", "")
    assert "href" not in render_profile(profile)


@pytest.mark.parametrize(
    ("redirect_uri", "registered", "is_local"),
    [
        ("http://127.0.0.1:8123/cb", [], True),
        ("http://[::1]/cb", [], True),
        ("http://localhost:9000/cb", [], True),
        ("https://photos.example/cb", ["http://127.0.0.1/cb"], False),
        ("com.example.app:/cb", [], False),
        ("", ["http://127.0.0.1/cb", "http://localhost/cb"], True),
        ("", ["http://127.0.0.1/cb", "https://photos.example/cb"], False),
        ("", [], False),
        ("http://localhost.evil.example/cb", [], False),
        ("http://127.0.0.1@evil.example/cb", [], False),
    ],
)
def test_client_with_loopback_redirects_is_local(
    redirect_uri: str, registered: list[str], is_local: bool
) -> None:
    profile = build_profile(redirect_uri=redirect_uri, redirect_uris=registered)
    assert profile.is_local is is_local
    assert ("runs on your computer" in render_profile(profile)) is is_local


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("", ""),
        ("http://[", ""),
        ("/relative", ""),
        ("https://user@photos.example:8443/cb", "photos.example:8443"),
        ("com.example.app:/cb", "com.example.app"),
        ("https://ph\u043etos.example/cb", "xn--phtos-kye.example"),
    ],
)
def test_host_is_shown_in_ascii(url: str, shown: str) -> None:
    assert format_host(url) == shown


@pytest.mark.parametrize(
    "url", ["http://0.0.0.0/", "http://[", "https://[::ffff:8.8.8.8]/", "http://128.0.0.1/"]
)
def test_other_hosts_are_no_loopback(url: str) -> None:
    assert not is_loopback_url(url)
