"""Invitations: the pages, the web hook with each state, and one use although posts are repeated."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from django_ory.adapter import OryAdapter
from django_ory.invitations.claims import REPEAT_TIME
from django_ory.invitations.invitations import (
    build_grant,
    build_link,
    create_invitation,
    find_by_grant,
    find_by_token,
    renew_invitation,
    revoke_invitation,
    send_invitation,
)
from django_ory.invitations.refusals import REFUSAL_TEXTS, Refusal
from django_ory.models import Invitation
from django_ory.testing import FakeOry
from tests.support.resources import call_during

pytestmark = pytest.mark.django_db

SECRET = "5d41402abc4b2a76b9719d911017c592"
EMAIL = "ann@example.org"
REGISTRATION = reverse("ory:registration")
HOOK = reverse("ory:invitation_hook", args=["default"])


@pytest.fixture(autouse=True)
def closed(ory: FakeOry, settings: Any) -> None:
    """A site with closed sign-up."""
    project = {**settings.ORY["default"], "INVITATION_SECRETS": [SECRET, "former-" + SECRET]}
    settings.ORY = {"default": {**project, "SITE_NAME": "Cups & Co."}}


def invite(**options: Any) -> tuple[Invitation, str]:
    return create_invitation(**options)


def end(row: Invitation, state: str) -> None:
    """Let an invitation expire, or mark the invitation as revoked or used."""
    changes: dict[str, dict[str, Any]] = {
        "expired": {"expires_at": timezone.now() - timedelta(seconds=1)},
        "revoked": {"revoked_at": timezone.now()},
        "used": {"signup_digest": "x", "used_by": "bob@example.org", "used_at": timezone.now()},
    }
    Invitation.objects.filter(pk=row.pk).update(**changes[state])


def build_post(row: Invitation | None, traits: Any = None, **changes: Any) -> dict[str, Any]:
    """Return the JSON of Kratos' web hook."""
    query = f"?invitation={quote(build_grant(row))}" if row else ""
    return {
        "request_url": f"http://kratos.test:4433/self-service/registration/browser{query}",
        "flow_id": "9f425a8d-7efc-4768-8f23-7647a74fdf13",
        "schema_id": "person",
        "traits": {"email": EMAIL, "name": {"first": "Ann"}} if traits is None else traits,
        **changes,
    }


@pytest.fixture
def post(client: Client, caplog: pytest.LogCaptureFixture) -> Any:
    """Posts a sign-up as Kratos does. No traits and no secrets are logged."""

    def send(document: Any, *, secret: str = SECRET, url: str = HOOK, **options: Any) -> Any:
        body = document if isinstance(document, (str, bytes)) else json.dumps(document)
        return client.post(
            url,
            body,
            content_type=options.pop("content_type", "application/json"),
            headers={"X-Webhook-Secret": secret},
        )

    yield send
    assert not [word for word in (EMAIL, SECRET, "Ann") if word in caplog.text]


def get_message(response: Any) -> int:
    """Return the id of the message in a refusal."""
    assert response.status_code == 403
    [error] = response.json()["messages"]
    [message] = error["messages"]
    assert message["type"] == "error"
    with translation.override("en"):
        assert message["text"] == str(REFUSAL_TEXTS[message["id"]])
    return int(message["id"])


# The link and the sign-up page.


def test_link_leads_to_the_sign_up_page_and_kratos_gets_no_token(client: Client) -> None:
    row, token = invite()
    response = client.get(build_link(token, site_url="http://testserver/"))
    assert response.status_code == 303
    assert token not in response["Location"]
    assert "no-store" in response["Cache-Control"]
    response = client.get(response["Location"])
    url = urlsplit(response["Location"])
    assert (url.netloc, url.path) == ("kratos.test:4433", "/self-service/registration/browser")
    [grant] = parse_qs(url.query)["invitation"]
    assert find_by_grant(grant, alias="default") == row
    row.refresh_from_db()
    assert row.status is Invitation.Status.OPEN


