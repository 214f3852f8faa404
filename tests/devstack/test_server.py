from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import HOST
from django_ory.devstack.servers.process import tail
from django_ory.devstack.servers.server import OryServer
from django_ory.devstack.servers.specs import KRATOS, ServerSpec

from .processes import until

if TYPE_CHECKING:
    from pathlib import Path

    from django_ory.devstack.stack.plan import StackAddresses


@pytest.fixture
def kratos(fake_servers: dict[ServerSpec, Path], plan: StackAddresses) -> OryServer:
    """A stand-in for Kratos, not started."""
    public, admin = plan.ports.get_pair(KRATOS.name)
    return OryServer(
        KRATOS,
        binary=fake_servers[KRATOS],
        folder=plan.folder,
        public_port=public,
        admin_port=admin,
    )


def test_start_pause_restart_and_kill_change_the_state(kratos: OryServer) -> None:
    assert not kratos.is_running()
    kratos.check_running()
    kratos.migrate()
    kratos.start()
    kratos.wait_ready()
    first = kratos.pid
    kratos.start()  # no effect while running
    assert kratos.pid == first
    kratos.pause()
    assert not kratos.is_ready()
    kratos.resume()
    until(kratos.is_ready)
    kratos.restart()
    assert kratos.pid != first
    kratos.kill()
    assert not kratos.is_running()
    with pytest.raises(DevstackError, match="Kratos was ended by SIGKILL"):
        kratos.check_running()
    assert not kratos.is_ready()


def test_stop_before_start_has_no_effect(kratos: OryServer) -> None:
    kratos.stop()
    kratos.kill()
    kratos.pause()
    kratos.resume()
    with pytest.raises(DevstackError, match="Kratos was not started"):
        _ = kratos.pid


def test_server_does_not_inherit_settings_from_the_environment(
    kratos: OryServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRETS_COOKIE", "another")
    monkeypatch.setenv("SERVE_PUBLIC_PORT", "1")
    kratos.migrate()
    said = tail(kratos.log).split()
    assert "DSN" in said
    assert not {"SECRETS_COOKIE", "SERVE_PUBLIC_PORT"} & set(said)


def test_failed_migration_raises_its_output(kratos: OryServer, plan: StackAddresses) -> None:
    (plan.folder / "kratos.mode").write_text("broken migration")
    with pytest.raises(
        DevstackError, match=r"Kratos could not create its tables\. .*Output of .*kratos:\nmigrating"
    ) as no:
        kratos.migrate()
    assert str(no.value).endswith(
        "If this program is not Ory's Kratos, set DJANGO_ORY_KRATOS to the right one."
    )


def test_crash_raises_the_end_of_the_log(kratos: OryServer, plan: StackAddresses) -> None:
    (plan.folder / "kratos.mode").write_text("crash")
    kratos.start()
    with pytest.raises(
        DevstackError, match=r"Kratos ended with exit code 3\. The end of .*:\nline 10\n(.*\n)*line 29"
    ):
        kratos.wait_ready()


def test_port_in_use_raises_its_number(kratos: OryServer) -> None:
    with (
        socket.create_server((HOST, kratos.admin_port)),
        pytest.raises(DevstackError, match=f"Port {kratos.admin_port}, needed by Kratos, is in use"),
    ):
        kratos.start()
    assert not kratos.is_running()


def test_ended_server_is_not_ready_if_another_process_answers(
    kratos: OryServer, plan: StackAddresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    (plan.folder / "kratos.mode").write_text("crash")
    kratos.start()
    until(lambda: not kratos.is_running())
    monkeypatch.setattr(OryServer, "is_ready", lambda _self: True)
    with pytest.raises(DevstackError, match=r"Kratos ended with exit code 3\."):
        kratos.wait_ready()


def test_silent_server_times_out(kratos: OryServer, plan: StackAddresses) -> None:
    (plan.folder / "kratos.mode").write_text("silent")
    kratos.start()
    with pytest.raises(DevstackError, match="Kratos is not ready after 1 seconds"):
        kratos.wait_ready(1)
    kratos.stop()
