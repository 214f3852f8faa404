"""The page for the code of a device, and the one at the end.

Hydra v2.3.0 has no device flow, so ``FakeOry`` has the responses of v26.2.0.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from django_ory.client import OryBadRequest
from django_ory.clients import get_client
from django_ory.provider.device_grant import MAX_TYPED_LENGTH, UserCodeCase, normalize_user_code
from django_ory.provider.views import device as module

from .django_site import DjangoSite, build_ory_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from django_ory.testing import FakeOry

    Options = Callable[..., None]

pytestmark = pytest.mark.django_db

HYDRA = "http://hydra.test:4444"
ACCEPT = "PUT /admin/oauth2/auth/requests/device/accept"
PAGE, DONE = reverse("ory:oauth2_device"), reverse("ory:oauth2_device_done")
CODE = "axH3ptgq"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture(autouse=True)
def flow(ory: FakeOry, settings: Any) -> None:
    """A Hydra with the device flow, one client, and an empty cache."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    module.get_throttles.clear()
    for throttle in module.get_throttles("default"):
        assert throttle.cache.name == "default"
    ory.hydra.devices.page_url = f"http://testserver{PAGE}"
    ory.create_oauth2_client("tv", client_name="Living <b>room</b> TV", grant_types=[GRANT, "refresh_token"])


@pytest.fixture
def configure(settings: Any) -> Options:
    def change(**values: Any) -> None:
        settings.ORY = {"default": {**settings.ORY["default"], **values}}

    return change


@pytest.fixture
def challenge(ory: FakeOry) -> str:
    ory.hydra.devices.add("tv", user_code=CODE, scope=["openid", "offline_access"])
    return ory.hydra.devices.add_challenge()


def enter(client: Client, challenge: str, code: str = CODE, **extra: Any) -> HttpResponse:
    return client.post(PAGE, {"device_challenge": challenge, "user_code": code}, **extra)  # type: ignore[return-value]


def list_accepts(ory: FakeOry) -> list[Any]:
    return [each.json for each in ory.requests if f"{each.method} {each.path}" == ACCEPT]


def test_device_gets_tokens_and_refreshes_them(client: Client, ory: FakeOry) -> None:
    """The browser is signed out at the page for the code; the login follows at Hydra."""
    hydra = get_client()
    device = hydra.o_auth2_device_flow(client_id="tv", scope="openid offline_access")
    secret = ory.hydra.clients.secrets["tv"]

    def poll() -> Any:
        return hydra.with_http_info.perform_o_auth2_token_flow(
            grant_type=GRANT, device_code=device.device_code, basic_auth=("tv", secret)
        ).data

    with pytest.raises(OryBadRequest, match="authorization_pending"):
        poll()
    page = client.get(hydra.perform_o_auth2_device_verification_flow(user_code=device.user_code or ""))
    assert f'value="{device.user_code}"' in page.content.decode()
    challenge = page.context["challenge"]
    entered = enter(client, challenge, device.user_code or "")
    assert entered.status_code == 302
    login = ory.continue_authorization(entered["Location"])
    assert client.get(login)["Location"].startswith("/auth/login/")
    identity = ory.create_identity()
    ory.login(client, identity)
    consent = ory.continue_authorization(client.get(login)["Location"])
    asked = client.get(consent)
    assert "You are authorizing a device" in asked.content.decode()
    fields = {"consent_challenge": parse_qs(urlsplit(consent).query)["consent_challenge"], "accept": "1"}
    granted = client.post(
        reverse("ory:oauth2_consent"), {**fields, "grant_scope": ["openid", "offline_access"]}
    )
    done = ory.continue_authorization(granted["Location"])
    assert client.get(done).status_code == 200
    tokens = poll()
    refreshed = hydra.perform_o_auth2_token_flow(
        grant_type="refresh_token", refresh_token=tokens.refresh_token, basic_auth=("tv", secret)
    )
    introspected = hydra.admin_introspect_o_auth2_token(token=refreshed.access_token or "")
    assert (introspected.active, introspected.sub, introspected.scope) == (
        True,
        identity.id,
        "openid offline_access",
    )