@pytest.mark.parametrize(
    ("state", "status", "heading"),
    [
        ("expired", 410, "This invitation has expired"),
        ("revoked", 410, "This invitation has been withdrawn"),
        ("used", 410, "This invitation has already been used"),
    ],
)
def test_link_and_page_explain_the_state(client: Client, state: str, status: int, heading: str) -> None:
    row, token = invite()
    grant = build_grant(row)
    end(row, state)
    for response in (
        client.get(reverse("ory:invitation"), {"token": token}),
        client.get(REGISTRATION, {"invitation": grant}),
    ):
        assert response.status_code == status
        assert heading in response.content.decode()
        assert b"Go to sign-in" in response.content


@pytest.mark.parametrize("token", ["x", "a" * 5000, "%00", "Zoë", "../.."])
def test_unknown_token_is_explained(client: Client, token: str) -> None:
    response = client.get(f"{reverse('ory:invitation')}?token={quote(token, safe='')}")
    assert response.status_code == 404
    assert b"This invitation is not valid" in response.content


@pytest.mark.parametrize("grant", ["x", "WzEsIngiXQ:1:x", "é", "a" * 5000, "\x00"])
def test_page_with_an_invalid_grant_explains(client: Client, grant: str) -> None:
    response = client.get(REGISTRATION, {"invitation": grant})
    assert (response.status_code, b"This invitation is not valid" in response.content) == (404, True)


def test_page_without_an_invitation_explains(client: Client, ory: FakeOry) -> None:
    response = client.get(REGISTRATION)
    assert (response.status_code, b"You need an invitation" in response.content) == (403, True)
    flow = ory.create_flow("registration", client=client)
    response = client.get(REGISTRATION, {"flow": flow["id"]})
    assert response.status_code == 403
    assert b"<form" not in response.content


def create_flow(ory: FakeOry, client: Client, row: Invitation) -> str:
    """Create a flow that the sign-up page has started."""
    url = build_post(row)["request_url"]
    flow_id: str = ory.create_flow("registration", client=client, request_url=url)["id"]
    return flow_id


def test_flow_of_an_invitation_is_shown(client: Client, ory: FakeOry) -> None:
    row, _token = invite()
    flow_id = create_flow(ory, client, row)
    assert b"traits.email" in client.get(REGISTRATION, {"flow": flow_id}).content
    end(row, "used")  # by this flow, which Kratos has rejected
    assert b"traits.email" in client.get(REGISTRATION, {"flow": flow_id}).content
    end(row, "revoked")
    assert b"has been withdrawn" in client.get(REGISTRATION, {"flow": flow_id}).content


def test_address_of_the_invitation_is_entered_into_the_form(client: Client, ory: FakeOry) -> None:
    row, _token = invite(email=EMAIL)
    flow_id = create_flow(ory, client, row)
    content = client.get(REGISTRATION, {"flow": flow_id}).content.decode()
    assert re.search(rf'name="traits.email"[^>]* value="{EMAIL}"', content)
    for node in ory.kratos.flows.flows[flow_id]["ui"]["nodes"]:
        if node["attributes"].get("name") == "traits.email":
            node["attributes"]["value"] = "bob@example.org"
    assert EMAIL not in client.get(REGISTRATION, {"flow": flow_id}).content.decode()


class ContactAdapter(OryAdapter):
    """Puts the address and the name into a group."""

    def get_field_group(self, field: Any, *, flow_name: str) -> str:
        return "Contact"


class NoAddressAdapter(OryAdapter):
    def is_field_shown(self, field: Any, *, flow_name: str) -> bool:
        return getattr(field, "name", "") != "traits.email"


