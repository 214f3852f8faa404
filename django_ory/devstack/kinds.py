"""The two servers: what they are called, where their Go module lies, how they are started. Data only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

__all__ = ["HYDRA", "KINDS", "KRATOS", "ServerKind"]

_SOURCES = Path(__file__).parent / "servers"


@dataclass(frozen=True, kw_only=True)
class ServerKind:
    """One of Ory's servers."""

    name: str
    """The name of its binary, of its folder under ``servers/`` and of its files in the data folder."""
    title: str
    variable: str
    """The environment variable that may hold the path of its binary."""
    module: str
    """The Go module that it is."""
    serve: tuple[str, ...]
    """The arguments that start it, the configuration file not included."""
    admin_health: str
    """Where its admin port says whether it is ready. On the public port it is ``/health/ready`` for both."""
    warm_up: str = ""
    """What to ask its public port once when it is ready, so that no visitor waits for it."""

    probe: str = ""
    """Path on the public port that returns 500 if the configuration cannot be used."""

    @property
    def source(self) -> Path:
        """The folder of our small Go module that builds it."""
        return _SOURCES / self.name

    @cached_property
    def version(self) -> str:
        """The version that we build, like ``v1.3.1``: the one that go.mod requires."""
        found = re.search(
            rf"^require {re.escape(self.module)} (v\S+)$", (self.source / "go.mod").read_text(), re.MULTILINE
        )
        if found is None:
            raise LookupError(f"{self.source / 'go.mod'} does not require {self.module}")
        return found[1]

    def commands(self, file: str, *, dev: bool) -> tuple[str, str]:
        """The commands that migrate the database and start the server with a configuration file."""
        options = " ".join(each for each in self.serve if dev or each != "--dev")
        return f"DSN=... {self.name} migrate sql --read-from-env --yes", f"{self.name} {options} -c {file}"

    @property
    def version_flag(self) -> str:
        """The linker's flag that makes ``/version`` answer the version instead of ``master``."""
        return f"-X {self.module}/driver/config.Version={self.version}"


# Kratos sends its mails only when told to watch the courier; both report usage to Ory unless told not to.
KRATOS: Final = ServerKind(
    name="kratos",
    title="Kratos",
    variable="DJANGO_ORY_KRATOS",
    module="github.com/ory/kratos",
    serve=("serve", "--dev", "--sqa-opt-out", "--watch-courier"),
    admin_health="/admin/health/ready",
    probe="/self-service/registration/api",  # reads the identity schema
)
HYDRA: Final = ServerKind(
    name="hydra",
    title="Hydra",
    variable="DJANGO_ORY_HYDRA",
    module="github.com/ory/hydra/v2",
    serve=("serve", "all", "--dev", "--sqa-opt-out"),
    admin_health="/health/ready",
    warm_up="/.well-known/jwks.json",  # makes the signing keys: seconds on a busy machine
)
KINDS: Final = {kind.name: kind for kind in (KRATOS, HYDRA)}
