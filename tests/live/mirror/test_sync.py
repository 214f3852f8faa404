"""Syncs of a real Kratos and Hydra: killed, continued, twice at once, with changed and deleted identities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from benchmarks.mirror_sites import open_database
from benchmarks.sync import SyncSite, change_identities, create_identities
from django_ory.client import OryClient
from django_ory.clients import get_client
from django_ory.mirror.clients import create_client, delete_client, sync_clients
from django_ory.mirror.identities import refresh_identity, sync_identities
from django_ory.mirror.recent import sync_recent_identities
from django_ory.models import Identity, OAuth2Client, SyncProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django_ory.devstack import OryStack

    from .conftest import Person

pytestmark = pytest.mark.live

COUNT = 200


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    with open_database(request.param) as database:
        yield database


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_killed_sync_is_finished_by_the_next_one(
    database: dict[str, Any],
    ory_stack_factory: Callable[..., OryStack],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BENCH_PAGE_SIZE", "20")
    stack = ory_stack_factory()
    site = SyncSite(kratos=stack.kratos_admin_url, database=database)
    site.run("migrate")
    with OryClient(
        kratos_public_url=stack.kratos_public_url, kratos_admin_url=stack.kratos_admin_url, timeout=30
    ) as client:
        ids = list(create_identities(client, COUNT))
        site.kill_sync(after=COUNT // 2)
        rest = site.run("sync")
        assert rest["continued"]
        assert rest["complete"]
        assert rest["seen"] <= COUNT // 2
        change_identities(client, ids[:2])
        client.admin_delete_identity(ids[2])
        with site.start("sync") as first, site.start("sync") as second:
            assert (first.wait(180), second.wait(180)) == (0, 0)
        result = site.run("sync")
        assert (result["unchanged"], result["updated"], result["missing"]) == (COUNT - 1, 0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["nonsense", "00000000-0000-4000-8000-00000000zzzz"])
def test_token_that_kratos_rejects_starts_again(make_person: Callable[..., Person], token: str) -> None:
    make_person()
    SyncProgress.objects.create(
        alias="default", kind="identity", started_at=timezone.now(), last_row=0, page_size=2, page_token=token
    )
    report = sync_identities("default")
    assert report.complete
    assert report.continued_from is None
    assert report.created >= 1
    assert not SyncProgress.objects.filter(kind="identity").exists()


@pytest.mark.django_db
def test_clients_are_continued_by_the_token_of_hydra() -> None:
    ids = [create_client("default", {"client_name": f"Part {number}"}).row.client_id for number in range(5)]
    OAuth2Client.objects.all().delete()
    # Hydra 2.3 counts rows: a client that another worker deletes meanwhile hides one of the next page.
    for _attempt in range(5):
        assert not sync_clients("default", page_size=2, stop_after=0).complete
        report = sync_clients("default")
        assert report.continued_from is not None
        assert report.complete
        found = set(OAuth2Client.objects.values_list("client_id", flat=True))
        if set(ids) <= found:
            break
    assert set(ids) <= found
    # Deleted in the first part, after it was read: found by the next sync.
    assert not sync_clients("default", page_size=2, stop_after=0).complete
    get_client().admin_delete_o_auth2_client(ids[0])
    sync_clients("default")
    sync_clients("default")
    assert OAuth2Client.objects.get(client_id=ids[0]).missing_since is not None
    for client_id in ids:
        delete_client("default", client_id)


@pytest.mark.django_db
def test_identity_that_signed_in_is_read_since_the_last_sync(make_person: Callable[..., Person]) -> None:
    early, late = make_person(), make_person()
    sync_identities("default")
    Identity.objects.filter(identity_id__in=[early.id, late.id]).delete()
    late.sign_in()
    report = sync_recent_identities("default")
    assert report.changed_since is not None
    row = Identity.objects.get(identity_id=late.id)
    assert row.label == late.email
    assert row.data == refresh_identity("default", late.id).data
    assert not Identity.objects.filter(identity_id=early.id).exists()
