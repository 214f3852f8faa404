"""Authorization requests are parsed by Hydra's rules."""

from __future__ import annotations

import pytest

from django_ory.http.redirects import format_host
from django_ory.provider.openid.authorization import parse_authorization_request

from .contexts import auth_url, build_consent, build_login, build_request_object

BANK = "https://bank.example/callback"
EVIL = "https://evil.example/callback"


def get_host(url: str, *registered: str) -> str:
    consent = build_consent(request_url=url, client={"client_id": "app", "redirect_uris": registered})
    return format_host(parse_authorization_request(consent).redirect_uri)


@pytest.mark.parametrize(
    ("query", "prompt", "max_age"),
    [
        ("prompt=login&prompt=none&max_age=0&max_age=999", {"login"}, 0),
        ("prompt=&prompt=none&max_age=&max_age=999", set(), None),
        ("scope=photos&scope=openid&request_uri=x&prompt=none", {"none"}, None),
    ],
)
def test_first_of_two_equal_parameters_counts(query: str, prompt: set[str], max_age: int | None) -> None:
    asked = parse_authorization_request(build_login(url=f"{auth_url()}&{query}"))
    assert (set(asked.prompt), asked.max_age, asked.unreadable) == (prompt, max_age, False)


def test_parameter_that_hydra_ignores_does_not_count() -> None:
    url = f"{auth_url()}&prompt=none;&prompt=login&max_age=%zz&max_age=0&resource=https://a.example/;"
    asked = parse_authorization_request(build_login(url=url))
    assert (set(asked.prompt), asked.max_age, asked.resources) == ({"login"}, 0, ())


@pytest.mark.parametrize("scope", ["photos", "", "openid-ish", "openid\tphotos"])
def test_request_object_without_openid_is_ignored(scope: str) -> None:
    claims = build_request_object(prompt="none", max_age="999", redirect_uri=BANK)
    url = auth_url(scope=scope, prompt="login", redirect_uri=EVIL, request=claims)
    asked = parse_authorization_request(build_login(url=url))
    assert (set(asked.prompt), asked.max_age, asked.prompt_is_fixed) == ({"login"}, None, False)
    assert get_host(url, BANK, EVIL) == "evil.example"
    asked = parse_authorization_request(build_login(url=url.replace("scope=", "scope=openid+")))
    assert (set(asked.prompt), asked.max_age, asked.prompt_is_fixed) == ({"none"}, 999, True)


@pytest.mark.parametrize("scope", ["openid", "photos openid"])
def test_request_object_overrides_the_url(scope: str) -> None:
    url = auth_url(scope=scope, redirect_uri=EVIL, request=build_request_object(redirect_uri=BANK))
    assert get_host(url, BANK, EVIL) == "bank.example"


class TestRedirectHost:
    def test_first_of_two_redirect_uris_is_used(self) -> None:
        twice = f"{auth_url(redirect_uri=EVIL)}&redirect_uri={BANK}"
        assert get_host(twice, EVIL, BANK) == "evil.example"

    @pytest.mark.parametrize("ignored", [f"{BANK};", f"{BANK}?a=%zz"])
    def test_redirect_uri_that_hydra_ignores_has_no_host(self, ignored: str) -> None:
        """A client can register it, and send the code to another host with a second parameter."""
        url = f"{auth_url()}&redirect_uri={ignored}&redirect_uri={EVIL}"
        assert get_host(url, ignored, EVIL) == "evil.example"

    @pytest.mark.parametrize("query", ["", "&redirect_uri=", f"&redirect_uri=&redirect_uri={BANK}"])
    def test_omitted_redirect_uri_is_the_only_registered_one(self, query: str) -> None:
        url = f"{auth_url()}{query}"
        assert get_host(url, EVIL) == "evil.example"
        assert get_host(url, EVIL, BANK) == ""

    def test_unregistered_redirect_uri_has_no_host(self) -> None:
        assert get_host(auth_url(redirect_uri=BANK), BANK) == "bank.example"
        assert get_host(auth_url(redirect_uri=BANK), EVIL) == ""
        assert get_host(auth_url(redirect_uri=BANK), f"{BANK}/") == ""
        assert get_host(auth_url(redirect_uri=BANK)) == ""

    @pytest.mark.parametrize(
        ("requested", "registered", "shown"),
        [
            ("http://127.0.0.1:51004/cb", "http://127.0.0.1/cb", "127.0.0.1:51004"),
            ("http://[::1]:51004/cb", "http://[::1]:80/cb", "[::1]:51004"),
            ("http://127.0.0.1:51004/other", "http://127.0.0.1/cb", ""),
            ("http://127.0.0.1:51004/cb?x=1", "http://127.0.0.1/cb", ""),
            ("http://127.0.0.1:51004/cb", "http://[::1]/cb", ""),
            ("http://localhost:51004/cb", "http://localhost/cb", ""),
            ("http://bank.example:51004/cb", "http://bank.example/cb", ""),
        ],
    )
    def test_port_of_a_loopback_address_may_differ(self, requested: str, registered: str, shown: str) -> None:
        assert get_host(auth_url(redirect_uri=requested), registered) == shown
