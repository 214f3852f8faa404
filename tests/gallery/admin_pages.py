"""All pages of the admin, as a browser of staff finds them: each link is followed, each kind of page once."""

from __future__ import annotations

import re
from collections import deque
from html import unescape
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import resolve, reverse

from django_ory.mirror.clients import sync_clients
from django_ory.mirror.identities import sync_identities
from django_ory.models import BulkJob, Identity, WebhookDelivery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_ory.testing import FakeOry

__all__ = ["ADMIN_SETTINGS", "fill_ory", "find_pages", "sign_in_staff"]

#: Settings of the default project with which the admin has all pages.
ADMIN_SETTINGS = {"WEBHOOK_SECRETS": ["w" * 32]}

BACKEND = "django.contrib.auth.backends.ModelBackend"
LINK = re.compile(r'<a [^>]*href="([^"#]+)"')
#: More pages than the admin has. Ends a crawl of pages with ever new links.
MAX_REQUESTS = 400


def sign_in_staff() -> Client:
    """Return a browser of a superuser."""
    model = get_user_model()
    user = model.objects.create(
        **{model.USERNAME_FIELD: "staff@example.org", "is_staff": True, "is_superuser": True}
    )
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def fill_ory(ory: FakeOry) -> None:
    """Store identities with sessions and mails, OAuth2 clients, their rows, one bulk action and web hooks."""
    for first, last in (("Ann", "Smith"), ("Zoë", "Ångström"), ("Maximiliana", "von Hohenberger")):
        email = f"{first}@example.org".lower()
        identity = ory.create_identity({"email": email, "name": {"first": first, "last": last}})
        ory.create_session(identity)
        ory.create_message(email)
    for name in ("Photo Lab", "Bookshop"):
        ory.create_oauth2_client(client_name=name, scope="openid offline_access photos")
    sync_identities("default")
    sync_clients("default")
    job = BulkJob.objects.create(
        site="admin", model="django_ory.identity", action="deactivate", state=BulkJob.State.DONE
    )
    for row, outcome in zip(Identity.objects.all(), ("done", "failed", "incomplete"), strict=False):
        reason = "" if outcome == "done" else "Ory could not be reached."
        job.rows.create(object_id=row.pk, name=row.log_name, outcome=outcome, reason=reason)
    for row, (event, status, error) in zip(
        Identity.objects.all(),
        (
            ("registration", "done", ""),
            ("settings", "failed", "OryServerError 500"),
            ("login", "pending", "OryConnectionError"),
        ),
        strict=False,
    ):
        WebhookDelivery.objects.create(
            identity_id=row.identity_id, event=event, status=status, error=error, attempts=1
        )


def find_pages(client: Client) -> Iterator[tuple[str, Any]]:
    """Yield the name and the response of each page of this app that links lead to.

    The name is that of the URL pattern, such as ``identity_changelist``.
    """
    found: set[str] = set()
    waiting = deque([reverse("admin:app_list", args=["django_ory"])])
    seen = set(waiting)
    for _ in range(MAX_REQUESTS):
        if not waiting:
            return
        url = waiting.popleft()
        name = resolve(url.partition("?")[0]).url_name or ""
        if name in found or not name.startswith(("django_ory_", "app_list")):
            continue
        response = client.get(url)
        if response.status_code == 302:
            continue
        found.add(name)
        yield name.removeprefix("django_ory_"), response
        for link in LINK.findall(response.content.decode()):
            target = _get_path(unescape(link), url)
            if target and target not in seen:
                seen.add(target)
                waiting.append(target)


def _get_path(link: str, page: str) -> str:
    """Return the path of a link within the admin, with the query if it names an object; or ""."""
    path = link if link.startswith("/") else page.partition("?")[0] + link
    return path if path.startswith("/admin/") and ("?" not in link or "?id=" in link) else ""
