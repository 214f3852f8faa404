"""The development stack itself, on real servers."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import smtplib
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from django_ory.devstack import DevstackError, OryStack
from django_ory.devstack.config.identity_schema import DRAFTS, IDENTITY_SCHEMA
from django_ory.devstack.ports import Ports, find_free_ports
from django_ory.devstack.servers.binaries import find_server
from django_ory.devstack.servers.server import READY_SECONDS
from django_ory.devstack.servers.specs import HYDRA, KRATOS, SERVERS, ServerSpec
from django_ory.devstack.stack.snapshots import Snapshot
from tests.devstack.processes import below, is_alive, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django_ory.devstack import StackAddresses
    from tests.devstack.processes import Process

pytestmark = pytest.mark.live

#: How long ory_dev may take to get on, on a busy machine.
DEV_SECONDS = 2 * READY_SECONDS
ROOT = Path(__file__).parents[2]


def get(url: str, **options: Any) -> requests.Response:
    return requests.get(url, timeout=5, allow_redirects=False, **options)


def test_servers_return_their_version(ory_stack: StackAddresses) -> None:
    assert get(f"{ory_stack.kratos_admin_url}/admin/version").json() == {"version": built_version(KRATOS)}
    assert get(f"{ory_stack.hydra_admin_url}/version").json() == {"version": built_version(HYDRA)}


def built_version(spec: ServerSpec) -> str:
    """Return the version of the binary. DJANGO_ORY_KRATOS and DJANGO_ORY_HYDRA can select another one."""
    done = subprocess.run([str(find_server(spec)), "version"], capture_output=True, text=True, check=True)
    return done.stdout.partition("Version:")[2].split()[0]


@pytest.mark.skipif(
    any(spec.variable in os.environ for spec in SERVERS.values()),
    reason="DJANGO_ORY_KRATOS or DJANGO_ORY_HYDRA selects a binary of another version",
)
@pytest.mark.parametrize("spec", SERVERS.values(), ids=SERVERS)
def test_built_binary_has_the_version_of_go_mod(spec: ServerSpec) -> None:
    assert built_version(spec) == spec.version


@pytest.mark.parametrize("flow", ["login", "registration", "recovery", "verification"])
def test_flows_redirect_to_the_pages_of_the_site(ory_stack: StackAddresses, flow: str) -> None:
    answer = get(f"{ory_stack.kratos_public_url}/self-service/{flow}/browser")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{ory_stack.site_url}/auth/{flow}/?flow=")


@pytest.mark.parametrize(("to", "status"), [("/anywhere/", 303), ("", 303)])
def test_return_to_the_site_is_allowed(ory_stack: StackAddresses, to: str, status: int) -> None:
    url = f"{ory_stack.kratos_public_url}/self-service/login/browser"
    answer = get(url, params={"return_to": f"{ory_stack.site_url}{to}"})
    assert answer.status_code == status
    assert f"{ory_stack.site_url}/auth/login/?flow=" in answer.headers["Location"]


def test_return_to_another_site_is_rejected(ory_stack: StackAddresses) -> None:
    url = f"{ory_stack.kratos_public_url}/self-service/login/browser"
    answer = get(url, params={"return_to": "https://evil.example/"}, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]["id"] == "self_service_flow_return_to_forbidden"


def test_login_offers_the_configured_methods(ory_stack: StackAddresses) -> None:
    url = f"{ory_stack.kratos_public_url}/self-service/login/browser"
    nodes = get(url, headers={"Accept": "application/json"}).json()["ui"]["nodes"]
    assert {node["group"] for node in nodes} == {"default", "password", "code"}


def test_hydra_rejects_dynamic_client_registration(ory_stack: StackAddresses) -> None:
    found = get(f"{ory_stack.hydra_public_url}/.well-known/openid-configuration").json()
    assert found["issuer"] == ory_stack.hydra_public_url
    assert "registration_endpoint" not in found
    assert (
        requests.post(f"{ory_stack.hydra_public_url}/oauth2/register", json={}, timeout=5).status_code == 404
    )


def test_mail_is_received(ory_stack: StackAddresses) -> None:
    with smtplib.SMTP("127.0.0.1", ory_stack.ports.smtp) as smtp:
        smtp.sendmail("a@example.com", ["b@example.com"], "Subject: Hello\r\n\r\nBody")
    mail = ory_stack.wait_for_mail("b@example.com", "Hello")
    assert mail.text.strip() == "Body"


def register(stack: StackAddresses | Dev, email: str) -> requests.Session:
    """Register by JSON, up to the mail with the code."""
    browser = requests.Session()
    browser.headers["Accept"] = "application/json"
    flow = browser.get(f"{stack.kratos_public_url}/self-service/registration/browser", timeout=5).json()
    (csrf,) = [node for node in flow["ui"]["nodes"] if node["attributes"].get("name") == "csrf_token"]
    body = {
        "method": "password",
        "password": "correct horse battery",
        "traits": {"email": email},
        "csrf_token": csrf["attributes"]["value"],
    }
    browser.post(flow["ui"]["action"], json=body, timeout=10).raise_for_status()
    return browser


def test_kratos_sends_its_mails_to_the_mailbox(ory_stack: StackAddresses) -> None:
    browser = register(ory_stack, "new@example.com")
    assert browser.get(f"{ory_stack.kratos_public_url}/sessions/whoami", timeout=5).json()["active"] is True
    mail = ory_stack.wait_for_mail("new@example.com", "verify")
    assert ory_stack.site_url not in mail.subject
    assert f"{ory_stack.kratos_public_url}/self-service/verification?" in mail.text


def test_registered_browser_is_signed_in_and_asked_for_the_code(ory_stack: StackAddresses) -> None:
    browser = requests.Session()
    api = ory_stack.kratos_public_url
    answer = browser.get(f"{api}/self-service/registration/browser", timeout=5, allow_redirects=False)
    flow = answer.headers["Location"].partition("?flow=")[2]
    body = {"traits.email": "html@example.com", "password": "correct horse battery"}
    # Two steps: the profile, then the credentials.
    for method in ("profile", "password"):
        nodes = browser.get(f"{api}/self-service/registration/flows?id={flow}", timeout=5).json()["ui"][
            "nodes"
        ]
        (csrf,) = [node for node in nodes if node["attributes"].get("name") == "csrf_token"]
        answer = browser.post(
            f"{api}/self-service/registration?flow={flow}",
            data={**body, "method": method, "csrf_token": csrf["attributes"]["value"]},
            timeout=10,
            allow_redirects=False,
        )
    assert answer.headers["Location"].startswith(f"{ory_stack.site_url}/auth/verification/?flow=")
    assert browser.get(f"{api}/sessions/whoami", timeout=5).status_code == 200


def test_sessions_survive_a_crash_of_kratos(ory_stack_factory: Callable[..., OryStack]) -> None:
    stack = ory_stack_factory()
    browser = register(stack, "new@example.com")
    stack.kratos.kill()
    stack.kratos.start()
    stack.kratos.wait_ready()
    assert browser.get(f"{stack.kratos_public_url}/sessions/whoami", timeout=5).status_code == 200


def test_paused_server_answers_after_resume(ory_stack_factory: Callable[..., OryStack]) -> None:
    stack = ory_stack_factory()
    stack.hydra.pause()
    until(lambda: not stack.hydra.is_ready())  # its threads stop one after the other
    stack.hydra.resume()
    stack.hydra.wait_ready()


def test_passkeys_and_security_keys_can_be_enabled(ory_stack_factory: Callable[..., OryStack]) -> None:
    methods = {"webauthn": {"enabled": True}, "passkey": {"enabled": True}}
    stack = ory_stack_factory(config_overrides={"kratos": {"selfservice": {"methods": methods}}})
    url = f"{stack.kratos_public_url}/self-service/login/browser"
    nodes = get(url, headers={"Accept": "application/json"}).json()["ui"]["nodes"]
    assert "passkey" in {node["group"] for node in nodes}
    (script,) = [node["attributes"] for node in nodes if node["type"] == "script"]
    answer = get(script["src"], headers={"Origin": stack.site_url})
    assert answer.headers["Access-Control-Allow-Origin"] == stack.site_url
    foreign = get(script["src"], headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in foreign.headers


def test_invalid_configuration_raises_the_log_of_kratos(ory_stack_factory: Callable[..., OryStack]) -> None:
    with pytest.raises(DevstackError, match=r"Kratos ended with exit code 1\. The end of(.|\n)*lifespan"):
        ory_stack_factory(config_overrides={"kratos": {"session": {"lifespan": "for ever"}}})


@pytest.mark.parametrize("spec", SERVERS.values(), ids=SERVERS)
def test_template_with_placeholders_is_rejected_by_the_server(spec: ServerSpec, tmp_path: Path) -> None:
    printed = manage("ory_config", spec.name, cwd=tmp_path)
    file = tmp_path / "config.yaml"
    ports = zip(("4433", "4434", "4444", "4445"), map(str, find_free_ports(4)), strict=True)
    for old, new in ports:
        printed = printed.replace(f"port: {old}", f"port: {new}")
    file.write_text(printed)
    command = [str(find_server(spec)), *spec.serve, "-c", str(file)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={"DSN": "memory", "PATH": os.environ["PATH"]},
    )
    assert done.returncode != 0
    assert "secrets" in done.stdout + done.stderr


def test_invalid_identity_schema_is_reported_at_the_start(
    ory_stack_factory: Callable[..., OryStack], tmp_path: Path
) -> None:
    schema = json.loads(IDENTITY_SCHEMA.read_text())
    schema["properties"]["traits"]["properties"]["home"] = {"$ref": "#/definitions/nowhere"}
    file = tmp_path / "person.json"
    file.write_text(json.dumps(schema))
    with pytest.raises(
        DevstackError, match=r"the identity schema\): .* 500: .*invalid \$ref #/definitions/nowhere"
    ):
        ory_stack_factory(identity_schema=str(file))


@pytest.mark.parametrize("draft", DRAFTS)
def test_accepted_draft_works(ory_stack_factory: Callable[..., OryStack], tmp_path: Path, draft: str) -> None:
    file = tmp_path / "person.json"
    file.write_text(json.dumps({**json.loads(IDENTITY_SCHEMA.read_text()), "$schema": draft}))
    stack = ory_stack_factory(identity_schema=str(file))
    register(stack, "new@example.com")


def test_dsn_override_is_used(ory_stack_factory: Callable[..., OryStack], tmp_path: Path) -> None:
    databases = {name: tmp_path / f"{name}-elsewhere.sqlite3" for name in SERVERS}
    overrides = {name: {"dsn": f"sqlite://{file}?_fk=true"} for name, file in databases.items()}
    stack = ory_stack_factory(config_overrides=overrides)
    register(stack, "new@example.com")
    for name, file in databases.items():
        assert file.stat().st_size > 0
        assert not (stack.folder / f"{name}.sqlite3").exists()


@pytest.mark.parametrize("spec", SERVERS.values(), ids=SERVERS)
def test_completed_template_starts_with_the_commands_of_its_head(spec: ServerSpec, tmp_path: Path) -> None:
    text = manage("ory_config", spec.name, cwd=tmp_path)
    public, admin = find_free_ports(2)
    for usual, port in zip(Ports().get_pair(spec.name), (public, admin), strict=True):
        text = text.replace(f"port: {usual}", f"port: {port}")
    dsn = f"sqlite://{tmp_path}/db.sqlite3?_fk=true"
    text = text.replace('dsn: "FILL-IN"', f'dsn: "{dsn}"')
    text = text.replace("smtps://FILL-IN:FILL-IN@FILL-IN:465/", "smtp://127.0.0.1:1/")
    text = text.replace("http://hydra.test", "https://hydra.test")  # outside of development an issuer must be
    text = text.replace('["FILL-IN"]', f'["{"x" * 32}"]')
    (tmp_path / f"{spec.name}.yml").write_text(text)
    assert "FILL-IN" not in text
    migrate, serve = (
        shlex.split(line.removeprefix("#   ")) for line in text.splitlines() if line.startswith("#   ")
    )
    assert migrate[0] == "DSN=..."
    binary = str(find_server(spec))
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "DSN": dsn}
    subprocess.run([binary, *migrate[2:]], check=True, env=environment, capture_output=True, timeout=120)
    log = tmp_path / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [binary, *serve[1:]], cwd=tmp_path, env=environment, stdout=output, stderr=output
        )
    try:
        until(lambda: server.poll() is not None or (_is_open(public) and _is_open(admin)), READY_SECONDS)
        assert server.poll() is None, log.read_text()
    finally:
        server.kill()
        server.wait()


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def manage(*arguments: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "django", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class Dev:
    """``ory_dev`` of the example site in a separate process, with free ports and a temporary data folder."""

    def __init__(self, folder: Path) -> None:
        names = ("kratos-public", "kratos-admin", "hydra-public", "hydra-admin", "smtp", "mailbox")
        site, *ports = find_free_ports(7)
        self.site_url = f"http://localhost:{site}"
        self.kratos_public_url = f"http://localhost:{ports[0]}"
        self.mailbox_url = f"http://localhost:{ports[-1]}/"
        options = [f"--{name}-port={port}" for name, port in zip(names, ports, strict=True)]
        self.output: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "ory_dev", f"--port={site}", *options],
            cwd=ROOT / "example_project",
            env={
                **os.environ,
                "DJANGO_ORY_DEV_FOLDER": str(folder / ".ory"),
                "DJANGO_SETTINGS_MODULE": "toolshelf.settings",
                "PYTHONPATH": str(ROOT),
                "SQLITE_PATH": str(folder / "site.sqlite3"),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=lambda: self.output.extend(self.process.stdout or ()))
        self._reader.start()

    def wait_for(self, text: str) -> None:
        until(lambda: text in "".join(self.output) or self.process.poll() is not None, DEV_SECONDS)
        assert text in "".join(self.output), f"No {text!r} in {DEV_SECONDS} s: {''.join(self.output)}"

    def children(self) -> list[Process]:
        """Return all descendant processes. Django's reloader is two processes with equal command lines."""
        return below(self.process.pid)

    def end(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(30)
        self._reader.join(10)
        if self.process.stdout:
            self.process.stdout.close()
        return code


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    with OryStack() as stack:
        return Snapshot.from_folder(stack.folder)


@pytest.fixture
def used_folder(tmp_path: Path, snapshot: Snapshot) -> None:
    """Databases of an earlier start, which take longer to create than the rest of ``ory_dev``."""
    (tmp_path / ".ory").mkdir()
    snapshot.write(tmp_path / ".ory")


@pytest.fixture
def dev(tmp_path: Path) -> Iterator[Dev]:
    dev = Dev(tmp_path)
    yield dev
    dev.end(signal.SIGKILL)


@pytest.mark.usefixtures("used_folder")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_end_of_ory_dev_leaves_no_process(dev: Dev, number: int) -> None:
    dev.wait_for("Ready.")
    children = dev.children()
    for name in (KRATOS.name, HYDRA.name, "runserver"):
        assert any(name in child.command for child in children), children
    assert sum("runserver" in child.command for child in children) == 2
    assert get(dev.site_url).status_code == 200
    code = dev.end(number)
    assert code == (-signal.SIGKILL if number == signal.SIGKILL else 0), "".join(dev.output)
    until(lambda: not any(is_alive(child.pid) for child in children))


@pytest.mark.usefixtures("used_folder")
def test_crash_of_kratos_stops_ory_dev_with_the_end_of_its_log(dev: Dev) -> None:
    dev.wait_for("Ready.")
    children = dev.children()
    (kratos,) = [child.pid for child in children if "kratos.yaml" in child.command]
    os.kill(kratos, signal.SIGKILL)
    dev.wait_for("Kratos was ended by SIGKILL. The end of")
    dev.wait_for("then run ory_dev again.")
    assert dev.process.wait(60) == 1
    until(lambda: not any(is_alive(child.pid) for child in children))


def test_mail_code_is_printed_and_shown_on_the_mailbox_page(dev: Dev) -> None:
    dev.wait_for("Ready.")
    register(dev, "new@example.com")
    dev.wait_for("Mail to new@example.com: ")
    (line,) = [line for line in dev.output if line.startswith("Mail to new@example.com: ")]
    code = re.fullmatch(r".*verify.*: code (\d{6})", line.strip())
    assert code is not None
    assert f'<span class="code">{code[1]}</span>' in get(dev.mailbox_url).text
