from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import HOST, _claim, check_ports, find_free_ports, is_free

from .forks import may_fork, run_fork

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


def test_free_ports_differ_and_are_free() -> None:
    ports = find_free_ports(5)
    assert len(set(ports)) == 5
    assert all(map(is_free, ports))
    check_ports({f"--port-{port}": ("something", port) for port in ports})


def claim_elsewhere(*ports: int) -> list[bool]:
    """Whether another process gets the ports."""

    def claim(connection: Connection) -> None:
        connection.send([_claim(port) for port in ports])

    with run_fork(claim) as (_process, connection):
        claimed: list[bool] = connection.recv()
    return claimed


@may_fork
def test_another_process_gets_other_ports() -> None:
    taken, other = find_free_ports(2)
    more = [port for port in range(32_700, 32_720) if port not in (taken, other)]
    claimed = claim_elsewhere(taken, other, *more)
    assert claimed[:2] == [False, False]
    assert any(claimed)


def test_ports_in_use_are_reported_with_their_options() -> None:
    with socket.create_server((HOST, 0)) as one, socket.create_server((HOST, 0)) as other:
        ports = [server.getsockname()[1] for server in (one, other)]
        with pytest.raises(DevstackError) as caught:
            check_ports({"--kratos": ("Kratos", ports[0]), "--site": ("this site", ports[1])})
    kratos, site = str(caught.value).splitlines()
    assert f"Port {ports[0]}, needed by Kratos, is in use" in kratos
    assert kratos.endswith("choose another port with --kratos.")
    assert site.endswith("choose another port with --site.")


def test_port_for_two_servers_is_reported() -> None:
    (port,) = find_free_ports(1)
    with pytest.raises(DevstackError, match=f"Port {port} is meant for both Kratos and Hydra.*--hydra"):
        check_ports({"--kratos": ("Kratos", port), "--hydra": ("Hydra", port)})
