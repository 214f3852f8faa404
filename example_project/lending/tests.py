"""Tests of the site: ``python manage.py test``. ``FakeOry`` takes the place of Kratos and Hydra."""

from __future__ import annotations

from datetime import timedelta

from django.test import TestCase
from django.urls import reverse

from django_ory.testing import FakeOryMixin

from .models import Tool


class LoanTests(FakeOryMixin, TestCase):
    """Members borrow and return tools."""

    def setUp(self) -> None:
        super().setUp()
        self.tool = Tool.objects.get(slug="apple-press")

    def test_tool_is_borrowed_and_returned_by_a_member(self) -> None:
        self.ory_login(traits={"email": "ann@example.org"})
        response = self.client.post(self.tool.get_absolute_url(), follow=True)
        self.assertContains(response, "Apple press is yours until")
        response = self.client.post(reverse("loans"), {"tool": "apple-press"}, follow=True)
        self.assertContains(response, "Apple press is back on the shelf.")

    def test_anonymous_user_is_redirected_to_the_sign_in_page(self) -> None:
        response = self.client.post(self.tool.get_absolute_url())
        self.assertRedirects(
            response,
            f"{reverse('ory:login')}?next={self.tool.get_absolute_url()}",
            fetch_redirect_response=False,
        )

    def test_two_members_cannot_borrow_the_same_tool(self) -> None:
        for email in ("ann@example.org", "bob@example.org"):
            self.client.cookies.clear()
            self.ory_login(traits={"email": email})
            response = self.client.post(self.tool.get_absolute_url(), follow=True)
        self.assertContains(response, "has just been borrowed by another member")


class KeyBoxTests(FakeOryMixin, TestCase):
    """The code of the key box requires a verified address and a recent sign-in."""

    def test_verified_member_with_a_recent_sign_in_sees_the_code(self) -> None:
        self.ory_login()
        self.assertEqual(self.client.get(reverse("key_box")).status_code, 200)

    def test_old_sign_in_is_redirected_to_sign_in_again(self) -> None:
        self.ory_login(authenticated_at=timedelta(minutes=11))
        response = self.client.get(reverse("key_box"))
        self.assertEqual(response.status_code, 302)
        self.assertIn("refresh=true", response["Location"])

    def test_unverified_address_is_redirected_to_the_verification_page(self) -> None:
        self.ory_login(verified=False)
        response = self.client.get(reverse("key_box"))
        self.assertEqual(response.status_code, 302)
        self.assertTrue(response["Location"].startswith(reverse("ory:verification")))


class OutageTests(FakeOryMixin, TestCase):
    """While Kratos is down, public pages work and protected ones respond with 503."""

    def test_outage_affects_protected_pages_only(self) -> None:
        self.ory_login()
        with self.ory.fault("kratos", "down"):
            self.assertEqual(self.client.get(reverse("home")).status_code, 200)
            self.assertEqual(self.client.get(reverse("key_box")).status_code, 503)


class LanguageTests(FakeOryMixin, TestCase):
    """The menu of languages in the header changes the language of the pages of django_ory."""

    def test_chosen_language_is_used_by_the_pages(self) -> None:
        page = reverse("ory:error")
        self.assertContains(self.client.get(page), 'value="ar" lang="ar" dir="rtl"', status_code=400)
        response = self.client.post(reverse("set_language"), {"language": "ar", "next": page}, follow=True)
        self.assertRedirects(response, page, target_status_code=400)
        self.assertContains(response, '<div class="ory" lang="ar" dir="rtl">', status_code=400)
