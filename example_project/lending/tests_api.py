"""Tests of the API: by the session of the site's pages, by a token of a user, by a token of a machine."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from unittest import mock

from django.contrib.auth import get_user_model
from django.test import TestCase

from django_ory.rest_framework.throttling import PrincipalRateThrottle
from django_ory.testing import FakeOryMixin

from .models import Loan, Tool

API = "http://testserver/api"  # the audience of the tokens
ALL_SCOPES = ("loans.read", "loans.write", "keybox.read")


class ApiTestCase(FakeOryMixin, TestCase):
    """Calls of the API."""

    def build_headers(self, *, subject: str = "", scope: tuple[str, ...] = ALL_SCOPES, **token: Any) -> Any:
        """The header with an access token of a user, or of the client itself."""
        made = self.ory.create_token("app", subject=subject, scope=scope, **{"audience": [API], **token})
        return {"authorization": f"Bearer {made.value}"}

    def borrow(self, slug: str = "apple-press", **options: Any) -> Any:
        return self.client.post("/api/loans/", {"tool": slug}, content_type="application/json", **options)


class ToolTests(ApiTestCase):
    """The list of tools is public."""

    def test_anonymous_client_sees_which_tools_are_on_the_shelf(self) -> None:
        tools = self.client.get("/api/tools/").json()["results"]
        self.assertIn(("apple-press", None), [(each["slug"], each["on_loan_until"]) for each in tools])

    def test_tools_are_listed_while_ory_is_down(self) -> None:
        self.ory_login()
        with self.ory.fault("kratos", "down"):
            self.assertEqual(self.client.get("/api/tools/apple-press/").status_code, 200)


class SessionTests(ApiTestCase):
    """The pages of the site call the API with the session cookie."""

    def test_member_borrows_and_returns_a_tool(self) -> None:
        self.ory_login()
        loan = self.borrow().json()
        self.assertEqual((loan["tool"], loan["returned_on"]), ("apple-press", None))
        returned = self.client.post(f"/api/loans/{loan['id']}/return/").json()
        self.assertIsNotNone(returned["returned_on"])
        again = self.client.post(f"/api/loans/{loan['id']}/return/").json()
        self.assertEqual(again, returned)
        self.assertEqual(self.client.get("/api/loans/").json()["results"], [returned])

    def test_tool_on_loan_cannot_be_borrowed(self) -> None:
        for expected in (201, 409):
            self.ory_login()
            response = self.borrow()
            self.assertEqual(response.status_code, expected)
        self.assertEqual(response.json(), {"detail": "Another member has borrowed this tool."})

    def test_loans_of_others_are_not_found(self) -> None:
        self.ory_login()
        loan = self.borrow().json()
        self.ory_login()
        self.assertEqual(self.client.get("/api/loans/").json()["results"], [])
        self.assertEqual(self.client.post(f"/api/loans/{loan['id']}/return/").status_code, 404)

    def test_cookie_needs_the_csrf_token(self) -> None:
        self.ory_login()
        self.client.handler.enforce_csrf_checks = True
        self.assertEqual(self.borrow().status_code, 403)
        token = self.client.get("/auth/session/").json()["csrf_token"]
        self.assertEqual(self.borrow(headers={"X-CSRFToken": token}).status_code, 201)

    def test_anonymous_client_is_told_to_sign_in(self) -> None:
        response = self.borrow()
        self.assertEqual(response.status_code, 401)
        self.assertIn("/.well-known/oauth-protected-resource/api", response["WWW-Authenticate"])

    def test_history_is_erased_after_a_second_factor_only(self) -> None:
        self.ory_login()
        denied = self.client.delete("/api/loans/history/", headers={"referer": "http://testserver/app/"})
        self.assertEqual((denied.status_code, denied.json()["code"]), (403, "session_aal2_required"))
        self.assertIn("aal=aal2", denied.json()["redirect_browser_to"])
        self.ory_login(aal="aal2")
        loan = self.borrow().json()
        self.client.post(f"/api/loans/{loan['id']}/return/")
        self.assertEqual(self.client.delete("/api/loans/history/").json(), {"erased": 1})

    def test_code_of_the_key_box_needs_a_recent_sign_in(self) -> None:
        self.ory_login(authenticated_at=timedelta(minutes=11))
        denied = self.client.get("/api/key-box/")
        self.assertEqual((denied.status_code, denied.json()["code"]), (403, "session_refresh_required"))
        self.ory_login()
        self.assertRegex(self.client.get("/api/key-box/").json()["code"], r"^\d{4}$")

    def test_too_many_requests_are_told_when_to_try_again(self) -> None:
        self.ory_login()
        with mock.patch.object(PrincipalRateThrottle, "THROTTLE_RATES", {"principal": "2/min"}):
            statuses = [self.client.get("/api/loans/").status_code for _ in range(2)]
            response = self.client.get("/api/loans/")
        self.assertEqual([*statuses, response.status_code], [200, 200, 429])
        self.assertTrue(response["Retry-After"].isdecimal())

    def test_while_kratos_is_down_the_answer_is_503(self) -> None:
        self.ory_login()
        with self.ory.fault("kratos", "down"):
            self.assertEqual(self.client.get("/api/loans/").status_code, 503)


class UserTokenTests(ApiTestCase):
    """Applications call the API with an access token of the user."""

    def setUp(self) -> None:
        super().setUp()
        self.member = self.ory.create_identity({"email": "ann@example.org"})

    def test_token_borrows_in_the_name_of_the_user(self) -> None:
        response = self.borrow(headers=self.build_headers(subject=self.member.id))
        self.assertEqual(response.status_code, 201)
        self.assertEqual(Loan.objects.get().borrower.email, "ann@example.org")

    def test_missing_scope_is_named(self) -> None:
        response = self.borrow(headers=self.build_headers(subject=self.member.id, scope=("loans.read",)))
        self.assertEqual(response.status_code, 403)
        self.assertIn('error="insufficient_scope", scope="loans.write"', response["WWW-Authenticate"])

    def test_token_for_another_api_is_rejected(self) -> None:
        headers = self.build_headers(subject=self.member.id, audience=["https://photos.example"])
        self.assertEqual(self.client.get("/api/loans/", headers=headers).status_code, 401)

    def test_history_needs_a_sign_in_with_a_second_factor(self) -> None:
        headers = self.build_headers(subject=self.member.id, claims={"acr": "aal1"})
        response = self.client.delete("/api/loans/history/", headers=headers)
        self.assertEqual(response.status_code, 401)
        self.assertIn('acr_values="aal2"', response["WWW-Authenticate"])
        headers = self.build_headers(subject=self.member.id, claims={"acr": "aal2"})
        self.assertEqual(self.client.delete("/api/loans/history/", headers=headers).json(), {"erased": 0})


class MachineTests(ApiTestCase):
    """The machine that sends reminders reads overdue loans with a token of its own."""

    def setUp(self) -> None:
        super().setUp()
        borrower = get_user_model().objects.create(username="bob", email="bob@example.org")
        loan = Tool.objects.get(slug="apple-press").lend_to(borrower)
        Loan.objects.filter(pk=loan.pk).update(due_on=date(2024, 2, 29))

    def test_machine_reads_overdue_loans(self) -> None:
        response = self.client.get(
            "/api/loans/overdue/", headers=self.build_headers(scope=("loans.overdue",))
        )
        (loan,) = response.json()["results"]
        self.assertEqual((loan["email"], loan["due_on"]), ("bob@example.org", "2024-02-29"))

    def test_machine_has_no_loans(self) -> None:
        self.assertEqual(self.client.get("/api/loans/", headers=self.build_headers()).status_code, 403)

    def test_user_may_not_read_loans_of_others(self) -> None:
        member = self.ory.create_identity()
        headers = self.build_headers(subject=member.id, scope=("loans.overdue",))
        self.assertEqual(self.client.get("/api/loans/overdue/", headers=headers).status_code, 403)
        self.ory_login()
        self.assertEqual(self.client.get("/api/loans/overdue/").status_code, 403)
