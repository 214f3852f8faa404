"""The audit log: one event per decision, without secrets, and never in the way of the decision."""

from __future__ import annotations

import json
import logging
from typing import Any, get_args

import pytest
from django.contrib.auth import get_user_model

from django_ory.models import Identity
from django_ory.provider.audit import EVENTS, MAX_VALUE_LENGTH, AuditEvent, EventName, record_event
from django_ory.signals import decision_recorded

from .provider_site import ALICE, BOB, NEXT, ProviderSite, auth_url

CLIENT = {
    "client_id": "app",
    "client_name": "Photo Lab",
    "redirect_uris": ["https://photos.example/callback"],
}
#: Never to be found in an event: the challenge, the cookie of Kratos, traits, and values of Hydra.
SECRETS = ("CHALLENGE", "secret", "alice@example.org", "Liddell", "login_verifier", "Photo Lab")


@pytest.fixture
def user(db: None) -> Any:
    user = get_user_model().objects.create(**{get_user_model().USERNAME_FIELD: "alice@example.org"})
    Identity.objects.create(alias="default", identity_id=ALICE, user=user)
    return user


def set_consent(site: ProviderSite, **values: Any) -> None:
    site.set_request(
        "consent",
        **{
            "subject": ALICE,
            "requested_scope": ["openid", "email"],
            "client": CLIENT,
            "acr": "aal1",
            **values,
        },
    )
    site.set_result("consent", "accept")
    site.set_result("consent", "reject")


def summarize(event: AuditEvent) -> tuple[str, str, str, str, str, str]:
    return event.event, event.client_id, event.subject, event.user_pk, event.scope, event.reason


class TestDecisions:
    def test_accepted_login_is_recorded(
        self, site: ProviderSite, user: Any, events: list[AuditEvent], caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "django_ory.audit")
        site.set_request("login")
        site.set_result("login", "accept")
        site.sign_in()
        assert site.get("login", "CHALLENGE")["Location"] == NEXT
        [event] = events
        assert summarize(event) == ("login.accepted", "app", ALICE, str(user.pk), "", "session")
        assert (event.alias, event.acr, event.owasp) == ("default", "aal1", "authn_login_success")
        [line] = [record.getMessage() for record in caplog.records if record.name == "django_ory.audit"]
        name, _, values = line.partition(" ")
        assert name == "login.accepted"
        assert json.loads(values)["subject"] == ALICE
        assert [word for word in SECRETS if word in line] == []

    def test_login_of_an_inactive_user_is_recorded_as_rejected(
        self, site: ProviderSite, user: Any, events: list[AuditEvent]
    ) -> None:
        get_user_model().objects.filter(pk=user.pk).update(is_active=False)
        site.set_request("login")
        site.set_result("login", "reject")
        site.sign_in()
        site.get("login")
        assert [summarize(event) for event in events] == [
            ("login.rejected", "app", ALICE, str(user.pk), "", "account_inactive")
        ]

    def test_login_without_a_session_is_recorded_with_the_error(
        self, site: ProviderSite, events: list[AuditEvent]
    ) -> None:
        site.set_request("login", request_url=auth_url(prompt="none"))
        site.set_result("login", "reject")
        site.get("login")
        assert [summarize(event) for event in events] == [
            ("login.rejected", "app", "", "", "", "login_required")
        ]

    def test_answers_to_a_consent_are_recorded(
        self, site: ProviderSite, user: Any, events: list[AuditEvent], caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "django_ory.audit")
        set_consent(site)
        site.sign_in()
        assert site.get("consent", "CHALLENGE").status_code == 200
        assert events == []  # a page is no decision
        site.post("consent", "CHALLENGE", accept="1", grant_scope=["openid", "admin"])
        site.post("consent", "CHALLENGE", reject="1")
        assert [summarize(event) for event in events] == [
            ("consent.granted", "app", ALICE, str(user.pk), "openid", "user"),
            ("consent.denied", "app", ALICE, str(user.pk), "openid email", "user"),
        ]
        assert [word for word in SECRETS if word in caplog.text] == []

    def test_grant_of_a_trusted_client_is_recorded_with_the_reason(
        self, site: ProviderSite, events: list[AuditEvent]
    ) -> None:
        set_consent(site, client={**CLIENT, "skip_consent": True})
        site.ory.respond("GET /admin/clients/app", json={**CLIENT, "skip_consent": True})
        site.set_identity()
        site.get("consent")
        assert [(event.event, event.reason) for event in events] == [("consent.granted", "trusted_client")]

    def test_consent_for_another_user_is_no_decision(
        self, site: ProviderSite, events: list[AuditEvent]
    ) -> None:
        set_consent(site, subject=BOB)
        site.sign_in()
        site.post("consent", accept="1", grant_scope=["openid"])
        assert events == []

    def test_answers_to_a_logout_are_recorded(self, site: ProviderSite, events: list[AuditEvent]) -> None:
        site.set_request("logout", subject=ALICE, rp_initiated=True)
        site.set_result("logout", "accept")
        site.ory.respond("PUT /admin/oauth2/auth/requests/logout/reject", status=204)
        site.post("logout", reject="1")
        site.post("logout", accept="1")
        assert [(event.event, event.client_id, event.subject) for event in events] == [
            ("logout.denied", "app", ALICE),
            ("logout.accepted", "app", ALICE),
        ]

    @pytest.mark.parametrize("status", [400, 500])
    def test_decision_that_hydra_does_not_carry_out_is_not_recorded(
        self, site: ProviderSite, events: list[AuditEvent], status: int
    ) -> None:
        set_consent(site)
        site.ory.respond("PUT /admin/oauth2/auth/requests/consent/accept", json={}, status=status)
        site.sign_in()
        assert site.post("consent", accept="1").status_code >= 400
        assert {event.event for event in events} <= {"request.failed"}