@pytest.mark.parametrize(
    ("adapter", "kind"), [(OryAdapter, "email"), (ContactAdapter, "email"), (NoAddressAdapter, "hidden")]
)
def test_address_of_the_invitation_is_entered_before_the_adapter_changes_the_form(
    client: Client, ory: FakeOry, settings: Any, adapter: type[OryAdapter], kind: str
) -> None:
    """Also into a group, and into a field that is not shown; the focus is in an empty input."""
    project = {**settings.ORY["default"], "ADAPTER": f"{__name__}.{adapter.__name__}"}
    settings.ORY = {"default": project}
    row, _token = invite(email=EMAIL)
    flow_id = create_flow(ory, client, row)
    content = client.get(REGISTRATION, {"flow": flow_id}).content.decode()
    [address] = re.findall(r'<input[^>]* name="traits.email"[^>]*>', content)
    assert f'value="{EMAIL}"' in address
    assert f'type="{kind}"' in address
    assert "autofocus" not in address


def test_message_of_the_hook_is_translated_by_its_id(client: Client, ory: FakeOry) -> None:
    row, _token = invite()
    flow_id = create_flow(ory, client, row)
    message = {"id": Refusal.OTHER_EMAIL.value, "text": "text of the hook", "type": "error", "context": {}}
    ory.kratos.flows.flows[flow_id]["ui"]["messages"] = [message]
    content = client.get(REGISTRATION, {"flow": flow_id}).content
    assert b"Use the email address that the invitation was sent to." in content
    assert b"text of the hook" not in content


def test_sign_in_page_links_to_the_sign_up_only_with_an_invitation(client: Client, ory: FakeOry) -> None:
    row, _token = invite()
    flow = ory.create_flow("login", client=client)
    login = reverse("ory:login")
    assert f'href="{REGISTRATION}' not in client.get(login, {"flow": flow["id"]}).content.decode()
    url = build_post(row)["request_url"].replace("registration", "login")
    flow = ory.create_flow("login", client=client, request_url=url)
    content = client.get(login, {"flow": flow["id"]}).content.decode()
    assert f'href="{REGISTRATION}?invitation=' in content


def test_open_sign_up_needs_no_invitation(client: Client, settings: Any) -> None:
    _row, token = invite()
    settings.ORY = {"default": {**settings.ORY["default"], "INVITATION_SECRETS": []}}
    assert client.get(REGISTRATION)["Location"].startswith("http://kratos.test:4433/")
    assert client.get(reverse("ory:invitation"), {"token": token}).status_code == 404
    assert client.post(HOOK, {}).status_code == 404


# The hook.


def test_open_invitation_is_claimed(post: Any) -> None:
    row, _token = invite()
    response = post(build_post(row))
    assert (response.status_code, response.content) == (204, b"")
    row.refresh_from_db()
    assert (row.status, row.used_by) == (Invitation.Status.USED, EMAIL)


@pytest.mark.parametrize(
    ("state", "refusal"), [("expired", Refusal.EXPIRED), ("revoked", Refusal.REVOKED), ("used", Refusal.USED)]
)
def test_invitation_that_has_ended_is_refused(post: Any, state: str, refusal: Refusal) -> None:
    row, _token = invite()
    document = build_post(row)
    end(row, state)
    assert get_message(post(document)) == refusal.value


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("", Refusal.MISSING),
        ("?invitation=", Refusal.MISSING),
        ("?invitation=x", Refusal.INVALID),
        ("?invitation=WzEsIngiXQ:1:x", Refusal.INVALID),
        ("?return_to=%3Finvitation%3Dx", Refusal.MISSING),
    ],
)
def test_missing_and_forged_grants_are_refused(post: Any, query: str, refusal: Refusal) -> None:
    document = build_post(None, request_url=f"http://kratos.test:4433/self-service/registration/api{query}")
    assert get_message(post(document)) == refusal.value


