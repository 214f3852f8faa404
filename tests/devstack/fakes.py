"""Fake programs for Kratos, Hydra, Go and the site."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Serves 200 on the ports of its configuration. The file kratos.mode in the same folder changes the behavior.
SERVER = """
import os, pathlib, sys

name = pathlib.Path(sys.argv[0]).name
if sys.argv[1] == "version":
    print("Version:    v1\\nGit Hash:   undefined")
    sys.exit()
if sys.argv[1] == "migrate" and not os.environ["DSN"].startswith("sqlite:"):
    print("migrating", os.environ["DSN"])
    sys.exit()
if sys.argv[1] == "migrate":
    folder = pathlib.Path(os.environ["DSN"].removeprefix("sqlite://").partition("?")[0]).parent
else:
    folder = pathlib.Path(sys.argv[-1]).parent
mode = folder / (name + ".mode")
mode = mode.read_text() if mode.exists() else ""
if sys.argv[1] == "migrate":
    print("migrating", *sorted(os.environ))
    sys.exit(mode == "broken migration")
if mode == "crash":
    print(*(f"line {number}" for number in range(30)), sep="\\n")
    sys.exit(3)
import http.server, re, signal, threading, time  # only to serve: this takes longer than a migration

if mode == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if mode == "silent":
    print("thinking", flush=True)
    time.sleep(600)

class Ready(http.server.BaseHTTPRequestHandler):
    requests_of_keys = 0

    def do_GET(self):
        if mode == "slow keys" and self.path == "/.well-known/jwks.json":
            Ready.requests_of_keys += 1
            if Ready.requests_of_keys == 1:
                return
        refused = mode == "bad schema" and self.path.startswith("/self-service/")
        self.send_response(500 if refused else 200)
        self.end_headers()
        if refused:
            self.wfile.write(b'{"error": {"code": 500, "message": "unknown $schema"}}')
    def log_message(self, *arguments):
        pass

config = (folder / (name + ".yaml")).read_text()
public, admin = [
    http.server.HTTPServer(("127.0.0.1", int(port)), Ready)
    for port in re.findall(r"^    port: (\\d+)$", config, re.MULTILINE)
]
threading.Thread(target=admin.serve_forever, daemon=True).start()
public.serve_forever()
"""

# Answers "go env" and "go build". Environment variables control the behavior: Go inherits all of them.
GO = """
import os, pathlib, sys, time

if sys.argv[1] == "env":
    version, compiler = os.environ.get("FAKE_GO_VERSION", "go1.26.8"), os.environ.get("FAKE_CC", "sh -x")
    print({"GOVERSION": version, "CC": compiler}[sys.argv[2]])
    sys.exit()
with open(os.environ["FAKE_GO_LOG"], "a") as log:
    print(os.getcwd(), os.environ["GOFLAGS"], *sys.argv[1:], sorted(os.listdir()), file=log)
print("go: downloading example.com/module", flush=True)
time.sleep(float(os.environ.get("FAKE_GO_SECONDS", "0")))
print(os.environ.get("FAKE_GO_SAYS", "example.com/module"), flush=True)
if "FAKE_GO_FAILS" in os.environ:
    sys.exit(1)
result = pathlib.Path(sys.argv[sys.argv.index("-o") + 1])
result.write_text("built")
result.chmod(0o755)
"""

# Listens on the port that is its last argument.
SITE = """
import http.server, sys

http.server.HTTPServer(("127.0.0.1", int(sys.argv[-1])), http.server.BaseHTTPRequestHandler).serve_forever()
"""


def write_program(file: Path, source: str) -> Path:
    """An executable Python program."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!{sys.executable} -IS\n{source}")
    file.chmod(0o755)
    return file
