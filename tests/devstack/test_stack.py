from __future__ import annotations

import json
import smtplib
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack import DevstackError, OryStack, Ports, ory_settings
from django_ory.devstack.ports import find_free_ports, is_free
from django_ory.devstack.servers.specs import HYDRA, KRATOS

if TYPE_CHECKING:
    from django_ory.devstack.servers.specs import ServerSpec

pytestmark = pytest.mark.usefixtures("fake_servers")


def test_stack_runs_inside_of_the_block_only(monkeypatch: pytest.MonkeyPatch) -> None:
    with OryStack() as stack:
        assert [server.is_ready() for server in stack.servers] == [True, True]
        assert stack.folder.exists()
        assert stack.site_url.startswith("http://localhost:")
        assert stack.ory_setting["default"]["KRATOS_ADMIN_URL"] == stack.kratos_admin_url
        for name, value in stack.environment.items():
            monkeypatch.setenv(name, value)
        assert ory_settings() == stack.ory_setting
        with smtplib.SMTP("127.0.0.1", stack.ports.smtp) as smtp:
            smtp.sendmail("a@x.example", ["b@x.example"], "Subject: Hi\r\n\r\n")
        assert stack.wait_for_mail("b@x.example", "Hi") == stack.mails[0]
        stack.kratos.kill()
    assert not stack.folder.exists()
    assert is_free(stack.ports.smtp)
    assert not stack.hydra.is_running()


def test_data_in_a_given_folder_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    ports = Ports(**dict(zip(Ports.__dataclass_fields__, find_free_ports(5), strict=True)))
    with OryStack(
        folder=folder,
        ports=ports,
        site_url="http://localhost:8000/",
        config_overrides={"hydra": {"ttl": {"access_token": "1s"}}},
    ) as stack:
        assert stack.ports == ports
        assert stack.site_url == "http://localhost:8000"
        command = Path(f"/proc/{stack.hydra.pid}/cmdline").read_text().split("\0")
    configs = [file for option, file in pairwise(command) if option == "-c"]
    assert configs == [
        str(folder / "hydra.yaml"),
        str(folder / "hydra.overrides.json"),
    ]  # the last one counts
    assert json.loads((folder / "hydra.overrides.json").read_text()) == {"ttl": {"access_token": "1s"}}
    assert json.loads((folder / "secrets.json").read_text())


def test_config_file_is_passed_to_its_server_after_our_configuration(tmp_path: Path) -> None:
    more = tmp_path / "kratos.yaml"
    more.write_text("session: {lifespan: 1h}")
    with OryStack(folder=tmp_path / "stack", config_files={"kratos": more}) as stack:
        for server in stack.servers:
            command = Path(f"/proc/{server.pid}/cmdline").read_text().split("\0")
            files = [file for option, file in pairwise(command) if option == "-c"]
            expected = [more] if server.spec is KRATOS else []
            assert files[1:-1] == [str(file) for file in expected]


def test_missing_config_file_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(DevstackError, match=r"more\.yaml is not a file\."):
        OryStack(folder=tmp_path / "stack", config_files={"hydra": tmp_path / "more.yaml"})
    assert not (tmp_path / "stack").exists()


@pytest.mark.parametrize("spec", [KRATOS, HYDRA])
def test_dsn_override_is_used_by_migration_and_server(tmp_path: Path, spec: ServerSpec) -> None:
    dsn = f"postgres://ory:secret@localhost/{spec.name}"
    with OryStack(folder=tmp_path / "stack", config_overrides={spec.name: {"dsn": dsn}}) as stack:
        for server in stack.servers:
            is_overridden = server.spec is spec
            (environment,) = environments(server.pid)
            assert (environment == dsn) is is_overridden
            assert (dsn in server.log.read_text()) is is_overridden
            assert (dsn in server.overrides.read_text()) is is_overridden


def environments(pid: int) -> list[str]:
    """The DSN of a process."""
    variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return [each.removeprefix(b"DSN=").decode() for each in variables if each.startswith(b"DSN=")]


def test_invalid_identity_schema_is_reported_at_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    folder.mkdir()
    (folder / "kratos.mode").write_text("bad schema")
    stack = OryStack(folder=folder)
    with pytest.raises(DevstackError, match=r"the identity schema\): .* returned 500: .*unknown \$schema"):
        stack.start()
    assert not stack.kratos.is_running()
    assert not stack.hydra.is_running()


def test_first_request_without_a_response_is_repeated(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    folder.mkdir()
    (folder / "hydra.mode").write_text("slow keys")
    with OryStack(folder=folder) as stack:
        assert stack.hydra.is_running()


def test_new_folder_is_private_and_ignored_by_git(tmp_path: Path) -> None:
    new = tmp_path / "data" / "stack"
    with OryStack(folder=new):
        assert (new / ".gitignore").read_text().splitlines()[-1] == "*"
        assert new.stat().st_mode & 0o077 == 0


def test_failed_server_stops_the_other_one(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    folder.mkdir()
    (folder / "hydra.mode").write_text("crash")
    stack = OryStack(folder=folder)
    with pytest.raises(DevstackError, match="Hydra ended with exit code 3"):
        stack.start()
    assert not stack.kratos.is_running()
    assert is_free(stack.ports.smtp)