def test_old_grant_is_refused(post: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row, _token = invite(lifetime=timedelta(days=30))
    document = build_post(row)
    later = timezone.now() + timedelta(days=2)
    monkeypatch.setattr("django.core.signing.time.time", later.timestamp)
    assert get_message(post(document)) == Refusal.INVALID.value


def test_grant_of_another_project_is_refused(post: Any, settings: Any) -> None:
    settings.ORY = {"default": settings.ORY["default"], "acme": settings.ORY["default"]}
    row, token = invite(alias="acme")
    assert get_message(post(build_post(row))) == Refusal.INVALID.value
    assert find_by_token(token, alias="default") is None
    assert post(build_post(row), url=reverse("ory:invitation_hook", args=["acme"])).status_code == 204


def test_renewed_invitation_ends_earlier_links_and_grants(post: Any, client: Client) -> None:
    row, token = invite()
    document = build_post(row)
    new = renew_invitation(row)
    assert new is not None
    assert get_message(post(document)) == Refusal.INVALID.value
    assert client.get(reverse("ory:invitation"), {"token": token}).status_code == 404
    assert client.get(reverse("ory:invitation"), {"token": new}).status_code == 303
    assert post(build_post(row)).status_code == 204


@pytest.mark.parametrize(
    ("invited", "given", "is_allowed"),
    [
        (EMAIL, EMAIL, True),
        (EMAIL, "ANN@Example.org", True),
        (EMAIL, "bob@example.org", False),
        (EMAIL, f"{EMAIL}.evil.example", False),
        ("strasse@example.org", "straße@example.org", False),
    ],
)
def test_address_of_the_invitation_is_required(post: Any, invited: str, given: str, is_allowed: bool) -> None:
    row, _token = invite(email=invited)
    response = post(build_post(row, {"email": given}))
    if is_allowed:
        assert response.status_code == 204
    else:
        assert get_message(response) == Refusal.OTHER_EMAIL.value
    row.refresh_from_db()
    assert (row.status is Invitation.Status.USED) is is_allowed


# Exactly once.


def test_repeated_post_is_allowed_and_other_identifiers_are_not(post: Any) -> None:
    row, _token = invite()
    assert [post(build_post(row)).status_code for _ in range(3)] == [204] * 3
    corrected = {"email": EMAIL.upper(), "name": {"first": "Anna"}}
    assert post(build_post(row, corrected, flow_id="another")).status_code == 204
    other = build_post(row, {"email": "bob@example.org"})
    assert get_message(post(other)) == Refusal.USED.value
    row.refresh_from_db()
    assert row.used_by.lower() == EMAIL


def test_identifier_in_use_does_not_use_the_invitation_up(post: Any, ory: FakeOry) -> None:
    row, _token = invite()
    ory.create_identity({"email": EMAIL})
    assert get_message(post(build_post(row))) == Refusal.TAKEN.value
    assert get_message(post(build_post(row, {"email": EMAIL.upper()}))) == Refusal.TAKEN.value
    row.refresh_from_db()
    assert row.status is Invitation.Status.OPEN
    assert post(build_post(row, {"email": "bob@example.org"})).status_code == 204


def test_sign_up_can_be_repeated_for_some_minutes_after_the_first_post(post: Any) -> None:
    """Else a user could change the address of the new account, and sign up with the first one again."""
    row, _token = invite()
    document = build_post(row)
    assert post(document).status_code == 204
    claims = Invitation.objects.filter(pk=row.pk)
    claims.update(used_at=timezone.now() - REPEAT_TIME + timedelta(minutes=1))
    assert post(document).status_code == 204
    claims.update(used_at=F("used_at") - timedelta(minutes=1))
    assert get_message(post(document)) == Refusal.USED.value


def test_sign_up_that_has_succeeded_cannot_be_repeated(post: Any, ory: FakeOry) -> None:
    """The answer of Kratos to the browser was lost."""
    row, _token = invite()
    assert post(build_post(row)).status_code == 204
    ory.create_identity({"email": EMAIL})
    assert get_message(post(build_post(row))) == Refusal.TAKEN.value
    assert get_message(post(build_post(row, {"email": "bob@example.org"}))) == Refusal.USED.value


@pytest.mark.parametrize("schema_id", ["unknown", "", "../person"])
def test_schema_without_known_identifiers_binds_to_the_form_and_the_traits(post: Any, schema_id: str) -> None:
    row, _token = invite()
    document = build_post(row, schema_id=schema_id)
    assert [post(document).status_code for _ in range(2)] == [204] * 2
    for changes in ({"flow_id": "another"}, {"traits": {"email": "bob@example.org"}}):
        assert get_message(post({**document, **changes})) == Refusal.USED.value


def test_every_identifier_of_the_schema_counts(post: Any, ory: FakeOry) -> None:
    identifier = {"type": "string", "ory.sh/kratos": {"credentials": {"password": {"identifier": True}}}}
    traits = {
        "login": {"type": "object", "properties": {"username": identifier}},
        "emails": {"type": "array", "items": identifier},
        "city": {"type": "string"},
    }
    schema = {"properties": {"traits": {"type": "object", "properties": traits}}}
    ory.kratos.identities.schemas["team"] = schema
    row, _token = invite()

    def build(username: str, *emails: str, city: str = "Ulm") -> dict[str, Any]:
        values = {"login": {"username": username}, "emails": list(emails), "city": city}
        return build_post(row, values, schema_id="team")

    assert post(build("ann", "a@x.org", "b@x.org")).status_code == 204
    assert post(build("Ann", "b@x.org", "A@x.org", city="Bonn")).status_code == 204
    for other in (build("ann", "a@x.org"), build("bob", "a@x.org", "b@x.org"), build("", "b@x.org")):
        assert get_message(post(other)) == Refusal.USED.value


def test_two_sign_ups_at_the_same_moment_use_it_once(post: Any, ory: FakeOry) -> None:
    row, _token = invite()
    statuses: list[int] = []

    def sign_up_meanwhile() -> None:
        statuses.append(post(build_post(row, {"email": "eve@example.org"})).status_code)

    call_during(ory, "GET /admin/identities", sign_up_meanwhile)
    assert get_message(post(build_post(row, {"email": "bob@example.org"}))) == Refusal.USED.value
    assert statuses == [204]


def test_revocation_during_the_sign_up_wins(post: Any, monkeypatch: pytest.MonkeyPatch, ory: FakeOry) -> None:
    row, _token = invite()
    original = find_by_grant

    def revoke_after_reading(grant: str, *, alias: str) -> Invitation | None:
        found = original(grant, alias=alias)
        revoke_invitation(row)
        return found

    monkeypatch.setattr("django_ory.invitations.claims.find_by_grant", revoke_after_reading)
    assert post(build_post(row)).status_code == 403
    row.refresh_from_db()
    assert row.status is Invitation.Status.REVOKED


def test_unavailable_kratos_is_an_error_of_the_form(post: Any, ory: FakeOry) -> None:
    row, _token = invite()
    ory.respond("GET /admin/identities", fault="down")
    assert get_message(post(build_post(row))) == Refusal.UNAVAILABLE.value
    row.refresh_from_db()
    assert row.status is Invitation.Status.OPEN
    ory.respond("GET /admin/identities", ory.answer)


# Posts that are not Kratos'.


def test_every_secret_of_the_list_is_accepted_and_no_other(post: Any) -> None:
    assert post(build_post(invite()[0]), secret=f"former-{SECRET}").status_code == 204
    for secret in ("", "x", SECRET[:-1], f"{SECRET}x", SECRET.upper()):
        row, _token = invite()
        response = post(build_post(row), secret=secret)
        assert response.status_code == 403
        assert "messages" not in response.json()
        row.refresh_from_db()
        assert row.status is Invitation.Status.OPEN


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ("{", 400),
        ("[" * 100_000, 400),
        (b"\xff", 400),
        ("[]", 422),
        ("{}", 422),
        ('{"request_url": 1, "schema_id": "x", "flow_id": "x", "traits": {}}', 422),
        ('{"request_url": "x", "schema_id": "x"}', 422),
        (b"x" * (6 * 1024 * 1024 + 1), 413),
    ],
)
def test_invalid_posts_are_rejected_without_messages(post: Any, document: Any, status: int) -> None:
    response = post(document)
    assert response.status_code == status
    assert "messages" not in response.json()