class TestForm:
    def test_prefilled_code_is_only_sent_by_click(self, client: Client, ory: FakeOry, challenge: str) -> None:
        response = client.get(PAGE, {"device_challenge": challenge, "user_code": CODE})
        text = response.content.decode()
        assert response.status_code == 200
        assert f'value="{CODE}"' in text
        assert "Check that your device shows this code" in text
        assert list_accepts(ory) == []
        assert "no-store" in response["Cache-Control"]
        assert response["X-Frame-Options"] == "DENY"

    def test_code_of_url_is_escaped_and_cut(self, client: Client, challenge: str) -> None:
        evil = '"><script>alert(1)</script>'
        text = client.get(
            PAGE, {"device_challenge": challenge, "user_code": evil + "A" * 5_000}
        ).content.decode()
        assert "<script>alert" not in text
        assert "A" * MAX_TYPED_LENGTH not in text

    def test_right_code_redirects_to_hydra(
        self, client: Client, ory: FakeOry, challenge: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "django_ory.audit")
        response = enter(client, challenge, f" {CODE[:4]}-{CODE[4:]} ")
        assert response.status_code == 302
        assert response["Location"].startswith(f"{HYDRA}/oauth2/device/verify?client_id=tv&device_verifier=")
        assert list_accepts(ory) == [{"user_code": CODE}]
        (event,) = [record.getMessage() for record in caplog.records if record.name == "django_ory.audit"]
        assert event == 'device.accepted {"alias": "default", "client_id": "tv"}'

    def test_wrong_code_is_error_at_field_and_can_be_corrected(
        self, client: Client, challenge: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        response = enter(client, challenge, "wrong<1>")
        text = response.content.decode()
        assert response.status_code == 400
        assert "This code is wrong or has expired" in text
        assert 'aria-invalid="true"' in text
        assert 'href="#ory-user-code"' in text
        assert 'value="wrong&lt;1&gt;"' in text
        assert "wrong<1>" not in caplog.text
        assert "device.rejected" in caplog.text
        assert enter(client, challenge).status_code == 302

    def test_expired_code_is_error_at_field(self, client: Client, ory: FakeOry, challenge: str) -> None:
        ory.hydra.devices.devices[0].is_expired = True
        assert "has expired" in enter(client, challenge).content.decode()

    @pytest.mark.parametrize("code", ["", "   ", "\n"])
    def test_empty_code_is_not_sent(self, client: Client, ory: FakeOry, challenge: str, code: str) -> None:
        response = enter(client, challenge, code)
        assert response.status_code == 400
        assert "Enter the code that your device shows." in response.content.decode()
        assert list_accepts(ory) == []

    @pytest.mark.parametrize("code", ["x" * 65, "x" * 100_000, "- - -", "a\x00b" * 40])
    def test_impossible_code_is_not_sent(
        self, client: Client, ory: FakeOry, challenge: str, code: str
    ) -> None:
        response = enter(client, challenge, code)
        assert response.status_code == 400
        assert "This code is wrong" in response.content.decode()
        assert list_accepts(ory) == []

    def test_form_of_another_site_is_rejected(self, ory: FakeOry, challenge: str) -> None:
        assert enter(Client(enforce_csrf_checks=True), challenge).status_code == 403
        assert list_accepts(ory) == []

    @pytest.mark.parametrize("method", ["put", "delete", "head"])
    def test_other_methods_send_nothing(
        self, client: Client, ory: FakeOry, challenge: str, method: str
    ) -> None:
        response = getattr(client, method)(f"{PAGE}?device_challenge={challenge}&user_code={CODE}")
        assert response.status_code in (400, 405)
        assert list_accepts(ory) == []

    def test_redirect_to_another_server_is_not_followed(
        self, client: Client, ory: FakeOry, challenge: str
    ) -> None:
        ory.respond(ACCEPT, json={"redirect_to": "https://evil.example/oauth2/device/verify"})
        response = enter(client, challenge)
        assert (response.status_code, response.get("Location")) == (503, None)


class TestThrottle:
    def test_code_after_limit_of_user_is_not_sent(
        self, client: Client, ory: FakeOry, challenge: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        ory.login(client)
        for _ in range(module.MAX_CODES_PER_USER):
            assert enter(client, challenge, "wrong").status_code == 400
        response = enter(client, challenge, REMOTE_ADDR="192.0.2.9")  # another address does not help
        assert response.status_code == 429
        assert response["Retry-After"] == "300"
        assert "Too many attempts" in response.content.decode()
        assert len(list_accepts(ory)) == module.MAX_CODES_PER_USER
        assert 'throttle.exceeded {"alias": "default", "reason": "device_code"}' in caplog.text

    def test_code_after_limit_of_django_user_is_not_sent(
        self, client: Client, ory: FakeOry, challenge: str, settings: Any
    ) -> None:
        settings.ORY = build_ory_settings()
        site = DjangoSite(ory, client)
        site.sign_in_user(site.create_user())
        for _ in range(module.MAX_CODES_PER_USER):
            assert enter(client, challenge, "wrong").status_code == 400
        assert enter(client, challenge, REMOTE_ADDR="192.0.2.9").status_code == 429

    def test_code_after_limit_of_address_is_not_sent(
        self, client: Client, ory: FakeOry, challenge: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "MAX_CODES_PER_ADDRESS", 3)
        module.get_throttles.clear()
        statuses = []
        for number in range(5):  # signed out, with a new browser and a new challenge each time
            fresh = ory.hydra.devices.add_challenge()
            headers = {"X-Forwarded-For": f"203.0.113.{number}"}
            statuses.append(enter(Client(), fresh, "wrong", headers=headers).status_code)
        assert statuses == [400, 400, 400, 429, 429]
        assert enter(client, challenge, REMOTE_ADDR="192.0.2.9").status_code == 302

    def test_cache_that_fails_sends_nothing(
        self, client: Client, ory: FakeOry, challenge: str, settings: Any
    ) -> None:
        settings.CACHES = {"default": {"BACKEND": "no.such.Backend"}}
        module.get_throttles.clear()
        assert enter(client, challenge).status_code == 429
        assert list_accepts(ory) == []


class TestChallenge:
    def test_page_without_challenge_begins_at_hydra(self, client: Client) -> None:
        response = client.get(PAGE)
        assert (response.status_code, response["Location"]) == (302, f"{HYDRA}/oauth2/device/verify")

    @pytest.mark.parametrize("fault", ["down", "html"])
    def test_page_without_challenge_while_hydra_is_down_is_unavailable(
        self, client: Client, ory: FakeOry, fault: str
    ) -> None:
        with ory.fault("hydra", fault):
            assert client.get(PAGE).status_code == 503

    def test_unknown_challenge_shows_page(self, client: Client) -> None:
        response = enter(client, "garbled")
        assert response.status_code == 404
        assert "This link no longer works" in response.content.decode()

    def test_expired_challenge_shows_page(self, client: Client, ory: FakeOry, challenge: str) -> None:
        body = {"error": "request_unauthorized", "error_description": "The device request has expired."}
        ory.respond(ACCEPT, json=body, status=401)
        response = enter(client, challenge)
        assert response.status_code == 410
        assert "This page has expired" in response.content.decode()

    def test_hydra_that_is_down_keeps_challenge(self, client: Client, ory: FakeOry, challenge: str) -> None:
        with ory.fault("hydra", "down"):
            response = enter(client, challenge)
        assert response.status_code == 503
        query = urlencode({"device_challenge": challenge, "user_code": CODE})
        assert f'href="{PAGE}?{query.replace("&", "&amp;")}"' in response.content.decode()
        assert f'value="{CODE}"' in client.get(f"{PAGE}?{query}").content.decode()
        assert enter(client, challenge).status_code == 302

    def test_form_needs_no_hydra(self, client: Client, ory: FakeOry, challenge: str) -> None:
        with ory.fault("hydra", "down"):
            assert client.get(PAGE, {"device_challenge": challenge}).status_code == 200


class TestConsent:
    """A link with the code of an attacker's device must never be sufficient."""

    @pytest.fixture
    def consent(self, client: Client, ory: FakeOry, challenge: str) -> Callable[[], str]:
        """Return the URL of the consent page of a new device, for one user."""
        identity = ory.create_identity()
        ory.login(client, identity)

        def start() -> str:
            code = ory.hydra.devices.add("tv", scope=["openid"]).user_code
            login = ory.continue_authorization(enter(client, challenge, code)["Location"])
            return ory.continue_authorization(client.get(login)["Location"])

        return start

    def answer(self, client: Client, url: str, button: str) -> HttpResponse:
        fields = {"consent_challenge": parse_qs(urlsplit(url).query)["consent_challenge"][0], button: "1"}
        return client.post(reverse("ory:oauth2_consent"), {**fields, "remember": "1"})  # type: ignore[return-value]

    @pytest.mark.parametrize("values", [{}, {"skip_consent": True}])
    def test_user_is_asked_for_each_device(
        self, client: Client, ory: FakeOry, consent: Callable[[], str], values: Any
    ) -> None:
        ory.hydra.clients.clients["tv"] |= values
        for _ in range(2):  # the second time Hydra has a remembered consent
            page = client.get(url := consent())
            assert page.status_code == 200
            assert "You are authorizing a device" in page.content.decode()
            assert "Don&#x27;t ask again" not in page.content.decode()
            done = ory.continue_authorization(self.answer(client, url, "accept")["Location"])
            assert client.get(done).status_code == 200
        assert not [each for each in ory.requests if each.method == "DELETE"]

    def test_denied_device_ends_on_page_of_site(
        self, client: Client, ory: FakeOry, consent: Callable[[], str]
    ) -> None:
        url = consent()
        response = self.answer(client, url, "reject")
        assert response.status_code == 200
        assert "The device was not connected" in response.content.decode()
        (stored,) = [each for each in ory.hydra.authorization.requests.values() if each.rejected]
        assert stored.rejected
        assert stored.rejected["error"] == "access_denied"

    def test_inactive_user_ends_on_page_of_site(
        self, client: Client, ory: FakeOry, consent: Callable[[], str]
    ) -> None:
        url = consent()
        get_user_model().objects.update(is_active=False)
        response = client.get(url)
        assert "The device was not connected" in response.content.decode()


class TestOlderHydra:
    """Hydra v2.3.0 answers 404 to every path of the device flow."""

    @pytest.mark.parametrize("debug", [True, False])
    def test_code_shows_that_devices_cannot_be_connected(
        self, client: Client, ory: FakeOry, settings: Any, debug: bool, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.DEBUG = debug
        ory.hydra.devices.page_url = ""
        response = enter(client, "any")
        text = response.content.decode()
        assert response.status_code == 404
        assert "Devices cannot be connected" in text
        assert ("Hydra v25.4" in text) is debug
        assert "urls.device.verification" in caplog.text

    def test_page_without_challenge_shows_that_devices_cannot_be_connected(
        self, client: Client, ory: FakeOry
    ) -> None:
        ory.hydra.devices.page_url = ""
        response = client.get(PAGE)
        assert response.status_code == 404
        assert "Devices cannot be connected" in response.content.decode()

    def test_discovery_has_no_endpoint(self, ory: FakeOry) -> None:
        assert get_client().discover_oidc_configuration().device_authorization_endpoint
        ory.hydra.devices.page_url = ""
        assert get_client().discover_oidc_configuration().device_authorization_endpoint is None


class TestDonePage:
    def test_name_comes_from_hydra_and_is_escaped(self, client: Client) -> None:
        text = client.get(DONE, {"client_id": "tv", "client_name": "Evil Television"}).content.decode()
        assert "Your device is connected" in text
        assert "Living &lt;b&gt;room&lt;/b&gt; TV" in text
        assert "Evil Television" not in text

    @pytest.mark.parametrize("client_id", ["unknown", "", "a/b", "x" * 5_000, "a\nb", "<script>", "../.."])
    def test_other_id_shows_page_without_name(self, client: Client, client_id: str) -> None:
        response = client.get(DONE, {"client_id": client_id})
        assert response.status_code == 200
        assert "You can close this page" in response.content.decode()
        assert "now has access" not in response.content.decode()

    def test_hydra_that_is_down_shows_page_without_name(self, client: Client, ory: FakeOry) -> None:
        with ory.fault("hydra", "down"):
            response = client.get(DONE, {"client_id": "tv"})
        assert response.status_code == 200
        assert "Your device is connected" in response.content.decode()


@pytest.mark.parametrize(
    ("typed", "case", "code"),
    [
        ("axH3-ptgq", "exact", "axH3ptgq"),
        (" ax H3\tpt gq\n", "exact", "axH3ptgq"),
        ("bcdf–ghjk", "upper", "BCDFGHJK"),  # noqa: RUF001 (a dash, as phones write it)
        ("BCDF\N{MINUS SIGN}GHJK", "lower", "bcdfghjk"),
        ("1234\N{ZERO WIDTH SPACE}56789", "exact", "123456789"),
        ("ＡＢＣ１２３", "exact", "ABC123"),  # noqa: RUF001
        ("", "upper", ""),
        ("-", "exact", ""),
        ("x" * 65, "exact", ""),
        ("x" * 300, "exact", ""),
    ],
)
def test_typed_code_is_normalized(typed: str, case: UserCodeCase, code: str) -> None:
    assert normalize_user_code(typed, case=case) == code


@pytest.mark.parametrize(
    ("case", "sent"), [("exact", "bcdfGHJK"), ("upper", "BCDFGHJK"), ("lower", "bcdfghjk")]
)
def test_case_follows_setting(
    client: Client, ory: FakeOry, challenge: str, configure: Options, case: str, sent: str
) -> None:
    configure(OAUTH2_DEVICE_CODE_CASE=case)
    enter(client, challenge, "bcdf-GHJK")
    assert list_accepts(ory) == [{"user_code": sent}]
