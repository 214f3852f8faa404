"""Fake programs for Kratos, Hydra, Go and the site.

Tests start hundreds of processes with them, so they import little.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Answers GET requests on several ports, one after the other. The import of http.server would take three
# times as long as the start of Python.
SERVE = """
import select, socket

def serve(ports, answer):
    listening = [socket.create_server(("127.0.0.1", port)) for port in ports]
    while True:
        for server in select.select(listening, [], [])[0]:
            connection, _ = server.accept()
            with connection:
                try:
                    path = connection.recv(65536).split()[1:2]  # nothing from a client that only connects
                    connection.sendall(answer(path[0].decode()).encode() if path else b"")
                except OSError:  # the client has closed the connection
                    pass
"""

# Serves 200 on the ports of its configuration. The file kratos.mode in the same folder changes the behavior.
SERVER = """
import os, sys

name = os.path.basename(sys.argv[0])
if sys.argv[1] == "version":
    print("Version:    v1\\nGit Hash:   undefined")
    sys.exit()
if sys.argv[1] == "migrate" and not os.environ["DSN"].startswith("sqlite:"):
    print("migrating", os.environ["DSN"])
    sys.exit()
if sys.argv[1] == "migrate":
    folder = os.path.dirname(os.environ["DSN"].removeprefix("sqlite://").partition("?")[0])
else:
    folder = os.path.dirname(sys.argv[-1])
file = os.path.join(folder, name + ".mode")
mode = open(file).read() if os.path.exists(file) else ""
if sys.argv[1] == "migrate":
    print("migrating", *sorted(os.environ))
    sys.exit(mode == "broken migration")
if mode == "crash":
    print(*(f"line {number}" for number in range(30)), sep="\\n")
    sys.exit(3)
import signal, time  # only to serve

if mode == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if mode == "silent":
    print("thinking", flush=True)
    time.sleep(600)
requests_of_keys = 0

def answer(path):
    global requests_of_keys
    if mode == "slow keys" and path == "/.well-known/jwks.json":
        requests_of_keys += 1
        if requests_of_keys == 1:
            return ""
    if mode == "bad schema" and path.startswith("/self-service/"):
        return 'HTTP/1.0 500 Error\\r\\n\\r\\n{"error": {"code": 500, "message": "unknown $schema"}}'
    return "HTTP/1.0 200 OK\\r\\n\\r\\n"

with open(os.path.join(folder, name + ".yaml")) as config:
    ports = [int(line.split()[1]) for line in config if line.startswith("    port: ")]
"""
SERVER += SERVE + "serve(ports, answer)\n"

# Answers "go env" and "go build". Environment variables control the behavior: Go inherits all of them.
GO = """
import os, sys, time

if sys.argv[1] == "env":
    version, compiler = os.environ.get("FAKE_GO_VERSION", "go1.26.8"), os.environ.get("FAKE_CC", "sh -x")
    print(*({"GOVERSION": version, "CC": compiler}[name] for name in sys.argv[2:]), sep="\\n")
    sys.exit()
with open(os.environ["FAKE_GO_LOG"], "a") as log:
    print(os.getcwd(), os.environ["GOFLAGS"], *sys.argv[1:], sorted(os.listdir()), file=log)
print("go: downloading example.com/module", flush=True)
time.sleep(float(os.environ.get("FAKE_GO_SECONDS", "0")))
print(os.environ.get("FAKE_GO_SAYS", "example.com/module"), flush=True)
if "FAKE_GO_FAILS" in os.environ:
    sys.exit(1)
result = sys.argv[sys.argv.index("-o") + 1]
with open(result, "w") as file:
    file.write("built")
os.chmod(result, 0o755)
"""

# Listens on the port that is its last argument.
SITE = f"""
import sys
{SERVE}
serve([int(sys.argv[-1])], lambda path: "HTTP/1.0 501 Not Implemented\\r\\n\\r\\n")
"""


def write_program(file: Path, source: str) -> Path:
    """An executable Python program."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!{sys.executable} -IS\n{source}")
    file.chmod(0o755)
    return file