class TestLog:
    @pytest.mark.parametrize(
        "value", ["a\nlogin.accepted {}", "a\r\n\x1b[2J", "a\u2028b\u202e", "\ud800", "a\0"]
    )
    def test_control_characters_are_escaped(self, value: str, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO, "django_ory.audit")
        event = record_event("login.accepted", alias="default", client_id=value, scope=[value], acr=value)
        [record] = caplog.records
        for text in (record.getMessage(), record.client_id, record.scope, event.acr):  # type: ignore[attr-defined]
            assert text.isprintable()
            assert text.encode()

    def test_huge_values_are_cut(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO, "django_ory.audit")
        record_event("consent.granted", alias="default", client_id="x" * 10**5, scope=["y" * 1000] * 100)
        assert len(caplog.text) < 3 * MAX_VALUE_LENGTH

    def test_every_value_is_an_attribute_of_the_record(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO, "django_ory.audit")
        record_event("logout.denied", alias="default")
        [record] = caplog.records
        assert {record.__dict__[name] for name in AuditEvent.__annotations__} == {
            "logout.denied",
            "default",
            "",
        }

    def test_rejections_are_warnings(self) -> None:
        assert {name for name, kind in EVENTS.items() if kind.level == logging.WARNING} >= {
            name for name in EVENTS if name.endswith((".rejected", ".exceeded"))
        }


class TestReceivers:
    def test_receiver_that_raises_does_not_break_the_decision(self, site: ProviderSite) -> None:
        def fail(**_: Any) -> None:
            raise RuntimeError("full disk")

        set_consent(site)
        site.sign_in()
        decision_recorded.connect(fail)
        try:
            response = site.post("consent", accept="1", grant_scope=["openid"])
        finally:
            decision_recorded.disconnect(fail)
        assert response["Location"] == NEXT

    def test_receiver_gets_the_request(self, site: ProviderSite) -> None:
        paths = []

        def receive(*, request: Any, **_: Any) -> None:
            paths.append(request.path)

        set_consent(site)
        site.sign_in()
        decision_recorded.connect(receive)
        try:
            site.post("consent", reject="1")
        finally:
            decision_recorded.disconnect(receive)
        assert paths == ["/auth/oauth2/consent/"]


def test_every_event_has_a_name_and_a_kind() -> None:
    assert set(get_args(EventName)) == set(EVENTS)