def test_other_content_types_and_methods_are_rejected(post: Any, client: Client) -> None:
    row, _token = invite()
    assert post(build_post(row), content_type="text/plain").status_code == 415
    assert client.get(HOOK).status_code == 405
    assert client.get(reverse("ory:invitation_hook", args=["nowhere"])).status_code == 405
    assert post(build_post(row), url=reverse("ory:invitation_hook", args=["nowhere"])).status_code == 404


@pytest.mark.parametrize(
    "traits", [[], "x", 1, {"email": ["a"]}, {"email": "a\x00\ud800@example.org"}, {"email": "x" * 5000}]
)
def test_unusual_traits_never_raise(client: Client, traits: Any) -> None:
    row, _token = invite()
    body = json.dumps(build_post(row, traits))
    response = client.post(HOOK, body, content_type="application/json", headers={"X-Webhook-Secret": SECRET})
    assert response.status_code in (204, 400, 403)


def test_url_that_cannot_be_parsed_has_no_grant(post: Any) -> None:
    assert get_message(post(build_post(None, request_url="http://[x?invitation=y"))) == Refusal.MISSING.value


# Services.


def test_token_is_stored_as_a_keyed_hash_only(settings: Any) -> None:
    row, token = invite(email=f" {EMAIL} ")
    stored = Invitation.objects.values().get()
    assert token not in str(stored)
    assert row.email == EMAIL
    assert EMAIL not in row.log_name
    assert EMAIL not in repr(row)
    assert find_by_token(token, alias="default") == row
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "new"
    assert find_by_token(token, alias="default") == row
    settings.SECRET_KEY_FALLBACKS = []
    assert find_by_token(token, alias="default") is None


