"""The admin pages of JSON Web Key sets: no private part is ever shown, logged or stored."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.urls import reverse

from django_ory.mirror.keys import PublicKey, list_keys
from tests.support.admin_pages import get_messages
from tests.support.resources import fail, list_calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ory_jwk_sets")
ADD = reverse("admin:django_ory_jwk_add")
OWN = "hydra.openid.id-token"


def get_private_values(ory: FakeOry) -> list[str]:
    private = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
    keys = [key for each in ory.hydra.key_sets.sets.values() for key in each]
    return [key[name] for key in keys for name in private if isinstance(key.get(name), str)]


class TestList:
    def test_known_sets_are_offered_and_nothing_is_read(self, admin: Client, ory: FakeOry) -> None:
        html = admin.get(LIST).content.decode()
        assert "?set=hydra.openid.id-token" in html
        assert "?set=hydra.jwt.access-token" in html
        assert list_calls(ory, "/admin/keys") == []

    def test_public_parts_are_shown_and_private_parts_nowhere(
        self, admin: Client, ory: FakeOry, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        rsa = ory.hydra.key_sets.add("mine", alg="RS256")
        ec = ory.hydra.key_sets.add("mine", alg="ES256")
        ory.hydra.key_sets.sets["mine"].append(
            {"kty": "oct", "kid": "sym", "k": "PLANTED-k", "extra": "X-extra"}
        )
        ory.hydra.key_sets.sets["mine"].append({"kty": "RSA", "kid": "multi", "oth": [{"d": "PLANTED-oth"}]})
        html = admin.get(LIST, {"set": "mine"}).content.decode()
        for text in (rsa["kid"], rsa["n"], ec["x"], "sym", "multi"):
            assert text in html
        pages = [html]
        for action in ("delete_key", "delete_set"):
            data = {"action": action, "key": rsa["kid"]}
            pages.append(admin.post(f"{LIST}?set=mine", data).content.decode())
        form = {"set": "mine", "algorithm": "RS256", "use": "sig", "kid": ""}
        pages.append(admin.post(ADD, form, follow=True).content.decode())
        found = "".join(pages) + caplog.text + repr(list_keys("default", "mine"))
        found += repr(list(LogEntry.objects.values()))
        private = get_private_values(ory)
        assert len(private) > 10
        for value in [*private, "PLANTED", "X-extra"]:
            assert value not in found

    def test_unknown_set_says_that_it_can_be_created(self, admin: Client, ory: FakeOry) -> None:
        response = admin.get(LIST, {"set": "nope"})
        assert response.status_code == 200
        html = response.content.decode()
        assert "Adding a key creates the set" in html
        assert f"{ADD}?set=nope" in html

    @pytest.mark.parametrize("name", ["..", ".", "a/b", "https://issuer.example", "\u202e", "x" * 5000])
    def test_strange_name_is_a_message(self, admin: Client, ory: FakeOry, name: str) -> None:
        response = admin.get(LIST, {"set": name})
        assert response.status_code == 200
        assert "errornote" in response.content.decode()

    @pytest.mark.parametrize("kind", ["down", "slow", "error", "html", "truncated", "rate_limited"])
    def test_failing_hydra_is_a_message(self, admin: Client, ory: FakeOry, kind: str) -> None:
        with ory.fault("hydra", kind):
            response = admin.get(LIST, {"set": OWN})
        assert response.status_code in (200, 503)
        assert 'role="alert"' in response.content.decode()

    def test_permissions_are_checked(self, staff_with: Callable[..., Client], ory: FakeOry) -> None:
        key = ory.hydra.key_sets.add("mine")
        client = staff_with("view_oauth2client", "view_jwk_set")
        html = client.get(LIST, {"set": "mine"}).content.decode()
        assert key["kid"] in html
        assert "Delete" not in html
        assert ADD not in html
        assert client.get(ADD).status_code == 403
        assert client.post(ADD, {}).status_code == 403
        for action in ("delete_key", "delete_set"):
            data = {"action": action, "key": key["kid"], "confirm": "1", "typed_key": key["kid"]}
            assert client.post(f"{LIST}?set=mine", data).status_code == 403
        assert ory.hydra.key_sets.sets["mine"] == [key]

    def test_viewer_of_clients_may_not_see_keys(self, staff_with: Callable[..., Client]) -> None:
        assert staff_with("view_oauth2client").get(LIST).status_code == 403


class TestAdd:
    FORM = {"set": "mine", "algorithm": "ES256", "use": "sig", "kid": "k1"}  # noqa: RUF012

    def test_key_is_created_and_the_change_is_logged(self, admin: Client, ory: FakeOry, staff: Any) -> None:
        html = admin.get(ADD, {"set": "mine"}).content.decode()
        assert 'value="mine"' in html
        assert "Rotation" in html
        response = admin.post(ADD, self.FORM, follow=True)
        assert get_messages(response) == ["The key k1 was added."]
        assert response.redirect_chain == [(f"{LIST}?set=mine", 302)]
        assert [key["kid"] for key in ory.hydra.key_sets.sets["mine"]] == ["k1"]
        entry = LogEntry.objects.get()
        assert (entry.object_id, entry.action_flag, entry.user_id) == ("jwks:mine", ADDITION, staff.pk)
        assert entry.object_repr == "JWK set mine"

    def test_repeated_post_is_an_error_of_hydra(self, admin: Client, ory: FakeOry) -> None:
        admin.post(ADD, self.FORM)
        response = admin.post(ADD, self.FORM)
        assert response.status_code == 200
        assert "with that value exists already" in response.content.decode()
        assert 'value="k1"' in response.content.decode()
        assert len(ory.hydra.key_sets.sets["mine"]) == 1

    @pytest.mark.parametrize(
        "wrong", [{"algorithm": "HS256"}, {"use": "x"}, {"set": ""}, {"set": "x" * 500}, {"kid": "\x00"}]
    )
    def test_invalid_form_is_not_sent(self, admin: Client, ory: FakeOry, wrong: dict[str, str]) -> None:
        response = admin.post(ADD, {**self.FORM, **wrong})
        assert response.status_code == 200
        assert "errornote" in response.content.decode()
        assert list_calls(ory, method="POST") == []

    def test_timeout_says_unknown(self, admin: Client, ory: FakeOry) -> None:
        ory.respond("POST /admin/keys/{set}", fault="slow")
        html = admin.post(ADD, self.FORM).content.decode()
        assert "unknown whether the change was made" in html
        assert not LogEntry.objects.exists()


class TestDelete:
    def test_key_is_deleted_after_its_id_was_typed(self, admin: Client, ory: FakeOry) -> None:
        store = ory.hydra.key_sets
        key, other = store.add("mine"), store.add("mine")
        url, data = f"{LIST}?set=mine", {"action": "delete_key", "key": key["kid"]}
        assert "become invalid" in admin.post(url, data).content.decode()
        for typed in ("", "wrong", other["kid"]):
            response = admin.post(url, {**data, "confirm": "1", "typed_key": typed})
            assert "does not match" in response.content.decode()
        assert store.sets["mine"] == [other, key]
        response = admin.post(url, {**data, "confirm": "1", "typed_key": f" {key['kid']} "}, follow=True)
        assert get_messages(response) == ["The key was deleted."]
        assert store.sets["mine"] == [other]
        entry = LogEntry.objects.get()
        assert (entry.object_id, entry.action_flag) == ("jwks:mine", DELETION)
        response = admin.post(url, {**data, "confirm": "1", "typed_key": key["kid"]}, follow=True)
        assert "no such object any more" in get_messages(response)[-1]

    def test_set_is_deleted_after_its_name_was_typed(self, admin: Client, ory: FakeOry) -> None:
        ory.hydra.key_sets.add("mine")
        url, data = f"{LIST}?set=mine", {"action": "delete_set", "confirm": "1"}
        admin.post(url, {**data, "typed_key": "other"})
        assert "mine" in ory.hydra.key_sets.sets
        admin.post(url, {**data, "typed_key": "mine"})
        assert "mine" not in ory.hydra.key_sets.sets
        assert LogEntry.objects.get().change_message == "Deleted in Ory."
        response = admin.post(url, {**data, "typed_key": "mine"}, follow=True)
        assert "no such object any more" in get_messages(response)[-1]

    def test_hydra_that_refuses_is_a_message(self, admin: Client, ory: FakeOry) -> None:
        ory.hydra.key_sets.add("mine")
        fail(ory, "DELETE /admin/keys/{set}", 500, "The disk is full")
        data = {"action": "delete_set", "confirm": "1", "typed_key": "mine"}
        response = admin.post(f"{LIST}?set=mine", data, follow=True)
        assert "The disk is full" in get_messages(response)[0]


def test_entries_of_the_history_have_links_that_work(admin: Client, ory: FakeOry) -> None:
    admin.post(ADD, TestAdd.FORM)
    html = admin.get(reverse("admin:index")).content.decode()
    assert "JWK set mine" in html
    url = LogEntry.objects.get().get_admin_url()
    assert admin.get(url or "", follow=True).status_code == 200


@pytest.mark.parametrize("name", ["jwk_sets", "jwk_add", "trusted_issuer_add", "introspect", "consents"])
def test_help_text_is_found_by_screen_readers(admin: Client, ory: FakeOry, name: str) -> None:
    html = admin.get(reverse(f"admin:django_ory_{name}")).content.decode()
    names = {each for names in re.findall(r'aria-describedby="([^"]+)"', html) for each in names.split()}
    names = {each for each in names if "timezone_warning" not in each}  # added by Django's script
    assert names
    assert [each for each in names if f'id="{each}"' not in html] == []


def test_repr_of_a_key_has_no_members() -> None:
    key = PublicKey(kid="k", algorithm="RS256", use="sig", key_type="RSA", members={"n": "modulus"})
    assert "modulus" not in repr(key)