def test_mail_of_a_site_without_time_zones_has_the_day(settings: Any) -> None:
    settings.USE_TZ = False
    row, token = invite(email=EMAIL)
    send_invitation(row, token, site_url="https://www.cups.example/")
    assert date_format(row.expires_at, "DATE_FORMAT") in str(mail.outbox[0].body)


def test_mail_has_the_link_in_text_and_html() -> None:
    row, token = invite(email=EMAIL)
    send_invitation(row, token, site_url="https://www.cups.example/")
    [sent] = mail.outbox
    link = f"https://www.cups.example{reverse('ory:invitation')}?token={token}"
    assert (sent.to, sent.subject) == ([EMAIL], "Your invitation to Cups & Co.")
    assert link in str(sent.body).splitlines()
    assert isinstance(sent, EmailMultiAlternatives)
    [(html, kind)] = sent.alternatives
    assert kind == "text/html"
    assert f'href="{link}"' in str(html)
    row.refresh_from_db()
    assert row.sent_at is not None


def test_invitation_without_an_address_cannot_be_sent() -> None:
    row, token = invite()
    with pytest.raises(ValueError, match="no email address"):
        send_invitation(row, token, site_url="https://cups.example/")


@pytest.mark.parametrize(
    ("state", "can_renew", "can_revoke"),
    [("expired", True, True), ("revoked", False, False), ("used", False, False)],
)
def test_ended_invitations_are_renewed_or_revoked_if_possible(
    state: str, can_renew: bool, can_revoke: bool
) -> None:
    row, _token = invite()
    end(row, state)
    assert (renew_invitation(row) is not None) is can_renew
    assert revoke_invitation(row) is can_revoke
